"""Fits of exponentials to data, of More, Garbow & Hillstrom 1981; three or six variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.classic.mgh_residuals import Residuals, fixed, minimizer, minpack, paper, symmetric, toms, zero
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure


def _biggs_exp6(xp: Any, x: Any, t: Any, y: Any) -> Any:
    r"""f(x) = sum_i (x_3 exp(-t_i x_1) - x_4 exp(-t_i x_2) + x_6 exp(-t_i x_5) - y_i)^2; 13 residuals.

    $$f(x) = \sum_{i=1}^{13} \left(x_3 e^{-t_i x_1} - x_4 e^{-t_i x_2} + x_6 e^{-t_i x_5} - y_i\right)^2,\quad
    t_i = i / 10,\quad y_i = e^{-t_i} - 5 e^{-10 t_i} + 3 e^{-4 t_i}$$
    """
    model = x[2] * xp.exp(-x[0] * t) - x[3] * xp.exp(-x[1] * t) + x[5] * xp.exp(-x[4] * t)
    return xp.sum(xp.square(model - y))


def _biggs_exp6_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del n, rng
    t = np.arange(1, 14) / 10
    return t, np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)


def _biggs_exp6_residuals(x: FloatArray, t: FloatArray, y: FloatArray) -> Residuals:
    p, q, r = np.exp(-t * x[0]), -np.exp(-t * x[1]), np.exp(-t * x[4])
    jacobian = np.stack([-t * x[2] * p, -t * x[3] * q, p, q, -t * x[5] * r, r], axis=1)

    def curvature(w: FloatArray) -> FloatArray:
        bend, turn = [t**2 * e @ w for e in (p, q, r)], [-t * e @ w for e in (p, q, r)]
        own = {(0, 0): x[2] * bend[0], (1, 1): x[3] * bend[1], (4, 4): x[5] * bend[2]}
        return symmetric(6, own | {(0, 2): turn[0], (1, 3): turn[1], (4, 5): turn[2]})

    return Residuals(x[2] * p + x[3] * q + x[5] * r - y, jacobian, curvature)


MERGED = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 1, 0]])
"""Six variables from four: two of the exponentials are the same."""


def _merged_residuals(z: FloatArray, t: FloatArray, y: FloatArray) -> Residuals:
    value, jacobian, curvature = _biggs_exp6_residuals(MERGED @ z, t, y)
    return Residuals(value, jacobian @ MERGED, lambda w: MERGED.T @ curvature(w) @ MERGED)


def _biggs_exp6_merged(n: int, rng: np.random.Generator) -> FloatArray:
    """Where the descent from the start ends: there and here the first and the third exponential are the same."""
    return np.asarray(MERGED @ minimizer(_merged_residuals, np.array([1.0, 2, 1, 1]), *_biggs_exp6_data(n, rng)))


biggs_exp6 = fixed(
    18,
    "Biggs 1971",
    _biggs_exp6,
    _biggs_exp6_residuals,
    (1.0, 2.0, 1.0, 1.0, 1.0, 1.0),
    data=_biggs_exp6_data,
    convention="the paper, 13 residuals; its second minimum, 5.65565e-3, is a saddle where two "
    "exponentials are the same, "
    "which a descent from the start does not leave",
    named_points={
        "minimum": lambda n, rng: np.array([1.0, 10.0, 1.0, 5.0, 4.0, 3.0]),
        "saddle": _biggs_exp6_merged,
    },
    published=(toms(7.79e-1, 6), zero(6, 1e-28), paper(5.65565e-3, 6, "saddle")),
    structure=Structure(definiteness="indefinite"),
    tags=("exponential", "dense"),
)


def _gaussian(xp: Any, x: Any, t: Any, y: Any) -> Any:
    r"""f(x) = sum_i (x_1 exp(-x_2 (t_i - x_3)^2 / 2) - y_i)^2; a bell curve, 15 observations.

    $$f(x) = \sum_{i=1}^{15} \left(x_1 e^{-x_2 (t_i - x_3)^2 / 2} - y_i\right)^2,\quad t_i = (8 - i) / 2$$
    """
    return xp.sum(xp.square(x[0] * xp.exp(-0.5 * x[1] * xp.square(t - x[2])) - y))


BELL = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989)


def _gaussian_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del n, rng
    return (8 - np.arange(1.0, 16)) / 2, np.array(BELL + BELL[-2::-1])


def _gaussian_residuals(x: FloatArray, t: FloatArray, y: FloatArray) -> Residuals:
    height, width, d = x[0], x[1], t - x[2]
    e = np.exp(-0.5 * width * d**2)
    jacobian = np.stack([e, -0.5 * height * e * d**2, height * width * e * d], axis=1)

    def curvature(w: FloatArray) -> FloatArray:
        v = w * e
        return symmetric(
            3,
            {
                (0, 1): -0.5 * v @ d**2,
                (0, 2): width * v @ d,
                (1, 1): 0.25 * height * v @ d**4,
                (1, 2): height * v @ (d - 0.5 * width * d**3),
                (2, 2): height * width * v @ (width * d**2 - 1),
            },
        )

    return Residuals(height * e - y, jacobian, curvature)


gaussian = fixed(
    9,
    "unpublished",
    _gaussian,
    _gaussian_residuals,
    (0.4, 1.0, 0.0),
    data=_gaussian_data,
    named_points={
        "minimum": lambda n, rng: minimizer(_gaussian_residuals, np.array([0.4, 1, 0]), *_gaussian_data(n, rng))
    },
    published=(toms(3.89e-6, 3), paper(1.12793e-8, 3)),
    structure=Structure(definiteness="positive definite"),
    tags=("exponential", "dense"),
)


def _box_three_dimensional(xp: Any, x: Any, t: Any, y: Any) -> Any:
    r"""f(x) = sum_i (exp(-t_i x_1) - exp(-t_i x_2) - x_3 y_i)^2; 10 residuals.

    $$f(x) = \sum_{i=1}^{10} \left(e^{-t_i x_1} - e^{-t_i x_2} - x_3 y_i\right)^2,\quad t_i = i / 10,\quad
    y_i = e^{-t_i} - e^{-10 t_i}$$
    """
    return xp.sum(xp.square(xp.exp(-x[0] * t) - xp.exp(-x[1] * t) - x[2] * y))


def _box_three_dimensional_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del n, rng
    t = np.arange(1, 11) / 10
    return t, np.exp(-t) - np.exp(-10 * t)


def _box_three_dimensional_residuals(x: FloatArray, t: FloatArray, y: FloatArray) -> Residuals:
    p, q = np.exp(-t * x[0]), -np.exp(-t * x[1])
    jacobian = np.stack([-t * p, -t * q, -y], axis=1)
    return Residuals(p + q - x[2] * y, jacobian, lambda w: np.diag([t**2 * p @ w, t**2 * q @ w, 0.0]))


box_three_dimensional = fixed(
    12,
    "Box 1966",
    _box_three_dimensional,
    _box_three_dimensional_residuals,
    (0.0, 10.0, 20.0),
    data=_box_three_dimensional_data,
    named_points={
        "minimum": lambda n, rng: np.array([1.0, 10.0, 1.0]),
        "degenerate": lambda n, rng: np.array([2.0, 2.0, 0.0]),  # f = 0 wherever x_1 = x_2 and x_3 = 0
    },
    published=(minpack(32.11158, 3), zero(3, 1e-28)),
    structure=Structure(definiteness="indefinite"),
    tags=("exponential", "dense"),
)


def _gulf(xp: Any, x: Any, t: Any, y: Any) -> Any:
    r"""f(x) = sum_i (exp(-|y_i - x_2|^x_3 / x_1) - t_i)^2; a variable exponent, 99 residuals.

    $$f(x) = \sum_{i=1}^{99} \left(e^{-|y_i - x_2|^{x_3} / x_1} - t_i\right)^2,\quad t_i = i / 100,\quad
    y_i = 25 + (-50 \ln t_i)^{2/3}$$
    """
    return xp.sum(xp.square(xp.exp(-xp.pow(xp.abs(y - x[1]), x[2]) / x[0]) - t))


def _gulf_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del n, rng
    t = np.arange(1, 100) / 100
    return t, 25 + (-50 * np.log(t)) ** (2 / 3)


def _gulf_residuals(x: FloatArray, t: FloatArray, y: FloatArray) -> Residuals:
    """By p = |y - x_2|^x_3 / x_1: q are the slopes of log p, and exp(-p) - t has the Hessian E p ((p-1) qq' - L)."""
    d, one = y - x[1], np.ones_like(y)
    p = np.abs(d) ** x[2] / x[0]
    e = np.exp(-p)
    q = np.stack([-one / x[0], -x[2] / d, np.log(np.abs(d))])

    def curvature(w: FloatArray) -> FloatArray:
        v = w * e * p
        bends = {(0, 0): v.sum() / x[0] ** 2, (1, 1): -x[2] * v @ d**-2.0, (1, 2): -v @ (1 / d)}
        return (q * (v * (p - 1))) @ q.T - symmetric(3, bends)

    return Residuals(e - t, -(e * p * q).T, curvature)


gulf = fixed(
    11,
    "Cox 1969",
    _gulf,
    _gulf_residuals,
    (5.0, 2.5, 0.15),
    data=_gulf_data,
    convention="Algorithm 566: |y_i - x_2|^x_3 with 99 residuals; the paper's print |y_i m i x_2| is a misprint",
    named_points={"minimum": lambda n, rng: np.array([50.0, 25.0, 1.5])},
    published=(toms(12.1, 3), zero(3, 1e-28)),
    structure=Structure(definiteness="indefinite"),
    tags=("exponential", "dense"),
)

PROBLEMS = (
    biggs_exp6,
    gaussian,
    box_three_dimensional,
    gulf,
)
