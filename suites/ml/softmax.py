"""Probabilities p = softmax(s): as a classifier and as attention; as a contrast in `ml.contrast`.

By s the derivative of p is diag(p) - pp', which is also the Hessian of log sum exp(s).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.model import Model, Shapes
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side

CLASSES = 4
TOKENS = 6


def log_sum_exp(xp: Any, scores: Any) -> Any:
    """The log sum exp of each row; the largest entry is taken out, and its derivatives must cancel."""
    largest = xp.max(scores, axis=1, keepdims=True)
    return xp.log(xp.sum(xp.exp(scores - largest), axis=1)) + largest[:, 0]


def softmax(scores: FloatArray) -> FloatArray:
    """The probabilities of each row of an array."""
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True))


def spread_of(p: FloatArray) -> FloatArray:
    """The matrices diag(p) - pp' of the rows of p, (..., k, k)."""
    return np.asarray(p[..., None] * np.eye(p.shape[-1]) - p[..., :, None] * p[..., None, :])


def _softmax_regression(xp: Any, w: Any, features: Any, labels: Any) -> Any:
    r"""f(W) = sum_k log sum_c exp(w_c . a_k) - w_{y_k} . a_k with 4 classes, n/4 features, n samples.

    $$f(W) = \sum_k \log \sum_c e^{w_c^\top a_k} - w_{y_k}^\top a_k$$
    """
    return _cross_entropy(xp, _scores(xp, w, features, labels), features, labels)


def _scores(xp: Any, w: Any, features: Any, labels: Any) -> Any:
    """The outputs, (m, 4)."""
    del labels
    return xp.matmul(features, xp.matrix_transpose(xp.reshape(w, (CLASSES, -1))))


def _cross_entropy(xp: Any, scores: Any, features: Any, labels: Any) -> Any:
    del features
    return xp.sum(log_sum_exp(xp, scores)) - xp.sum(labels * scores)


