"""f at many points: in one evaluation where it can be batched, else one point after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from hessbench.backends.contract.arrays import FloatArray, Objective, cast
from hessbench.backends.numeric import extended_linalg
from hessbench.backends.numeric.batched import Batch, namespace
from hessbench.backends.numeric.lifted import scalar

T = TypeVar("T")

AT_ONCE, LARGEST = 256, 1 << 20
"""Points in a batch, so that what f makes of them stays in the processor's cache; their number times n^2, so that it
stays in memory."""


def precisions(objective: Objective) -> tuple[str, ...]:
    """The dtypes in which NumPy may evaluate an objective, the most precise first; the last one always works."""
    wider = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps
    return tuple(getattr(objective, "precisions", ("longdouble", "float64") if wider else ("float64",)))


def casts(objective: Objective) -> bool:
    """Whether an objective that has one precision says that it computes in less; of others two precisions tell."""
    return bool(getattr(objective, "casts", False))


def most_precise(objective: Objective, ask: Callable[[str], T]) -> T:
    """What is found in the most precise dtype that an objective can follow into.

    Args:
        objective: f.
        ask: From a dtype to the answer; it raises a `TypeError` where f cannot follow.

    Returns:
        The answer.
    """
    dtypes = precisions(objective)
    for dtype in dtypes[:-1]:
        try:
            return ask(dtype)
        except TypeError:  # numpy.linalg: "array type float128 is unsupported in linalg"
            continue
    return ask(dtypes[-1])


def ending(f: Callable[..., Any], nothing: Any = np.nan, at: FloatArray | None = None) -> Callable[..., Any]:
    """A function that has no value where linear algebra raises, as for a matrix that is not positive definite.

    It ends there as a logarithm ends at zero, of which NumPy gives NaN.

    Args:
        f: The function, of a point first.
        nothing: What stands for no value.
        at: A point at which it raises all the same.

    Returns:
        The function.
    """

    def value(point: FloatArray, *rest: Any) -> Any:
        try:
            return f(point, *rest)
        except np.linalg.LinAlgError:
            if at is not None and np.array_equal(point, at):
                raise
            return nothing

    return value


def at_points(
    f: Callable[..., Any], data: Sequence[FloatArray] = (), shape: tuple[int, ...] = ()
) -> Callable[[FloatArray], FloatArray]:
    """f(xp, x, *data) as a function of many points, (m, n) -> (m,), in one evaluation where f can be batched.

    It computes in the precision of the points, the data included. Where linear algebra raises, f is NaN (`ending`).

    Args:
        f: The objective over a namespace, x and data; in `np.longdouble` linear algebra is that of `extended_linalg`.
        data: Further arguments.
        shape: The shape of f, where its values are no scalars but outputs of a model.

    Returns:
        A function of points (m, n) that returns the m values in their precision, (m, *shape).
    """
    known: dict[Any, Callable[[FloatArray], FloatArray]] = {}

    def values(points: FloatArray) -> FloatArray:
        if points.dtype not in known:
            constants = [cast(array, points.dtype) for array in data]
            known[points.dtype] = _in_one_precision(lambda xp, x: f(xp, x, *constants), points.dtype, shape)
        return known[points.dtype](points)

    return values


def _in_one_precision(
    f: Callable[[Any, Any], Any], dtype: Any, shape: tuple[int, ...]
) -> Callable[[FloatArray], FloatArray]:
    """The first call finds out whether f can be batched: it must give what it gives for the first points one by one."""
    plain = extended_linalg.namespace if dtype == np.longdouble != np.float64 else np
    can_batch: list[bool] = []

    one = ending(lambda point: f(plain, point), np.full(shape, np.nan, dtype))

    def one_by_one(points: FloatArray) -> FloatArray:
        found = [one(point) for point in points]
        return np.array([np.asarray(y if shape else scalar(y), dtype=dtype) for y in found], dtype=dtype)

    def together(points: FloatArray) -> FloatArray:
        try:
            found = f(namespace, Batch(points))
        except np.linalg.LinAlgError:  # at one of the points, or more
            return one_by_one(points)
        values = found.values if isinstance(found, Batch) else found
        return np.array(np.broadcast_to(values, (len(points), *shape)), dtype=dtype)

    def try_once(points: FloatArray) -> bool:
        try:
            found, known = together(points[:2]), one_by_one(points[:2])
        except (TypeError, ValueError, IndexError, AttributeError, NotImplementedError):
            return False
        return bool(np.allclose(found, known, rtol=1e3 * float(np.finfo(dtype).eps), atol=0, equal_nan=True))

    def values(points: FloatArray) -> FloatArray:
        if not can_batch:
            can_batch.append(try_once(points))
        if not can_batch[0]:
            return one_by_one(points)
        rows = max(1, min(AT_ONCE, LARGEST // points.shape[1] ** 2))
        return np.concatenate([together(points[k : k + rows]) for k in range(0, len(points), rows)])

    return values
