"""What depends on what where entries move, are added up along axes, or are multiplied as matrices."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.numeric.lifted import gathered
from hessbench.backends.sparsity.detection.dependent import (
    Dependent,
    Function,
    Rules,
    Trace,
    evaluated,
    numbers_of,
    value_of,
)
from hessbench.backends.sparsity.detection.elementwise import both, dtype_of, floating, multiply
from hessbench.backends.sparsity.detection.sets import EMPTY
from hessbench.backends.sparsity.pattern import IntArray

MASK = "its shape depends on x ({}), so no pattern holds for every x; write xp.where with a constant shape"


def move(trace: Trace, func: Function, a: Any, *args: Any, **kwargs: Any) -> Any:
    """Entries in other places; zeros that come in are the empty set."""
    kwargs.pop("dtype", None)
    if not isinstance(a, Dependent) or any(isinstance(part, Dependent) and part.value is None for part in args):
        raise Unsupported(MASK.format(f"xp.{func.__name__} by numbers made of x"))
    if {"K", "A"}.intersection(part for part in (*args, *kwargs.values()) if isinstance(part, str)):
        raise Unsupported(f"no pattern is known for {func.__name__} in the order of memory")
    value = evaluated(func, (a, *args), kwargs)
    return trace.make(func(a.numbers, *map(value_of, args), **kwargs), a.dtype, value)


def pad(trace: Trace, func: Function, a: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """Zeros around, or any constant; other modes compute what they put there."""
    if mode != "constant" or not isinstance(a, Dependent):
        raise Unsupported(f"no pattern is known for numpy.pad with mode={mode!r}; write xp.concat")
    value = evaluated(func, (a, pad_width), kwargs)
    return trace.make(func(a.numbers, pad_width, constant_values=EMPTY), a.dtype, value)


def join(trace: Trace, func: Function, arrays: Sequence[Any], *args: Any, **kwargs: Any) -> Any:
    """Concat and stack."""
    kwargs.pop("dtype", None)
    known = all(not isinstance(a, Dependent) or a.value is not None for a in arrays)
    value = func(list(map(value_of, arrays)), *args, **kwargs) if known else None
    numbers = func(list(map(numbers_of, arrays)), *args, **kwargs)
    return trace.make(numbers, dtype_of(*arrays), value)


def united(trace: Trace, numbers: IntArray, axis: Any) -> IntArray:
    """The union along axes (None: all), which are left out."""
    rows = gathered(numbers, axis)
    shape = rows.shape[:-1]
    return trace.sets.unite(rows.reshape(math.prod(shape), rows.shape[-1])).reshape(shape)


def _kept(numbers: IntArray, shape: tuple[int, ...], axis: Any, keepdims: bool) -> IntArray:
    """The same with axes of length one where they are to be kept."""
    if not keepdims:
        return numbers
    axes = range(len(shape)) if axis is None else {i % len(shape) for i in np.atleast_1d(np.asarray(axis)).tolist()}
    return numbers.reshape(tuple(1 if i in axes else size for i, size in enumerate(shape)))


def reduce(trace: Trace, func: Function, a: Any, axis: Any = None, *, keepdims: bool = False, **kwargs: Any) -> Any:
    """Sum, mean, max, min: linear, or one of the entries."""
    value = evaluated(func, (a,), {"axis": axis, "keepdims": keepdims})
    dtype = floating(a) if func is np.mean else a.dtype
    return trace.make(_kept(united(trace, a.numbers, axis), a.shape, axis, keepdims), dtype, value)


def prod(trace: Trace, func: Function, a: Any, axis: Any = None, *, keepdims: bool = False, **kwargs: Any) -> Any:
    """Halves by halves, so that an entry meets the others and not itself."""
    value = evaluated(func, (a,), {"axis": axis, "keepdims": keepdims})
    rows = gathered(a.numbers, axis)
    while rows.shape[-1] > 1:
        half = rows.shape[-1] // 2
        first, second, rest = rows[..., :half], rows[..., half : 2 * half], rows[..., 2 * half :]
        trace.sets.cross(first, second)
        pairs = np.stack([first.reshape(-1), second.reshape(-1)], axis=1)
        rows = np.concatenate([trace.sets.unite(pairs).reshape(first.shape), rest], axis=-1)
    numbers = rows[..., 0] if rows.shape[-1] else np.full(rows.shape[:-1], EMPTY)
    return trace.make(_kept(numbers, a.shape, axis, keepdims), a.dtype, value)


def cumulative_sum(trace: Trace, func: Function, a: Any, *, axis: int | None = None, **kwargs: Any) -> Any:
    """Each entry on all before it, by doubling."""
    value = evaluated(func, (a,), {"axis": axis, **kwargs})
    rows = np.moveaxis(a.numbers, axis or 0, -1)
    distance = 1
    while distance < rows.shape[-1]:
        rows = rows.copy()
        pairs = np.stack([rows[..., distance:].reshape(-1), rows[..., :-distance].reshape(-1)], axis=1)
        rows[..., distance:] = trace.sets.unite(pairs).reshape(rows[..., distance:].shape)
        distance *= 2
    if kwargs.get("include_initial"):
        rows = np.concatenate([np.full((*rows.shape[:-1], 1), EMPTY), rows], axis=-1)
    return trace.make(np.moveaxis(rows, -1, axis or 0), a.dtype, value)


def trace_of(trace: Trace, func: Function, a: Any, *args: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """The sum of the diagonal: of the last two axes in the standard, of the first two in NumPy's own."""
    diagonal = np.diagonal if func is np.trace else np.linalg.diagonal
    return np.sum(diagonal(a, *args, **kwargs), axis=-1)