def _classes(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Features (n, n/4) and the classes of the samples as rows of an identity matrix, (n, 4)."""
    features = rng.standard_normal((n, n // CLASSES))
    scores = features @ rng.standard_normal((n // CLASSES, CLASSES)) / np.sqrt(n // CLASSES)
    return features, np.eye(CLASSES)[np.argmax(scores + rng.gumbel(size=scores.shape), axis=1)]


def _softmax_gradient(w: FloatArray, features: FloatArray, labels: FloatArray) -> FloatArray:
    p = softmax(features @ w.reshape(CLASSES, -1).T)
    return np.asarray(((p - labels).T @ features).ravel())


def _softmax_hessian(w: FloatArray, features: FloatArray, labels: FloatArray) -> FloatArray:
    """The sum of (diag p - pp') x aa' over samples."""
    del labels
    p = softmax(features @ w.reshape(CLASSES, -1).T)
    return np.einsum("kbc,ki,kj->bicj", spread_of(p), features, features, optimize=True).reshape(w.size, w.size)


softmax_regression = Problem(
    name="softmax_regression",
    objective=_softmax_regression,
    sizes=(12, 40, 120),
    start=lambda n, rng: rng.standard_normal(n) / np.sqrt(n // CLASSES),
    data=_classes,
    gradient=_softmax_gradient,
    hessian=_softmax_hessian,
    allowed=Size.multiple_of(CLASSES),
    source="Böhning 1992, Multinomial logistic regression algorithm, doi:10.1007/BF00048682",
    convention="no class is the reference: a vector that is added to all w_c changes nothing",
    structure=Structure(
        definiteness="positive semidefinite",
        null_vectors=lambda w, features, labels: np.tile(np.eye(w.size // CLASSES), CLASSES),
    ),
    model=Model(_scores, _cross_entropy),
    tags=("ml", "convex", "null-vectors", "dense"),
)


def _attention(xp: Any, x: Any, tokens: Any, targets: Any) -> Any:
    r"""f(Q, K, V) = |softmax(X Q K'X' / sqrt(d)) X V - Y|^2 / 12, one head over 6 tokens; n = 3 d^2.

    $$f(Q, K, V) = \tfrac{1}{2m} \|\operatorname{softmax}(X Q K^\top X^\top / \sqrt d)\, X V - Y\|_F^2$$
    """
    return _least_squares(xp, _attended(xp, x, tokens, targets), tokens, targets)


def _attended(xp: Any, x: Any, tokens: Any, targets: Any) -> Any:
    """The outputs, (6, d)."""
    del targets
    width = side(x.shape[0] // 3)
    weights = xp.reshape(x, (3, width, width))
    queries, keys, values = (xp.matmul(tokens, weights[i]) for i in range(3))
    scores = xp.matmul(queries, xp.matrix_transpose(keys)) / width**0.5
    exponentials = xp.exp(scores - xp.max(scores, axis=1, keepdims=True))
    attention = exponentials / xp.sum(exponentials, axis=1, keepdims=True)
    return xp.matmul(attention, values)


def _least_squares(xp: Any, z: Any, tokens: Any, targets: Any) -> Any:
    del tokens
    return 0.5 / TOKENS * xp.sum(xp.square(z - targets))


def _projections(n: int) -> Shapes:
    width = side(n // 3)
    return dict.fromkeys(("Q", "K", "V"), (width, width))


def _tokens(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    width = side(n // 3)
    return rng.standard_normal((TOKENS, width)), rng.standard_normal((TOKENS, width))


def _heads(x: FloatArray, tokens: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Queries and keys, both divided by d^(1/4), values, and the attention."""
    q, k, v = tokens @ x.reshape(3, tokens.shape[1], -1)
    scale = tokens.shape[1] ** -0.25
    return q * scale, k * scale, v, softmax(q @ k.T * scale**2)


def _to_scores(attention: FloatArray, by_attention: FloatArray) -> FloatArray:
    """The derivative of f by the scores from that by the attention."""
    mean = np.sum(attention * by_attention, axis=1, keepdims=True)
    return attention * (by_attention - mean)


def _attention_gradient(x: FloatArray, tokens: FloatArray, targets: FloatArray) -> FloatArray:
    q, k, v, attention = _heads(x, tokens)
    by_output = (attention @ v - targets) / TOKENS
    by_scores, scale = _to_scores(attention, by_output @ v.T), tokens.shape[1] ** -0.25
    parts = (by_scores @ k * scale, by_scores.T @ q * scale, attention.T @ by_output)
    return np.concatenate([(tokens.T @ part).ravel() for part in parts])


def _attention_jacobians(x: FloatArray, tokens: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Derivatives of scores, attention (t, t, n) and values (t, d, n)."""
    q, k, _, attention = _heads(x, tokens)
    count, width = tokens.shape
    scores, values = np.zeros((count, count, 3, width, width)), np.zeros((count, width, 3, width, width))
    scores[:, :, 0] = np.einsum("ia,jc->ijac", tokens, k) * width**-0.25
    scores[:, :, 1] = np.einsum("ja,ic->ijac", tokens, q) * width**-0.25
    values[:, :, 2] = np.einsum("ia,cd->icad", tokens, np.eye(width))
    by_scores = scores.reshape(count, count, x.size)
    weights = np.einsum("ijk,ikn->ijn", spread_of(attention), by_scores)
    return by_scores, weights, values.reshape(count, width, x.size)


def _attention_hessian(x: FloatArray, tokens: FloatArray, targets: FloatArray) -> FloatArray:
    """Every step adds its own curvature times the derivative of f by its result.

    The output P V is bilinear, the scores are bilinear in Q and K, and by a row s of the scores a sum g'p has the
    Hessian diag(h) - hp' - ph' with h = p (g - g'p), its gradient.
    """
    *_, v, attention = _heads(x, tokens)
    scores, weights, values = _attention_jacobians(x, tokens)
    output = np.einsum("ijn,jc->icn", weights, v) + np.einsum("ij,jcn->icn", attention, values)
    by_output = (attention @ v - targets) / TOKENS
    slope = _to_scores(attention, by_output @ v.T)
    outer = np.einsum("icn,icm->nm", output, output, optimize=True) / TOKENS
    outer += np.einsum("ij,ijn,ijm->nm", slope, scores, scores, optimize=True)
    pushed, mean = (np.einsum("ij,ijn->in", part, scores) for part in (slope, attention))
    mixed = np.einsum("ic,ijn,jcm->nm", by_output, weights, values, optimize=True) - pushed.T @ mean
    mixed += _query_key(x, tokens, slope)
    return np.asarray(0.5 * (outer + outer.T) + mixed + mixed.T)


def _query_key(x: FloatArray, tokens: FloatArray, slope: FloatArray) -> FloatArray:
    """The curvature of the scores between Q and K, on one side of the diagonal."""
    width = tokens.shape[1]
    mixed = np.zeros((3, width, width) * 2)
    mixed[0, :, :, 1] = np.einsum("ab,cd->acbd", tokens.T @ slope @ tokens, np.eye(width)) / width**0.5
    return mixed.reshape(x.size, x.size)


attention = Problem(
    name="attention",
    objective=_attention,
    sizes=(12, 48, 108),
    start=lambda n, rng: rng.standard_normal(n) / np.sqrt(side(n // 3)),
    data=_tokens,
    gradient=_attention_gradient,
    hessian=_attention_hessian,
    allowed=Size.square(least=1, times=3, root="d"),
    source="Vaswani et al. 2017, Attention is all you need, arXiv:1706.03762, section 3.2.1",
    convention="one head from matmul and exp, no fused function of a framework",
    model=Model(_attended, _least_squares),
    arrays=_projections,
    tags=("ml", "nonconvex", "dense"),
)

PROBLEMS = (
    softmax_regression,
    attention,
)
