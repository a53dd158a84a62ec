"""Nonlinear least squares of NIST StRD: f is the residual sum of squares, minima and uncertainties are certified.

Every model comes with its first two derivatives by the parameters, from which one helper makes the Hessian
2 (J'J + sum_i r_i H_i) of f. J'J alone is checked from outside: the root of the diagonal of s^2 (J'J)^-1 is certified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.nist.data import CERTIFIED, DATA, START


class Jet(NamedTuple):
    """A model's values at the m observations with their derivatives by the n parameters."""

    value: FloatArray
    first: FloatArray
    """(n, m)"""
    second: FloatArray
    """(n, n, m)"""


def _products(first: FloatArray) -> FloatArray:
    """The products of all pairs of rows, (n, n, m)."""
    return first[:, None] * first[None]


def _of_logarithm(value: FloatArray, first: FloatArray, second: FloatArray) -> Jet:
    """A model from its values and the derivatives of its logarithm."""
    return Jet(value, value * first, value * (_products(first) + second))


def _amplitude(factor: float, shape: Jet) -> Jet:
    """One more parameter in front of the others, by which their model is multiplied."""
    n = len(shape.first) + 1
    second = np.zeros((n, n, shape.value.size))
    second[0, 1:] = second[1:, 0] = shape.first
    second[1:, 1:] = factor * shape.second
    return Jet(factor * shape.value, np.concatenate([shape.value[None], factor * shape.first]), second)


def _quotient(top: FloatArray, top_first: FloatArray, bottom: FloatArray, bottom_first: FloatArray) -> Jet:
    """The quotient of two models that are linear in the parameters."""
    ratio = top / bottom
    first = (top_first - ratio * bottom_first) / bottom
    cross = first[:, None] * bottom_first[None]
    return Jet(ratio, first, -(cross + cross.transpose(1, 0, 2)) / bottom)


def _exponentials(rates: FloatArray, factors: FloatArray, x: FloatArray) -> Jet:
    """The sum of a exp(-r x), by the parameters in the order of the factors, then of the rates."""
    decay = np.exp(-np.multiply.outer(rates, x))
    k = len(rates)
    second = np.zeros((2 * k, 2 * k, x.size))
    i = np.arange(k)
    second[i, k + i] = second[k + i, i] = -x * decay
    second[k + i, k + i] = factors[:, None] * x**2 * decay
    return Jet(factors @ decay, np.concatenate([decay, -factors[:, None] * x * decay]), second)


def _reordered(jet: Jet, order: list[int]) -> Jet:
    """The parameters in another order."""
    return Jet(jet.value, jet.first[order], jet.second[np.ix_(order, order)])


Model = Callable[[FloatArray, FloatArray], Jet]


def gradient_of(model: Model) -> Callable[..., FloatArray]:
    """The gradient 2 J'r of the sum of squares."""

    def gradient(b: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
        jet = model(b, x)
        return 2 * jet.first @ (jet.value - y)

    return gradient


def hessian_of(model: Model) -> Callable[..., FloatArray]:
    """The Hessian 2 (J'J + sum_i r_i H_i) of the sum of squares."""

    def hessian(b: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
        jet = model(b, x)
        # A sum of symmetric matrices: J'J as a matrix product is symmetric to the last bit only by luck.
        return 2 * (_products(jet.first) + (jet.value - y) * jet.second).sum(2)

    return hessian


def _misra1a(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 (1 - exp(-b2 x_i)))^2; adsorption, 14 observations.

    $$f(b) = \sum_i \left(y_i - b_1 (1 - e^{-b_2 x_i})\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] * (1 - xp.exp(-b[1] * x))))


def _boxbod(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 (1 - exp(-b2 x_i)))^2; oxygen demand, 6 observations.

    $$f(b) = \sum_i \left(y_i - b_1 (1 - e^{-b_2 x_i})\right)^2$$
    """
    return _misra1a(xp, b, x, y)


def _saturation_model(b: FloatArray, x: FloatArray) -> Jet:
    decay = np.exp(-b[1] * x)
    return _amplitude(b[0], Jet(1 - decay, (x * decay)[None], (-(x**2) * decay)[None, None]))


def _chwirut2(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - exp(-b1 x_i) / (b2 + b3 x_i))^2; ultrasonic calibration, 54 observations.

    $$f(b) = \sum_i \left(y_i - \frac{e^{-b_1 x_i}}{b_2 + b_3 x_i}\right)^2$$
    """
    return xp.sum(xp.square(y - xp.exp(-b[0] * x) / (b[1] + b[2] * x)))


