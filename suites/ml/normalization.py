"""A block of layer norm and GELU, as in transformers."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.model import Model, Shapes
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

INPUTS = 3
SAMPLES = 50
EPSILON = 1e-5
"""Keeps the variance from zero; the default of PyTorch's layer norm."""

SLOPE, CUBIC = float(np.sqrt(2 / np.pi)), 0.044715
"""Constants of the tanh form of GELU."""


def _layer_norm_gelu(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
    r"""f(W, gamma, beta, u) = mean_k (u . gelu(gamma norm(W a_k) + beta) - y_k)^2 / 2; n/6 hidden units, tanh form.

    $$f(W, \gamma, \beta, u) = \tfrac{1}{2m} \sum_k (u^\top g(\gamma \circ \hat z_k + \beta) - y_k)^2,\quad
    \hat z = \frac{z - \bar z}{\sqrt{\overline{(z - \bar z)^2} + 10^{-5}}},\quad z_k = W a_k,\quad
    g(v) = \tfrac{v}{2} \Bigl(1 + \tanh \sqrt{2 / \pi}\, (v + 0.044715\, v^3)\Bigr)$$
    """
    return _half_mean_square(xp, _block(xp, p, inputs, targets), inputs, targets)


def _block(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
    """The outputs, (m,)."""
    del targets
    units = p.shape[0] // (INPUTS + 3)
    weights = xp.reshape(p[: units * INPUTS], (units, INPUTS))
    scale, shift, output = (p[units * (INPUTS + i) : units * (INPUTS + i + 1)] for i in range(3))
    z = xp.matmul(inputs, xp.matrix_transpose(weights))
    centered = z - xp.mean(z, axis=1, keepdims=True)
    normal = centered / xp.sqrt(xp.mean(centered * centered, axis=1, keepdims=True) + EPSILON)
    v = scale * normal + shift
    hidden = 0.5 * v * (1 + xp.tanh(SLOPE * (v + CUBIC * v * v * v)))
    return xp.matmul(hidden, output)


def _half_mean_square(xp: Any, z: Any, inputs: Any, targets: Any) -> Any:
    del inputs
    return 0.5 * xp.mean(xp.square(z - targets))


def _arrays(n: int) -> Shapes:
    units = n // (INPUTS + 3)
    return {"W": (units, INPUTS), "gamma": (units,), "beta": (units,), "u": (units,)}


def _samples(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del n
    inputs = rng.standard_normal((SAMPLES, INPUTS))
    return inputs, np.sin(inputs.sum(1)) + 0.1 * rng.standard_normal(SAMPLES)


def _start(n: int, rng: np.random.Generator) -> FloatArray:
    """Near the usual beginning: scales of one, shifts of zero."""
    units = n // (INPUTS + 3)
    center = np.concatenate([np.zeros(units * INPUTS), np.ones(units), np.zeros(2 * units)])
    return np.asarray(center + 0.5 * rng.standard_normal(n))


def _gelu(v: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The function and its first two derivatives."""
    t = np.tanh(SLOPE * (v + CUBIC * v**3))
    inner, d = SLOPE * (1 + 3 * CUBIC * v**2), 1 - t * t
    first = 0.5 * (1 + t) + 0.5 * v * d * inner
    return 0.5 * v * (1 + t), first, d * inner + 0.5 * v * d * (6 * SLOPE * CUBIC * v - 2 * t * inner**2)


def _forward(p: FloatArray, inputs: FloatArray) -> tuple[FloatArray, ...]:
    """Scales, shifts and output weights (h,), normalized values (m, h), and what they were divided by (m, 1)."""
    units = p.size // (INPUTS + 3)
    z = inputs @ p[: units * INPUTS].reshape(units, INPUTS).T
    centered = z - z.mean(1, keepdims=True)
    deviation = np.sqrt(np.square(centered).mean(1, keepdims=True) + EPSILON)
    scale, shift, output = p[units * INPUTS :].reshape(3, units)
    return scale, shift, output, centered / deviation, deviation


def _through_norm(change: FloatArray, normal: FloatArray, deviation: FloatArray) -> FloatArray:
    """(C - y y'/h) / s times the columns of (m, h, k): the derivative of a layer norm, symmetric; C takes means off."""
    along = np.einsum("kh,khn->kn", normal, change)[:, None] * normal[..., None] / normal.shape[1]
    return np.asarray((change - change.mean(1, keepdims=True) - along) / deviation[..., None])


def _gradient(p: FloatArray, inputs: FloatArray, targets: FloatArray) -> FloatArray:
    scale, shift, output, normal, deviation = _forward(p, inputs)
    value, slope, _ = _gelu(scale * normal + shift)
    residual = (value @ output - targets) / len(targets)
    by_v = residual[:, None] * slope * output
    by_z = _through_norm((by_v * scale)[..., None], normal, deviation)[..., 0]
    return np.concatenate([(by_z.T @ inputs).ravel(), (by_v * normal).sum(0), by_v.sum(0), residual @ value])


def _jacobians(p: FloatArray, inputs: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Derivatives of W a, of its normalized values y and of gamma y + beta by p, (m, h, n) each."""
    scale, _, _, normal, deviation = _forward(p, inputs)
    units, count = scale.size, len(inputs)
    own = np.arange(units)
    linear, affine = np.zeros((count, units, units, INPUTS)), np.zeros((count, units, 3, units))
    linear[:, own, own] = inputs[:, None, :]
    affine[:, own, 0, own] = normal
    affine[:, own, 1, own] = 1
    z = np.concatenate([linear.reshape(count, units, -1), np.zeros((count, units, 3 * units))], axis=2)
    y = _through_norm(z, normal, deviation)
    v = scale[:, None] * y
    v[:, :, units * INPUTS :] += affine.reshape(count, units, -1)
    return z, y, v


def _norm_curvature(by_y: FloatArray, z: FloatArray, normal: FloatArray, deviation: FloatArray) -> FloatArray:
    """The Hessian of by_y . y through the layer norm, on one side: twice its symmetric part is meant.

    With q = by_y . y and t its gradient by z it is -(t y' + y t') / (h s) - q (C - y y'/h) / (h s^2).
    """
    units = normal.shape[1]
    slope = _through_norm(by_y[..., None], normal, deviation)[..., 0]
    along, down = (np.einsum("kh,khn->kn", part, z) for part in (normal, slope))
    centered, value = z - z.mean(1, keepdims=True), np.sum(by_y * normal, axis=1) / (units * deviation[:, 0] ** 2)
    rest = np.einsum("k,khn,khm->nm", value, centered, centered, optimize=True) - (along.T * value) @ along / units
    return np.asarray(-(along.T / (units * deviation[:, 0])) @ down - 0.5 * rest)


def _hessian(p: FloatArray, inputs: FloatArray, targets: FloatArray) -> FloatArray:
    """Every step adds its own curvature times the derivative of f by its result: output, GELU, scale, norm."""
    scale, shift, output, normal, deviation = _forward(p, inputs)
    z, y, v = _jacobians(p, inputs)
    value, slope, bend = _gelu(scale * normal + shift)
    units, residual = scale.size, (value @ output - targets) / len(targets)
    by_v = residual[:, None] * slope * output
    pushed = np.einsum("kh,khn->kn", slope * output, v)
    pushed[:, -units:] += value
    outer = pushed.T @ pushed / len(targets)
    outer += np.einsum("kh,khn,khm->nm", residual[:, None] * bend * output, v, v, optimize=True)
    mixed = _norm_curvature(by_v * scale, z, normal, deviation)
    mixed[-units:] += np.einsum("kh,khn->hn", residual[:, None] * slope, v)
    mixed[units * INPUTS : units * (INPUTS + 1)] += np.einsum("kh,khn->hn", by_v, y)
    return np.asarray(0.5 * (outer + outer.T) + mixed + mixed.T)


def _same_for_all(p: FloatArray, inputs: FloatArray, targets: FloatArray) -> FloatArray:
    """What is added to W a for all units alike is taken off with the mean."""
    del inputs, targets
    units = p.size // (INPUTS + 3)
    return np.concatenate([np.tile(np.eye(INPUTS), units), np.zeros((INPUTS, 3 * units))], axis=1)


layer_norm_gelu = Problem(
    name="layer_norm_gelu",
    objective=_layer_norm_gelu,
    sizes=(18, 48, 120),
    start=_start,
    data=_samples,
    gradient=_gradient,
    hessian=_hessian,
    allowed=Size.multiple_of(6, least=18),
    source="Ba, Kiros & Hinton 2016, Layer normalization, arXiv:1607.06450; Hendrycks & Gimpel 2016, Gaussian error "
    "linear units, arXiv:1606.08415",
    convention="GELU in its tanh form; both from elementwise functions and means, no fused function of a framework",
    structure=Structure(null_vectors=_same_for_all),
    model=Model(_block, _half_mean_square),
    arrays=_arrays,
    tags=("ml", "nonconvex", "least-squares", "null-vectors", "dense"),
)

PROBLEMS = (layer_norm_gelu,)
