"""Arithmetic of arrays of different dtypes, by the standard's table, which TensorFlow leaves to the person.

`a * b` is TensorFlow's own where it can do it; where it refuses, both are cast to their common dtype. What the standard
leaves open, integers or booleans with floats, is as in NumPy, JAX and PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, reduce, wraps
from typing import Any

import numpy as np

from hessbench.backends.contract.lazy import Lazy

tf = Lazy("tensorflow")

KINDS = "biufc"
"""NumPy's letters of dtypes, each of which holds what stands before it."""

working_dtype = "float64"
"""Of floats beside numbers, and of arrays made from nothing; a backend's scope sets it."""

OPERATORS = ("add", "sub", "truediv", "floordiv", "mod")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def working() -> Any:
    """The working dtype as TensorFlow's."""
    return getattr(tf, working_dtype)


def common(first: Any, second: Any) -> Any:
    """The dtype in which two are added; of a float and an integer that of the float."""
    one, other = np.dtype(first.as_numpy_dtype), np.dtype(second.as_numpy_dtype)
    if one.kind == other.kind or {one.kind, other.kind} in ({"f", "c"}, {"i", "u"}):
        return tf.as_dtype(np.promote_types(one, other))
    return max((first, second), key=lambda dtype: KINDS.index(np.dtype(dtype.as_numpy_dtype).kind))


def cast(x: Any, dtype: Any) -> Any:
    """The array in another dtype; from real to complex without `tf.cast`, whose derivative warns of the way back."""
    dtype = tf.as_dtype(dtype)
    if not dtype.is_complex or x.dtype.is_complex:
        return tf.cast(x, dtype)
    real = tf.cast(x, tf.float32 if dtype == tf.complex64 else tf.float64)
    return tf.complex(real, tf.zeros_like(real))


def tensor(x: Any) -> Any:
    """A tensor of an array, a number or a list; Python's floats follow the working dtype, its integers have 64 bits."""
    if isinstance(x, tf.Tensor):
        return x
    if hasattr(x, "dtype"):
        return tf.convert_to_tensor(x)
    if holds_tensor(x):
        return tf.stack(alike(x))
    dtype = {np.float64: working(), np.int64: tf.int64}.get(np.asarray(x).dtype.type)
    return tf.convert_to_tensor(x, dtype=dtype)


def holds_tensor(x: Any) -> bool:
    """Whether there is a tensor somewhere in nested lists."""
    return tf.is_tensor(x) or (isinstance(x, list | tuple) and any(map(holds_tensor, x)))


def of_floats(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one array of floats, which may be a Python number."""
    cls = tf.Tensor

    def of_array(x: Any) -> Any:
        if not isinstance(x, cls):
            x = tensor(x)
            x = x if x.dtype.is_floating or x.dtype.is_complex else cast(x, working())
        return function(x)

    return wraps(function)(of_array)


@cache
def _wide() -> dict[Any, Any]:
    """Dtype -> the one in which its sums and products are accumulated, where that is another."""
    signed = dict.fromkeys((tf.bool, tf.int8, tf.int16, tf.int32), tf.int64)
    return signed | dict.fromkeys((tf.uint8, tf.uint16, tf.uint32), tf.uint64)


def widened(x: Any, dtype: Any = None) -> Any:
    """The array as its sums and products are accumulated: in the dtype asked for, else integers in 64 bits."""
    x = x if isinstance(x, tf.Tensor) else tensor(x)
    dtype = dtype or _wide().get(x.dtype)
    return x if dtype is None else cast(x, dtype)


def alike(arrays: Sequence[Any]) -> list[Any]:
    """Arrays in their common dtype; those that are of one are left alone, since an eager call pays for this."""
    first = getattr(arrays[0], "dtype", None) if arrays else None
    if all(isinstance(array, tf.Tensor) and array.dtype is first for array in arrays):
        return list(arrays)
    arrays = [tensor(array) for array in arrays]
    dtype = reduce(common, [array.dtype for array in arrays])
    return [array if array.dtype == dtype else cast(array, dtype) for array in arrays]


def promoted(x1: Any, x2: Any) -> list[Any]:
    """Two arrays in their common dtype, of which a Python number does not widen the other's.

    Args:
        x1: A tensor, or a number.
        x2: Likewise.

    Returns:
        Two tensors.
    """
    if isinstance(x1, tf.Tensor) and isinstance(x2, tf.Tensor) and x1.dtype is x2.dtype:
        return [x1, x2]
    if hasattr(x1, "dtype") and hasattr(x2, "dtype"):
        x1, x2 = (x if tf.is_tensor(x) else tf.convert_to_tensor(x) for x in (x1, x2))
        return alike([x1, x2])
    dtype = tf.as_dtype(getattr(x1, "dtype", getattr(x2, "dtype", working())))
    for x in (x1, x2):
        if isinstance(x, complex) and not dtype.is_complex:
            dtype = tf.complex64 if dtype.size == 4 else tf.complex128
        elif isinstance(x, float) and (dtype.is_integer or dtype.is_bool):
            dtype = working()
        elif isinstance(x, int) and not isinstance(x, bool) and dtype.is_bool:
            dtype = tf.int64
    return [cast(x, dtype) if tf.is_tensor(x) else tf.convert_to_tensor(x, dtype=dtype) for x in (x1, x2)]


def promoting(own: Callable[..., Any]) -> Callable[..., Any]:
    """An operator that does what its own refuses for the dtypes alone."""

    def operate(a: Any, b: Any) -> Any:
        try:
            return own(a, b)
        except (TypeError, ValueError, tf.errors.InvalidArgumentError):
            one, other = _promoted_or_same(a, b)
            if one is a and other is b:
                raise
        return own(one, other)

    return operate


def multiplying(own: Callable[..., Any]) -> Callable[..., Any]:
    """The product likewise; with a boolean TensorFlow's is `and`, whatever the other is."""
    product, boolean = promoting(own), tf.bool

    def operate(a: Any, b: Any) -> Any:
        if a.dtype is boolean or getattr(b, "dtype", None) is boolean:
            a, b = _promoted_or_same(a, b)
        return product(a, b)

    return operate


def raising(own: Callable[..., Any]) -> Callable[..., Any]:
    """The power likewise; that by 0 and 1 without TensorFlow's derivatives, which are NaN at 0."""
    power = promoting(own)

    def operate(a: Any, b: Any) -> Any:
        if type(b) in (int, float) and b in (0, 1) and isinstance(a, tf.Tensor) and not a.dtype.is_integer:
            return tf.identity(a) if b else tf.ones_like(a)
        return power(a, b)

    return operate


def _promoted_or_same(a: Any, b: Any) -> Sequence[Any]:
    try:
        return promoted(a, b)
    except Exception:  # what TensorFlow makes no tensor of: it will say so
        return a, b


REPLACED: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    **{f"__{side}{name}__": promoting for name in OPERATORS for side in ("", "r")},
    **{f"__{name}__": promoting for name in ("rpow", *COMPARISONS)},
    **dict.fromkeys(("__mul__", "__rmul__"), multiplying),
    "__pow__": raising,
}
"""Name of an operator -> what makes ours of TensorFlow's own."""