def _chwirut2_model(b: FloatArray, x: FloatArray) -> Jet:
    bottom = b[1] + b[2] * x
    slopes = np.stack([np.zeros_like(x), np.ones_like(x), x]) / bottom
    decays = np.stack([x, np.zeros_like(x), np.zeros_like(x)])
    return _of_logarithm(np.exp(-b[0] * x) / bottom, -decays - slopes, _products(slopes))


def _danwood(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 x_i^b2)^2; radiated energy over temperature, 6 observations.

    $$f(b) = \sum_i (y_i - b_1 x_i^{b_2})^2$$
    """
    return xp.sum(xp.square(y - b[0] * xp.pow(x, b[1])))


def _danwood_model(b: FloatArray, x: FloatArray) -> Jet:
    slope = np.log(x)[None]
    return _amplitude(b[0], _of_logarithm(x ** b[1], slope, 0 * _products(slope)))


def _eckerle4(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - (b1 / b2) exp(-((x_i - b3) / b2)^2 / 2))^2; a line in a spectrum, 35 observations.

    $$f(b) = \sum_i \left(y_i - \frac{b_1}{b_2} e^{-(x_i - b_3)^2 / (2 b_2^2)}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] / b[1] * xp.exp(-0.5 * xp.square((x - b[2]) / b[1]))))


def _eckerle4_model(b: FloatArray, x: FloatArray) -> Jet:
    z = (x - b[2]) / b[1]
    one = np.ones_like(x)
    first = np.stack([z**2 - 1, z]) / b[1]
    second = np.stack([[1 - 3 * z**2, -2 * z], [-2 * z, -one]]) / b[1] ** 2
    return _amplitude(b[0], _of_logarithm(np.exp(-0.5 * z**2) / b[1], first, second))


def _lanczos3(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 exp(-b2 x_i) - b3 exp(-b4 x_i) - b5 exp(-b6 x_i))^2; ill-conditioned, 24 observations.

    $$f(b) = \sum_i \left(y_i - b_1 e^{-b_2 x_i} - b_3 e^{-b_4 x_i} - b_5 e^{-b_6 x_i}\right)^2$$
    """
    model = b[0] * xp.exp(-b[1] * x) + b[2] * xp.exp(-b[3] * x) + b[4] * xp.exp(-b[5] * x)
    return xp.sum(xp.square(y - model))


def _lanczos3_model(b: FloatArray, x: FloatArray) -> Jet:
    return _reordered(_exponentials(b[1::2], b[::2], x), [0, 3, 1, 4, 2, 5])


def _mgh09(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 (x_i^2 + b2 x_i) / (x_i^2 + b3 x_i + b4))^2; enzyme kinetics, 11 observations.

    $$f(b) = \sum_i \left(y_i - \frac{b_1 (x_i^2 + b_2 x_i)}{x_i^2 + b_3 x_i + b_4}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] * (x * x + b[1] * x) / (x * x + b[2] * x + b[3])))


def _mgh09_model(b: FloatArray, x: FloatArray) -> Jet:
    zero, one = np.zeros_like(x), np.ones_like(x)
    top, bottom = np.stack([x, zero, zero]), np.stack([zero, x, one])
    return _amplitude(b[0], _quotient(x**2 + b[1] * x, top, x**2 + b[2] * x + b[3], bottom))


def _mgh10(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 exp(b2 / (x_i + b3)))^2; thermistor, scales from 1e-3 to 1e4, 16 observations.

    $$f(b) = \sum_i \left(y_i - b_1 e^{b_2 / (x_i + b_3)}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] * xp.exp(b[1] / (x + b[2]))))


def _mgh10_model(b: FloatArray, x: FloatArray) -> Jet:
    inverse = 1 / (x + b[2])
    first = np.stack([inverse, -b[1] * inverse**2])
    second = np.stack([[0 * x, -(inverse**2)], [-(inverse**2), 2 * b[1] * inverse**3]])
    return _amplitude(b[0], _of_logarithm(np.exp(b[1] * inverse), first, second))


