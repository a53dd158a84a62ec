"""Sums of squares of NIST StRD with powers, quotients and growth curves, each beside its model with two derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.published.nist.certified import INDEFINITE, UNEVEN, certified_problem
from hessbench.suites.published.nist.jets import (
    Jet,
    Model,
    amplitude,
    of_logarithm,
    products,
    quotient,
)


def _danwood(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 x_i^b2)^2; radiated energy over temperature, 6 observations.

    $$f(b) = \sum_i (y_i - b_1 x_i^{b_2})^2$$
    """
    return xp.sum(xp.square(y - b[0] * xp.pow(x, b[1])))


def _danwood_model(b: FloatArray, x: FloatArray) -> Jet:
    slope = np.log(x)[None]
    return amplitude(b[0], of_logarithm(x ** b[1], slope, 0 * products(slope)))


def _mgh09(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 (x_i^2 + b2 x_i) / (x_i^2 + b3 x_i + b4))^2; enzyme kinetics, 11 observations.

    $$f(b) = \sum_i \left(y_i - \frac{b_1 (x_i^2 + b_2 x_i)}{x_i^2 + b_3 x_i + b_4}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] * (x * x + b[1] * x) / (x * x + b[2] * x + b[3])))


def _mgh09_model(b: FloatArray, x: FloatArray) -> Jet:
    zero, one = np.zeros_like(x), np.ones_like(x)
    top, bottom = np.stack([x, zero, zero]), np.stack([zero, x, one])
    return amplitude(b[0], quotient(x**2 + b[1] * x, top, x**2 + b[2] * x + b[3], bottom))


def _rat42(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 / (1 + exp(b2 - b3 x_i)))^2; growth of a pasture, 9 observations.

    $$f(b) = \sum_i \left(y_i - \frac{b_1}{1 + e^{b_2 - b_3 x_i}}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] / (1 + xp.exp(b[1] - b[2] * x))))


def _rat42_model(b: FloatArray, x: FloatArray) -> Jet:
    return amplitude(b[0], _sigmoid(b[1:], x))


def _sigmoid(b: FloatArray, x: FloatArray) -> Jet:
    """The function s = 1 / (1 + exp(z)) of z = b0 - b1 x."""
    growth = np.exp(b[0] - b[1] * x)
    value, rest = 1 / (1 + growth), growth / (1 + growth)
    inner = np.stack([np.ones_like(x), -x])
    return Jet(value, -value * rest * inner, value * rest * (rest - value) * products(inner))


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
    return amplitude(b[0], of_logarithm((1 + growth) ** (-1 / b[3]), first, second))


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
    return quotient(b @ top, top, 1 + b @ bottom, bottom)


danwood = certified_problem(
    _danwood,
    _danwood_model,
    "DanWood, lower difficulty",
    "NIST and CUTEst DANIWOODLS; CUTEst DANWOODLS is wrong",
    INDEFINITE,
)


roszman1 = certified_problem(
    _roszman1, _roszman1_model, "Roszman1, average difficulty", "NIST; CUTEst ROSZMAN1LS lacks the 1/pi"
)


mgh09 = certified_problem(
    _mgh09,
    _mgh09_model,
    "MGH09, higher difficulty",
    "NIST: Kowalik-Osborne of More, Garbow & Hillstrom, another start",
    INDEFINITE,
)


rat42 = certified_problem(_rat42, _rat42_model, "Rat42, higher difficulty", definiteness=INDEFINITE)


rat43 = certified_problem(_rat43, _rat43_model, "Rat43, higher difficulty", definiteness=INDEFINITE)


thurber = certified_problem(
    _thurber, _thurber_model, "Thurber, higher difficulty", definiteness=INDEFINITE, tags=UNEVEN
)

MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "danwood": _danwood_model,
        "roszman1": _roszman1_model,
        "mgh09": _mgh09_model,
        "rat42": _rat42_model,
        "rat43": _rat43_model,
        "thurber": _thurber_model,
    }
)
"""(b, x) -> model with its derivatives, also for who checks J'J alone."""

PROBLEMS = (
    danwood,
    roszman1,
    mgh09,
    rat42,
    rat43,
    thurber,
)
