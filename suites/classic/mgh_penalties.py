"""A power of one sum over all variables beside small terms, of More, Garbow & Hillstrom 1981; any n."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hessbench.suites.classic.mgh_residuals import Residuals, minimizer, paper, toms, variable, zero
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.size import Size


def _variably_dimensioned(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (x_i - 1)^2 + s^2 + s^4 with s = sum_i i (x_i - 1); dense, of rank one beside the identity.

    $$f(x) = \sum_{i=1}^n (x_i - 1)^2 + s^2 + s^4,\quad s = \sum_{i=1}^n i\,(x_i - 1)$$
    """
    off = x - 1
    s = xp.sum(xp.arange(1, x.shape[0] + 1, dtype=x.dtype) * off)
    return xp.sum(off * off) + s * s + xp.square(s * s)


def _variably_dimensioned_residuals(x: FloatArray) -> Residuals:
    weights = np.arange(1.0, x.size + 1)
    s = weights @ (x - 1)
    jacobian = np.concatenate([np.eye(x.size), [weights, 2 * s * weights]])
    return Residuals(np.append(x - 1, [s, s**2]), jacobian, lambda w: 2 * w[-1] * np.outer(weights, weights))


def _variably_dimensioned_spectrum(n: int) -> FloatArray:
    """The eigenvalues of H = 2 (I + (1 + 6 s^2) ww') with the weights w; at the start s = -|w|^2 / n."""
    square = n * (n + 1) * (2 * n + 1) / 6
    return np.append(np.full(n - 1, 2.0), 2 + 2 * (1 + 6 * (square / n) ** 2) * square)


variably_dimensioned = variable(
    25,
    "unpublished",
    _variably_dimensioned,
    _variably_dimensioned_residuals,
    (4, 12, 100),
    start=lambda n: 1 - np.arange(1, n + 1) / n,
    named_points={"minimum": lambda n, rng: np.ones(n)},
    published=(toms(9.39e10, 40), zero(4)),
    structure=Structure(spectrum=_variably_dimensioned_spectrum),
    tags=("convex", "polynomial", "badly-scaled", "dense"),
)


PENALTY = 1e-5
"""The paper's a; its root stands before the small residuals."""


def _penalty_1(xp: Any, x: Any) -> Any:
    r"""f(x) = 1e-5 sum_i (x_i - 1)^2 + (sum_i x_i^2 - 1/4)^2; one curvature far above the others.

    $$f(x) = 10^{-5} \sum_{i=1}^n (x_i - 1)^2 + \left(\sum_{i=1}^n x_i^2 - \tfrac14\right)^2$$
    """
    return PENALTY * xp.sum(xp.square(x - 1)) + xp.square(xp.sum(x * x) - 0.25)


def _penalty_1_residuals(x: FloatArray) -> Residuals:
    root, eye = math.sqrt(PENALTY), np.eye(x.size)
    value = np.append(root * (x - 1), x @ x - 0.25)
    return Residuals(value, np.concatenate([root * eye, 2 * x[None]]), lambda w: 2 * w[-1] * eye)


def _penalty_1_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    """All variables alike, by symmetry: the positive root of 2 n t^3 + (1e-5 - 1/2) t = 1e-5."""
    del rng
    roots = np.roots([2.0 * n, 0.0, PENALTY - 0.5, -PENALTY])
    return np.full(n, float(np.max(roots.real)))


penalty_1 = variable(
    23,
    "Gill, Murray & Pitfield 1972",
    _penalty_1,
    _penalty_1_residuals,
    (4, 10, 100),
    start=lambda n: np.arange(1.0, n + 1),
    named_points={"minimum": _penalty_1_minimum},
    published=(toms(5.45e9, 60), paper(2.24997e-5, 4), paper(7.08765e-5, 10)),
    structure=Structure(definiteness="positive definite"),
    tags=("polynomial", "ill-conditioned", "dense"),
)


def _penalty_2(xp: Any, x: Any, y: Any) -> Any:
    r"""f(x) = (x_1 - 1/5)^2 + 1e-5 (sums of squares of exponentials) + (sum_i (n - i + 1) x_i^2 - 1)^2.

    $$f(x) = (x_1 - \tfrac15)^2 + 10^{-5} \sum_{i=2}^n \left(e^{x_i / 10} + e^{x_{i-1} / 10} - y_i\right)^2
    + \left(e^{x_i / 10} - e^{-1 / 10}\right)^2 + \Bigl(\sum_{i=1}^n (n - i + 1)\,x_i^2 - 1\Bigr)^2,\quad
    y_i = e^{i / 10} + e^{(i-1) / 10}$$
    """
    n = x.shape[0]
    e = xp.exp(0.1 * x)
    pairs, each = xp.square(e[1:] + e[:-1] - y), xp.square(e[1:] - math.exp(-0.1))
    weights = n - xp.arange(0, n, dtype=x.dtype)
    return xp.square(x[0] - 0.2) + PENALTY * xp.sum(pairs + each) + xp.square(xp.sum(weights * x * x) - 1)


def _penalty_2_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del rng
    growth = np.exp(np.arange(1, n + 1) / 10)
    return (growth[1:] + growth[:-1],)


def _penalty_2_residuals(x: FloatArray, y: FloatArray) -> Residuals:
    n, root = x.size, math.sqrt(PENALTY)
    weights, e = np.arange(n, 0.0, -1), np.exp(0.1 * x)
    pairs, each = root * (e[1:] + e[:-1] - y), root * (e[1:] - math.exp(-0.1))
    own, before = np.eye(n)[1:], np.eye(n)[:-1]
    slope = 0.1 * root * e
    jacobian = np.concatenate([np.eye(1, n), (own + before) * slope, own * slope, 2 * (weights * x)[None]])

    def curvature(w: FloatArray) -> FloatArray:
        pair, single = w[1:n], w[n:-1]
        bend = np.append(0.0, pair + single) + np.append(pair, 0.0)
        return np.diag(0.1 * slope * bend + 2 * w[-1] * weights)

    value = np.concatenate([[x[0] - 0.2], pairs, each, [weights @ x**2 - 1]])
    return Residuals(value, jacobian, curvature)


def _penalty_2_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    return minimizer(_penalty_2_residuals, np.full(n, 0.5), *_penalty_2_data(n, rng))


penalty_2 = variable(
    24,
    "Gill, Murray & Pitfield 1972",
    _penalty_2,
    _penalty_2_residuals,
    (4, 10, 100),
    start=lambda n: np.full(n, 0.5),
    data=_penalty_2_data,
    allowed=Size.at_least(2),
    named_points={"minimum": _penalty_2_minimum},
    published=(
        toms(2.87e5, 65),
        paper(9.37629e-6, 4),
        paper(2.93660e-4, 10),
        Published("minimum", 4, 9.37629300735544219e-06, 1e-10, "GSL, multifit_nlinear/test_penalty2.c"),
    ),
    structure=Structure(definiteness="positive definite"),
    tags=("ill-conditioned", "dense"),
)

PROBLEMS = (
    variably_dimensioned,
    penalty_1,
    penalty_2,
)
