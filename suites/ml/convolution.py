"""A network of two convolutions; targets by least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.model import Model, Shapes
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

WIDTH = 3
SIGNALS, LENGTH = 4, 20


def _convolution(xp: Any, p: Any, signals: Any, targets: Any) -> Any:
    r"""f(w, b, u) = mean (u * tanh(w * s + b) - y)^2 / 2 with convolutions of width 3 and n/7 channels.

    $$f(w, b, u) = \frac{1}{2m} \sum_{k, t} \Bigl(\sum_{c, j} u_{jc}\, h_{kc}(t + j) - y_k(t)\Bigr)^2,\quad
    h_{kc}(t) = \tanh\Bigl(\sum_j w_{cj}\, s_k(t + j) + b_c\Bigr)$$
    """
    return _half_mean_square(xp, _network(xp, p, signals, targets), signals, targets)


def _network(xp: Any, p: Any, signals: Any, targets: Any) -> Any:
    """The outputs, (signals, times)."""
    channels = p.shape[0] // (2 * WIDTH + 1)
    weights = xp.reshape(p[: channels * WIDTH], (channels, WIDTH))
    bias, output = p[channels * WIDTH : channels * (WIDTH + 1)], p[channels * (WIDTH + 1) :]
    inner, outer = signals.shape[1] - WIDTH + 1, targets.shape[1]
    windows = xp.stack([signals[:, j : j + inner] for j in range(WIDTH)], axis=2)
    hidden = xp.tanh(xp.matmul(windows, xp.matrix_transpose(weights)) + bias)
    shifted = xp.concat([hidden[:, j : j + outer] for j in range(WIDTH)], axis=2)
    return xp.matmul(shifted, output)


def _half_mean_square(xp: Any, z: Any, signals: Any, targets: Any) -> Any:
    del signals
    return 0.5 * xp.mean(xp.square(z - targets))


def _arrays(n: int) -> Shapes:
    channels = n // (2 * WIDTH + 1)
    return {"w": (channels, WIDTH), "b": (channels,), "u": (WIDTH, channels)}


def _signals(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Noise, and the product of its neighbors."""
    del n
    signals = rng.standard_normal((SIGNALS, LENGTH))
    return signals, signals[:, 1:-3] * signals[:, 3:-1]


def _windows(signals: FloatArray) -> FloatArray:
    """The inputs of each hidden value with a one appended, (signals, times, 4)."""
    windows = np.lib.stride_tricks.sliding_window_view(signals, WIDTH, axis=1)
    return np.concatenate([windows, np.ones((*windows.shape[:2], 1))], axis=2)


def _hidden(p: FloatArray, windows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hidden values (signals, times, channels) and output weights (3, channels)."""
    channels = p.size // (2 * WIDTH + 1)
    weights = np.column_stack([p[: channels * WIDTH].reshape(channels, WIDTH), p[channels * WIDTH :][:channels]])
    return np.tanh(windows @ weights.T), p[channels * (WIDTH + 1) :].reshape(WIDTH, channels)


def _order(channels: int) -> FloatArray:
    """Positions in p of the three weights and the bias of each channel, (channels, 4), and then of u, (channels, 3)."""
    filters = np.column_stack(
        [np.arange(channels * WIDTH).reshape(channels, WIDTH), channels * WIDTH + np.arange(channels)]
    )
    return np.column_stack([filters, channels * (WIDTH + 1) + np.arange(WIDTH * channels).reshape(WIDTH, channels).T])


def _output_terms(p: FloatArray, windows: FloatArray, targets: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The residual / m (s, t), and the derivatives of h by its filter (s, t', c, 4) and of the output (s, t, c, 7)."""
    hidden, output = _hidden(p, windows)
    times = targets.shape[1]
    slope = (1 - hidden**2)[..., None] * windows[:, :, None, :]
    shifted = np.stack([hidden[:, j : j + times] for j in range(WIDTH)], axis=3)
    by_filter = sum(output[j][:, None] * slope[:, j : j + times] for j in range(WIDTH))
    residual = (np.einsum("stcj,jc->st", shifted, output) - targets) / targets.size
    return residual, slope, np.concatenate([by_filter, shifted], axis=3)


def _convolution_gradient(p: FloatArray, signals: FloatArray, targets: FloatArray) -> FloatArray:
    residual, _, jacobian = _output_terms(p, _windows(signals), targets)
    gradient = np.empty_like(p)
    gradient[_order(jacobian.shape[2])] = np.einsum("st,stcv->cv", residual, jacobian)
    return gradient


def _convolution_hessian(p: FloatArray, signals: FloatArray, targets: FloatArray) -> FloatArray:
    """Gauss-Newton between all channels; the residual bends each channel alone, its filter, and it with its u."""
    windows = _windows(signals)
    residual, slope, jacobian = _output_terms(p, windows, targets)
    hidden, output = _hidden(p, windows)
    times, channels = targets.shape[1], hidden.shape[2]
    blocks = np.einsum("stcv,stdw->cvdw", jacobian, jacobian, optimize=True) / targets.size
    by_hidden, own = np.zeros_like(hidden), np.zeros((channels, 2 * WIDTH + 1, 2 * WIDTH + 1))
    for j in range(WIDTH):
        by_hidden[:, j : j + times] += residual[..., None] * output[j]
        mixed = np.einsum("st,stcv->cv", residual, slope[:, j : j + times])
        own[:, : WIDTH + 1, WIDTH + 1 + j] = own[:, WIDTH + 1 + j, : WIDTH + 1] = mixed
    bend = -2 * by_hidden * hidden * (1 - hidden**2)
    own[:, : WIDTH + 1, : WIDTH + 1] = np.einsum("stc,stv,stw->cvw", bend, windows, windows, optimize=True)
    blocks[np.arange(channels), :, np.arange(channels), :] += own
    order = _order(channels).ravel()
    hessian = np.empty((p.size, p.size))
    hessian[np.ix_(order, order)] = blocks.reshape(p.size, p.size)
    return np.asarray(0.5 * (hessian + hessian.T))


convolution_1d = Problem(
    name="convolution_1d",
    objective=_convolution,
    sizes=(7, 28, 112),
    start=lambda n, rng: 0.5 * rng.standard_normal(n),
    data=_signals,
    gradient=_convolution_gradient,
    hessian=_convolution_hessian,
    allowed=Size.multiple_of(7),
    source="Waibel et al. 1989, Phoneme recognition using time-delay neural networks, doi:10.1109/29.21701",
    convention="two layers without padding, written as shifted slices and products",
    model=Model(_network, _half_mean_square),
    arrays=_arrays,
    tags=("ml", "nonconvex", "least-squares", "dense"),
)

PROBLEMS = (convolution_1d,)
