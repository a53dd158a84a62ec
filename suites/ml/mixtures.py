"""A mixture of Gaussians: log likelihood with a hidden class, by logsumexp."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.ml.softmax import log_sum_exp, softmax, spread_of

DIMENSION = 3
BELOW = DIMENSION * (DIMENSION - 1) // 2
EACH = 1 + 2 * DIMENSION + BELOW
"""Parameters of a component: weight, mean, logarithms of the diagonal, and what is below it."""

OBSERVATIONS = 60


def _gaussian_mixture(xp: Any, x: Any, points: Any, place: Any, eye: Any) -> Any:
    r"""f(alpha, mu, q, l) = -log p(points) - log Wishart prior, precision QQ' with Q lower triangular; n/10 components.

    $$f = N \log \sum_k e^{\alpha_k} - \sum_i \log \sum_k
    \exp\Bigl(\alpha_k + \sum_j q_{kj} - \tfrac12 \|Q_k^\top (y_i - \mu_k)\|^2\Bigr) + \tfrac12 \sum_k \|Q_k\|_F^2,
    \quad Q_k = \operatorname{diag}(e^{q_k}) + L(l_k)$$
    """
    k = x.shape[0] // EACH
    alpha, mu = x[:k], xp.reshape(x[k : k * (1 + DIMENSION)], (k, DIMENSION))
    q = xp.reshape(x[k * (1 + DIMENSION) : k * (1 + 2 * DIMENSION)], (k, DIMENSION))
    below = xp.reshape(x[k * (1 + 2 * DIMENSION) :], (k, BELOW))
    factors = xp.expand_dims(xp.exp(q), axis=1) * eye + xp.tensordot(below, place, axes=1)
    centered = xp.expand_dims(points, axis=1) - mu
    scaled = xp.sum(xp.expand_dims(centered, axis=3) * factors, axis=2)
    scores = alpha + xp.sum(q, axis=1) - 0.5 * xp.sum(scaled * scaled, axis=2)
    total = log_sum_exp(xp, xp.expand_dims(alpha, axis=0))[0]
    likelihood = xp.sum(log_sum_exp(xp, scores)) - points.shape[0] * total
    return 0.5 * xp.sum(factors * factors) - likelihood


def _clusters(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Points around n/10 centers, (60, 3); where the entries of l stand in L, (3, 3, 3); the identity."""
    centers = 2 * rng.standard_normal((n // EACH, DIMENSION))
    points = centers[np.arange(OBSERVATIONS) % len(centers)] + rng.standard_normal((OBSERVATIONS, DIMENSION))
    rows, columns = _below()
    place = np.zeros((BELOW, DIMENSION, DIMENSION))
    place[np.arange(BELOW), rows, columns] = 1
    return points, place, np.eye(DIMENSION)


def _below() -> tuple[IntArray, IntArray]:
    """Rows and columns of the entries of l: column by column, as in ADBench."""
    columns, rows = np.triu_indices(DIMENSION, 1)
    return rows, columns


def _order(k: int) -> IntArray:
    """Positions in x of the parameters of each component, (k, 10): alpha, mu, q, l."""
    starts = [np.arange(k)[:, None]]
    for width, before in ((DIMENSION, 1), (DIMENSION, 1 + DIMENSION), (BELOW, 1 + 2 * DIMENSION)):
        starts.append(k * before + np.arange(k * width).reshape(k, width))
    return np.concatenate(starts, axis=1)


def _components(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Weights (k,), means and exp(q), (k, 3), and the factors Q (k, 3, 3)."""
    rows = x[_order(x.size // EACH)]
    mu, diagonal = rows[:, 1 : 1 + DIMENSION], np.exp(rows[:, 1 + DIMENSION : 1 + 2 * DIMENSION])
    factors = diagonal[:, :, None] * np.eye(DIMENSION)
    factors[:, _below()[0], _below()[1]] = rows[:, 1 + 2 * DIMENSION :]
    return rows[:, 0], mu, diagonal, factors


MU, Q, L = slice(1, 1 + DIMENSION), slice(1 + DIMENSION, 1 + 2 * DIMENSION), slice(1 + 2 * DIMENSION, EACH)


def _scaled(x: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Residuals s = Q'(y - mu), (N, k, 3), their first derivatives (N, k, 3, 10) and second ones (N, k, 3, 10, 10)."""
    _, mu, diagonal, factors = _components(x)
    centered, own = points[:, None] - mu, np.arange(DIMENSION)
    rows, columns = _below()
    first = np.zeros((*centered.shape, EACH))
    second = np.zeros((*centered.shape, EACH, EACH))
    first[..., MU] = -factors.transpose(0, 2, 1)
    first[..., own, Q.start + own] = second[..., own, Q.start + own, Q.start + own] = diagonal * centered
    first[..., columns, L.start + np.arange(BELOW)] = centered[..., rows]
    second[..., own, MU.start + own, Q.start + own] = second[..., own, Q.start + own, MU.start + own] = -diagonal
    entry = L.start + np.arange(BELOW)
    second[..., columns, MU.start + rows, entry] = second[..., columns, entry, MU.start + rows] = -1
    return np.einsum("kba,nkb->nka", factors, centered), first, second


def _scores(x: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Responsibilities (N, k), and the first and second derivatives of the scores by their component's parameters."""
    scaled, first, second = _scaled(x, points)
    rows = x[_order(x.size // EACH)]
    p = softmax(rows[:, 0] + rows[:, Q].sum(1) - 0.5 * np.square(scaled).sum(2))
    slope = -np.einsum("nka,nkav->nkv", scaled, first)
    # A score is alpha + sum q - |s|^2 / 2, so that alpha and every q enter it with the slope 1.
    slope[..., 0] += 1
    slope[..., Q] += 1
    bend = -np.einsum("nkav,nkaw->nkvw", first, first) - np.einsum("nka,nkavw->nkvw", scaled, second)
    return p, slope, bend


def _mixture_gradient(x: FloatArray, points: FloatArray, place: FloatArray, eye: FloatArray) -> FloatArray:
    del place, eye
    order = _order(x.size // EACH)
    p, slope, _ = _scores(x, points)
    rows = x[order]
    gradient = np.empty_like(x)
    blocks = -np.einsum("nk,nkv->kv", p, slope)
    blocks[:, 0] += len(points) * softmax(rows[:, 0])
    blocks[:, Q] += np.exp(2 * rows[:, Q])
    blocks[:, L] += rows[:, L]
    gradient[order] = blocks
    return gradient


def _mixture_hessian(x: FloatArray, points: FloatArray, place: FloatArray, eye: FloatArray) -> FloatArray:
    """The score part: (pg)(pg)' between all components, minus p (H + gg') of each; then weights and prior."""
    del place, eye
    k = x.size // EACH
    order, own = _order(k), np.arange(k)
    p, slope, bend = _scores(x, points)
    pulled, rows = p[..., None] * slope, x[order]
    blocks = np.einsum("nkv,nlw->kvlw", pulled, pulled, optimize=True)
    blocks[own, :, own, :] -= np.einsum("nk,nkvw->kvw", p, bend) + np.einsum("nkv,nkw->kvw", pulled, slope)
    blocks[:, 0, :, 0] += len(points) * spread_of(softmax(rows[:, 0]))
    prior = np.zeros((k, EACH))
    prior[:, Q], prior[:, L] = 2 * np.exp(2 * rows[:, Q]), 1
    hessian = np.empty((x.size, x.size))
    hessian[np.ix_(order.ravel(), order.ravel())] = blocks.reshape(x.size, x.size) + np.diag(prior.ravel())
    return np.asarray(0.5 * (hessian + hessian.T))


gaussian_mixture = Problem(
    name="gaussian_mixture",
    objective=_gaussian_mixture,
    sizes=(20, 50, 100),
    start=lambda n, rng: 0.5 * rng.standard_normal(n),
    data=_clusters,
    gradient=_mixture_gradient,
    hessian=_mixture_hessian,
    allowed=Size.multiple_of(EACH),
    source="Srajer, Kukelova & Fitzgibbon 2018, A benchmark of selected algorithmic differentiation tools, "
    "arXiv:1807.10129, section 4.1 (ADBench)",
    convention="GradBench, which corrects ADBench: likelihood and prior of one sign, precision QQ' "
    "and not Q'Q, prior on "
    "the precision (gamma = 1, m = 0); its negative, without constants; 60 points in three dimensions",
    structure=Structure(null_vectors=lambda x, *data: (np.arange(x.size) < x.size // EACH).astype(np.float64)[None]),
    tags=("ml", "nonconvex", "null-vectors", "dense"),
)

PROBLEMS = (gaussian_mixture,)
