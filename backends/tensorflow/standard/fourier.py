"""`xp.fft` of the standard over `tf.signal`, which transforms the last axis, unscaled, and complex numbers only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from hessbench.backends.tensorflow.standard.indices import axes_from_front

FORWARD: dict[str, Callable[[int], float]] = {
    "backward": lambda n: 1.0,
    "ortho": lambda n: n**-0.5,
    "forward": lambda n: 1.0 / n,
}
BACKWARD: dict[str, Callable[[int], float]] = {
    "backward": lambda n: 1.0,
    "ortho": lambda n: n**0.5,
    "forward": lambda n: float(n),
}
"""Norm -> factor on top of what `tf.signal` does, which is "backward"."""


def _complex(x: Any) -> Any:
    if x.dtype.is_complex:
        return x
    return tf.cast(x, tf.complex64 if x.dtype == tf.float32 else tf.complex128)


def _fitted(x: Any, n: int) -> Any:
    """The last axis cut, or filled up with zeros."""
    short = n - x.shape[-1]
    return x[..., :n] if short <= 0 else tf.pad(x, [(0, 0)] * (x.shape.rank - 1) + [(0, short)])


def _along(axis: int, x: Any, transform: Callable[[Any], Any]) -> Any:
    """A transform of the last axis at another one."""
    order = [i for i in range(x.shape.rank) if i != axis % x.shape.rank] + [axis % x.shape.rank]
    back = np.argsort(order)
    return tf.transpose(transform(tf.transpose(x, order)), back)


def fft(x: Any, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The discrete Fourier transform."""
    n = n or x.shape[axis]
    return _scaled(_along(axis, _complex(x), lambda a: tf.signal.fft(_fitted(a, n))), FORWARD[norm](n))


def ifft(x: Any, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The inverse transform."""
    n = n or x.shape[axis]
    return _scaled(_along(axis, _complex(x), lambda a: tf.signal.ifft(_fitted(a, n))), BACKWARD[norm](n))


def rfft(x: Any, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The transform of real numbers: the half that is not repeated."""
    n = n or x.shape[axis]
    return _scaled(_along(axis, x, lambda a: tf.signal.rfft(_fitted(a, n))), FORWARD[norm](n))


def irfft(x: Any, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The inverse of `rfft`."""
    n = n or 2 * (x.shape[axis] - 1)
    inverse = lambda a: tf.signal.irfft(_fitted(a, n // 2 + 1), [n])  # noqa: E731
    return _scaled(_along(axis, _complex(x), inverse), BACKWARD[norm](n))


def hfft(x: Any, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The transform of what is symmetric, and so real."""
    n = n or 2 * (x.shape[axis] - 1)
    return _scaled(irfft(tf.math.conj(_complex(x)), n=n, axis=axis), n * FORWARD[norm](n))


def ihfft(x: Any, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The inverse of `hfft`."""
    n = n or x.shape[axis]
    return _scaled(tf.math.conj(rfft(x, n=n, axis=axis)), BACKWARD[norm](n) / n)


def _scaled(x: Any, factor: float) -> Any:
    return x if factor == 1.0 else x * tf.constant(factor, x.dtype)


def _axes(x: Any, s: Sequence[int] | None, axes: Sequence[int] | None) -> list[tuple[int, int | None]]:
    axes = list(axes) if axes is not None else list(range(-len(s) if s else -x.shape.rank, 0))
    lengths: Sequence[int | None] = s or [None] * len(axes)
    return list(zip(axes, lengths, strict=True))


def fftn(x: Any, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    """The transform along several axes."""
    for axis, n in _axes(x, s, axes):
        x = fft(x, n=n, axis=axis, norm=norm)
    return x


def ifftn(x: Any, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    """The inverse along several axes."""
    for axis, n in _axes(x, s, axes):
        x = ifft(x, n=n, axis=axis, norm=norm)
    return x


def rfftn(x: Any, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    """The transform of real numbers along several axes, halved along the last."""
    *others, (last, n) = _axes(x, s, axes)
    x = rfft(x, n=n, axis=last, norm=norm)
    for axis, length in others:
        x = fft(x, n=length, axis=axis, norm=norm)
    return x


def irfftn(x: Any, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    """The inverse of `rfftn`."""
    *others, (last, n) = _axes(x, s, axes)
    for axis, length in others:
        x = ifft(x, n=length, axis=axis, norm=norm)
    return irfft(x, n=n, axis=last, norm=norm)


def fftshift(x: Any, *, axes: Any = None) -> Any:
    """The frequency zero moved to the middle."""
    axes = axes_from_front(axes, x.shape.rank)
    return tf.roll(x, [x.shape[i] // 2 for i in axes], axes)


def ifftshift(x: Any, *, axes: Any = None) -> Any:
    """The inverse of `fftshift`."""
    axes = axes_from_front(axes, x.shape.rank)
    return tf.roll(x, [-(x.shape[i] // 2) for i in axes], axes)


def fftfreq(n: int, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    """The frequencies of `fft`."""
    return tf.constant(np.fft.fftfreq(n, d), dtype=dtype)


def rfftfreq(n: int, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    """The frequencies of `rfft`."""
    return tf.constant(np.fft.rfftfreq(n, d), dtype=dtype)


NAMES: dict[str, Any] = {
    function.__name__: function
    for function in (
        *(fft, ifft, rfft, irfft, hfft, ihfft, fftn, ifftn, rfftn, irfftn),
        *(fftshift, ifftshift, fftfreq, rfftfreq),
    )
}
