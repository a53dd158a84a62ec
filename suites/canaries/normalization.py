"""Normalizations and distances: where a native second derivative in forward mode drops a term, or does not exist."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import canary, fixed, generic, weights

EPSILON = 1e-5
"""What the frameworks add to a variance unless told otherwise."""

DISTANCE = "pytorch#83510, pytorch#188901"

MOMENTS = {
    "tensorflow": "tensorflow#19609: the gradient of tf.nn.moments is right, a stop_gradient in it spoils the second"
}


def normalized(xp: Any, table: Any, axis: int | tuple[int, ...]) -> Any:
    """The table less its mean along an axis, over the root of its variance plus `EPSILON`."""
    centered = table - xp.mean(table, axis=axis, keepdims=True)
    return centered / xp.sqrt(xp.mean(centered * centered, axis=axis, keepdims=True) + EPSILON)


def _rows_normalized(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (X_ij - m_i) / sqrt(v_i + eps), mean and variance of each row of X (2, 4).

    $$f(x) = \sum_{ij} w_{ij} \frac{X_{ij} - m_i}{\sqrt{v_i + \epsilon}}, \quad m_i = \tfrac14 \sum_j X_{ij}, \quad
    v_i = \tfrac14 \sum_j (X_{ij} - m_i)^2$$
    """
    return xp.sum(weights * normalized(xp, xp.reshape(x, (2, 4)), 1))


layer_norm = canary(
    "layer_norm",
    _rows_normalized,
    generic(8),
    data=fixed(weights(2, 4)),
    source="torch.nn.functional.layer_norm",
    upstream={"torch": "pytorch#196700, pytorch#124533", **MOMENTS},
)
instance_norm = canary(
    "instance_norm",
    _rows_normalized,
    generic(8),
    data=fixed(weights(2, 4)),
    source="torch.nn.functional.instance_norm, one sample of two channels",
    upstream={"torch": "pytorch#196699"},
    convention="the statistics of the sample, as batch_norm of the channels of each sample",
)
group_norm = canary(
    "group_norm",
    _rows_normalized,
    generic(8),
    data=fixed(weights(2, 4)),
    source="torch.nn.functional.group_norm, two groups of two channels",
)


