"""The vocabulary (`backends.contract.namespace`) over `tf.*`: what objectives get from TensorFlow as `xp`.

array-api-compat does not know TensorFlow and `tf.experimental.numpy` lacks `concat`, `permute_dims`,
`vecdot` and all of `linalg`, hence this adapter. Only what differs in name or signature is written out; what is left of
the standard is composed (`backends.standard.compositions`).
Imported by `TensorflowBackend.namespace` alone, because it needs TensorFlow at import.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Sequence
from functools import partial, wraps
from types import SimpleNamespace
from typing import Any

import numpy as np
import tensorflow as tf

from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.standard import compositions, lacking, types
from hessbench.backends.tensorflow.standard import fourier, promotion
from hessbench.backends.tensorflow.standard import linalg as matrices
from hessbench.backends.tensorflow.standard.indices import axes_from_front, from_front
from hessbench.backends.tensorflow.standard.lacks import LACKS

Axis = int | Sequence[int] | None

e, inf, nan, newaxis, pi = np.e, np.inf, np.nan, None, np.pi
int8, int16, int32, int64 = tf.int8, tf.int16, tf.int32, tf.int64
uint8, uint16, uint32, uint64 = tf.uint8, tf.uint16, tf.uint32, tf.uint64
float32, float64, complex64, complex128, bool = tf.float32, tf.float64, tf.complex64, tf.complex128, tf.bool

acos, acosh, asin, asinh, atan, atanh = map(
    promotion.of_floats, (tf.acos, tf.acosh, tf.asin, tf.asinh, tf.atan, tf.atanh)
)
cos, cosh, sin, sinh, tan, tanh = map(promotion.of_floats, (tf.cos, tf.cosh, tf.sin, tf.sinh, tf.tan, tf.tanh))
exp, expm1, log, log1p, sqrt = map(promotion.of_floats, (tf.exp, tf.math.expm1, tf.math.log, tf.math.log1p, tf.sqrt))
ceil, floor, round, isnan, isinf, isfinite = map(
    promotion.of_floats,
    (tf.math.ceil, tf.math.floor, tf.math.round, tf.math.is_nan, tf.math.is_inf, tf.math.is_finite),
)
logical_and, logical_not, logical_or, logical_xor = tf.logical_and, tf.logical_not, tf.logical_or, tf.math.logical_xor
real, imag, conj, positive = tf.math.real, tf.math.imag, tf.math.conj, tf.identity
can_cast, finfo, iinfo, isdtype = types.can_cast, types.finfo, types.iinfo, types.isdtype


def _alike(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of two arrays of different dtypes, of which one may be a Python number."""
    return wraps(function)(lambda x1, x2: function(*promotion.promoted(x1, x2)))


