"""The closed vocabulary (`backends.contract.namespace`) over `tf.*`: what objectives get from TensorFlow as `xp`.

array-api-compat does not know TensorFlow and `tf.experimental.numpy` lacks `concat`, `permute_dims`,
`vecdot` and all of `linalg`, hence this adapter. Only what differs in name or signature is written out.
Imported by `TensorflowBackend.namespace` alone, because it needs TensorFlow at import.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import tensorflow as tf

Axis = int | Sequence[int] | None

working_dtype = tf.float64
"""What creation functions use when no dtype is given; `TensorflowBackend.scope` sets it."""

e, inf, nan, newaxis, pi = np.e, np.inf, np.nan, None, np.pi

abs = tf.abs
acos, acosh, asin, asinh, atan, atan2, atanh = tf.acos, tf.acosh, tf.asin, tf.asinh, tf.atan, tf.atan2, tf.atanh
cos, cosh, sin, sinh, tan, tanh = tf.cos, tf.cosh, tf.sin, tf.sinh, tf.tan, tf.tanh
exp, expm1, log, log1p, sqrt, square, sign = (
    tf.exp,
    tf.math.expm1,
    tf.math.log,
    tf.math.log1p,
    tf.sqrt,
    tf.square,
    tf.sign,
)
maximum, minimum, pow, where = tf.maximum, tf.minimum, tf.pow, tf.where
broadcast_to, reshape, ones_like, zeros_like = tf.broadcast_to, tf.reshape, tf.ones_like, tf.zeros_like
expand_dims = tf.expand_dims


def log2(x: Any) -> Any:
    """Logarithm to base 2."""
    return tf.math.log(x) / float(np.log(2.0))


def log10(x: Any) -> Any:
    """Logarithm to base 10."""
    return tf.math.log(x) / float(np.log(10.0))


def logaddexp(x1: Any, x2: Any) -> Any:
    """log(exp(x1) + exp(x2)) as x2 + softplus(x1 - x2), smooth also where x1 = x2 (max and abs are not)."""
    return x2 + tf.math.softplus(x1 - x2)


def arange(start: Any, stop: Any = None, step: Any = 1, *, dtype: Any = None) -> Any:
    """Evenly spaced numbers, by step."""
    start, stop = (0, start) if stop is None else (start, stop)
    return tf.range(start, stop, step, dtype=dtype)


def asarray(x: Any, *, dtype: Any = None) -> Any:
    """A tensor from a scalar, a sequence or an array; Python floats follow the working dtype."""
    if dtype is None and not hasattr(x, "dtype") and np.asarray(x).dtype == np.float64:
        dtype = working_dtype
    return tf.convert_to_tensor(x, dtype=dtype)


def eye(n: int, m: int | None = None, *, dtype: Any = None) -> Any:
    """The identity matrix."""
    return tf.eye(n, m, dtype=dtype or working_dtype)


def full(shape: Any, value: Any, *, dtype: Any = None) -> Any:
    """An array of one value."""
    return tf.fill(shape if isinstance(shape, tuple | list) else (shape,), tf.cast(value, dtype or working_dtype))


def linspace(start: Any, stop: Any, num: int, *, dtype: Any = None) -> Any:
    """Evenly spaced numbers, by count."""
    dtype = dtype or working_dtype
    return tf.linspace(tf.cast(start, dtype), tf.cast(stop, dtype), num)


def ones(shape: Any, *, dtype: Any = None) -> Any:
    """An array of ones."""
    return tf.ones(shape, dtype=dtype or working_dtype)


def zeros(shape: Any, *, dtype: Any = None) -> Any:
    """An array of zeros."""
    return tf.zeros(shape, dtype=dtype or working_dtype)


def tril(x: Any, *, k: int = 0) -> Any:
    """The part on and below the k-th diagonal."""
    rows, columns = np.indices(x.shape[-2:])
    return tf.where(tf.constant(columns - rows <= k), x, tf.zeros_like(x))


def triu(x: Any, *, k: int = 0) -> Any:
    """The part on and above the k-th diagonal."""
    rows, columns = np.indices(x.shape[-2:])
    return tf.where(tf.constant(columns - rows >= k), x, tf.zeros_like(x))


def concat(arrays: Sequence[Any], *, axis: int = 0) -> Any:
    """Arrays joined along an axis."""
    return tf.concat(arrays, axis)


def stack(arrays: Sequence[Any], *, axis: int = 0) -> Any:
    """Arrays joined along a new axis."""
    return tf.stack(arrays, axis)


def flip(x: Any, *, axis: Axis = None) -> Any:
    """The order reversed along the axes (all of them by default)."""
    return tf.reverse(x, _axes(axis, x.shape.rank))


def roll(x: Any, shift: Any, *, axis: Axis = None) -> Any:
    """Elements shifted cyclically."""
    if axis is None:
        return tf.reshape(tf.roll(tf.reshape(x, (-1,)), shift, 0), x.shape)
    return tf.roll(x, shift, axis)


def squeeze(x: Any, axis: Axis) -> Any:
    """Axes of length one removed."""
    return tf.squeeze(x, axis)


def take(x: Any, indices: Any, *, axis: int = 0) -> Any:
    """Elements along an axis, by index."""
    return tf.gather(x, indices, axis=axis)


def permute_dims(x: Any, axes: Sequence[int]) -> Any:
    """Axes reordered."""
    return tf.transpose(x, axes)


def matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged."""
    return tf.linalg.matrix_transpose(x)


