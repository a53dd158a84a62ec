"""The judge of the biharmonic: second differences of the Laplacian, which is exact.

The Laplacian is the trace of a Hessian in closed form where there is one, else it comes from hyper-dual numbers in
extended precision: nothing is subtracted in it, so that its differences are as good as those of f.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray, cast
from hessbench.backends.numeric import hyper_dual
from hessbench.backends.numeric.bends import Bend, bend
from hessbench.backends.numeric.differences import diagonal
from hessbench.backends.numeric.evaluation import most_precise
from hessbench.backends.numeric.noise import Noisy, Scalar, heard, known, near
from hessbench.backends.numeric.reference import SAFETY, Reference, in_float64
from hessbench.harness.judging.accuracy import HEADROOM, NoJudge
from hessbench.suites.definition.problem import Problem

OPERATOR = "biharmonic"

Diagonals = Callable[[FloatArray], FloatArray]
"""Points (m, n) to the diagonals of the Hessians there, (m, n)."""

LARGEST = 128
"""Beyond so many variables nobody waits for n^2 evaluations of second derivatives at a dozen steps."""


def right(problem: Problem, points: FloatArray, data: Sequence[FloatArray]) -> Reference:
    """The right biharmonic at points (b, n).

    Args:
        problem: The problem, as the judge computes it.
        points: The points.
        data: Further arguments of f.

    Returns:
        Values and bounds, (b,).

    Raises:
        NoJudge: n is too large, or f does what hyper-dual numbers have no rule for.
    """
    if points.shape[1] > LARGEST:
        raise NoJudge(f"nobody finds fourth derivatives by {points.shape[1]} variables another way; take a smaller n")
    try:
        return most_precise(problem.objective, lambda dtype: _right(problem, points, data, dtype))
    except (TypeError, AttributeError, NotImplementedError) as error:
        raise NoJudge(f"NumPy has no exact Laplacian of this f, whose differences would tell: {error}") from error


def without_mixed_terms(problem: Problem, points: FloatArray, data: Sequence[FloatArray]) -> FloatArray:
    """The sum of the pure fourth derivatives, (b,): what is left where the mixed ones f_iijj are forgotten."""
    entries = _diagonals(problem, data, "float64")

    def pure(x: FloatArray, i: int) -> float:
        def along(steps: FloatArray) -> FloatArray:
            return entries(x + steps * np.eye(x.size)[i])[:, i]

        return float(diagonal(along, np.zeros(1))[0][0])

    return np.asarray([sum(pure(x, i) for i in range(x.size)) for x in points])


def excuse(problem: Problem, points: FloatArray, data: Sequence[FloatArray], dtype: str, error: FloatArray) -> str:
    """Why errors may be what rounding makes of terms that cancel in the sum, or the empty string.

    Args:
        problem: The problem, as the judge computes it.
        points: The points, (b, n).
        data: Further arguments of f.
        dtype: In which f was computed.
        error: The errors at the points, (b,).

    Returns:
        The reason, with the size of the terms where the error is largest.
    """
    entries = _diagonals(problem, data, "float64")
    sizes = np.array([_size_of_terms(entries, x) for x in points.astype(np.float64)])
    if np.any(np.abs(error) > HEADROOM * np.finfo(dtype).eps * sizes):
        return ""
    return f"terms of size {sizes[np.argmax(np.abs(error))]:.1g} cancel in the sum of fourth derivatives"


def _right(problem: Problem, points: FloatArray, data: Sequence[FloatArray], dtype: str) -> Reference:
    entries = _diagonals(problem, data, dtype)
    value, bound = (np.stack(parts) for parts in zip(*(_at(entries, x) for x in points.astype(dtype)), strict=True))
    found = Reference(*in_float64(value, bound), f"richardson-{np.finfo(dtype).nmant + 1}-laplacian")
    bent = next((one for x in points.astype(dtype) if (one := _bend(entries, x))), None)
    return replace(found, bend=f"the Laplacian of {bent}", bent=bent.order + 2) if bent else found


def _bend(entries: Diagonals, x: FloatArray) -> Bend | None:
    """Where the Laplacian bends, the fourth derivative is another one on either side."""
    laplacian = _signed(entries, np.ones_like(x))
    with np.errstate(all="ignore"):
        return bend(heard(laplacian, x), near(laplacian, x))


def _signed(entries: Diagonals, signs: FloatArray) -> Scalar:
    """A sum of the Hessian's diagonal with signs: the Laplacian where all are one."""
    return lambda rows: np.sum(signs * entries(rows), axis=1)


def _at(entries: Diagonals, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The biharmonic at x, and its bound: where it is zero as far as is known, with the rounding of what cancels."""
    value, error = _differences(entries, x, np.ones_like(x))
    bound = SAFETY * np.sum(error)
    if abs(total := np.sum(value)) <= bound:  # f may be harmonic
        bound = bound + SAFETY * np.finfo(np.float64).eps * _size_of_terms(entries, x)
    return total, bound


def _size_of_terms(entries: Diagonals, x: FloatArray) -> np.floating[Any]:
    """The size of what is summed: with other signs the terms of a harmonic f do not cancel."""
    terms, _ = _differences(entries, x, np.where(np.arange(x.size) % 2, -1, 1).astype(x.dtype))
    return np.sum(np.abs(terms))


def _differences(entries: Diagonals, x: FloatArray, signs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The second derivatives of a signed sum of the Hessian's diagonal, (n,), and their estimated errors."""
    # Its terms may cancel, as those of a Laplacian do that is zero: their rounding goes with their sizes.
    rounded = float(np.finfo(x.dtype).eps * np.sum(np.abs(entries(x[None]))))
    laplacian = _signed(entries, signs)
    with np.errstate(all="ignore"):
        return diagonal(Noisy(laplacian, max(rounded, known(heard(laplacian, x)))), x)


def _diagonals(problem: Problem, data: Sequence[FloatArray], dtype: str) -> Diagonals:
    """The diagonals of f's Hessians at many points."""
    constants = [cast(array, dtype) for array in data]
    xp = hyper_dual.namespace()

    def entries(points: FloatArray) -> FloatArray:
        return np.stack([hyper_dual.diagonal(lambda y: problem.objective(xp, y, *constants), x) for x in points])

    def closed(points: FloatArray) -> FloatArray:
        assert problem.hessian
        found = np.stack([np.diagonal(problem.hessian(x, *constants)) for x in points])
        if found.dtype != points.dtype:
            raise TypeError(f"the Hessian in closed form is {found.dtype}, not {points.dtype}")
        return found

    return closed if problem.hessian is not None else entries
