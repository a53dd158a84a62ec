"""A model with its first two derivatives by the parameters, and how models are put together.

From them follows the Hessian 2 (J'J + sum_i r_i H_i) of a sum of squares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray


class Jet(NamedTuple):
    """A model's values at the m observations with their derivatives by the n parameters."""

    value: FloatArray
    first: FloatArray
    """(n, m)"""
    second: FloatArray
    """(n, n, m)"""


def products(first: FloatArray) -> FloatArray:
    """The products of all pairs of rows, (n, n, m)."""
    return first[:, None] * first[None]


def of_logarithm(value: FloatArray, first: FloatArray, second: FloatArray) -> Jet:
    """A model from the derivatives of its logarithm.

    Args:
        value: Values of the model, (m,).
        first: First derivatives of the logarithm, (n, m).
        second: Second derivatives of the logarithm, (n, n, m).

    Returns:
        The model with its own derivatives.
    """
    return Jet(value, value * first, value * (products(first) + second))


def amplitude(factor: float, shape: Jet) -> Jet:
    """One more parameter in front of the others, by which their model is multiplied."""
    n = len(shape.first) + 1
    second = np.zeros((n, n, shape.value.size))
    second[0, 1:] = second[1:, 0] = shape.first
    second[1:, 1:] = factor * shape.second
    return Jet(factor * shape.value, np.concatenate([shape.value[None], factor * shape.first]), second)


def quotient(top: FloatArray, top_first: FloatArray, bottom: FloatArray, bottom_first: FloatArray) -> Jet:
    """The quotient of two models that are linear in the parameters.

    Args:
        top: Values of the numerator, (m,).
        top_first: Derivatives of the numerator, (n, m).
        bottom: Values of the denominator, (m,).
        bottom_first: Derivatives of the denominator, (n, m).

    Returns:
        The quotient with its derivatives.
    """
    ratio = top / bottom
    # From q b = t with t and b linear: q_i b + q b_i = t_i and q_ij b + q_i b_j + q_j b_i = 0.
    first = (top_first - ratio * bottom_first) / bottom
    cross = first[:, None] * bottom_first[None]
    return Jet(ratio, first, -(cross + cross.transpose(1, 0, 2)) / bottom)


def exponentials(rates: FloatArray, factors: FloatArray, x: FloatArray) -> Jet:
    """The sum of k terms a exp(-r x).

    Args:
        rates: The r, (k,).
        factors: The a, (k,).
        x: Where the model is observed, (m,).

    Returns:
        The model with its derivatives by the factors, then by the rates.
    """
    decay = np.exp(-np.multiply.outer(rates, x))
    k = len(rates)
    second = np.zeros((2 * k, 2 * k, x.size))
    i = np.arange(k)
    second[i, k + i] = second[k + i, i] = -x * decay
    second[k + i, k + i] = factors[:, None] * x**2 * decay
    return Jet(factors @ decay, np.concatenate([decay, -factors[:, None] * x * decay]), second)


def reordered(jet: Jet, order: list[int]) -> Jet:
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
        return 2 * (products(jet.first) + (jet.value - y) * jet.second).sum(2)

    return hessian
