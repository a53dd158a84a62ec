"""Layers: attention, embeddings, convolutions, pooling and sampling, beside the same by products and take."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.pointwise import NONE_FOUND, canary, fixed, generic, weights


def _attention(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij exp(O_ij) with O = softmax(QK' / sqrt(2)) V, three tokens of width two, x = (Q, K, V).

    $$f(x) = \sum_{ij} w_{ij} e^{O_{ij}}, \quad O = \mathrm{softmax}\Bigl(\frac{Q K^\top}{\sqrt2}\Bigr) V$$
    """
    parts = xp.reshape(x, (3, 3, 2))
    scores = xp.exp(xp.matmul(parts[0], xp.matrix_transpose(parts[1])) / 2**0.5)
    outputs = xp.matmul(scores / xp.sum(scores, axis=1, keepdims=True), parts[2])
    return xp.sum(weights * xp.exp(outputs))


scaled_dot_product_attention = canary(
    "scaled_dot_product_attention",
    _attention,
    generic(18),
    data=fixed(weights(3, 2)),
    source="torch.nn.functional.scaled_dot_product_attention",
    upstream={"torch": "pytorch#116350, pytorch#117974, pytorch#128971"},
)


def _bilinear(xp: Any, x: Any) -> Any:
    r"""f(x) = (a'Mb)^2 with x = (a, b, M), two dimensions.

    $$f(x) = (a^\top M b)^2, \quad x = (a, b, \mathrm{vec}\, M)$$
    """
    return xp.square(xp.sum(x[:2] * xp.matmul(xp.reshape(x[4:], (2, 2)), x[2:4])))


bilinear = canary("bilinear", _bilinear, generic(8), source="torch.nn.functional.bilinear")


def _cubes(xp: Any, weights: Any, y: Any) -> Any:
    """The sum w y^3 of outputs y that are linear in x, so that there is a Hessian."""
    return xp.sum(weights * y * y * y)


def _embedding(xp: Any, x: Any, weights: Any, tokens: Any) -> Any:
    r"""f(x) = sum_kj w_kj X_tj^3 with the rows t = 0, 0, 1 of a table X (2, 2).

    $$f(x) = \sum_{kj} w_{kj} X_{t_k j}^3, \quad t = (0, 0, 1)$$
    """
    return _cubes(xp, weights, xp.take(xp.reshape(x, (2, 2)), tokens, axis=0))


embedding = canary(
    "embedding", _embedding, generic(4), data=fixed(weights(3, 2), [0, 0, 1]), source="torch.nn.functional.embedding"
)


def _embedding_bag(xp: Any, x: Any, weights: Any, tokens: Any) -> Any:
    r"""f(x) = sum_j w_j m_j^3 with the mean m of the rows t = 0, 0, 1 of a table X (2, 2).

    $$f(x) = \sum_j w_j m_j^3, \quad m_j = \tfrac13 \sum_k X_{t_k j}, \quad t = (0, 0, 1)$$
    """
    return _cubes(xp, weights, xp.mean(xp.take(xp.reshape(x, (2, 2)), tokens, axis=0), axis=0))


embedding_bag = canary(
    "embedding_bag",
    _embedding_bag,
    generic(4),
    data=fixed(weights(2), [0, 0, 1]),
    source="torch.nn.functional.embedding_bag",
    upstream={"torch": NONE_FOUND},
)


def _segment_sum(xp: Any, x: Any, weights: Any, lengths: Any) -> Any:
    r"""f(x) = w_1 (x_1 + x_2)^3 + w_2 x_3^3, the sums of two segments.

    $$f(x) = w_1 (x_1 + x_2)^3 + w_2 x_3^3$$
    """
    del lengths
    return _cubes(xp, weights, xp.stack([x[0] + x[1], x[2]]))


segment_reduce = canary(
    "segment_reduce",
    _segment_sum,
    (0.5, 1.2, -0.8),
    data=fixed(weights(2), [2, 1]),
    source="torch.segment_reduce, 'sum'",
    upstream={"torch": NONE_FOUND},
)


