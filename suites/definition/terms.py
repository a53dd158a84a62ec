"""Sums of products of functions of one variable each: their entries by the product rule. No problems here.

Lagrangians of dynamics and of networks are of this kind: l u cos(a) sin(b), V W cos(s) cos(t). With a term
c g_1(x_1) ... g_k(x_k) of different variables, the entry (i, i) gets c g_i'' times the other factors, (i, j) gets
c g_i' g_j' times the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray, IntArray
from hessbench.suites.definition.elements import filled, summed

Jet = tuple[FloatArray, FloatArray, FloatArray | None]
"""A function, its slope, its curvature; None where that is zero everywhere."""
Univariate = Callable[[FloatArray], Jet]


class Factor(NamedTuple):
    """A function of one variable.

    Attributes:
        place: The variable, for each of the terms that are alike, (m,).
        jet: The function.
    """

    place: IntArray
    jet: Univariate


class Term(NamedTuple):
    """Terms that are alike: c g_1(x_1) ... g_k(x_k).

    Attributes:
        coefficient: The c of each, (m,), or one for all.
        factors: The functions, of different variables.
    """

    coefficient: Any
    factors: tuple[Factor, ...]


def term(coefficient: Any, *factors: tuple[Univariate, Any]) -> Term:
    """Terms from functions and the variables that they take."""
    return Term(coefficient, tuple(Factor(np.asarray(place), jet) for jet, place in factors))


def identity(x: FloatArray) -> Jet:
    """The variable itself."""
    return x, np.ones_like(x), None


def square(x: FloatArray) -> Jet:
    """Its square."""
    return x * x, 2 * x, np.full_like(x, 2.0)


def sine(x: FloatArray) -> Jet:
    """Its sine."""
    return np.sin(x), np.cos(x), -np.sin(x)


def cosine(x: FloatArray) -> Jet:
    """Its cosine."""
    return np.cos(x), -np.sin(x), -np.cos(x)


def tangent(x: FloatArray) -> Jet:
    """Its tangent."""
    t = np.tan(x)
    return t, 1 + t * t, 2 * t * (1 + t * t)


def secant(x: FloatArray) -> Jet:
    """One over its cosine."""
    s, t = 1 / np.cos(x), np.tan(x)
    return s, s * t, s * (1 + 2 * t * t)


def inverse(x: FloatArray) -> Jet:
    """One over it."""
    return 1 / x, -1 / x**2, 2 / x**3


def exponential(rate: float, at: float = 0.0) -> Univariate:
    """exp(rate (x - at))."""

    def jet(x: FloatArray) -> Jet:
        value = np.exp(rate * (x - at))
        return value, rate * value, rate**2 * value

    return jet


def power(k: float) -> Univariate:
    """Its k-th power."""
    return lambda x: (x**k, k * x ** (k - 1), k * (k - 1) * x ** (k - 2))


def gradient_of(terms: Callable[..., Sequence[Term]]) -> Callable[..., FloatArray]:
    """The gradient, from a function (n, *data) -> terms."""

    def gradient(x: FloatArray, *data: FloatArray) -> FloatArray:
        total = np.zeros_like(x)
        for coefficient, factors in terms(x.size, *data):
            jets = [factor.jet(x[factor.place]) for factor in factors]
            for i, factor in enumerate(factors):
                np.add.at(total, factor.place, coefficient * jets[i][1] * _others(jets, i))
        return total

    return gradient


def entries_of(terms: Callable[..., Sequence[Term]]) -> Callable[..., Entries]:
    """The entries of the Hessian, from a function (n, *data) -> terms."""

    def entries(x: FloatArray, *data: FloatArray) -> Entries:
        parts: list[tuple[IntArray, IntArray, FloatArray]] = []
        for coefficient, factors in terms(x.size, *data):
            jets = [factor.jet(x[factor.place]) for factor in factors]
            for i, factor in enumerate(factors):
                if (curvature := jets[i][2]) is not None:
                    parts.append((factor.place, factor.place, coefficient * curvature * _others(jets, i)))
            for i, j in combinations(range(len(factors)), 2):
                values = coefficient * jets[i][1] * jets[j][1] * _others(jets, i, j)
                parts += [(factors[a].place, factors[b].place, values) for a, b in ((i, j), (j, i))]
        return summed(x.size, *(np.concatenate([np.ravel(part[k]) for part in parts]) for k in range(3)))

    return entries


def hessian_of(terms: Callable[..., Sequence[Term]]) -> Callable[..., FloatArray]:
    """The Hessian (n, n), from a function (n, *data) -> terms."""
    return filled(entries_of(terms))


def pattern_of(
    terms: Callable[..., Sequence[Term]], data: Callable[..., tuple[FloatArray, ...]]
) -> Callable[[int], tuple[IntArray, IntArray]]:
    """The places of the entries for n variables.

    Args:
        terms: A function (n, *data) -> terms.
        data: Gives data from (n, random generator); the places do not depend on them.

    Returns:
        A function n -> rows and columns.
    """

    def pattern(n: int) -> tuple[IntArray, IntArray]:
        rows, columns, _ = entries_of(terms)(np.ones(n), *data(n, np.random.default_rng(0)))
        return rows, columns

    return pattern


def _others(jets: Sequence[Jet], *left_out: int) -> Any:
    """The product of the other factors."""
    return math.prod((jet[0] for i, jet in enumerate(jets) if i not in left_out), start=np.float64(1.0))