def sum(x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Sum over axes."""
    return tf.reduce_sum(x, axis, keepdims)


def mean(x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Mean over axes."""
    return tf.reduce_mean(x, axis, keepdims)


def prod(x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Product over axes."""
    return tf.reduce_prod(x, axis, keepdims)


def max(x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Maximum over axes."""
    return tf.reduce_max(x, axis, keepdims)


def min(x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Minimum over axes."""
    return tf.reduce_min(x, axis, keepdims)


def cumulative_sum(x: Any, *, axis: int = 0) -> Any:
    """Running sums along an axis."""
    return tf.cumsum(x, axis)


def matmul(a: Any, b: Any) -> Any:
    """Matrix product with the standard's rules for vectors, which `tf.matmul` refuses."""
    if a.shape.rank == 1 and b.shape.rank == 1:
        return tf.tensordot(a, b, 1)
    if b.shape.rank == 1:
        return tf.linalg.matvec(a, b)
    if a.shape.rank == 1:
        return tf.linalg.matvec(b, a, transpose_a=True)
    return tf.matmul(a, b)


def tensordot(a: Any, b: Any, *, axes: Any = 2) -> Any:
    """Sum of products over pairs of axes."""
    return tf.tensordot(a, b, axes)


def vecdot(a: Any, b: Any, *, axis: int = -1) -> Any:
    """Inner products along an axis."""
    return tf.reduce_sum(a * b, axis)


def _axes(axis: Axis, rank: int) -> list[int]:
    if axis is None:
        return list(range(rank))
    return [a % rank for a in (axis if isinstance(axis, Sequence) else (axis,))]


def _slogdet(x: Any) -> tuple[Any, Any]:
    result = tf.linalg.slogdet(x)
    return result.sign, result.log_abs_determinant


def _solve(a: Any, b: Any) -> Any:
    if b.shape.rank == 1:
        return tf.squeeze(tf.linalg.solve(a, b[:, None]), -1)
    return tf.linalg.solve(a, b)


def _outer(a: Any, b: Any) -> Any:
    return a[:, None] * b[None, :]


linalg = SimpleNamespace(
    cholesky=tf.linalg.cholesky,
    det=tf.linalg.det,
    diagonal=tf.linalg.diag_part,
    eigvalsh=tf.linalg.eigvalsh,
    inv=tf.linalg.inv,
    outer=_outer,
    slogdet=_slogdet,
    solve=_solve,
    trace=tf.linalg.trace,
)
