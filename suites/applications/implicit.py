"""Functions that are given by an equation or a differential equation, solved on the way: iterations are unrolled.

Kepler's equation y - e sin y = x has derivatives in closed form, y' = 1 / (1 - e cos y) and y'' = -e sin(y) y'^3,
whoever solves it: a contraction, or Newton's method. Steps of an integrator for y' = -x y multiply y by a rational
function of the step, so that their solution after m steps is a power of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

E = 0.4
"""The orbit's eccentricity: a contraction gains a factor of 2.5 in each turn."""

TURNS, NEWTON_TURNS = 44, 7
"""Enough for float64, of solution and derivatives: 0.4^44 = 3e-18, times a polynomial in the turn."""


def _spread_out(xp: Any, y: Any, target: Any) -> Any:
    """What is asked of the solutions: each near its target, and their sum small."""
    return xp.sum((y - target) * (y - target)) / 2 + xp.sum(y) * xp.sum(y) / (2 * y.shape[0])


def _fixed_point(xp: Any, x: Any, target: Any) -> Any:
    r"""f(x) = |y - t|^2 / 2 + (sum y)^2 / 2n where y = x + e sin y, by 44 turns of the contraction.

    $$f(x) = \tfrac12 \|y - t\|^2 + \tfrac{1}{2n} \Big(\sum_i y_i\Big)^2,\quad y_i = x_i + e \sin y_i$$
    """
    y = x
    for _ in range(TURNS):
        y = x + E * xp.sin(y)
    return _spread_out(xp, y, target)


def _root(xp: Any, x: Any, target: Any) -> Any:
    r"""f(x) = |y - t|^2 / 2 + (sum y)^2 / 2n where y - e sin y = x, by 7 steps of Newton's method.

    $$f(x) = \tfrac12 \|y - t\|^2 + \tfrac{1}{2n} \Big(\sum_i y_i\Big)^2,\quad y_i - e \sin y_i = x_i$$
    """
    y = x + E * xp.sin(x)
    for _ in range(NEWTON_TURNS):
        y = y - (y - E * xp.sin(y) - x) / (1 - E * xp.cos(y))
    return _spread_out(xp, y, target)


