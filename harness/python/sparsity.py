"""Sparsity without a framework: `hb.sparsity`, the pattern of a Hessian, and `hb.coloring`, a coloring of one."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from hessbench.backends.contract.compression import Positions
from hessbench.backends.contract.errors import NotScalar, Unsupported
from hessbench.backends.sparsity.coloring import Coloring, Kind, Order, color
from hessbench.backends.sparsity.detection import global_pattern, probed_pattern
from hessbench.backends.sparsity.detection.dependent import Branches
from hessbench.backends.sparsity.pattern import Pattern
from hessbench.harness.judging.evaluation.first_look import no_number
from hessbench.harness.judging.explain import name_of
from hessbench.harness.python.computing import refused
from hessbench.harness.python.reading.arrays import data_arrays, start_vector
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.harness.python.reading.own_function import native_to, whose
from hessbench.harness.python.reading.signature import check_signature
from hessbench.harness.python.session.evaluating import evaluating
from hessbench.harness.usage import UsageError, check
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem

POINTS, NEAR = 4, 0.1
"""Points that a pattern near x looks at beside x itself, and how far off they are, relative to max(1, |x_i|)."""

DENSE = 0.5
"""From this share of n on, so many colors save next to nothing."""


def sparsity(f: Callable[..., Any], x: Any, *data: Any, everywhere: bool = True, seed: int = 0) -> Pattern:
    """The entries of the Hessian of f that may differ from zero, both triangles; no framework is needed.

    f is run on sets of variables, so the pattern misses no entry; it may have more than the Hessian, where entries
    cancel. n = 100 000 takes about a second where f is a sum of small terms.

    Examples:
        >>> import hessbench as hb
        >>> pattern = hb.sparsity(lambda xp, x: xp.sum((x[1:] - x[:-1] ** 2) ** 2), np.ones(5))
        >>> pattern.nnz, pattern.density, hb.coloring(pattern).colors
        (13, 0.52, 3)

    Args:
        f: The objective `f(xp, x, *data)`, written over the names of `hessbench.VOCABULARY`.
        x: The point, as in `hessian`; of a nested one the variables are counted block by block.
        *data: Further arguments of f. The pattern holds for all values of their floats, zeros included, but for what f
            decides by the data: indices, conditions and branches are taken as they are.
        everywhere: Whether the pattern is to hold at every x. Else it holds near x: f may branch on values, and of
            `where` and `maximum` only the side counts that is taken at x or at one of a few random points around it.
            What is computed with must stay an array: float() and math.exp are refused, since they drop what x they are
            of.
        seed: Seed of these points.

    Returns:
        The pattern: `.rows`, `.cols` (nnz,), `.n`, `.nnz`, `.density`, `.lower()`, `.contains(other)`, `.matrix()`.

    Raises:
        UsageError: f branches on x or does what no pattern is known for, is a framework's own function, x does not
            consist of finite floats, the seed is none, or the pattern does not fit into memory; in one line.
        NotScalar: f did not return a scalar.
    """  # noqa: DOC501 - `refused` makes what is raised
    if callable(f) and not isinstance(f, Problem):
        check_signature(f, len(data), otherwise="")
    mine = whose(f, None, len(data))
    if native := native_to(mine):
        raise UsageError(f"{name_of(f)} is written in {native[0]}'s own functions; give f(xp, x, *data), over xp's")
    _check_seed(seed)
    vector, layout = start_vector(x)
    if not np.all(np.isfinite(vector)):
        raise UsageError(f"x[{int(np.argmin(np.isfinite(vector)))}] is not finite; give a point where f is")
    arrays = data_arrays(data, portable=True)
    objective = problem_at(mine, vector, layout, arrays).objective
    try:
        with evaluating(mine):
            if everywhere:
                return global_pattern(objective, vector, arrays)
            return probed_pattern(objective, _around(objective, vector, arrays, seed), arrays)
    except (Unsupported, NotScalar) as error:
        kind = NotScalar if isinstance(error, NotScalar) else UsageError
        near = ", or ask for the pattern near this x only: everywhere=False"
        raise kind(f"{name_of(f)}: {error}{near if isinstance(error, Branches) else ''}") from None
    except Exception as error:  # a user's function can raise anything
        raise refused(error, mine, "sparsity") from error


def _around(
    objective: Callable[..., Any], x: FloatArray, data: tuple[FloatArray, ...], seed: int
) -> tuple[FloatArray, ...]:
    """Points near x, itself first; a `UsageError` where f is not finite there."""
    if no_number(objective, x, data):
        raise UsageError("f is not finite at x, so no pattern near it means anything; give a point where it is")
    away = np.random.default_rng(seed).uniform(-NEAR, NEAR, (POINTS, x.size)) * np.maximum(1, np.abs(x))
    return (x, *(x + away))


def coloring(pattern: Any, kind: Kind = "star", order: Order = "best", *, seed: int = 0) -> Coloring:
    """Groups of variables such that one Hessian-vector product per group shows all entries of a pattern.

    Args:
        pattern: What `sparsity` returns, a SciPy sparse array, a matrix (n, n) of numbers or booleans that is zero
            where the Hessian is (an array, a list of lists, a DataFrame), or a tuple (rows, columns), the largest index
            of which is n - 1. One triangle is enough. A tuple of two always is rows and columns, and nothing else is.
        kind: "star": every entry is read directly, by symmetry from either triangle. "acyclic": fewer products, and
            entries follow one from another; a star coloring where that takes fewer, as it may if diagonal entries are
            zero. "column": without symmetry, but for dense rows.
        order: Order in which variables get their colors: "natural", "largest-first", "smallest-last", "random"; "best"
            tries several and formulas for grids, and gives each variable a color of its own where more than half as
            many are needed in any case.
        seed: Seed of the random order.

    Returns:
        The coloring: `.colors`, how many; `.color_of` (n,), where -1 means that a variable need be in no product;
        `.seeds()` (colors, n).

    Raises:
        UsageError: The kind or the order does not exist, the seed or the pattern is none.
    """
    check("kind", (kind,), get_args(Kind))
    check("order", (order,), get_args(Order))
    _check_seed(seed)
    pattern = _read(pattern)
    found = color(pattern, kind, order, seed=seed)
    if found.colors > max(DENSE * pattern.n, 8):
        warnings.warn(
            f"{found.colors} colors for {pattern.n} variables (density {pattern.density:.2g}) save next to nothing; "
            "hb.hessian gives the dense Hessian, hb.hvp products without it",
            stacklevel=2,
        )
    return found


def _check_seed(seed: Any) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise UsageError(f"seed is {seed!r}; give a whole number of 0 or more")


def positions(pattern: Any, n: int) -> Positions:
    """Rows and columns of a person's pattern, both triangles.

    Args:
        pattern: As in `coloring`.
        n: Number of variables.

    Returns:
        Rows and columns, (nnz,) each.

    Raises:
        UsageError: It is none, or of another size.
    """
    found = _read(pattern, n)
    if found.n != n:
        raise UsageError(f"pattern is of {found.n} variables, x has {n}; give one of the same size")
    return found.rows, found.cols


def _read(given: Any, n: int | None = None) -> Pattern:
    """A person's pattern in any of its forms; rows and columns are those of n variables, if that is known."""
    try:
        if isinstance(given, Pattern):
            return given
        if isinstance(given, tuple) and len(given) == 2:
            rows, cols = map(np.asarray, given)
            return Pattern.of_pairs(_span(rows, cols) if n is None else n, rows, cols)
        return Pattern.of_matrix(given if hasattr(given, "tocoo") else _matrix(given))
    except ValueError as error:
        raise UsageError(f"pattern: {error}") from None


def _span(*indices: Any) -> int:
    """How many variables there are at least."""
    return 1 + max((int(one.max()) for one in indices if one.size and one.dtype.kind in "iu"), default=-1)


def _matrix(given: Any) -> Any:
    """A matrix as an array of numbers or booleans; a `ValueError` where it is none."""
    forms = "give what hb.sparsity returns, a SciPy sparse array, a square matrix, or a tuple (rows, columns)"
    array = np.asarray(given)
    if array.ndim == 0 or array.dtype.kind not in "biufc":
        what = "" if array.ndim == 0 else f" of {array.dtype}"
        raise ValueError(f"a {type(given).__name__}{what} is none; {forms}")
    if array.ndim == 2 and array.shape[0] != array.shape[1] and 2 in array.shape:
        turned = "tuple(a)" if array.shape[0] == 2 else "tuple(a.T)"
        raise ValueError(f"shape {array.shape} is no square matrix; give rows and columns as a tuple, {turned}")
    return array
