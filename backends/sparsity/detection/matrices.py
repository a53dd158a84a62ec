"""What depends on what in linear algebra and Fourier transforms: every entry of a result on all of a matrix.

That is more than need be for triangular or block matrices, and never less. A solution is linear in the right-hand side.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.sparsity.detection.arrays import united
from hessbench.backends.sparsity.detection.dependent import Dependent, Function, Rules, Trace, evaluated, numbers_of
from hessbench.backends.sparsity.detection.elementwise import both, floating
from hessbench.backends.sparsity.pattern import IntArray


def _whole(trace: Trace, a: Any) -> IntArray:
    """The union over each matrix."""
    return united(trace, numbers_of(a), (-2, -1))


def _regular(a: Any) -> Any:
    """Identities of the shape of an argument."""
    if not isinstance(a, Dependent) or a.ndim < 2:
        return np.ones(np.shape(a))
    return np.broadcast_to(np.eye(a.shape[-2], a.shape[-1], dtype=floating(a)), a.shape)


def _spread(trace: Trace, numbers: IntArray, func: Function, args: tuple[Any, ...], kwargs: Any) -> Any:
    """The results of a function, each entry with the set of its matrix; shapes are those of identities."""
    like = map(_regular, args)
    shapes, value = func(*like, **kwargs), evaluated(func, args, kwargs)

    def made(part: Any, found: Any) -> Any:
        trailing = np.ndim(part) - numbers.ndim
        spread = np.broadcast_to(numbers.reshape(numbers.shape + (1,) * trailing), np.shape(part))
        return trace.make(spread, np.asarray(part).dtype, found)

    if not isinstance(shapes, tuple):
        return made(shapes, value)
    values = value if value is not None else [None] * len(shapes)
    return type(shapes)(*(made(part, found) for part, found in zip(shapes, values, strict=True)))


def decomposition(trace: Trace, func: Function, a: Any, **kwargs: Any) -> Any:
    """Nonlinear in all entries of each matrix."""
    numbers = _whole(trace, a)
    trace.sets.cross(numbers, numbers)
    return _spread(trace, numbers, func, (a,), kwargs)


def solve(trace: Trace, func: Function, a: Any, b: Any) -> Any:
    """Linear in b, column by column; nonlinear in A."""
    value = evaluated(func, (a, b), {})
    vector = np.ndim(numbers_of(b)) == 1
    right = numbers_of(b)[:, None] if vector else numbers_of(b)
    columns, matrix = united(trace, right, -2), _whole(trace, a)[..., None]
    trace.sets.cross(*np.broadcast_arrays(columns, matrix))
    trace.sets.cross(matrix, matrix)
    numbers = both(trace, *(trace.kind(trace, part) for part in np.broadcast_arrays(columns, matrix)))
    spread = np.broadcast_to(numbers[..., None, :], (*numbers.shape[:-1], right.shape[-2], numbers.shape[-1]))
    return trace.make(spread[..., 0] if vector else spread, floating(a, b), value)


def fourier(trace: Trace, func: Function, a: Any, n: Any = None, axis: int = -1, **kwargs: Any) -> Any:
    """Linear: every entry on all along the axis."""
    value = evaluated(func, (a,), {"n": n, "axis": axis, **kwargs})
    shape = func(np.ones(a.shape), n=n, axis=axis, **kwargs)
    return trace.make(
        np.broadcast_to(np.expand_dims(united(trace, a.numbers, axis), axis), shape.shape), shape.dtype, value
    )


def fourier_in_axes(trace: Trace, func: Function, a: Any, s: Any = None, axes: Any = None, **kwargs: Any) -> Any:
    """The same along several axes."""
    value = evaluated(func, (a,), {"s": s, "axes": axes, **kwargs})
    shape = func(np.ones(a.shape), s=s, axes=axes, **kwargs)
    along = tuple(range(a.ndim)) if axes is None else tuple(axes)
    numbers = np.expand_dims(united(trace, a.numbers, along), tuple(i % a.ndim for i in along))
    return trace.make(np.broadcast_to(numbers, shape.shape), shape.dtype, value)


MATRICES: Rules = MappingProxyType(
    {
        **dict.fromkeys((np.linalg.cholesky, np.linalg.det, np.linalg.eigvalsh, np.linalg.inv), decomposition),
        **dict.fromkeys((np.linalg.slogdet, np.linalg.eigh, np.linalg.pinv, np.linalg.qr), decomposition),
        **dict.fromkeys((np.linalg.svd, np.linalg.svdvals), decomposition),
        np.linalg.solve: solve,
        **dict.fromkeys((np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft), fourier),
        **dict.fromkeys((np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn), fourier_in_axes),
    }
)
