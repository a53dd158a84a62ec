"""Layers over an array namespace, inputs first, parameters by name: what frameworks' own layers must agree with."""

from __future__ import annotations

from typing import Any

EPSILON = 1e-5
"""Keeps variances from zero; PyTorch's default."""

CURVE, CUBIC = (2 / 3.141592653589793) ** 0.5, 0.044715
"""Constants of the tanh form of GELU."""

MASKED = -1e9
"""What a score that may not be seen is lowered by: its exponential is zero, and nothing is infinite."""


def dense(xp: Any, p: Any, inputs: Any) -> Any:
    """Inputs (..., in) times a kernel (in, out), plus a bias."""
    return xp.matmul(inputs, p["kernel"]) + p["bias"]


def gelu(xp: Any, x: Any) -> Any:
    """GELU in its tanh form."""
    return 0.5 * x * (1 + xp.tanh(CURVE * (x + CUBIC * x * x * x)))


def silu(xp: Any, x: Any) -> Any:
    """The swish x sigmoid(x), by tanh, which cannot overflow."""
    return 0.5 * x * (1 + xp.tanh(0.5 * x))


def layer_norm(xp: Any, p: Any, x: Any) -> Any:
    """Over the last axis."""
    centered = x - xp.mean(x, axis=-1, keepdims=True)
    variance = xp.mean(centered * centered, axis=-1, keepdims=True)
    return p["scale"] * centered / xp.sqrt(variance + EPSILON) + p["shift"]


def batch_norm(xp: Any, p: Any, x: Any, mean: Any, variance: Any) -> Any:
    """With given statistics of each channel (the last axis), as in evaluation mode."""
    return p["scale"] * (x - mean) / xp.sqrt(variance + EPSILON) + p["shift"]


def convolution(xp: Any, p: Any, images: Any, stride: int = 1) -> Any:
    """Images (b, h, w, in) by a kernel (k, k, in, out), zeros around them, as products of shifted images."""
    size, outputs = p["kernel"].shape[0], p["kernel"].shape[3]
    padded = _padded(xp, _padded(xp, images, 1, size // 2), 2, size // 2)
    channels, last = images.shape[3], size - 1
    shifted = [
        padded[:, i : padded.shape[1] - last + i : stride, j : padded.shape[2] - last + j : stride]
        for i in range(size)
        for j in range(size)
    ]
    return xp.matmul(xp.concat(shifted, axis=3), xp.reshape(p["kernel"], (size * size * channels, outputs)))


def _padded(xp: Any, images: Any, axis: int, width: int) -> Any:
    if not width:
        return images
    zeros = xp.zeros_like(images[:, :width] if axis == 1 else images[:, :, :width])
    return xp.concat([zeros, images, zeros], axis=axis)


def attention(xp: Any, p: Any, x: Any, causal: bool = False) -> Any:
    """Self-attention of sequences (b, t, width) with kernels (width, heads, size)."""
    batch, length, width = x.shape
    _, heads, size = p["query"]["kernel"].shape

    def split(part: Any) -> Any:
        projected = xp.matmul(x, xp.reshape(part["kernel"], (width, width))) + xp.reshape(part["bias"], (width,))
        return xp.permute_dims(xp.reshape(projected, (batch, length, heads, size)), (0, 2, 1, 3))

    queries, keys, values = (split(p[name]) for name in ("query", "key", "value"))
    scores = xp.matmul(queries, xp.matrix_transpose(keys)) / size**0.5
    if causal:
        scores = scores + MASKED * xp.triu(xp.ones((length, length), dtype=x.dtype), k=1)
    weights = xp.exp(scores - xp.max(scores, axis=-1, keepdims=True))
    weights = weights / xp.sum(weights, axis=-1, keepdims=True)
    mixed = xp.reshape(xp.permute_dims(xp.matmul(weights, values), (0, 2, 1, 3)), (batch, length, width))
    return xp.matmul(mixed, xp.reshape(p["output"]["kernel"], (width, width))) + p["output"]["bias"]


def encoder(xp: Any, p: Any, x: Any, causal: bool = False) -> Any:
    """A block of a transformer, normalized before attention and before two dense layers."""
    x = x + attention(xp, p["attention"], layer_norm(xp, p["before_attention"], x), causal)
    hidden = gelu(xp, dense(xp, p["expand"], layer_norm(xp, p["before_dense"], x)))
    return x + dense(xp, p["contract"], hidden)


def embedded(xp: Any, table: Any, tokens: Any) -> Any:
    """The rows of a table (vocabulary, width) for tokens (b, t)."""
    batch, length = tokens.shape
    return xp.reshape(xp.take(table, xp.reshape(tokens, (-1,)), axis=0), (batch, length, table.shape[1]))


def cross_entropy(xp: Any, logits: Any, labels: Any) -> Any:
    """The mean over the rows of logits (m, classes) of the loss against labels (m,)."""
    chosen = xp.take(xp.eye(logits.shape[1], dtype=logits.dtype), labels, axis=0)
    largest = xp.max(logits, axis=1, keepdims=True)
    normalizer = xp.log(xp.sum(xp.exp(logits - largest), axis=1)) + largest[:, 0]
    return xp.mean(normalizer - xp.sum(chosen * logits, axis=1))
