"""Goddard's rocket by trapezoidal collocation: the free final time meets every other variable."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.definition.terms import (
    Term,
    entries_of,
    exponential,
    gradient_of,
    hessian_of,
    identity,
    inverse,
    pattern_of,
    power,
    square,
    term,
)

PARTS = 4
"""At each node: height, velocity, mass, thrust; behind all nodes the length of a step."""
DRAG, DECAY, EXHAUST = 310.0, 500.0, 0.5
"""D_c = v_c m_0 / (2 g_0) with v_c = 620, h_c, and c = sqrt(g_0 h_0) / 2, all with h_0 = m_0 = g_0 = 1."""


def _rates(xp: Any, height: Any, velocity: Any, mass: Any, thrust: Any) -> Any:
    """The time derivatives of height, velocity and mass, (nodes, 3)."""
    drag = DRAG * velocity * velocity * xp.exp(-DECAY * (height - 1))
    return xp.stack([velocity, (thrust - drag) / mass - 1 / (height * height), -thrust / EXHAUST], axis=1)


def _rocket(xp: Any, x: Any, sigma: Any, multipliers: Any) -> Any:
    r"""f(x) = -sigma final height + multipliers . trapezoidal steps: the Lagrangian of a rocket that is to rise.

    $$f(x) = -\sigma h_N + \sum_{i=0}^{N-1} \lambda_i \cdot \left(s_{i+1} - s_i - \tfrac\Delta2 (g(s_i, T_i)
    + g(s_{i+1}, T_{i+1}))\right),\quad s = (h, v, m),\quad
    g = \left(v,\ \frac{T - D_c v^2 e^{-h_c (h - 1)}}{m} - \frac1{h^2},\ -\frac T c\right)$$
    """
    nodes = xp.reshape(x[:-1], (-1, PARTS))
    state, rate = nodes[:, :3], _rates(xp, *(nodes[:, i] for i in range(PARTS)))
    steps = state[1:] - state[:-1] - 0.5 * x[-1] * (rate[1:] + rate[:-1])
    return xp.sum(multipliers * steps) - sigma * nodes[-1, 0]


def _terms(n: int, sigma: FloatArray, multipliers: FloatArray) -> list[Term]:
    """Each node is the end of one step and the beginning of the next, so it counts with the mean of two multipliers."""
    at = np.arange(n - 1).reshape(-1, PARTS)
    h, v, m, thrust, final = *at.T, np.full(len(at), n - 1)
    padded = np.pad(multipliers, ((1, 1), (0, 0)))
    mean = -0.5 * (padded[1:] + padded[:-1])
    step = (identity, final)
    fall, burn = mean[:, 1], mean[:, 2]
    return [
        term(padded[:-1] - padded[1:], (identity, at[:, :3])),
        term(-sigma, (identity, at[-1:, 0])),
        term(mean[:, 0], step, (identity, v)),
        term(fall, step, (identity, thrust), (inverse, m)),
        term(-DRAG * fall, step, (square, v), (exponential(-DECAY, 1.0), h), (inverse, m)),
        term(-fall, step, (power(-2), h)),
        term(-burn / EXHAUST, step, (identity, thrust)),
    ]


def _multipliers(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    return np.array(1.0), rng.standard_normal(((n - 1) // PARTS - 1, 3))


def _climb(n: int, rng: np.random.Generator) -> FloatArray:
    """The start of COPS: constant height, a parabola of velocity, mass falling to 0.6, half of the thrust."""
    del rng
    t = np.linspace(0, 1, (n - 1) // PARTS)
    start = np.stack([np.ones_like(t), t * (1 - t), 1 - 0.4 * t, np.full_like(t, 1.75)], axis=1)
    return np.append(start.ravel(), 1 / (t.size - 1))


rocket = Problem(
    name="rocket",
    objective=_rocket,
    sizes=(17, 101, 1001, 12_805, 100_001),
    start=_climb,
    data=_multipliers,
    gradient=gradient_of(_terms),
    hessian=hessian_of(_terms),
    sparse_hessian=entries_of(_terms),
    allowed=Size("n = 4 k + 1, k >= 2", lambda n: n >= 2 * PARTS + 1 and n % PARTS == 1),
    source="Dolan, More & Munson 2004, Benchmarking optimization software with COPS 3.0, ANL/MCS-TM-273, problem 10 "
    "(Goddard's rocket; Bryson 1999, Dynamic optimization)",
    convention="COPS with the step as a variable; without conditions at both ends (linear); random multipliers",
    structure=Structure(pattern=pattern_of(_terms, _multipliers)),
    spread=1e-3,
    tags=("sparse", "control", "lagrangian", "arrow"),
)

PROBLEMS = (rocket,)