def _kepler(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The solution and its two derivatives, in the precision of x."""
    y = x + E * np.sin(x)
    for _ in range(NEWTON_TURNS):
        y = y - (y - E * np.sin(y) - x) / (1 - E * np.cos(y))
    first = 1 / (1 - E * np.cos(y))
    return y, first, -E * np.sin(y) * first**3


Solution = Callable[..., tuple[FloatArray, FloatArray, FloatArray]]


def _gradient(solution: Solution) -> Callable[..., FloatArray]:
    def gradient(x: FloatArray, target: FloatArray) -> FloatArray:
        y, first, _ = solution(x)
        return np.asarray(first * (y - target + np.sum(y) / len(y)))

    return gradient


def _hessian(solution: Solution) -> Callable[..., FloatArray]:
    def hessian(x: FloatArray, target: FloatArray) -> FloatArray:
        y, first, second = solution(x)
        along = second * (y - target + np.sum(y) / len(y))
        return np.asarray(np.diag(along + first**2) + np.outer(first, first) / len(y))

    return hessian


def _targets(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    return (rng.uniform(0.2, 0.9, n),)


def _solved(name: str, objective: Callable[..., Any], solution: Solution, source: str) -> Problem:
    return Problem(
        name=name,
        objective=objective,
        sizes=(6, 30),
        start=lambda n, rng: rng.uniform(0.3, 0.8, n),
        data=_targets,
        gradient=_gradient(solution),
        hessian=_hessian(solution),
        allowed=Size.any(),
        source=source,
        tags=("implicit",),
    )


KEPLER = "Kepler's equation; Battin 1999, An Introduction to the Mathematics and Methods of Astrodynamics, chapter 5"
SPAN, STEPS = 1.0, 8


def _decay(xp: Any, x: Any, target: Any) -> Any:
    r"""f(x) = |y - t|^2 / 2 + (sum y)^2 / 2n where y' = -x y from 1, by 8 Runge-Kutta steps of order four.

    $$f(x) = \tfrac12 \|y(1) - t\|^2 + \tfrac{1}{2n} \Big(\sum_i y_i(1)\Big)^2,\quad \dot y_i = -x_i y_i$$
    """
    y, h = xp.ones_like(x), SPAN / STEPS
    for _ in range(STEPS):
        a = -x * y
        b = -x * (y + h / 2 * a)
        c = -x * (y + h / 2 * b)
        d = -x * (y + h * c)
        y = y + h / 6 * (a + 2 * b + 2 * c + d)
    return _spread_out(xp, y, target)


def _decayed(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """R(z)^8 with z = -h x and R = 1 + z + z^2 / 2 + z^3 / 6 + z^4 / 24, and its derivatives by x."""
    h = SPAN / STEPS
    z = -h * x
    r, slope, bend = 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24, 1 + z + z**2 / 2 + z**3 / 6, 1 + z + z**2 / 2
    first = STEPS * r ** (STEPS - 1) * slope
    second = STEPS * (STEPS - 1) * r ** (STEPS - 2) * slope**2 + STEPS * r ** (STEPS - 1) * bend
    return r**STEPS, -h * first, h * h * second


IMPLICIT_STEPS, INNER = 4, 4
"""Steps of the integrator, and of Newton's method in each: the error squares from 0.01 on. XLA takes a minute and more
to compile 48 unrolled steps of Newton's method, and seconds for 16."""


def _implicit_decay(xp: Any, x: Any, target: Any) -> Any:
    r"""f(x) = |y - t|^2 / 2 + (sum y)^2 / 2n where y' = -x y^2 from 1: 4 implicit Euler steps by Newton's method.

    $$f(x) = \tfrac12 \|y - t\|^2 + \tfrac{1}{2n} \Big(\sum_i y_i\Big)^2,\quad
    y^{k+1} = y^k - h\, x\, (y^{k+1})^2$$
    """
    y, h = xp.ones_like(x), SPAN / IMPLICIT_STEPS
    for _ in range(IMPLICIT_STEPS):
        before = y
        for _ in range(INNER):
            y = y - (y + h * x * y * y - before) / (1 + 2 * h * x * y)
    return _spread_out(xp, y, target)


def _implicitly_decayed(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The steps' quadratic equations solved by their formula, and differentiated twice.

    With s = sqrt(1 + 4 h x b) each step takes b to y = 2 b / (1 + s). Implicitly, G = y + h x y^2 - b = 0 gives
    y' (1 + 2 h x y) = b' - h y^2 and y'' (1 + 2 h x y) = b'' - 4 h y y' - 2 h x y'^2.
    """
    h = SPAN / IMPLICIT_STEPS
    y, first, second = np.ones_like(x), np.zeros_like(x), np.zeros_like(x)
    for _ in range(IMPLICIT_STEPS):
        y = 2 * y / (1 + np.sqrt(1 + 4 * h * x * y))
        weight = 1 + 2 * h * x * y
        first = (first - h * y * y) / weight
        second = (second - 4 * h * y * first - 2 * h * x * first**2) / weight
    return y, first, second


HAIRER = "Hairer, Norsett & Wanner 1993, Solving Ordinary Differential Equations I, section II.1"
WANNER = "Hairer & Wanner 1996, Solving Ordinary Differential Equations II, section IV.3"

fixed_point = _solved("fixed_point", _fixed_point, _kepler, KEPLER)
root = _solved("root", _root, _kepler, KEPLER)
runge_kutta = _solved("runge_kutta", _decay, _decayed, HAIRER)
implicit_euler = _solved("implicit_euler", _implicit_decay, _implicitly_decayed, WANNER)

PROBLEMS = (fixed_point, root, runge_kutta, implicit_euler)
