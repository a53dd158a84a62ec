"""Curved and badly scaled valleys of two to four variables, of More, Garbow & Hillstrom 1981."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.classic.mgh_residuals import Residuals, fixed, minimizer, minpack, paper, symmetric, toms, zero
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.elements import element_pattern
from hessbench.suites.definition.facts import Published, Structure


def _helical_valley(xp: Any, x: Any) -> Any:
    r"""f(x) = 100 (x_3 - 10 theta)^2 + 100 (r - 1)^2 + x_3^2, theta the angle in turns; starts opposite of its cut.

    $$f(x) = 100\,(x_3 - 10\,\theta)^2 + 100\,\Bigl(\sqrt{x_1^2 + x_2^2} - 1\Bigr)^2 + x_3^2,\quad
    \theta = \frac{1}{2\pi} \arctan\frac{x_2}{x_1} + \tfrac12 [x_1 < 0]$$
    """
    # From -1/4 to 3/4, so that the cut is where x_1 = 0 > x_2; that of atan2(x_2, x_1) goes through the start.
    turn = 0.25 + xp.atan2(-x[0], x[1]) / (2 * xp.pi)
    radius = xp.sqrt(x[0] * x[0] + x[1] * x[1])
    return 100 * (xp.square(x[2] - 10 * turn) + xp.square(radius - 1)) + xp.square(x[2])


def _helical_valley_residuals(x: FloatArray) -> Residuals:
    a, b, c = x
    radius, turn = np.hypot(a, b), 0.25 + np.arctan2(-a, b) / (2 * np.pi)
    tangent = 2 * np.pi * radius**2
    jacobian = np.array([[100 * b / tangent, -100 * a / tangent, 10], [10 * a / radius, 10 * b / radius, 0], [0, 0, 1]])

    def curvature(w: FloatArray) -> FloatArray:
        first, second = -100 * w[0] / (tangent * radius**2), 10 * w[1] / radius**3
        return symmetric(
            3,
            {
                (0, 0): 2 * a * b * first + b * b * second,
                (0, 1): (b * b - a * a) * first - a * b * second,
                (1, 1): -2 * a * b * first + a * a * second,
            },
        )

    return Residuals(np.array([10 * (c - 10 * turn), 10 * (radius - 1), c]), jacobian, curvature)


helical_valley = fixed(
    7,
    "Fletcher & Powell 1963",
    _helical_valley,
    _helical_valley_residuals,
    (-1.0, 0.0, 0.0),
    convention="the paper: theta between -1/4 and 3/4, continuous where the start is, arctan2(x_2, x_1) is not; "
    "S2MPJ's HELIX truncates 2 pi",
    named_points={"minimum": lambda n, rng: np.array([1.0, 0.0, 0.0])},
    published=(minpack(50, 3), zero(3)),
    structure=Structure(definiteness="indefinite"),
    tags=("branch", "dense"),
)


def _powell_badly_scaled(xp: Any, x: Any) -> Any:
    r"""f(x) = (1e4 x_1 x_2 - 1)^2 + (exp(-x_1) + exp(-x_2) - 1.0001)^2; variables of size 1e-5 and 10.

    $$f(x) = (10^4 x_1 x_2 - 1)^2 + (e^{-x_1} + e^{-x_2} - 1.0001)^2$$
    """
    return xp.square(1e4 * x[0] * x[1] - 1) + xp.square(xp.sum(xp.exp(-x)) - 1.0001)


def _powell_badly_scaled_residuals(x: FloatArray) -> Residuals:
    e = np.exp(-x)
    value = np.array([1e4 * x[0] * x[1] - 1, e.sum() - 1.0001])
    jacobian = np.array([[1e4 * x[1], 1e4 * x[0]], -e])
    return Residuals(value, jacobian, lambda w: symmetric(2, {(0, 1): 1e4 * w[0]}) + np.diag(w[1] * e))


powell_badly_scaled = fixed(
    3,
    "Powell 1970",
    _powell_badly_scaled,
    _powell_badly_scaled_residuals,
    (0.0, 1.0),
    # To the last digit of float64: mpmath with 30 digits.
    named_points={"minimum": lambda n, rng: np.array([1.0981593296998175e-05, 9.106146739866524])},
    published=(minpack(1.065487, 2), zero(2, 1e-25)),
    structure=Structure(definiteness="indefinite"),
    tags=("badly-scaled", "dense"),
)


def _brown_badly_scaled(xp: Any, x: Any) -> Any:
    r"""f(x) = (x_1 - 1e6)^2 + (x_2 - 2e-6)^2 + (x_1 x_2 - 2)^2; at the minimum twelve decades between variables.

    $$f(x) = (x_1 - 10^6)^2 + (x_2 - 2 \cdot 10^{-6})^2 + (x_1 x_2 - 2)^2$$
    """
    return xp.square(x[0] - 1e6) + xp.square(x[1] - 2e-6) + xp.square(x[0] * x[1] - 2)


def _brown_badly_scaled_residuals(x: FloatArray) -> Residuals:
    value = np.array([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])
    return Residuals(value, np.array([[1, 0], [0, 1], x[::-1]]), lambda w: symmetric(2, {(0, 1): w[2]}))


brown_badly_scaled = fixed(
    4,
    "unpublished",
    _brown_badly_scaled,
    _brown_badly_scaled_residuals,
    (1.0, 1.0),
    named_points={"minimum": lambda n, rng: np.array([1e6, 2e-6])},
    published=(toms(1.00e12, 2), zero(2)),
    structure=Structure(definiteness="positive definite"),
    tags=("badly-scaled", "polynomial", "dense", "hard-for-differences"),
)


def _brown_dennis(xp: Any, x: Any, t: Any, growth: Any, sine: Any, cosine: Any) -> Any:
    r"""f(x) = sum_i ((x_1 + t_i x_2 - exp t_i)^2 + (x_3 + x_4 sin t_i - cos t_i)^2)^2; 20 residuals.

    $$f(x) = \sum_{i=1}^{20} \left((x_1 + t_i x_2 - e^{t_i})^2 + (x_3 + x_4 \sin t_i - \cos t_i)^2\right)^2,\quad
    t_i = i / 5$$
    """
    u, v = x[0] + t * x[1] - growth, x[2] + sine * x[3] - cosine
    return xp.sum(xp.square(u * u + v * v))


def _brown_dennis_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del n, rng
    t = np.arange(1, 21) / 5
    return t, np.exp(t), np.sin(t), np.cos(t)


def _brown_dennis_residuals(x: FloatArray, *data: FloatArray) -> Residuals:
    t, growth, sine, cosine = data
    one, none = np.ones_like(t), np.zeros_like(t)
    first, second = np.stack([one, t, none, none], axis=1), np.stack([none, none, one, sine], axis=1)
    u, v = first @ x - growth, second @ x - cosine
    jacobian = 2 * (u[:, None] * first + v[:, None] * second)
    return Residuals(u**2 + v**2, jacobian, lambda w: 2 * ((first.T * w) @ first + (second.T * w) @ second))


def _brown_dennis_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    return minimizer(_brown_dennis_residuals, np.array(brown_dennis.start(n, rng)), *_brown_dennis_data(n, rng))


brown_dennis = fixed(
    16,
    "Brown & Dennis 1971",
    _brown_dennis,
    _brown_dennis_residuals,
    (25.0, 5.0, -5.0, -1.0),
    data=_brown_dennis_data,
    named_points={"minimum": _brown_dennis_minimum},
    published=(
        minpack(2815.438, 4),
        paper(85822.2, 4),
        Published("minimum", 4, 85822.20162635634, 1e-13, "Gonum, optimize/functions"),
    ),
    structure=Structure(definiteness="positive definite"),
    tags=("convex", "polynomial", "dense"),
)


def _beale(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (y_i - x_1 (1 - x_2^i))^2 with y = (1.5, 2.25, 2.625).

    $$f(x) = \sum_{i=1}^3 \left(y_i - x_1 (1 - x_2^i)\right)^2,\quad y = (1.5,\ 2.25,\ 2.625)$$
    """
    a, b = x[0], x[1]
    first, second = xp.square(1.5 - a * (1 - b)), xp.square(2.25 - a * (1 - b * b))
    return first + second + xp.square(2.625 - a * (1 - b * b * b))