def _mgh17(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 - b2 exp(-b4 x_i) - b3 exp(-b5 x_i))^2; ill-conditioned, 33 observations.

    $$f(b) = \sum_i \left(y_i - b_1 - b_2 e^{-b_4 x_i} - b_3 e^{-b_5 x_i}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] - b[1] * xp.exp(-b[3] * x) - b[2] * xp.exp(-b[4] * x)))


def _mgh17_model(b: FloatArray, x: FloatArray) -> Jet:
    decays = _exponentials(b[3:], b[1:3], x)
    second = np.zeros((5, 5, x.size))
    second[1:, 1:] = decays.second
    return Jet(b[0] + decays.value, np.concatenate([np.ones((1, x.size)), decays.first]), second)


def _rat42(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 / (1 + exp(b2 - b3 x_i)))^2; growth of a pasture, 9 observations.

    $$f(b) = \sum_i \left(y_i - \frac{b_1}{1 + e^{b_2 - b_3 x_i}}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] / (1 + xp.exp(b[1] - b[2] * x))))


def _rat42_model(b: FloatArray, x: FloatArray) -> Jet:
    return _amplitude(b[0], _sigmoid(b[1:], x))


def _sigmoid(b: FloatArray, x: FloatArray) -> Jet:
    """The function s = 1 / (1 + exp(z)) of z = b0 - b1 x."""
    growth = np.exp(b[0] - b[1] * x)
    value, rest = 1 / (1 + growth), growth / (1 + growth)
    inner = np.stack([np.ones_like(x), -x])
    return Jet(value, -value * rest * inner, value * rest * (rest - value) * _products(inner))


def _rat43(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 / (1 + exp(b2 - b3 x_i))^(1 / b4))^2; growth of onions, 15 observations.

    $$f(b) = \sum_i \left(y_i - \frac{b_1}{(1 + e^{b_2 - b_3 x_i})^{1 / b_4}}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] / xp.pow(1 + xp.exp(b[1] - b[2] * x), 1 / b[3])))


def _rat43_model(b: FloatArray, x: FloatArray) -> Jet:
    """The shape is exp(-L / b4) with the softplus L = log(1 + exp(b2 - b3 x)), whose slope is 1 - s."""
    sigmoid = _sigmoid(b[1:3], x)
    inner = np.stack([np.ones_like(x), -x])
    growth = np.exp(b[1] - b[2] * x)
    softplus, slopes = np.log1p(growth), growth / (1 + growth) * inner
    first = np.concatenate([-slopes / b[3], (softplus / b[3] ** 2)[None]])
    second = np.zeros((3, 3, x.size))
    second[:2, :2] = sigmoid.first[:, None] * inner[None] / b[3]
    second[2, :2] = second[:2, 2] = slopes / b[3] ** 2
    second[2, 2] = -2 * softplus / b[3] ** 3
    return _amplitude(b[0], _of_logarithm((1 + growth) ** (-1 / b[3]), first, second))


def _roszman1(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 + b2 x_i + arctan(b3 / (x_i - b4)) / pi)^2; quantum defects, 25 observations.

    $$f(b) = \sum_i \left(y_i - b_1 + b_2 x_i + \frac1\pi \arctan\frac{b_3}{x_i - b_4}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] + b[1] * x + xp.atan(b[2] / (x - b[3])) / xp.pi))


def _roszman1_model(b: FloatArray, x: FloatArray) -> Jet:
    """With d = x - b4 and q = b3^2 + d^2 the angle has the slopes d / q by b3 and b3 / q by b4."""
    d = x - b[3]
    q = b[2] ** 2 + d**2
    first = np.stack([np.ones_like(x), -x, -d / q / np.pi, -b[2] / q / np.pi])
    second = np.zeros((4, 4, x.size))
    second[2, 2] = 2 * b[2] * d / q**2 / np.pi
    second[2, 3] = second[3, 2] = (b[2] ** 2 - d**2) / q**2 / np.pi
    second[3, 3] = -second[2, 2]
    return Jet(b[0] - b[1] * x - np.arctan(b[2] / d) / np.pi, first, second)


