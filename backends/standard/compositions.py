"""Names of the array API standard in terms of others: what an adapter gets for nothing once it has the core.

TensorFlow, CasADi, autograd and the arithmetic of `backends.numeric` have some 75 names of their own; these follow
from them, from arithmetic and from slices. The first argument is the namespace. What a framework has itself, it keeps:
`missing` gives the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array

Axis = int | tuple[int, ...] | None


def operator(function: Callable[..., Array]) -> Callable[..., Array]:
    """A function of arrays alone as one that gets the namespace too."""
    return lambda xp, *arrays: function(*arrays)


def reciprocal(xp: Any, x: Array) -> Array:
    """1 / x."""
    return 1 / x


def trunc(xp: Any, x: Array) -> Array:
    """Rounded towards zero."""
    return xp.where(x < 0, xp.ceil(x), xp.floor(x))


def clip(xp: Any, x: Array, min: Any = None, max: Any = None) -> Array:
    """Entries brought into an interval."""
    x = x if min is None else xp.maximum(x, min)
    return x if max is None else xp.minimum(x, max)


def signbit(xp: Any, x: Array) -> Array:
    """Whether the sign is negative; that of zero shows in its reciprocal."""
    zero = x == 0
    return xp.logical_or(x < 0, xp.logical_and(zero, 1 / xp.where(zero, x, 1 + 0 * x) < 0))


def copysign(xp: Any, x1: Array, x2: Array) -> Array:
    """The magnitude of x1 with the sign of x2."""
    x1 = x1 + 0 * x2  # of one shape
    return xp.where(xp.signbit(x2 + 0 * x1), -xp.abs(x1), xp.abs(x1))


def hypot(xp: Any, x1: Array, x2: Array, *, held: Callable[[Array], Array] = lambda a: a) -> Array:
    """The length of the hypotenuse, without overflow: the larger side is taken out.

    Args:
        xp: The namespace.
        x1: One side.
        x2: The other one.
        held: Makes a constant of an array, where a framework can: any scale gives the same, and its own derivatives
            overflow.

    Returns:
        The lengths.
    """
    a, b = xp.abs(x1), xp.abs(x2)
    scale = xp.maximum(a, b)
    scale = held(xp.where(xp.logical_or(scale == 0, scale == math.inf), xp.ones_like(scale), scale))
    return scale * xp.sqrt(xp.square(x1 / scale) + xp.square(x2 / scale))


def complex_sign(xp: Any, z: Array) -> Array:
    """The direction z / |z|, which turns with z; zero at zero."""
    size = xp.abs(z)
    return z / xp.where(size == 0, xp.ones_like(size), size)


def complex_acosh(xp: Any, z: Array) -> Array:
    """By two roots, each on its own branch (W. Kahan, 1987): that of z^2 - 1 is on another where z is to the left."""
    return 2 * xp.log(xp.sqrt((z + 1) / 2) + xp.sqrt((z - 1) / 2))


def isnan(xp: Any, x: Array) -> Array:
    """Where there is NaN, which equals nothing."""
    return x != x


def isinf(xp: Any, x: Array) -> Array:
    """Where there is infinity."""
    return xp.abs(x) == math.inf


def isfinite(xp: Any, x: Array) -> Array:
    """Where there is neither NaN nor infinity."""
    return xp.abs(x) < math.inf


def count_nonzero(xp: Any, x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """How many entries are not zero."""
    return xp.sum(xp.astype(x != 0, xp.int64), axis=axis, keepdims=keepdims)


def full_like(xp: Any, x: Array, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Array:
    """An array of one value, in the shape of another."""
    return xp.full(tuple(x.shape), fill_value, dtype=dtype or x.dtype)


def meshgrid(xp: Any, *arrays: Array, indexing: str = "xy") -> list[Array]:
    """Coordinates of a grid from those of its axes."""
    order = list(range(len(arrays)))
    if indexing == "xy" and len(arrays) > 1:
        order[:2] = [1, 0]
    shape = [0] * len(arrays)
    for place, a in zip(order, arrays, strict=True):
        shape[place] = a.shape[0]
    along = [tuple(-1 if i == place else 1 for i in range(len(shape))) for place in order]
    return [xp.broadcast_to(xp.reshape(a, one), tuple(shape)) for a, one in zip(arrays, along, strict=True)]


def broadcast_arrays(xp: Any, *arrays: Array) -> list[Array]:
    """The arrays, repeated to one shape."""
    shape = np.broadcast_shapes(*(tuple(a.shape) for a in arrays))
    return [xp.broadcast_to(a, shape) for a in arrays]


def moveaxis(xp: Any, x: Array, source: int | tuple[int, ...], destination: int | tuple[int, ...]) -> Array:
    """Axes moved to other places, the rest in order."""
    n = len(x.shape)
    # NumPy moves the axes of an array whose axis i has the length i: its shape is then the order.
    return xp.permute_dims(x, np.moveaxis(np.broadcast_to(0, tuple(range(n))), source, destination).shape)


def repeat(xp: Any, x: Array, repeats: Any, *, axis: int | None = None) -> Array:
    """Each entry several times; how many times is a number or plain data."""
    x = xp.reshape(x, (-1,)) if axis is None else x
    axis = axis or 0
    return xp.take(x, np.repeat(np.arange(x.shape[axis]), np.asarray(repeats)), axis=axis)


def tile(xp: Any, x: Array, repetitions: Sequence[int]) -> Array:
    """The array side by side with itself."""
    ahead = len(repetitions) - len(x.shape)
    x = xp.reshape(x, (*(1,) * ahead, *x.shape))
    repetitions = (*(1,) * -ahead, *repetitions)
    for axis, times in enumerate(repetitions):
        x = x if times == 1 else xp.concat([x] * times, axis=axis)
    return x


def unstack(xp: Any, x: Array, *, axis: int = 0) -> tuple[Array, ...]:
    """The parts along an axis."""
    axis %= len(x.shape)
    return tuple(x[(slice(None),) * axis + (i,)] for i in range(x.shape[axis]))


def take_along_axis(xp: Any, x: Array, indices: Array, *, axis: int = -1) -> Array:
    """Entries along an axis, by an index for each place: a sum over candidates, of which one is not zero."""
    last, index = xp.moveaxis(x, axis, -1), xp.moveaxis(indices, axis, -1)
    index = xp.where(index < 0, index + last.shape[-1], index)
    hit = xp.expand_dims(index, axis=-1) == np.arange(last.shape[-1])
    return xp.moveaxis(xp.sum(xp.where(hit, xp.expand_dims(last, axis=-2), 0.0), axis=-1), -1, axis)


def cumulative_prod(
    xp: Any, x: Array, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    """Running products along an axis."""
    x = x if dtype is None else xp.astype(x, dtype)
    parts = xp.unstack(x, axis=axis or 0)
    if not parts and not include_initial:
        return x
    if not parts:
        place = (axis or 0) % len(x.shape)
        return xp.ones((*x.shape[:place], 1, *x.shape[place + 1 :]))
    found = [1 + 0 * parts[0]] if include_initial else []
    product = None
    for part in parts:
        product = part if product is None else product * part
        found.append(product)
    return xp.stack(found, axis=axis or 0)


def diff(xp: Any, x: Array, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Array:
    """Differences of neighbors along an axis."""
    axis %= len(x.shape)
    if joined := [a for a in (prepend, append) if a is not None]:
        x = xp.concat([*joined[: prepend is not None], x, *joined[prepend is not None :]], axis=axis)
    before = (slice(None),) * axis
    for _ in range(n):
        x = x[(*before, slice(1, None))] - x[(*before, slice(None, -1))]
    return x


def var(xp: Any, x: Array, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Array:
    """The variance."""
    offset = x - xp.mean(x, axis=axis, keepdims=True)
    total = xp.sum(xp.square(offset), axis=axis, keepdims=keepdims)
    axes = range(len(x.shape)) if axis is None else np.atleast_1d(np.asarray(axis)).tolist()
    return total / (math.prod(x.shape[i] for i in axes) - correction)


def std(xp: Any, x: Array, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Array:
    """The standard deviation."""
    return xp.sqrt(xp.var(x, axis=axis, correction=correction, keepdims=keepdims))


def real(xp: Any, x: Array) -> Array:
    """The real part: of real arrays all."""
    return x


def imag(xp: Any, x: Array) -> Array:
    """The imaginary part: of real arrays zero."""
    return 0 * x


def _squares(xp: Any, x: Array) -> Array:
    """Squares of absolute values."""
    if xp.isdtype(x.dtype, "complex floating"):
        return xp.square(xp.real(x)) + xp.square(xp.imag(x))
    return xp.square(x)


def vector_norm(xp: Any, x: Array, *, axis: Axis = None, keepdims: bool = False, ord: float = 2) -> Array:
    """A norm of the entries along axes."""
    if ord == 2:
        return xp.sqrt(xp.sum(_squares(xp, x), axis=axis, keepdims=keepdims))
    if ord in (math.inf, -math.inf):
        return (xp.max if ord > 0 else xp.min)(xp.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return xp.sum(xp.astype(x != 0, x.dtype), axis=axis, keepdims=keepdims)
    if ord == 1:
        return xp.sum(xp.abs(x), axis=axis, keepdims=keepdims)
    return xp.sum(xp.abs(x) ** ord, axis=axis, keepdims=keepdims) ** (1.0 / ord)


def matrix_norm(xp: Any, x: Array, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    """A norm of the matrices in the last two axes."""
    if ord == "fro":
        return vector_norm(xp, x, axis=(-2, -1), keepdims=keepdims)
    if ord in (1, -1, math.inf, -math.inf):
        along = -2 if abs(ord) == 1 else -1
        sums = xp.sum(xp.abs(x), axis=along, keepdims=True)
        return (xp.max if ord > 0 else xp.min)(sums, axis=(-2, -1), keepdims=keepdims)
    values = xp.linalg.svdvals(x)
    found = {"nuc": xp.sum, 2: xp.max, -2: xp.min}[ord](values, axis=-1)
    return xp.reshape(found, (*x.shape[:-2], 1, 1)) if keepdims else found


def matrix_power(xp: Any, x: Array, n: int) -> Array:
    """A power of square matrices, by squaring."""
    if n < 0:
        return matrix_power(xp, xp.linalg.inv(x), -n)
    if n == 0:
        return 0 * x + xp.eye(x.shape[-1], dtype=x.dtype)
    half = matrix_power(xp, x, n // 2) if n > 1 else None
    if half is None:
        return x
    square = xp.matmul(half, half)
    return xp.matmul(square, x) if n % 2 else square


def cross(xp: Any, x1: Array, x2: Array, *, axis: int = -1) -> Array:
    """The vector product in three dimensions."""
    a, b = xp.unstack(x1, axis=axis), xp.unstack(x2, axis=axis)
    parts = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    return xp.stack(parts, axis=axis)


OPERATORS: dict[str, Callable[..., Array]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "floor_divide": lambda a, b: a // b,
    "remainder": lambda a, b: a % b,
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "conj": lambda a: a,
    "bitwise_and": lambda a, b: a & b,
    "bitwise_or": lambda a, b: a | b,
    "bitwise_xor": lambda a, b: a ^ b,
    "bitwise_invert": lambda a: ~a,
    "bitwise_left_shift": lambda a, b: a << b,
    "bitwise_right_shift": lambda a, b: a >> b,
}
"""What Python has an operator for."""

FUNCTIONS = (
    *(reciprocal, trunc, clip, signbit, copysign, hypot, isnan, isinf, isfinite, count_nonzero, full_like, meshgrid),
    *(broadcast_arrays, moveaxis, repeat, tile, unstack, take_along_axis, cumulative_prod, diff, var, std, real, imag),
)
COMPOSED: dict[str, Callable[..., Any]] = {
    **{name: operator(function) for name, function in OPERATORS.items()},
    **{function.__name__: function for function in FUNCTIONS},
}
"""Name -> function(xp, ...)."""

LINALG: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (vector_norm, matrix_norm, matrix_power, cross)
}
"""The same within `linalg`."""


def missing(xp: Any, names: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """What the standard has and a namespace has not, composed of what it has.

    Args:
        xp: The namespace, which may be completed later: functions look names up when they are called.
        names: What it has.

    Returns:
        Functions by name; those of `linalg` are not among them, see `missing_linalg`.
    """
    return {name: partial(function, xp) for name, function in COMPOSED.items() if name not in names}


def missing_linalg(xp: Any, names: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """The same for `xp.linalg`; three of the names are those of `xp` itself."""
    composed = {name: partial(function, xp) for name, function in LINALG.items()}
    same = {name: getattr(xp, name) for name in ("matmul", "matrix_transpose", "tensordot", "vecdot")}
    return {name: function for name, function in {**composed, **same}.items() if name not in names}
