"""What depends on what, entry by entry: arithmetic, functions of one and of two arguments, selections, steps."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.sparsity.detection.dependent import (
    Dependent,
    Function,
    Rules,
    Trace,
    evaluated,
    numbers_of,
    value_of,
)
from hessbench.backends.sparsity.detection.sets import EMPTY
from hessbench.backends.sparsity.pattern import IntArray


def dtype_of(*args: Any) -> np.dtype[Any]:
    """The dtype that arithmetic of these gives."""
    kinds = [a.dtype if isinstance(a, Dependent) or hasattr(a, "dtype") else a for a in args]
    return np.result_type(
        *(kind if isinstance(kind, np.dtype | int | float | complex) else np.asarray(kind) for kind in kinds)
    )


def floating(*args: Any) -> np.dtype[Any]:
    """The same where whole numbers become floats."""
    dtype = dtype_of(*args)
    return dtype if np.issubdtype(dtype, np.inexact) else np.dtype(np.float64)


def both(trace: Trace, *args: Any) -> IntArray:
    """The union of the sets of arguments, broadcast."""
    numbers = np.broadcast_arrays(*map(numbers_of, args))
    rows = np.stack([part.reshape(-1) for part in numbers], axis=1)
    return trace.sets.unite(rows).reshape(numbers[0].shape)


def same(trace: Trace, func: Function, a: Any) -> Any:
    """Linear in one argument, or with a derivative that is constant nearly everywhere (abs)."""
    if func is np.abs and np.issubdtype(a.dtype, np.complexfloating):
        return unary(trace, func, a)
    value = evaluated(func, (a,), {})
    dtype = np.empty(0, dtype=a.dtype).real.dtype if func in (np.abs, np.real, np.imag) else a.dtype
    return trace.make(a.numbers, dtype, value)


def unary(trace: Trace, func: Function, a: Any) -> Any:
    """Nonlinear: what it depends on meets itself."""
    trace.sets.cross(a.numbers, a.numbers)
    dtype = np.empty(0, dtype=floating(a)).real.dtype if func is np.abs else floating(a)
    return trace.make(a.numbers, dtype, evaluated(func, (a,), {}))


def linear(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """Sums; maximum and minimum, which are one of both."""
    return trace.make(both(trace, a, b), dtype_of(a, b), evaluated(func, (a, b), {}))


def binary(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """Nonlinear in both: all that it depends on meets."""
    numbers = both(trace, a, b)
    trace.sets.cross(numbers, numbers)
    return trace.make(numbers, floating(a, b), evaluated(func, (a, b), {}))


def is_zero(a: Any) -> bool:
    """Whether an argument is the number 0 of Python, which stands in the text of f for every x and all data."""
    return isinstance(a, int | float) and not isinstance(a, np.generic) and a == 0


def multiply(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """Linear in each: the one meets the other."""
    value = evaluated(func, (a, b), {})
    if is_zero(a) or is_zero(b):
        return trace.make(np.full(np.broadcast_shapes(np.shape(a), np.shape(b)), EMPTY), dtype_of(a, b), value)
    trace.sets.cross(*np.broadcast_arrays(numbers_of(a), numbers_of(b)))
    return trace.make(both(trace, a, b), dtype_of(a, b), value)


def divide(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """Linear in the dividend only."""
    value = evaluated(func, (a, b), {})
    if isinstance(b, Dependent):
        trace.sets.cross(*np.broadcast_arrays(numbers_of(a), b.numbers))
        trace.sets.cross(b.numbers, b.numbers)
    return trace.make(both(trace, a, b), floating(a, b), value)


def power(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """Exponents 0 and 1 are constant and linear."""
    value = evaluated(func, (a, b), {})
    if isinstance(b, int | float) and not isinstance(b, np.generic) and b in (0, 1):
        return trace.make(a.numbers if b else np.full(a.shape, EMPTY), dtype_of(a, b), value)
    numbers = both(trace, a, b)
    trace.sets.cross(numbers, numbers)
    return trace.make(numbers, dtype_of(a, b), value)


def where(trace: Trace, func: Function, condition: Any, a: Any, b: Any) -> Any:
    """The chosen one; both where the condition is not known."""
    value = evaluated(func, (condition, a, b), {})
    dtype = dtype_of(a, b)
    if isinstance(condition, Dependent) and condition.value is None:
        shape = np.broadcast_shapes(condition.shape, np.shape(a), np.shape(b))
        return trace.make(np.broadcast_to(both(trace, a, b), shape), dtype, value)
    chosen = condition.value if isinstance(condition, Dependent) else condition
    return trace.make(np.where(chosen, numbers_of(a), numbers_of(b)), dtype, value)


def step(trace: Trace, func: Function, *args: Any, **kwargs: Any) -> Any:
    """Constant nearly everywhere: depends on nothing, and its value is known near a point only."""
    if func is np.sign and np.issubdtype(args[0].dtype, np.complexfloating):
        return unary(trace, func, args[0])  # z / |z|
    found = func(*(np.ones(a.shape, dtype=a.dtype) if isinstance(a, Dependent) else a for a in args), **kwargs)
    return trace.make(np.full(np.shape(found), EMPTY), np.asarray(found).dtype, evaluated(func, args, kwargs))


def full_like(trace: Trace, func: Function, a: Any, fill_value: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """Of an array no more than the shape and the dtype; of the value what it depends on, unless it is made whole."""
    dtype = dtype_of(a) if dtype is None else np.dtype(dtype)
    kept = numbers_of(fill_value) if np.issubdtype(dtype, np.inexact) else np.full(np.shape(fill_value), EMPTY)
    value = value_of(fill_value)
    return trace.make(
        np.broadcast_to(kept, np.shape(a)), dtype, None if value is None else np.full(np.shape(a), value, dtype=dtype)
    )


def of_types(trace: Trace, func: Function, *args: Any, **kwargs: Any) -> Any:
    """What is asked of data types, which no value has a say in."""
    return func(*(a.dtype if isinstance(a, Dependent) else a for a in args), **kwargs)


UNARY = (
    *(np.acos, np.acosh, np.asin, np.asinh, np.atan, np.atanh, np.cos, np.cosh, np.exp, np.exp2, np.expm1),
    *(np.log, np.log10, np.log1p, np.log2, np.reciprocal, np.sin, np.sinh, np.sqrt, np.square, np.tan, np.tanh),
    *(np.cbrt,),
)
STEPS = (
    *(np.equal, np.greater, np.greater_equal, np.less, np.less_equal, np.not_equal, np.sign, np.ones_like),
    *(np.zeros_like, np.empty_like, np.all, np.any, np.argmax, np.argmin, np.argsort, np.ceil, np.count_nonzero),
    *(np.floor, np.isfinite, np.isinf, np.isnan, np.round, np.searchsorted, np.signbit, np.trunc, np.floor_divide),
    *(np.logical_and, np.logical_not, np.logical_or, np.logical_xor, np.rint, np.bitwise_and, np.bitwise_or),
    *(np.bitwise_xor, np.bitwise_invert, np.linalg.matrix_rank),
)

LINEAR = (np.add, np.subtract, np.maximum, np.minimum, np.fmax, np.fmin, np.nextafter, np.remainder, np.fmod)
"""Nearly everywhere: a remainder is a - q b with a constant q."""

ELEMENTWISE: Rules = MappingProxyType(
    {
        **dict.fromkeys(UNARY, unary),
        **dict.fromkeys((np.negative, np.positive, np.abs, np.fabs, np.real, np.imag, np.conj), same),
        **dict.fromkeys((np.deg2rad, np.rad2deg), same),
        **dict.fromkeys(LINEAR, linear),
        **dict.fromkeys((np.atan2, np.logaddexp, np.logaddexp2, np.hypot), binary),
        **dict.fromkeys(STEPS, step),
        np.multiply: multiply,
        np.divide: divide,
        np.pow: power,
        np.float_power: power,
        np.where: where,
        np.full_like: full_like,
        np.result_type: of_types,
        np.can_cast: of_types,
    }
)
