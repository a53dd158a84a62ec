"""The sparse Hessian of a person's own function: `hb.sparse_hessian`."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from hessbench.backends.contract.compression import Compression, Positions
from hessbench.backends.contract.interface import Backend, FloatArray
from hessbench.backends.contract.method import Method
from hessbench.backends.sparsity.analysis import NotFound
from hessbench.backends.sparsity.detection import global_pattern
from hessbench.backends.sparsity.detection.dependent import Branches
from hessbench.backends.sparsity.pattern import Pairs, Pattern
from hessbench.harness.judging.accuracy import NAN
from hessbench.harness.judging.evaluation.first_look import NO_NUMBER
from hessbench.harness.judging.explain import name_of
from hessbench.harness.judging.references import References
from hessbench.harness.judging.sparse.given import Compressed
from hessbench.harness.judging.text import usual
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.user_files import OWN
from hessbench.harness.python.computing import (
    DEFAULT,
    MethodRefuses,
    asked,
    checked,
    engine_of,
    keep,
    method_of,
    not_a_number,
    prepared,
    refused,
)
from hessbench.harness.python.reading import closed_over
from hessbench.harness.python.reading.arrays import data_arrays, start_vector
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.harness.python.reading.how import How
from hessbench.harness.python.reading.own_function import native_to, unfolded
from hessbench.harness.python.session.evaluating import evaluating
from hessbench.harness.python.sparsity import positions
from hessbench.harness.usage import UsageError
from hessbench.harness.worker.case import Case
from hessbench.suites.definition.problem import Problem, draw

OPERATOR = "sparse-hessian"

DENSE, SMALL = 0.3, 32
"""Density beyond which there is nothing to gain, and the number of variables up to which nobody minds."""

KEPT = 16
_READY: dict[Any, Ready] = {}

WRONG, COMPLETE = "wrong: {}; {}", "complete it"
FOUND, NEAR = "leave pattern out to have it found", "complete it, or give hb.sparsity(f, x, everywhere=False) of this x"


def sparse_hessian(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    pattern: Any = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> Any:
    """The Hessian of f at x as a sparse matrix; nothing of size n^2 is made.

    The pattern is found from f (or by the method's own tool), colored, and one Hessian-vector product computed for each
    color. What is prepared is kept for further calls with the same f, data and shape of x.

    Examples:
        >>> import hessbench as hb
        >>> def f(xp, x):
        ...     return xp.sum(x**4) + xp.sum(x[:-1] * x[1:])
        >>> h = hb.sparse_hessian(f, np.ones(1000), backend="numpy", method="sparse-hyper-dual-eager")
        >>> h.shape, h.nnz, float(h[0, 0]), float(h[0, 1])
        ((1000, 1000), 2998, 12.0, 1.0)

    Args:
        f: As in `hessian`.
        x: As in `hessian`; rows and columns of the result count its numbers one after the other.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: A name from `hessbench list methods --operator sparse-hessian`; None takes the backend's first default.
        pattern: Where the Hessian may differ from zero, if you know, in any form that `coloring` takes. If it has all
            that `sparsity` finds in f, it holds at every x. What it lacks of that must be zero wherever you ask, since
            it cancels: that is checked at every call, by one more product of the Hessian with a random vector. So is
            the whole pattern where f tells none (a framework's own function, a branch on x), which beside that is
            judged by differences of f at the first call; a method of differences is judged so at every call. What the
            pattern misses at x raises.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`; the pattern of a framework's own function must be given.

    Returns:
        A `scipy.sparse.csr_array` (n, n) with both triangles. It warns where the pattern is so dense that `hessian`, or
        `hvp` for large n, serves better.

    Raises:
        UsageError: As in `hessian`; also where the pattern cannot be found, misses an entry at x, or does not fit into
            memory, and where f is no number at x.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """  # noqa: DOC501 - `refused` makes what is raised
    mine, how = asked(f, data, How(backend, method, dtype, device, framework))
    mine, (x,) = unfolded(mine, x)
    vector, layout = start_vector(x)
    arrays = data_arrays(data, not native_to(mine))
    engine = engine_of(how.backend or DEFAULT, how.dtype, how.device)
    chosen = method_of(engine, OPERATOR, method)
    given = None if pattern is None else positions(pattern, vector.size)
    read = closed_over.key(mine)
    key = (engine, chosen.name, read, layout, vector.size, _digest(*arrays), _digest(*(given or ())))
    with evaluating(mine), engine.scope():
        problem = problem_at(mine, vector, layout, arrays)
        try:
            ready = _READY.get(key) if read is not None else None
            if ready is None:
                ready = _ready(engine, chosen, problem, vector, arrays, given, how)
                if read is not None:
                    keep(_READY, KEPT, key, ready)
            values = ready.values(vector)
            ready.check(vector, values)
        except Exception as error:  # a framework can raise anything
            raise _refused(error, mine, problem, engine.name) from error
        if not np.isfinite(values).all() and (value := not_a_number(engine, mine, vector, arrays, layout)):
            raise UsageError(NO_NUMBER.format(name_of(mine), engine.name, value))  # else NaN is the answer
    return _matrix(ready.at, values)


@dataclass(frozen=True, slots=True)
class Ready:
    """A sparse Hessian that is prepared once and asked for often.

    Attributes:
        values: x -> the values (nnz,).
        at: Where they belong.
        check: Raises a `UsageError` where a person's own pattern misses an entry at x: (x, values).
    """

    values: Callable[[FloatArray], FloatArray]
    at: Compression
    check: Callable[[FloatArray, FloatArray], None] = lambda x, values: None


def _ready(
    engine: Backend,
    method: Method,
    problem: Problem,
    x: FloatArray,
    arrays: tuple[FloatArray, ...],
    given: Positions | None,
    how: How,
) -> Ready:
    """The method made ready, with what judges a person's own pattern unless it has all that f's text can give."""
    objective = checked(engine, method, problem, x, arrays)
    made = engine.prepare(method, objective, arrays, x, pattern=given)
    at = made.compression
    assert at is not None
    _warn_if_dense(at, problem.name)

    def values(x: FloatArray) -> FloatArray:
        return engine.to_numpy(made.call(engine.asarray(x)))

    doubted = None if given is None else _doubted(problem, x, arrays, given)
    if given is None or (doubted is not None and not doubted[0].size):
        return Ready(values, at)
    remedy = FOUND if doubted is not None else NEAR if problem.portable else COMPLETE
    judge = partial(_judge, engine, method, problem, given, how, remedy)
    if method.accuracy < 1:
        return Ready(values, at, lambda x, values: judge(x))
    if doubted is None:
        judge(x)
    whole = replace(how, backend=engine.name, method=method_of(engine, "hvp", None).name, framework=None)
    try:
        product = prepared("hvp", problem, x, arrays, whole).call
    except MethodRefuses:
        return Ready(values, at, lambda x, values: judge(x))
    seen = Compressed(at, values, product, method.assembly != "substitution", how.dtype, doubted)
    return Ready(values, at, partial(_check, seen, remedy))


def _doubted(problem: Problem, x: FloatArray, arrays: tuple[FloatArray, ...], given: Positions) -> Pairs | None:
    """The entries that a person's pattern lacks and the one of f's text has: zero at every x, or missing.

    Returns:
        Rows and columns; None where f's text tells no pattern.
    """
    if not problem.portable:
        return None
    try:
        return Pattern.of_pairs(x.size, *given).missing(global_pattern(problem.objective, x, arrays))
    except Exception:  # f may branch on x, or do anything that no pattern is known for
        return None


def _check(seen: Compressed, remedy: str, x: FloatArray, values: FloatArray) -> None:
    """A `UsageError` where the pattern misses an entry at x."""
    if reason := seen.missing(x, values):
        raise UsageError(WRONG.format(reason, remedy))


def _judge(
    engine: Backend, method: Method, problem: Problem, given: Positions, how: How, remedy: str, x: FloatArray
) -> None:
    """A `UsageError` where the result at x, and at a point beside it, is found wrong by differences of f."""
    problem, text = replace(problem, start=lambda n, rng: x), usual(problem)
    cell = Cell(OWN, problem.name, x.size, OPERATOR, engine.name, method.name, how.dtype, how.device, text=text)
    case = Case(engine, cell, draw(problem, x.size, batch=1), References(), own=True, pattern=given)
    outcome = case.outcome(case.check)
    if outcome.status == "wrong" and outcome.fault != NAN:  # which is no fault of the pattern's
        raise UsageError(WRONG.format(outcome.reason, remedy))


def _refused(error: Exception, f: Any, problem: Problem, backend: str) -> Exception:
    """The exception in one line, with the remedy that there is here."""
    if isinstance(error, NotFound) and problem.portable and isinstance(error.__cause__, Exception):
        return refused(error.__cause__, f, backend)  # a slip of f's text, which no pattern mends
    told = refused(error, f, backend)
    if isinstance(error, Branches):
        return UsageError(f"{told}, or give pattern=hb.sparsity(f, x, everywhere=False)")
    return UsageError(f"{told}, or give pattern=(rows, columns)") if isinstance(error, NotFound) else told


def _warn_if_dense(at: Compression, name: str) -> None:
    if at.density > DENSE and at.n > SMALL:
        warnings.warn(
            f"the Hessian of {name} is {at.density:.0%} dense ({at.colors or 'some'} products for {at.n} variables): "
            "hb.hessian takes no more of them, and hb.hvp needs no matrix",
            stacklevel=4,
        )


def _matrix(at: Compression, values: FloatArray) -> Any:
    from scipy.sparse import csr_array

    return csr_array((values, (at.rows, at.cols)), shape=(at.n, at.n))


def _digest(*arrays: Any) -> str:
    """What tells arrays apart: indices among the data may decide on the pattern."""
    found = hashlib.blake2b(digest_size=16)
    for array in map(np.ascontiguousarray, arrays):
        found.update(f"{array.shape}{array.dtype}".encode())
        found.update(array.data)
    return found.hexdigest()