def _columns_normalized(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (X_ij - m_j) / sqrt(v_j + eps), mean and variance of each column of X (4, 2).

    $$f(x) = \sum_{ij} w_{ij} \frac{X_{ij} - m_j}{\sqrt{v_j + \epsilon}}, \quad m_j = \tfrac14 \sum_i X_{ij}, \quad
    v_j = \tfrac14 \sum_i (X_{ij} - m_j)^2$$
    """
    return xp.sum(weights * normalized(xp, xp.reshape(x, (4, 2)), 0))


batch_norm = canary(
    "batch_norm",
    _columns_normalized,
    generic(8),
    data=fixed(weights(4, 2)),
    source="torch.nn.functional.batch_norm with the statistics of the batch",
    upstream={"torch": "pytorch#196699", **MOMENTS},
)


def _rms_norm(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij X_ij / sqrt(s_i + eps) with the mean square s_i of each row of X (2, 4).

    $$f(x) = \sum_{ij} w_{ij} \frac{X_{ij}}{\sqrt{s_i + \epsilon}}, \quad s_i = \tfrac14 \sum_j X_{ij}^2$$
    """
    table = xp.reshape(x, (2, 4))
    return xp.sum(weights * table / xp.sqrt(xp.mean(table * table, axis=1, keepdims=True) + EPSILON))


rms_norm = canary(
    "rms_norm", _rms_norm, generic(8), data=fixed(weights(2, 4)), source="torch.nn.functional.rms_norm, eps = 1e-5"
)


def _cosine_similarity(xp: Any, x: Any) -> Any:
    r"""f(x) = a'b / (|a| |b|) with x = (a, b), three entries each.

    $$f(x) = \frac{a^\top b}{|a|\, |b|}, \quad x = (a, b)$$
    """
    a, b = x[:3], x[3:]
    return xp.sum(a * b) / xp.sqrt(xp.sum(a * a) * xp.sum(b * b))


cosine_similarity = canary(
    "cosine_similarity", _cosine_similarity, generic(6), source="torch.nn.functional.cosine_similarity"
)


def _cdist(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij |a_i - b_j| with two points a_i and two points b_j in the plane.

    $$f(x) = \sum_{ij} w_{ij} |a_i - b_j|, \quad x = (a_1, a_2, b_1, b_2)$$
    """
    points = xp.reshape(x, (2, 2, 2))
    apart = xp.expand_dims(points[0], axis=1) - xp.expand_dims(points[1], axis=0)
    return xp.sum(weights * xp.sqrt(xp.sum(apart * apart, axis=2)))


cdist = canary(
    "cdist", _cdist, generic(8), data=fixed(weights(2, 2)), source="torch.cdist", upstream={"torch": DISTANCE}
)


def _pdist(xp: Any, x: Any, weights: Any, first: Any, second: Any) -> Any:
    r"""f(x) = sum_{i<j} w_ij |p_i - p_j| of three points p_i in the plane.

    $$f(x) = \sum_{i<j} w_{ij} |p_i - p_j|, \quad x = (p_1, p_2, p_3)$$
    """
    points = xp.reshape(x, (3, 2))
    apart = xp.take(points, first, axis=0) - xp.take(points, second, axis=0)
    return xp.sum(weights * xp.sqrt(xp.sum(apart * apart, axis=1)))


pdist = canary(
    "pdist",
    _pdist,
    generic(6),
    data=fixed(weights(3), [0, 0, 1], [1, 2, 2]),
    source="torch.nn.functional.pdist",
    upstream={"torch": "pytorch#188901"},
)


def _square_of_norm(xp: Any, x: Any) -> Any:
    r"""f(x) = |x|^2, at 0; natively the square of a norm.

    $$f(x) = |x|^2 = \sum_i x_i^2$$
    """
    return xp.sum(x * x)


vector_norm_zero = canary(
    "vector_norm_zero",
    _square_of_norm,
    np.zeros(3),
    gradient=lambda x: 2 * x,
    hessian=lambda x: 2 * np.eye(x.size),
    spread=0.0,
    source="torch.linalg.vector_norm",
    upstream={"torch": "pytorch#92075, functorch#1097", "jax": "jax#21723", "tensorflow": "no report found"},
)
hypot_zero = canary(
    "hypot_zero",
    _square_of_norm,
    np.zeros(2),
    gradient=lambda x: 2 * x,
    hessian=lambda x: 2 * np.eye(x.size),
    spread=0.0,
    source="torch.hypot",
    upstream={"torch": "no report found", "jax": "no report found"},
)


def _variance(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (x_i - m)^2 / (n - 1), the variance, at equal entries; natively the square of a deviation.

    $$f(x) = \frac{1}{n - 1} \sum_i (x_i - m)^2, \quad m = \tfrac1n \sum_i x_i$$
    """
    centered = x - xp.mean(x)
    return xp.sum(centered * centered) / (x.shape[0] - 1)


def _variance_hessian(x: FloatArray) -> FloatArray:
    return 2 / (x.size - 1) * (np.eye(x.size) - 1 / x.size)


std_equal = canary(
    "std_equal",
    _variance,
    np.ones(4),
    gradient=lambda x: 2 * (x - x.mean()) / (x.size - 1),
    hessian=_variance_hessian,
    spread=0.0,
    source="torch.std",
    upstream={"torch": "pytorch#4320", "jax": "no report found", "tensorflow": "no report found"},
)


keras_layer_normalization = replace(
    layer_norm, name="keras_layer_normalization", source="keras.layers.LayerNormalization", upstream=MOMENTS
)


keras_batch_normalization = replace(
    batch_norm, name="keras_batch_normalization", source="keras.layers.BatchNormalization, training", upstream=MOMENTS
)


keras_group_normalization = replace(
    group_norm, name="keras_group_normalization", source="keras.layers.GroupNormalization, two groups", upstream=MOMENTS
)


PROBLEMS = (
    layer_norm,
    instance_norm,
    group_norm,
    batch_norm,
    rms_norm,
    cosine_similarity,
    cdist,
    pdist,
    vector_norm_zero,
    hypot_zero,
    std_equal,
    keras_layer_normalization,
    keras_batch_normalization,
    keras_group_normalization,
)