def _of_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of an array, which may be a Python number, and of what else it takes."""
    return wraps(function)(lambda x, *rest: function(promotion.tensor(x), *rest))


abs, square, sign, broadcast_to = map(_of_one, (tf.abs, tf.square, tf.sign, tf.broadcast_to))
atan2, maximum, minimum = _alike(tf.atan2), _alike(tf.maximum), _alike(tf.minimum)
pow = promotion.raising(_alike(tf.pow))
nextafter = _alike(tf.math.nextafter)
bitwise_left_shift, bitwise_right_shift = _alike(tf.bitwise.left_shift), _alike(tf.bitwise.right_shift)


def where(condition: Any, x1: Any, x2: Any) -> Any:
    """Entries of x1 or x2."""
    return _alike(lambda a, b: tf.where(condition, a, b))(x1, x2)


def reshape(x: Any, shape: Any, *, copy: Any = None) -> Any:
    """The entries in another shape."""
    return tf.reshape(promotion.tensor(x), (shape,) if isinstance(shape, int) else shape)


def repeat(x: Any, repeats: Any, *, axis: int | None = None) -> Any:
    """Each entry several times."""
    return tf.repeat(x, repeats, axis)


def count_nonzero(x: Any, *, axis: Axis = None, keepdims: Any = False) -> Any:
    """How many entries are not zero."""
    return tf.math.count_nonzero(x, axis, keepdims)


def ones_like(x: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """Ones in the shape of an array."""
    return tf.ones_like(x, dtype=dtype)


def zeros_like(x: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """Zeros in the shape of an array."""
    return tf.zeros_like(x, dtype=dtype)


def expand_dims(x: Any, *, axis: int = 0) -> Any:
    """A new axis of length one."""
    return tf.expand_dims(promotion.tensor(x), axis)


def astype(x: Any, dtype: Any, *, copy: Any = True, device: Any = None) -> Any:
    """The array in another dtype."""
    return promotion.cast(x, dtype)


def log2(x: Any) -> Any:
    """Logarithm to base 2."""
    return log(x) / float(np.log(2.0))


def log10(x: Any) -> Any:
    """Logarithm to base 10."""
    return log(x) / float(np.log(10.0))


@_alike
def logaddexp(x1: Any, x2: Any) -> Any:
    """log(exp(x1) + exp(x2)) as x2 + softplus(x1 - x2), smooth also where x1 = x2 (max and abs are not)."""
    return x2 + tf.math.softplus(x1 - x2)


@_alike
def hypot(x1: Any, x2: Any) -> Any:
    """The length of the hypotenuse."""
    return compositions.hypot(sys.modules[__name__], x1, x2, held=tf.stop_gradient)


def arange(start: Any, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Any:
    """Evenly spaced numbers, by step."""
    start, stop = (0, start) if stop is None else (start, stop)
    numbers = (start, stop, step)
    if dtype is None and builtins.any(isinstance(number, float) for number in numbers):
        dtype = promotion.working()
    elif dtype is None and builtins.all(isinstance(number, int) for number in numbers):
        dtype = int64
    return tf.range(start, stop, step, dtype=dtype)


def asarray(x: Any, *, dtype: Any = None, device: Any = None, copy: Any = None) -> Any:
    """A tensor from a scalar, a sequence or an array; Python floats follow the working dtype, integers have 64 bits."""
    if dtype is None:
        return promotion.tensor(x)
    if hasattr(x, "dtype"):
        return tf.cast(x, dtype)
    if promotion.holds_tensor(x):  # among numbers
        return tf.stack([asarray(entry, dtype=dtype) for entry in x])
    return tf.convert_to_tensor(x, dtype=dtype)


def eye(n: int, m: int | None = None, *, k: int = 0, dtype: Any = None, device: Any = None) -> Any:
    """Ones on a diagonal."""
    return tf.constant(np.eye(n, m, k), dtype=dtype or promotion.working())


def full(shape: Any, value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """An array of one value."""
    value = asarray(value, dtype=dtype)
    return tf.fill(shape if isinstance(shape, Sequence | tf.TensorShape) else (shape,), value)


def linspace(start: Any, stop: Any, num: int, *, dtype: Any = None, device: Any = None, endpoint: Any = True) -> Any:
    """Evenly spaced numbers, by count."""
    start, stop = (tf.cast(end, dtype) if dtype else end for end in promotion.promoted(start, stop))
    return tf.linspace(start, stop, num) if endpoint else tf.linspace(start, stop, num + 1)[:-1]


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """An array of ones."""
    return tf.ones(shape, dtype=dtype or promotion.working())


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """An array of zeros."""
    return tf.zeros(shape, dtype=dtype or promotion.working())


def tril(x: Any, *, k: int = 0) -> Any:
    """The part on and below the k-th diagonal."""
    rows, columns = np.indices(x.shape[-2:])
    return tf.where(tf.constant(columns - rows <= k), x, tf.zeros_like(x))


def triu(x: Any, *, k: int = 0) -> Any:
    """The part on and above the k-th diagonal."""
    rows, columns = np.indices(x.shape[-2:])
    return tf.where(tf.constant(columns - rows >= k), x, tf.zeros_like(x))


def concat(arrays: Sequence[Any], *, axis: int | None = 0) -> Any:
    """Arrays joined along an axis."""
    if axis is None:
        arrays, axis = [tf.reshape(a, (-1,)) for a in arrays], 0
    return tf.concat(promotion.alike(arrays), axis)


def stack(arrays: Sequence[Any], *, axis: int = 0) -> Any:
    """Arrays joined along a new axis."""
    return tf.stack(promotion.alike(arrays), axis)


def flip(x: Any, *, axis: Axis = None) -> Any:
    """The order reversed along the axes (all of them by default)."""
    return tf.reverse(x, axes_from_front(axis, x.shape.rank))


def roll(x: Any, shift: Any, *, axis: Axis = None) -> Any:
    """Elements shifted cyclically."""
    if axis is None:
        return tf.reshape(tf.roll(tf.reshape(x, (-1,)), shift, 0), x.shape)
    axes = axes_from_front(axis, x.shape.rank)
    return tf.roll(x, shift if isinstance(shift, Sequence) else (shift,), axes)


def squeeze(x: Any, axis: Axis) -> Any:
    """Axes of length one removed."""
    return tf.squeeze(x, axis)


def take(x: Any, indices: Any, *, axis: int | None = None) -> Any:
    """Elements along an axis, by index."""
    x = promotion.tensor(x)
    return tf.gather(x, from_front(indices, x.shape[axis or 0]), axis=axis or 0)


def permute_dims(x: Any, axes: Sequence[int]) -> Any:
    """Axes reordered."""
    return tf.transpose(x, axes_from_front(axes, x.shape.rank))


def matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged."""
    return tf.linalg.matrix_transpose(x)


def result_type(*arrays: Any) -> Any:
    """The dtype of a sum of these."""
    return tf.as_dtype(types.result_type(*arrays))


def take_along_axis(x: Any, indices: Any, *, axis: int = -1) -> Any:
    """Entries along an axis, by an index for each place."""
    moved = partial(compositions.moveaxis, sys.modules[__name__])
    last = moved(x, axis, -1)
    places = from_front(moved(indices, axis, -1), last.shape[-1])
    taken = tf.gather(last, places, axis=-1, batch_dims=last.shape.rank - 1)
    return moved(taken, -1, axis)


