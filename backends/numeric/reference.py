"""The independent judge where a problem has no closed form: extrapolated differences of f in extended precision.

It works in `np.longdouble` where that is wider than float64 (x86), linear algebra included
(`backends.numeric.extended_linalg`). An objective that calls `numpy.linalg` past its `xp` cannot follow; it falls back
to float64 with the wider bound that follows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray, Objective, cast
from hessbench.backends.numeric.bends import bend
from hessbench.backends.numeric.bounded import Reference as Reference
from hessbench.backends.numeric.differences import diagonal, gradient, hessian, hvp, laplacian
from hessbench.backends.numeric.evaluation import at_points, casts, most_precise
from hessbench.backends.numeric.extrapolation import Field
from hessbench.backends.numeric.noise import ORDINARY, Scalar, measured, near, with_cast
from hessbench.backends.numeric.scales import POOR

SAFETY = 4.0
"""The tableau's own error estimate is a distance, not a bound. Times this it covers the true error in the Frobenius
norm for every problem of the tests, and 99 % of all entries."""

FEW = 64
"""Variables, up to which a product that is poorly known is compared with that of the whole Hessian."""

UNIT = float(np.finfo(np.float64).eps) / 2
"""What is lost where a value in extended precision is given in float64."""


Gradient = Callable[..., FloatArray]
"""A gradient in closed form, (x, *data) -> (n,)."""


def reference(
    operator: str,
    objective: Objective,
    x: FloatArray,
    data: Sequence[FloatArray],
    v: FloatArray | None = None,
    *,
    slope: Gradient | None = None,
) -> Reference:
    """The result of an operator by differences of the objective in NumPy.

    Args:
        operator: A key of `OPERATORS`.
        objective: f(xp, x, *data). One that cannot follow into extended precision says so by an attribute `precisions`.
        x: The point, shape (n,), or for batched operators the points, shape (b, n).
        data: Further arguments of f.
        v: The direction of `hvp`, shape (n,), or the directions of `multi-hvp`, shape (k, n).
        slope: The gradient in closed form, where there is one: second derivatives are differences of that, n times as
            cheap and far more accurate.

    Returns:
        Value and bound; entries that could not be found are NaN with an infinite bound.
    """
    return most_precise(objective, lambda dtype: _reference(operator, objective, x, data, v, slope, dtype))


def _reference(
    operator: str,
    objective: Objective,
    x: FloatArray,
    data: Sequence[FloatArray],
    v: FloatArray | None,
    slope: Gradient | None,
    dtype: str,
) -> Reference:
    x = np.asarray(x).astype(dtype)
    f = at_points(objective, data)
    if operator == "objective":
        value = f(x[None])[0]
        bound = 1e3 * np.finfo(dtype).eps * np.abs(value)
        return Reference(value.astype(np.float64), bound.astype(np.float64), "objective")
    g = _field(slope, data, np.dtype(dtype)) if slope and operator != "gradient" else None
    narrow = casts(objective)
    judge = f"richardson-{np.finfo(dtype).nmant + 1}{'-gradient' if g else ''}"
    if operator in ("batched-hessian", "laplacian"):
        one = {"batched-hessian": "hessian", "laplacian": "trace"}[operator]
        parts = [_at(one, f, g, point, v, judge, narrow) for point in x]
        value, bound = _stack([(part.value, part.bound) for part in parts])
        return Reference(value, bound, judge, max(p.noise for p in parts), *max((p.bend, p.bent) for p in parts))
    return _at(operator, f, g, x, v, judge, narrow)


def _at(
    operator: str, f: Scalar, g: Field | None, x: FloatArray, v: FloatArray | None, judge: str, narrow: bool
) -> Reference:
    """The result at one point, of an f that may compute in less than the precision of x."""
    seen = near(f, x)
    noisy, rough = measured(f, seen)
    if narrow:
        noisy = rough = with_cast(noisy, x)
    value, error = _differences(operator, noisy, g, x, v, None if x.dtype == np.float64 else rough)
    found = bend(noisy, seen)
    told, bent = (str(found), found.order) if found else ("", 0)
    heard = rough.noise if rough.noise > ORDINARY * np.finfo(np.float64).eps * abs(seen.center) else 0.0
    return Reference(*in_float64(value, SAFETY * error), judge, heard, told, bent)


def in_float64(value: FloatArray, bound: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both in float64, with its rounding in the bound; what it cannot hold is not known."""
    with np.errstate(over="ignore", invalid="ignore"):
        rounded, bound = value.astype(np.float64), (bound + UNIT * np.abs(value)).astype(np.float64)
    known = np.isfinite(rounded) & ~np.isnan(bound)
    return np.where(known, rounded, np.nan), np.where(known, bound, np.inf)


def _differences(
    operator: str, f: Scalar, g: Field | None, x: FloatArray, v: FloatArray | None, rough: Scalar | None
) -> tuple[FloatArray, FloatArray]:
    if operator == "gradient":
        return gradient(f, x, rough=rough)
    if operator in ("hvp", "multi-hvp"):
        rows = np.atleast_2d(np.asarray(v).astype(x.dtype))
        value, error = _stack([hvp(f, x, row, g, rough=rough) for row in rows])
        if x.size <= FEW and g is None and not _well_known(value, error):
            value, error = _by_hessian(f, x, rows, value, error, rough)
        return (value[0], error[0]) if operator == "hvp" else (value, error)
    return {"hessian": hessian, "diagonal": diagonal, "trace": laplacian}[operator](f, x, g, rough=rough)


def _well_known(value: FloatArray, error: FloatArray) -> bool:
    """Whether no product (rows) has an error that is worth a better one."""
    return bool(np.all(np.max(error, axis=1) <= POOR * np.max(np.abs(value), axis=1)))


def _by_hessian(
    f: Scalar, x: FloatArray, rows: FloatArray, value: FloatArray, error: FloatArray, rough: Scalar | None
) -> tuple[FloatArray, FloatArray]:
    """Products (k, n) that are poorly known, or the Hessian's where those are better.

    Along a vector x moves no further than the coordinate allows that f varies fastest with, which is far too little for
    the others; along coordinates each one has a step of its own.

    Returns:
        The better value of each entry and its error.
    """
    matrix, doubt = hessian(f, x, rough=rough)
    with np.errstate(all="ignore"):
        again, its_error = rows @ matrix, np.abs(rows) @ doubt
    better = its_error < error  # False where NaN
    return np.where(better, again, value), np.where(better, its_error, error)


def _field(slope: Gradient, data: Sequence[FloatArray], dtype: np.dtype[Any]) -> Field:
    """A gradient at many points, one after the other.

    Where the gradient does not keep the working precision, the function raises a `TypeError`: what NumPy did in
    float64 has its rounding errors.

    Returns:
        A function of points (m, n) that returns the gradients (m, n).
    """
    constants = [cast(array, dtype) for array in data]

    def values(points: FloatArray) -> FloatArray:
        found = np.stack([np.asarray(slope(point, *constants)) for point in points])
        if found.dtype != dtype:
            raise TypeError(f"the gradient in closed form is {found.dtype}, not {dtype}")
        return found

    return values


def _stack(found: Sequence[tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    return np.stack([value for value, _ in found]), np.stack([error for _, error in found])