def linspace(trace: Trace, func: Function, a: Any, b: Any, num: int = 50, **kwargs: Any) -> Any:
    """Linear in both ends."""
    if other := {"axis", "retstep"}.intersection(kwargs):
        raise Unsupported(f"no pattern is known for linspace with the keyword {other.pop()!r}")
    value = evaluated(func, (a, b, num), kwargs)
    return trace.make(
        np.broadcast_to(both(trace, a, b), (num, *np.broadcast_shapes(np.shape(a), np.shape(b)))), floating(a, b), value
    )


def getitem(trace: Trace, func: Function, a: Any, key: Any) -> Any:
    """Entries by slices and plain indices; by indices that are made of x, any along the first axis."""
    parts = key if isinstance(key, tuple) else (key,)
    unknown = [part for part in parts if isinstance(part, Dependent) and part.value is None]
    if not unknown:
        plain = tuple(value_of(part) for part in parts) if isinstance(key, tuple) else value_of(key)
        value = None if a.value is None else a.value[plain]
        return trace.make(a.numbers[plain], a.dtype, value)
    if len(parts) > 1 or unknown[0].dtype == np.bool_:
        raise Unsupported(
            MASK.format("x[condition]" if unknown[0].dtype == np.bool_ else "x[i, j] by computed indices")
        )
    return take(trace, np.take, a, unknown[0], axis=0)


def take(trace: Trace, func: Function, a: Any, indices: Any, axis: int | None = None, **kwargs: Any) -> Any:
    """Entries along an axis; by indices that are made of x, any of them."""
    value = evaluated(func, (a, indices), {"axis": axis, **kwargs})
    dtype = dtype_of(a)
    numbers = numbers_of(a) if axis is not None else numbers_of(a).reshape(-1)
    if not isinstance(indices, Dependent) or indices.value is not None:
        return trace.make(func(numbers, value_of(indices), axis=axis or 0, **kwargs), dtype, value)
    axis = 0 if axis is None else axis % numbers.ndim
    any_of = np.expand_dims(united(trace, numbers, axis), axis)
    places = np.zeros(indices.shape, dtype=np.intp)
    return trace.make(func(any_of, places, axis=axis), dtype, value)


def take_along_axis(trace: Trace, func: Function, a: Any, indices: Any, axis: int = -1) -> Any:
    """The same with an index for each place."""
    value = evaluated(func, (a, indices), {"axis": axis})
    numbers = numbers_of(a)
    if not isinstance(indices, Dependent) or indices.value is not None:
        return trace.make(np.take_along_axis(numbers, value_of(indices), axis=axis), dtype_of(a), value)
    any_of = np.expand_dims(united(trace, numbers, axis), axis)
    return trace.make(np.broadcast_to(any_of, indices.shape), dtype_of(a), value)


