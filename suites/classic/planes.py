"""Functions of two variables with many minima."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hessbench.suites.classic.global_optimization import DIXON, LIBRARY, SURVEY, uniform
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Published
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _goldstein_price(xp: Any, x: Any) -> Any:
    r"""f(x) = (1 + (x_1 + x_2 + 1)^2 p(x)) (30 + (2 x_1 - 3 x_2)^2 q(x)), quadratic p, q; of degree 8.

    $$f(x) = \left(1 + (x_1 + x_2 + 1)^2 (19 - 14 x_1 + 3 x_1^2 - 14 x_2 + 6 x_1 x_2 + 3 x_2^2)\right)
    \left(30 + (2 x_1 - 3 x_2)^2 (18 - 32 x_1 + 12 x_1^2 + 48 x_2 - 36 x_1 x_2 + 27 x_2^2)\right)$$
    """
    a, b = x[0], x[1]
    p = 19 - 14 * a + 3 * a * a - 14 * b + 6 * a * b + 3 * b * b
    q = 18 - 32 * a + 12 * a * a + 48 * b - 36 * a * b + 27 * b * b
    return (1 + xp.square(a + b + 1) * p) * (30 + xp.square(2 * a - 3 * b) * q)


Jet = tuple[Any, FloatArray, FloatArray]
"""A value with its gradient and Hessian."""


def _product(a: Jet, b: Jet) -> Jet:
    cross = np.outer(a[1], b[1])
    return a[0] * b[0], a[0] * b[1] + b[0] * a[1], a[0] * b[2] + b[0] * a[2] + cross + cross.T


def _factor(x: FloatArray, constant: float, line: Jet, bend: Jet) -> Jet:
    """A constant plus the square of a linear function times a quadratic one, each given by its jet at 0."""
    linear, quadratic = ((c + g @ x + 0.5 * x @ h @ x, g + h @ x, h) for c, g, h in (line, bend))
    value, slope, curvature = _product(_product(linear, linear), quadratic)
    return constant + value, slope, curvature


FLAT = np.zeros((2, 2))
FIRST = (1.0, np.array([1.0, 1.0]), FLAT), (19.0, np.array([-14.0, -14.0]), np.array([[6.0, 6.0], [6.0, 6.0]]))
SECOND = (0.0, np.array([2.0, -3.0]), FLAT), (18.0, np.array([-32.0, 48.0]), np.array([[24.0, -36.0], [-36.0, 54.0]]))


def _goldstein_price_jet(x: FloatArray) -> Jet:
    return _product(_factor(x, 1.0, *FIRST), _factor(x, 30.0, *SECOND))


goldstein_price = Problem(
    name="goldstein_price",
    objective=_goldstein_price,
    sizes=(2,),
    start=uniform(-2.0, 2.0),
    gradient=lambda x: _goldstein_price_jet(x)[1],
    hessian=lambda x: _goldstein_price_jet(x)[2],
    allowed=Size.exactly(2),
    source=f"Goldstein & Price 1971, doi:10.1090/S0025-5718-1971-0312365-X; {LIBRARY}/goldpr.html; {SURVEY}",
    named_points={"minimum": lambda n, rng: np.array([0.0, -1.0])},
    published=(Published("minimum", 2, 3.0, 1e-15, f"{LIBRARY}/goldpr.html"),),
    tags=("global-optimization", "multimodal", "polynomial", "dense"),
)


def _branin(xp: Any, x: Any) -> Any:
    r"""f(x) = (x_2 - b x_1^2 + c x_1 - 6)^2 + 10 (1 - t) cos x_1 + 10, b = 5.1 / 4 pi^2, c = 5 / pi, t = 1 / 8 pi.

    $$f(x) = \left(x_2 - \frac{5.1}{4 \pi^2} x_1^2 + \frac{5}{\pi} x_1 - 6\right)^2
    + 10 \left(1 - \frac{1}{8 \pi}\right) \cos x_1 + 10$$
    """
    inner = x[1] - BEND * x[0] * x[0] + SLOPE * x[0] - 6
    return inner * inner + WAVE * xp.cos(x[0]) + 10


BEND, SLOPE, WAVE = 5.1 / (4 * math.pi**2), 5 / math.pi, 10 * (1 - 1 / (8 * math.pi))


def _branin_inner(x: FloatArray) -> tuple[float, FloatArray]:
    return x[1] - BEND * x[0] ** 2 + SLOPE * x[0] - 6, np.array([SLOPE - 2 * BEND * x[0], 1.0])


def _branin_gradient(x: FloatArray) -> FloatArray:
    inner, slopes = _branin_inner(x)
    return 2 * inner * slopes - np.array([WAVE * np.sin(x[0]), 0.0])


def _branin_hessian(x: FloatArray) -> FloatArray:
    inner, slopes = _branin_inner(x)
    return 2 * np.outer(slopes, slopes) - np.diag([4 * BEND * inner + WAVE * np.cos(x[0]), 0.0])


branin = Problem(
    name="branin",
    objective=_branin,
    sizes=(2,),
    start=lambda n, rng: rng.uniform([-5.0, 0.0], [10.0, 15.0]),
    gradient=_branin_gradient,
    hessian=_branin_hessian,
    allowed=Size.exactly(2),
    source=f"Branin 1972, doi:10.1147/rd.165.0504; {LIBRARY}/branin.html; {SURVEY}",
    named_points={"minimum": lambda n, rng: np.array([math.pi, 2.275])},
    published=(Published("minimum", 2, 0.397887, 2e-6, f"{LIBRARY}/branin.html; it is 5 / 4 pi"),),
    tags=("global-optimization", "multimodal", "dense"),
)


def _six_hump_camel(xp: Any, x: Any) -> Any:
    r"""f(x) = (4 - 2.1 x_1^2 + x_1^4 / 3) x_1^2 + x_1 x_2 + 4 (x_2^2 - 1) x_2^2; six minima, two of them global.

    $$f(x) = \left(4 - 2.1\, x_1^2 + \tfrac13 x_1^4\right) x_1^2 + x_1 x_2 + 4\,(x_2^2 - 1)\, x_2^2$$
    """
    a, b = x[0] * x[0], x[1] * x[1]
    return (4 - 2.1 * a + a * a / 3) * a + x[0] * x[1] + 4 * (b - 1) * b


def _six_hump_camel_gradient(x: FloatArray) -> FloatArray:
    a, b = x
    return np.array([8 * a - 8.4 * a**3 + 2 * a**5 + b, a - 8 * b + 16 * b**3])


def _six_hump_camel_hessian(x: FloatArray) -> FloatArray:
    a, b = x
    return np.array([[8 - 25.2 * a**2 + 10 * a**4, 1.0], [1.0, 48 * b**2 - 8]])


six_hump_camel = Problem(
    name="six_hump_camel",
    objective=_six_hump_camel,
    sizes=(2,),
    start=lambda n, rng: rng.uniform([-2.0, -1.0], [2.0, 1.0]),
    gradient=_six_hump_camel_gradient,
    hessian=_six_hump_camel_hessian,
    allowed=Size.exactly(2),
    source=f"{DIXON}; {LIBRARY}/camel6.html; {SURVEY}",
    named_points={"minimum": lambda n, rng: np.array([0.08984201368301331, -0.7126564032704135])},
    published=(Published("minimum", 2, -1.0316, 5e-5, f"{LIBRARY}/camel6.html"),),
    tags=("global-optimization", "multimodal", "polynomial", "dense"),
)


def _himmelblau(xp: Any, x: Any) -> Any:
    r"""f(x) = (x_1^2 + x_2 - 11)^2 + (x_1 + x_2^2 - 7)^2; four minima of the same depth.

    $$f(x) = (x_1^2 + x_2 - 11)^2 + (x_1 + x_2^2 - 7)^2$$
    """
    return xp.square(x[0] * x[0] + x[1] - 11) + xp.square(x[0] + x[1] * x[1] - 7)


def _himmelblau_residuals(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    residuals = np.array([x[0] ** 2 + x[1] - 11, x[0] + x[1] ** 2 - 7])
    return residuals, np.array([[2 * x[0], 1.0], [1.0, 2 * x[1]]])


def _himmelblau_gradient(x: FloatArray) -> FloatArray:
    residuals, jacobian = _himmelblau_residuals(x)
    return 2 * residuals @ jacobian


def _himmelblau_hessian(x: FloatArray) -> FloatArray:
    residuals, jacobian = _himmelblau_residuals(x)
    return 2 * jacobian.T @ jacobian + np.diag(4 * residuals)


himmelblau = Problem(
    name="himmelblau",
    objective=_himmelblau,
    sizes=(2,),
    start=uniform(-4.0, 4.0),
    gradient=_himmelblau_gradient,
    hessian=_himmelblau_hessian,
    allowed=Size.exactly(2),
    source=f"Himmelblau 1972, Applied Nonlinear Programming; {SURVEY}",
    named_points={"minimum": lambda n, rng: np.array([3.0, 2.0])},
    published=(Published("minimum", 2, 0.0, 1e-300, SURVEY),),
    tags=("global-optimization", "multimodal", "least-squares", "polynomial", "dense"),
)


def _easom(xp: Any, x: Any) -> Any:
    r"""f(x) = -cos x_1 cos x_2 exp(-(x_1 - pi)^2 - (x_2 - pi)^2); flat and then underflowing far from (pi, pi).

    $$f(x) = -\cos x_1 \cos x_2\, e^{-(x_1 - \pi)^2 - (x_2 - \pi)^2}$$
    """
    off = x - math.pi
    return -xp.cos(x[0]) * xp.cos(x[1]) * xp.exp(-xp.sum(off * off))


def _easom_factors(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The functions u = cos(x) exp(-(x - pi)^2) of each variable with u' and u''."""
    off, cosine, sine = x - np.pi, np.cos(x), np.sin(x)
    bell = np.exp(-(off**2))
    first, second = -bell * (sine + 2 * off * cosine), bell * (4 * off * sine + (4 * off**2 - 3) * cosine)
    return cosine * bell, first, second


def _easom_gradient(x: FloatArray) -> FloatArray:
    value, first, _ = _easom_factors(x)
    return -first * value[::-1]


def _easom_hessian(x: FloatArray) -> FloatArray:
    value, first, second = _easom_factors(x)
    mixed = first[0] * first[1]
    return -np.array([[second[0] * value[1], mixed], [mixed, value[0] * second[1]]])


easom = Problem(
    name="easom",
    objective=_easom,
    sizes=(2,),
    start=uniform(math.pi - 1, math.pi + 1),
    gradient=_easom_gradient,
    hessian=_easom_hessian,
    allowed=Size.exactly(2),
    source=f"Easom 1990, A survey of global optimization techniques, University of Louisville; {LIBRARY}/easom.html; "
    f"{SURVEY}",
    named_points={
        "minimum": lambda n, rng: np.full(2, math.pi),
        "flat": lambda n, rng: np.array([-25.0, 40.0]),  # f underflows to 0, and so must its derivatives
    },
    published=(Published("minimum", 2, -1.0, 1e-15, f"{LIBRARY}/easom.html"),),
    tags=("global-optimization", "underflow", "dense"),
)

PROBLEMS = (
    goldstein_price,
    branin,
    six_hump_camel,
    himmelblau,
    easom,
)
