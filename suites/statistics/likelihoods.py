"""Likelihoods of ordered, paired and serial observations."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.statistics.regression import CONVEX, design


def _cox(xp: Any, beta: Any, features: Any, died: Any) -> Any:
    r"""f(beta) = sum_k d_k (log sum_{l <= k} exp(z_l) - z_k), z = X beta, the longest survivor first; 4n patients.

    $$f(\beta) = \sum_k d_k \Bigl(\log \sum_{l \le k} e^{z_l} - z_k\Bigr),\quad z = X \beta,\quad d_k \in \{0, 1\}$$
    """
    z = xp.matmul(features, beta)
    return xp.sum(died * (xp.log(xp.cumulative_sum(xp.exp(z))) - z))


def _cox_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Patients from the last to the first, so that those at risk are those before; a quarter is censored."""
    features = design(n, rng)
    times = rng.exponential(np.exp(-features @ rng.standard_normal(n)))
    order = np.argsort(-times)
    return features[order], np.where(rng.permutation(4 * n) % 4 == 3, 0.0, 1.0)


def _shares(beta: FloatArray, features: FloatArray) -> FloatArray:
    """The probability of l to be the one who dies at the time of k, (m, m), lower triangular."""
    risk = np.exp(features @ beta)
    return np.tril(risk / np.cumsum(risk)[:, None])


def _cox_gradient(beta: FloatArray, features: FloatArray, died: FloatArray) -> FloatArray:
    return np.asarray(features.T @ (died @ _shares(beta, features) - died))


def _cox_hessian(beta: FloatArray, features: FloatArray, died: FloatArray) -> FloatArray:
    """The covariance of the features among those at risk, summed over deaths."""
    shares = _shares(beta, features)
    means = shares @ features
    return np.asarray((features.T * (died @ shares)) @ features - (means.T * died) @ means)


cox_partial_likelihood = Problem(
    name="cox_partial_likelihood",
    objective=_cox,
    sizes=(4, 20, 100),
    start=lambda n, rng: rng.standard_normal(n),
    data=_cox_data,
    gradient=_cox_gradient,
    hessian=_cox_hessian,
    source="Cox 1972, Regression models and life-tables, doi:10.1111/j.2517-6161.1972.tb00899.x",
    structure=CONVEX,
    tags=("statistics", "convex", "dense"),
)


def _bradley_terry(xp: Any, x: Any, wins: Any) -> Any:
    r"""f(x) = sum_ij w_ij log(1 + exp(x_j - x_i)), w_ij the games that i won against j; n players of strength x.

    $$f(x) = \sum_{i \ne j} w_{ij} \log(1 + e^{x_j - x_i})$$
    """
    return xp.sum(wins * xp.log1p(xp.exp(xp.expand_dims(x, axis=0) - xp.expand_dims(x, axis=1))))