def sort(trace: Trace, func: Function, a: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Any of the entries along the axis."""
    if a.value is not None:
        return take_along_axis(trace, np.take_along_axis, a, np.argsort(a.value, axis=axis, **kwargs), axis=axis)
    any_of = np.expand_dims(united(trace, a.numbers, axis), axis)
    return trace.make(np.broadcast_to(any_of, a.shape), a.dtype)


def fact(trace: Trace, func: Function, a: Any, *args: Any) -> Any:
    """Shape and size, which no value has a say in."""
    return func(a.numbers, *args)


def refuse(trace: Trace, func: Function, *args: Any, **kwargs: Any) -> Any:
    """Results whose shape is made of values."""
    raise Unsupported(MASK.format(f"xp.{func.__name__}"))


def matmul(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """Sums of products."""
    value = evaluated(func, (a, b), {})
    left, right = (a if np.ndim(numbers_of(a)) > 1 else np.expand_dims(a, 0)), b
    right = right if np.ndim(numbers_of(b)) > 1 else np.expand_dims(right, -1)
    numbers = _products(trace, np.expand_dims(left, -2), np.expand_dims(np.matrix_transpose(right), -3))
    numbers = numbers if np.ndim(numbers_of(b)) > 1 else numbers[..., 0]
    numbers = (
        numbers
        if np.ndim(numbers_of(a)) > 1
        else (numbers[..., 0, :] if np.ndim(numbers_of(b)) > 1 else numbers[..., 0])
    )
    return trace.make(numbers, dtype_of(a, b), value)


def _products(trace: Trace, a: Any, b: Any) -> IntArray:
    """Products entry by entry, added up along the last axis."""
    for one, other in ((a, b), (b, a)):
        if not isinstance(one, Dependent):  # linear in the other: each row once, whatever it is multiplied with
            rows = united(trace, other.numbers, -1)
            return np.broadcast_to(rows, np.broadcast_shapes(np.shape(one), other.shape)[:-1])
    product = multiply(trace, np.multiply, _values_off(trace, a), _values_off(trace, b))
    return united(trace, product.numbers, -1)


def _values_off(trace: Trace, a: Any) -> Any:
    return trace.kind(trace, a.numbers, a.dtype)


def vecdot(trace: Trace, func: Function, a: Any, b: Any, *, axis: int = -1) -> Any:
    """Sums of products along an axis."""
    value = evaluated(func, (a, b), {"axis": axis})
    a, b = (np.moveaxis(part, axis, -1) if axis != -1 else part for part in (a, b))
    return trace.make(_products(trace, a, b), dtype_of(a, b), value)


def outer(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """All products."""
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


def dot(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """A product of matrices, or with a number; of more axes than two it is none of these."""
    axes = np.ndim(numbers_of(a)), np.ndim(numbers_of(b))
    if max(axes) > 2:
        raise Unsupported("no pattern is known for numpy.dot of more than two axes; use xp.matmul or xp.tensordot")
    return multiply(trace, np.multiply, a, b) if 0 in axes else matmul(trace, np.matmul, a, b)


def tensordot(trace: Trace, func: Function, a: Any, b: Any, axes: Any = 2) -> Any:
    """A product of matrices, once the axes are in order."""
    n, m = np.ndim(numbers_of(a)), np.ndim(numbers_of(b))
    if isinstance(axes, int):
        axes = (tuple(range(n - axes, n)), tuple(range(axes)))
    first, second = (
        tuple(i % size for i in np.atleast_1d(part).tolist()) for part, size in zip(axes, (n, m), strict=True)
    )
    free, own = [i for i in range(n) if i not in first], [i for i in range(m) if i not in second]
    shape = (*(np.shape(a)[i] for i in free), *(np.shape(b)[i] for i in own))
    along = math.prod(np.shape(a)[i] for i in first)
    left = np.reshape(np.permute_dims(a, (*free, *first)), (math.prod(shape[: len(free)]), along))
    right = np.reshape(np.permute_dims(b, (*second, *own)), (along, math.prod(shape[len(free) :])))
    return np.reshape(np.matmul(left, right), shape)


MOVES = (
    *(np.tril, np.triu, np.broadcast_to, np.expand_dims, np.flip, np.matrix_transpose, np.permute_dims, np.reshape),
    *(np.roll, np.squeeze, np.linalg.diagonal, np.moveaxis, np.repeat, np.tile, np.ravel, np.swapaxes, np.diagonal),
    *(np.diag, np.copy, np.fft.fftshift, np.fft.ifftshift),
)
UNKNOWN_SHAPES = (np.nonzero, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values, np.unique)

ARRAYS: Rules = MappingProxyType(
    {
        **dict.fromkeys(MOVES, move),
        **dict.fromkeys((np.concat, np.stack, np.hstack, np.vstack, np.column_stack), join),
        **dict.fromkeys((np.sum, np.mean, np.max, np.min), reduce),
        **dict.fromkeys((np.shape, np.ndim, np.size), fact),
        **dict.fromkeys(UNKNOWN_SHAPES, refuse),
        np.pad: pad,
        np.prod: prod,
        np.cumulative_sum: cumulative_sum,
        np.linalg.trace: trace_of,
        np.trace: trace_of,
        np.linspace: linspace,
        operator.getitem: getitem,
        np.take: take,
        np.take_along_axis: take_along_axis,
        np.sort: sort,
        np.matmul: matmul,
        np.dot: dot,
        np.vecdot: vecdot,
        np.linalg.outer: outer,
        np.outer: outer,
        np.tensordot: tensordot,
    }
)