def _conv1d(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k (a s_k + b s_{k+1})^2 with a signal s of six entries and a kernel (a, b), x = (s, a, b).

    $$f(x) = \sum_{k=1}^5 w_k (a s_k + b s_{k+1})^2$$
    """
    return xp.sum(weights * xp.square(x[6] * x[:5] + x[7] * x[1:6]))


conv1d = canary("conv1d", _conv1d, generic(8), data=fixed(weights(5)), source="torch.nn.functional.conv1d")


def _avg_pool(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k ((x_k + x_{k+1}) / 2)^3.

    $$f(x) = \sum_{k=1}^5 w_k \Bigl(\frac{x_k + x_{k+1}}{2}\Bigr)^3$$
    """
    return _cubes(xp, weights, 0.5 * (x[:-1] + x[1:]))


avg_pool = canary("avg_pool", _avg_pool, generic(6), data=fixed(weights(5)), source="torch.nn.functional.avg_pool1d")


def _max_pool(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k max(x_k, x_{k+1})^3, without ties.

    $$f(x) = \sum_{k=1}^5 w_k \max(x_k, x_{k+1})^3$$
    """
    return _cubes(xp, weights, xp.maximum(x[:-1], x[1:]))


max_pool = canary("max_pool", _max_pool, generic(6), data=fixed(weights(5)), source="torch.nn.functional.max_pool1d")

HALVES = np.array([[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]])


def _interpolate(xp: Any, x: Any, weights: Any, matrix: Any) -> Any:
    r"""f(x) = sum_k w_k y_k^3 with three values and the two midpoints between them.

    $$f(x) = \sum_k w_k y_k^3, \quad y = \bigl(x_1, \tfrac{x_1 + x_2}{2}, x_2, \tfrac{x_2 + x_3}{2}, x_3\bigr)$$
    """
    return _cubes(xp, weights, xp.matmul(matrix, x))


interpolate = canary(
    "interpolate",
    _interpolate,
    generic(3),
    data=fixed(weights(5), HALVES),
    source="torch.nn.functional.interpolate, mode='linear', align_corners=True",
)

RESIZED = np.kron(*2 * [np.array([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])])
"""From an image (2, 2) to one (4, 4): centers of pixels in the middle, what lies outside is the nearest pixel."""


def _resize(xp: Any, x: Any, weights: Any, matrix: Any) -> Any:
    r"""f(x) = sum_k w_k y_k^3 of the image (4, 4) that a bilinear rule makes of the image x (2, 2).

    $$f(x) = \sum_k w_k y_k^3, \quad y = (R \otimes R) x, \quad R = \tfrac14 \begin{pmatrix} 4 & 0 \\ 3 & 1 \\ 1 & 3 \\
    0 & 4 \end{pmatrix}$$
    """
    return _cubes(xp, weights, xp.matmul(matrix, x))


image_resize = canary(
    "image_resize",
    _resize,
    (1.0, -0.5, 2.0, 0.25),
    spread=0.0,
    data=fixed(weights(16), RESIZED),
    source="tf.image.resize, bilinear; it returns float32 of float64, so the point and weights are short in binary",
    gradient=lambda x, w, m: 3 * m.T @ (w * (m @ x) ** 2),
    hessian=lambda x, w, m: 6 * m.T @ np.diag(w * (m @ x)) @ m,
    upstream={"tensorflow": "tensorflow#22208, tensorflow#38643"},
)

PATCHES = np.array([[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]])
"""Places in an image (3, 3): row k holds the k-th pixel of each patch (2, 2)."""


def _unfold(xp: Any, x: Any, weights: Any, patches: Any) -> Any:
    r"""f(x) = sum_kp w_kp P_kp^3 with the four patches (2, 2) of an image (3, 3).

    $$f(x) = \sum_{kp} w_{kp} P_{kp}^3, \quad P_{kp} = x_{q(k, p)}$$
    """
    return _cubes(xp, weights, xp.reshape(xp.take(x, xp.reshape(patches, (-1,)), axis=0), (4, 4)))


unfold = canary("unfold", _unfold, generic(9), data=fixed(weights(4, 4), PATCHES), source="torch.nn.functional.unfold")


def _grid_sample(xp: Any, x: Any) -> Any:
    r"""f(x) = v^2 with the value v of an image (2, 2) at (s, t) in [-1, 1]^2, bilinear; x = (image, s, t).

    $$f(x) = \bigl((1 - b) ((1 - a) x_1 + a x_2) + b ((1 - a) x_3 + a x_4)\bigr)^2, \quad a = \frac{1 + x_5}{2}, \quad
    b = \frac{1 + x_6}{2}$$
    """
    a, b = (1 + x[4]) / 2, (1 + x[5]) / 2
    return xp.square((1 - b) * ((1 - a) * x[0] + a * x[1]) + b * ((1 - a) * x[2] + a * x[3]))


grid_sample = canary(
    "grid_sample",
    _grid_sample,
    (0.5, -1.0, 2.0, 0.3, 0.2, -0.4),
    source="torch.nn.functional.grid_sample, align_corners=True",
    upstream={"torch": "pytorch#117582"},
)

PROBLEMS = (
    scaled_dot_product_attention,
    bilinear,
    embedding,
    embedding_bag,
    segment_reduce,
    conv1d,
    avg_pool,
    max_pool,
    interpolate,
    image_resize,
    unfold,
    grid_sample,
)