def _thurber(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - P(x_i) / Q(x_i))^2, two cubics; electron mobility, 37 observations.

    $$f(b) = \sum_i \left(y_i - \frac{b_1 + b_2 x_i + b_3 x_i^2 + b_4 x_i^3}
    {1 + b_5 x_i + b_6 x_i^2 + b_7 x_i^3}\right)^2$$
    """
    top = b[0] + x * (b[1] + x * (b[2] + x * b[3]))
    bottom = 1 + x * (b[4] + x * (b[5] + x * b[6]))
    return xp.sum(xp.square(y - top / bottom))


def _thurber_model(b: FloatArray, x: FloatArray) -> Jet:
    powers = np.stack([np.ones_like(x), x, x**2, x**3])
    zero = np.zeros_like(powers)
    top, bottom = np.concatenate([powers, zero[1:]]), np.concatenate([zero, powers[1:]])
    return _quotient(b @ top, top, 1 + b @ bottom, bottom)


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "boxbod": _saturation_model,
        "chwirut2": _chwirut2_model,
        "danwood": _danwood_model,
        "eckerle4": _eckerle4_model,
        "lanczos3": _lanczos3_model,
        "mgh09": _mgh09_model,
        "mgh10": _mgh10_model,
        "mgh17": _mgh17_model,
        "misra1a": _saturation_model,
        "rat42": _rat42_model,
        "rat43": _rat43_model,
        "roszman1": _roszman1_model,
        "thurber": _thurber_model,
    }
)
"""(b, x) -> model with its derivatives, also for who checks J'J alone."""

SOURCE = "NIST/ITL Statistical Reference Datasets, nonlinear regression, doi:10.18434/T43G6C; "


def _problem(
    objective: Callable[..., Any],
    source: str,
    convention: str = "",
    definiteness: str = "",
    tags: tuple[str, ...] = (),
) -> Problem:
    """A problem under the name of its objective, which is also that of its model and tables."""
    name = objective.__name__.lstrip("_")
    model, certified, n = MODELS[name], CERTIFIED[name], len(START[name])
    sum_of_squares = certified.residual_sum_of_squares
    return Problem(
        name=name,
        objective=objective,
        sizes=(n,),
        start=lambda n, rng: np.array(START[name]),
        data=lambda n, rng: DATA[name],
        gradient=gradient_of(model),
        hessian=hessian_of(model),
        allowed=Size.exactly(n),
        source=SOURCE + source,
        convention=convention,
        named_points={"certified": lambda n, rng: np.array(certified.parameters)},
        published=(Published("certified", n, sum_of_squares, 1e-10, "NIST StRD: eleven certified digits"),),
        structure=Structure(definiteness=definiteness),
        tags=("least-squares", "certified", "dense", *tags),
    )


INDEFINITE = "indefinite"
UNEVEN = ("badly-scaled", "hard-for-differences")
"""Parameters so unlike in size that differences with steps of max(|b|, 1) leave the model's range."""

misra1a = _problem(_misra1a, "Misra1a, lower difficulty", tags=UNEVEN)
danwood = _problem(
    _danwood, "DanWood, lower difficulty", "NIST and CUTEst DANIWOODLS; CUTEst DANWOODLS is wrong", INDEFINITE
)
chwirut2 = _problem(_chwirut2, "Chwirut2, lower difficulty", definiteness=INDEFINITE, tags=UNEVEN)
lanczos3 = _problem(_lanczos3, "Lanczos3, lower difficulty", definiteness=INDEFINITE)
mgh17 = _problem(
    _mgh17, "MGH17, average difficulty", "NIST: Osborne 1 of More, Garbow & Hillstrom, another start", INDEFINITE
)
roszman1 = _problem(_roszman1, "Roszman1, average difficulty", "NIST; CUTEst ROSZMAN1LS lacks the 1/pi")
boxbod = _problem(_boxbod, "BoxBOD, higher difficulty", definiteness=INDEFINITE)
eckerle4 = _problem(_eckerle4, "Eckerle4, higher difficulty", definiteness=INDEFINITE, tags=UNEVEN)
mgh09 = _problem(
    _mgh09, "MGH09, higher difficulty", "NIST: Kowalik-Osborne of More, Garbow & Hillstrom, another start", INDEFINITE
)
mgh10 = _problem(
    _mgh10, "MGH10, higher difficulty", "NIST: Meyer of More, Garbow & Hillstrom, another start", INDEFINITE
)
rat42 = _problem(_rat42, "Rat42, higher difficulty", definiteness=INDEFINITE)
rat43 = _problem(_rat43, "Rat43, higher difficulty", definiteness=INDEFINITE)
thurber = _problem(_thurber, "Thurber, higher difficulty", definiteness=INDEFINITE, tags=UNEVEN)