def _beale_residuals(x: FloatArray) -> Residuals:
    a, b = x
    power, slope, bend = np.array([b, b**2, b**3]), np.array([1.0, 2 * b, 3 * b**2]), np.array([0.0, 2.0, 6 * b])
    value, jacobian = np.array([1.5, 2.25, 2.625]) - a * (1 - power), np.stack([power - 1, a * slope], axis=1)
    return Residuals(value, jacobian, lambda w: symmetric(2, {(0, 1): w @ slope, (1, 1): a * w @ bend}))


beale = fixed(
    5,
    "Beale 1958",
    _beale,
    _beale_residuals,
    (1.0, 1.0),
    named_points={"minimum": lambda n, rng: np.array([3.0, 0.5])},
    published=(toms(14.2, 2), zero(2)),
    structure=Structure(definiteness="indefinite"),
    tags=("polynomial", "dense"),
)


def _wood(xp: Any, x: Any) -> Any:
    r"""f(x) = two valleys of Rosenbrock, joined by 10 (x_2 + x_4 - 2)^2 + (x_2 - x_4)^2 / 10.

    $$f(x) = 100\,(x_2 - x_1^2)^2 + (1 - x_1)^2 + 90\,(x_4 - x_3^2)^2 + (1 - x_3)^2
    + 10\,(x_2 + x_4 - 2)^2 + \tfrac1{10} (x_2 - x_4)^2$$
    """
    first = 100 * xp.square(x[1] - x[0] * x[0]) + xp.square(1 - x[0])
    second = 90 * xp.square(x[3] - x[2] * x[2]) + xp.square(1 - x[2])
    return first + second + 10 * xp.square(x[1] + x[3] - 2) + 0.1 * xp.square(x[1] - x[3])


def _wood_residuals(x: FloatArray) -> Residuals:
    a, b, c, d = x
    value = np.array([b - a**2, 1 - a, d - c**2, 1 - c, b + d - 2, b - d])
    rows = [[-2 * a, 1, 0, 0], [-1, 0, 0, 0], [0, 0, -2 * c, 1], [0, 0, -1, 0], [0, 1, 0, 1], [0, 1, 0, -1]]
    roots = np.sqrt([100, 1, 90, 1, 10, 0.1])
    jacobian = roots[:, None] * np.array(rows)
    bends = -2 * roots * [1, 0, 1, 0, 0, 0]
    return Residuals(roots * value, jacobian, lambda w: np.diag((bends * w)[:4]))


wood = fixed(
    14,
    "Colville 1968",
    _wood,
    _wood_residuals,
    (-3.0, -1.0, -3.0, -1.0),
    named_points={"minimum": lambda n, rng: np.ones(4)},
    published=(toms(1.92e4, 4), zero(4)),
    structure=Structure(
        pattern=lambda n: element_pattern(n, np.array([[0, 1], [2, 3], [1, 3]])),
        colors=3,
        definiteness="positive definite",
    ),
    tags=("polynomial", "sparse"),
)

PROBLEMS = (
    helical_valley,
    powell_badly_scaled,
    brown_badly_scaled,
    brown_dennis,
    beale,
    wood,
)
