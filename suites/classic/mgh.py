"""All 18 unconstrained problems of More, Garbow & Hillstrom 1981, section 3.3, with their starting points.

f is the sum of the squared residuals, without 1/2. Those for several n are in `suites.mgh_variable`. Algorithm 566 is
the authors' program; its Hessians by Averbukh, Figueroa & Schlick 1994 are in doi:10.1145/192115.192128.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.classic.mgh_residuals import Residuals, fixed, minimizer, minpack, paper, symmetric, toms, zero
from hessbench.suites.classic.mgh_variable import (
    chebyquad,
    extended_powell_singular,
    extended_rosenbrock,
    penalty_1,
    penalty_2,
    trigonometric,
    variably_dimensioned,
    watson,
)
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
"""Of four variables six, of which two exponentials are the same."""


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
    biggs_exp6,
    gaussian,
    powell_badly_scaled,
    box_three_dimensional,
    variably_dimensioned,
    watson,
    penalty_1,
    penalty_2,
    brown_badly_scaled,
    brown_dennis,
    gulf,
    trigonometric,
    extended_rosenbrock,
    extended_powell_singular,
    beale,
    wood,
    chebyquad,
)