def sort(x: Any, *, axis: int = -1, descending: Any = False, stable: Any = True) -> Any:
    """Entries in order."""
    return take_along_axis(x, argsort(x, axis=axis, descending=descending), axis=axis)


def argsort(x: Any, *, axis: int = -1, descending: Any = False, stable: Any = True) -> Any:
    """The indices of entries in order."""
    direction = "DESCENDING" if descending else "ASCENDING"
    return tf.cast(tf.argsort(x, axis, direction, stable=True), tf.int64)


def argmax(x: Any, *, axis: int | None = None, keepdims: Any = False) -> Any:
    """Where the greatest entry is, the first of equals."""
    return _found(tf.argmax, x, axis, keepdims)


def argmin(x: Any, *, axis: int | None = None, keepdims: Any = False) -> Any:
    """Where the least entry is, the first of equals."""
    return _found(tf.argmin, x, axis, keepdims)


def _found(find: Callable[..., Any], x: Any, axis: int | None, keepdims: Any) -> Any:
    found = find(tf.reshape(x, (-1,)), 0) if axis is None else find(x, axis)
    if not keepdims:
        return found
    return tf.reshape(found, (1,) * x.shape.rank) if axis is None else tf.expand_dims(found, axis)


def searchsorted(x1: Any, x2: Any, *, side: str = "left", sorter: Any = None) -> Any:
    """Where entries of x2 belong in x1."""
    x1 = x1 if sorter is None else tf.gather(x1, sorter)
    found = tf.searchsorted(x1, tf.reshape(x2, (-1,)), side=side, out_type=tf.int64)
    return tf.reshape(found, x2.shape)


def sum(x: Any, *, axis: Axis = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """Sum over axes."""
    return tf.reduce_sum(promotion.widened(x, dtype), axis, keepdims)


def mean(x: Any, *, axis: Axis = None, keepdims: Any = False) -> Any:
    """Mean over axes; of integers a float, where TensorFlow's own would be cut off."""
    x = promotion.tensor(x)
    whole = x.dtype.is_integer or x.dtype.is_bool
    return tf.reduce_mean(promotion.cast(x, promotion.working()) if whole else x, axis, keepdims)


def prod(x: Any, *, axis: Axis = None, dtype: Any = None, keepdims: Any = False) -> Any:
    """Product over axes."""
    x = promotion.widened(x, dtype)
    if x.dtype.is_complex:
        raise Unsupported("xp.prod of complex numbers is not possible in TensorFlow: its second derivative is wrong")
    return tf.reduce_prod(x, axis, keepdims)


def all(x: Any, *, axis: Axis = None, keepdims: Any = False) -> Any:
    """Whether all entries are true."""
    return tf.reduce_all(tf.cast(x, tf.bool), axis, keepdims)


def any(x: Any, *, axis: Axis = None, keepdims: Any = False) -> Any:
    """Whether one entry is true."""
    return tf.reduce_any(tf.cast(x, tf.bool), axis, keepdims)


def max(x: Any, *, axis: Axis = None, keepdims: Any = False) -> Any:
    """Maximum over axes."""
    return tf.reduce_max(promotion.tensor(x), axis, keepdims)


def min(x: Any, *, axis: Axis = None, keepdims: Any = False) -> Any:
    """Minimum over axes."""
    return tf.reduce_min(promotion.tensor(x), axis, keepdims)


def cumulative_sum(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: Any = False) -> Any:
    """Running sums along an axis."""
    x, axis = promotion.widened(x, dtype), axis or 0
    first = tf.zeros_like(tf.gather(x, [0], axis=axis))
    return tf.cumsum(tf.concat([first, x], axis) if include_initial else x, axis)


def cumulative_prod(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: Any = False) -> Any:
    """Running products along an axis; not `tf.math.cumprod`, whose derivative divides by the entries."""
    x = promotion.widened(x, dtype)
    return compositions.cumulative_prod(sys.modules[__name__], x, axis=axis, include_initial=include_initial)


@_alike
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
    return tf.tensordot(*promotion.promoted(a, b), axes)


def vecdot(a: Any, b: Any, *, axis: int = -1) -> Any:
    """Inner products along an axis; the first factor is conjugated."""
    return tf.reduce_sum(tf.math.conj(a) * b, axis)


empty, empty_like, from_dlpack = zeros, zeros_like, asarray

_here = sys.modules[__name__]
vars(_here).update(compositions.missing(_here, vars(_here)))
vars(_here).update(lacking.stubs("TensorFlow", LACKS))
linalg = SimpleNamespace(
    **matrices.NAMES,
    **compositions.missing_linalg(_here, matrices.NAMES),
    **lacking.stubs("TensorFlow", LACKS, "linalg."),
)
fft = SimpleNamespace(**fourier.NAMES)