def _tournament(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Three games of each pair; the diagonal is zero."""
    strength = rng.standard_normal(n)
    chance = 1 / (1 + np.exp(strength - strength[:, None]))
    upper = np.triu(rng.binomial(3, chance), 1).astype(np.float64)
    return (upper + np.tril(3 - upper.T, -1),)


def _losing(x: FloatArray) -> FloatArray:
    """The probability that i loses against j, (n, n)."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * (x - x[:, None]))))


def _bradley_terry_gradient(x: FloatArray, wins: FloatArray) -> FloatArray:
    surprise = wins * _losing(x)
    return np.asarray(surprise.sum(0) - surprise.sum(1))


def _bradley_terry_hessian(x: FloatArray, wins: FloatArray) -> FloatArray:
    """The Laplacian of a graph with the weights (w_ij + w_ji) p_ij p_ji."""
    losing = _losing(x)
    weights = (wins + wins.T) * losing * losing.T
    return np.asarray(np.diag(weights.sum(1)) - weights)


bradley_terry = Problem(
    name="bradley_terry",
    objective=_bradley_terry,
    sizes=(4, 20, 100),
    start=lambda n, rng: rng.standard_normal(n),
    data=_tournament,
    gradient=_bradley_terry_gradient,
    hessian=_bradley_terry_hessian,
    allowed=Size.at_least(2),
    source="Bradley & Terry 1952, Rank analysis of incomplete block designs, doi:10.1093/biomet/39.3-4.324",
    convention="strengths as logarithms, without a constraint on their sum",
    structure=Structure(definiteness="positive semidefinite", null_vectors=lambda x, wins: np.ones((1, x.size))),
    tags=("statistics", "convex", "null-vectors", "dense"),
)


def _ar1(xp: Any, x: Any, features: Any, y: Any) -> Any:
    r"""f(beta, a, s) = -log p(y) of a regression whose errors e follow e_t = phi e_{t-1} + sigma noise; 4(n-2) times.

    $$f(\beta, a, s) = \frac{1}{2 \sigma^2} \Bigl[(1 - \varphi^2)\,e_1^2 + \sum_{t > 1} (e_t - \varphi e_{t-1})^2\Bigr]
    + T s - \tfrac12 \log(1 - \varphi^2),\quad e = y - X \beta,\quad \varphi = \tanh a,\quad \sigma = e^s$$
    """
    errors, phi = y - xp.matmul(features, x[:-2]), xp.tanh(x[-2])
    squares = xp.sum(xp.square(errors[1:] - phi * errors[:-1])) + (1 - phi * phi) * xp.square(errors[0])
    return 0.5 * xp.exp(-2 * x[-1]) * squares + y.shape[0] * x[-1] - 0.5 * xp.log1p(-phi * phi)


def _ar1_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    features = design(n - 2, rng)
    noise = 0.5 * rng.standard_normal(len(features))
    decay = np.tril(0.6 ** np.maximum(np.subtract.outer(np.arange(noise.size), np.arange(noise.size)), 0))
    return features, features @ rng.standard_normal(n - 2) + decay @ noise


def _inner(e: FloatArray) -> FloatArray:
    """The errors but for the first and the last, which phi^2 does not multiply."""
    inner = e.copy()
    inner[0] = inner[-1] = 0
    return inner


def _beside(e: FloatArray) -> FloatArray:
    """The sums of the errors before and after."""
    beside = np.zeros_like(e)
    beside[1:] += e[:-1]
    beside[:-1] += e[1:]
    return beside


def _filtered(e: FloatArray, phi: float) -> tuple[FloatArray, FloatArray]:
    """M e and its derivative by phi, for the matrix of the quadratic form e'M e in the likelihood.

    M = I - phi C + phi^2 D is tridiagonal: C takes the neighbors, D leaves the ends out.
    """
    return e - phi * _beside(e) + phi**2 * _inner(e), 2 * phi * _inner(e) - _beside(e)


def _ar1_gradient(x: FloatArray, features: FloatArray, y: FloatArray) -> FloatArray:
    e, phi, precision = y - features @ x[:-2], np.tanh(x[-2]), np.exp(-2 * x[-1])
    value, slope = _filtered(e, phi)
    by_a = 0.5 * precision * (1 - phi**2) * (e @ slope) + phi
    return np.concatenate([-precision * (features.T @ value), [by_a, y.size - precision * (e @ value)]])


def _ar1_hessian(x: FloatArray, features: FloatArray, y: FloatArray) -> FloatArray:
    """By a = artanh phi: dphi = (1 - phi^2) da, and -log(1 - phi^2) / 2 = log cosh a has 1 - phi^2 for curvature."""
    e, phi, precision = y - features @ x[:-2], np.tanh(x[-2]), np.exp(-2 * x[-1])
    (value, slope), rate = _filtered(e, phi), 1 - phi**2
    bend = rate**2 * 2 * (e @ _inner(e)) - 2 * phi * rate * (e @ slope)
    hessian = np.empty((x.size, x.size))
    hessian[:-2, :-2] = precision * features.T @ _filtered(features, phi)[0]
    hessian[:-2, -2] = hessian[-2, :-2] = -precision * rate * (features.T @ slope)
    hessian[:-2, -1] = hessian[-1, :-2] = 2 * precision * (features.T @ value)
    hessian[-2, -2] = 0.5 * precision * bend + rate
    hessian[-2, -1] = hessian[-1, -2] = -precision * rate * (e @ slope)
    hessian[-1, -1] = 2 * precision * (e @ value)
    return hessian


ar1_likelihood = Problem(
    name="ar1_likelihood",
    objective=_ar1,
    sizes=(4, 20, 100),
    start=lambda n, rng: np.append(rng.standard_normal(n - 2), [0.5, -0.5]),
    data=_ar1_data,
    gradient=_ar1_gradient,
    hessian=_ar1_hessian,
    allowed=Size.at_least(3),
    source="Hamilton 1994, Time Series Analysis, section 5.2",
    convention="the exact likelihood, the first observation from the stationary distribution",
    tags=("statistics", "time-series", "dense"),
)

PROBLEMS = (
    cox_partial_likelihood,
    bradley_terry,
    ar1_likelihood,
)
