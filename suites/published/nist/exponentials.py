"""Sums of squares of NIST StRD whose models are exponentials, each beside its model with two derivatives."""

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
    exponentials,
    of_logarithm,
    products,
    reordered,
)


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
    return amplitude(b[0], Jet(1 - decay, (x * decay)[None], (-(x**2) * decay)[None, None]))


def _chwirut2(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - exp(-b1 x_i) / (b2 + b3 x_i))^2; ultrasonic calibration, 54 observations.

    $$f(b) = \sum_i \left(y_i - \frac{e^{-b_1 x_i}}{b_2 + b_3 x_i}\right)^2$$
    """
    return xp.sum(xp.square(y - xp.exp(-b[0] * x) / (b[1] + b[2] * x)))


def _chwirut2_model(b: FloatArray, x: FloatArray) -> Jet:
    bottom = b[1] + b[2] * x
    slopes = np.stack([np.zeros_like(x), np.ones_like(x), x]) / bottom
    decays = np.stack([x, np.zeros_like(x), np.zeros_like(x)])
    return of_logarithm(np.exp(-b[0] * x) / bottom, -decays - slopes, products(slopes))


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
    return amplitude(b[0], of_logarithm(np.exp(-0.5 * z**2) / b[1], first, second))


def _lanczos3(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 exp(-b2 x_i) - b3 exp(-b4 x_i) - b5 exp(-b6 x_i))^2; ill-conditioned, 24 observations.

    $$f(b) = \sum_i \left(y_i - b_1 e^{-b_2 x_i} - b_3 e^{-b_4 x_i} - b_5 e^{-b_6 x_i}\right)^2$$
    """
    model = b[0] * xp.exp(-b[1] * x) + b[2] * xp.exp(-b[3] * x) + b[4] * xp.exp(-b[5] * x)
    return xp.sum(xp.square(y - model))


def _lanczos3_model(b: FloatArray, x: FloatArray) -> Jet:
    return reordered(exponentials(b[1::2], b[::2], x), [0, 3, 1, 4, 2, 5])


def _mgh10(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 exp(b2 / (x_i + b3)))^2; thermistor, scales from 1e-3 to 1e4, 16 observations.

    $$f(b) = \sum_i \left(y_i - b_1 e^{b_2 / (x_i + b_3)}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] * xp.exp(b[1] / (x + b[2]))))


def _mgh10_model(b: FloatArray, x: FloatArray) -> Jet:
    inverse = 1 / (x + b[2])
    first = np.stack([inverse, -b[1] * inverse**2])
    second = np.stack([[0 * x, -(inverse**2)], [-(inverse**2), 2 * b[1] * inverse**3]])
    return amplitude(b[0], of_logarithm(np.exp(b[1] * inverse), first, second))


def _mgh17(xp: Any, b: Any, x: Any, y: Any) -> Any:
    r"""f(b) = sum_i (y_i - b1 - b2 exp(-b4 x_i) - b3 exp(-b5 x_i))^2; ill-conditioned, 33 observations.

    $$f(b) = \sum_i \left(y_i - b_1 - b_2 e^{-b_4 x_i} - b_3 e^{-b_5 x_i}\right)^2$$
    """
    return xp.sum(xp.square(y - b[0] - b[1] * xp.exp(-b[3] * x) - b[2] * xp.exp(-b[4] * x)))


def _mgh17_model(b: FloatArray, x: FloatArray) -> Jet:
    decays = exponentials(b[3:], b[1:3], x)
    second = np.zeros((5, 5, x.size))
    second[1:, 1:] = decays.second
    return Jet(b[0] + decays.value, np.concatenate([np.ones((1, x.size)), decays.first]), second)


misra1a = certified_problem(_misra1a, _saturation_model, "Misra1a, lower difficulty", tags=UNEVEN)


chwirut2 = certified_problem(
    _chwirut2, _chwirut2_model, "Chwirut2, lower difficulty", definiteness=INDEFINITE, tags=UNEVEN
)


lanczos3 = certified_problem(_lanczos3, _lanczos3_model, "Lanczos3, lower difficulty", definiteness=INDEFINITE)


mgh17 = certified_problem(
    _mgh17,
    _mgh17_model,
    "MGH17, average difficulty",
    "NIST: Osborne 1 of More, Garbow & Hillstrom, another start",
    INDEFINITE,
)


boxbod = certified_problem(_boxbod, _saturation_model, "BoxBOD, higher difficulty", definiteness=INDEFINITE)


eckerle4 = certified_problem(
    _eckerle4, _eckerle4_model, "Eckerle4, higher difficulty", definiteness=INDEFINITE, tags=UNEVEN
)


mgh10 = certified_problem(
    _mgh10,
    _mgh10_model,
    "MGH10, higher difficulty",
    "NIST: Meyer of More, Garbow & Hillstrom, another start",
    INDEFINITE,
)

MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "misra1a": _saturation_model,
        "chwirut2": _chwirut2_model,
        "lanczos3": _lanczos3_model,
        "mgh17": _mgh17_model,
        "boxbod": _saturation_model,
        "eckerle4": _eckerle4_model,
        "mgh10": _mgh10_model,
    }
)
"""(b, x) -> model with its derivatives, also for who checks J'J alone."""

PROBLEMS = (
    misra1a,
    chwirut2,
    lanczos3,
    mgh17,
    boxbod,
    eckerle4,
    mgh10,
)
