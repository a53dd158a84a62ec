"""Optimal control of a quadrotor, discretized by Euler's rule: the Lagrangian that a solver differentiates."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.definition.terms import (
    Term,
    cosine,
    entries_of,
    gradient_of,
    hessian_of,
    identity,
    pattern_of,
    secant,
    sine,
    square,
    tangent,
    term,
)

STATE, CONTROL, STEP = 9, 4, 0.01
STAGE = STATE + CONTROL
TRACKED = np.array([0, 2, 4, 6, 7, 8])
"""States whose squares count: positions and angles; at the end 1 / STEP times as much, controls a tenth."""


def _stages(n: int) -> int:
    return (n - STATE) // STAGE


def _path(xp: Any, stages: int, dtype: Any) -> Any:
    """What the position is to follow, (stages + 1, 3)."""
    t = xp.arange(1, stages + 2, dtype=dtype) / stages
    return xp.stack([xp.sin(2 * np.pi * t), 2 * xp.sin(4 * np.pi * t), 2 * t], axis=1)


def _error(xp: Any, s: Any, path: Any) -> Any:
    """The square of what the states (stages, 9) miss."""
    return xp.sum(xp.square(s[:, :6:2] - path)) + xp.sum(xp.square(s[:, 6:]))


def _motion(xp: Any, s: Any, u: Any) -> Any:
    """The time derivatives of the states (stages, 9): position and velocity in turn, then three angles."""
    a, b, c = s[:, 6], s[:, 7], s[:, 8]
    sin_a, cos_a, sin_b, cos_b = xp.sin(a), xp.cos(a), xp.sin(b), xp.cos(b)
    thrust, p, q, r = (u[:, i] for i in range(CONTROL))
    turn = p * cos_a + q * sin_a
    rates = [
        s[:, 1],
        thrust * (cos_a * sin_b * xp.cos(c) + sin_a * xp.sin(c)),
        s[:, 3],
        thrust * (cos_a * sin_b * xp.sin(c) - sin_a * xp.cos(c)),
        s[:, 5],
        thrust * cos_a * cos_b - 9.8,
        turn / cos_b,
        q * cos_a - p * sin_a,
        turn * (sin_b / cos_b) + r,
    ]
    return xp.stack(rates, axis=1)


def _quadrotor(xp: Any, x: Any, sigma: Any, multipliers: Any) -> Any:
    r"""f(x) = sigma (tracking error + effort) + multipliers . Euler steps: the Lagrangian of a flight along a path.

    $$f(x) = \frac\sigma2 \sum_{i=1}^N \left(\|s_i - d_i\|_Q^2 + \tfrac1{10} \|u_i\|^2\right)
    + \frac\sigma{2h} \|s_{N+1} - d_{N+1}\|_Q^2 + \sum_{i=1}^N \lambda_i \cdot (s_i - s_{i+1} + h\, g(s_i, u_i))$$
    """
    stages = _stages(x.shape[0])
    steps = xp.reshape(x[:-STATE], (stages, STAGE))
    s, u = steps[:, :STATE], steps[:, STATE:]
    after = xp.concat([s[1:], xp.reshape(x[-STATE:], (1, STATE))])
    path = _path(xp, stages, x.dtype)
    running = _error(xp, s, path[:-1]) + 0.1 * xp.sum(u * u)
    final = _error(xp, after[-1:], path[-1:]) / STEP
    return 0.5 * sigma * (running + final) + xp.sum(multipliers * (s - after + STEP * _motion(xp, s, u)))


def _terms(n: int, sigma: FloatArray, multipliers: FloatArray) -> list[Term]:
    """The same as products; where a place is in several factors, they are different variables."""
    stages = _stages(n)
    at = np.arange(stages)[:, None] * STAGE + np.arange(STAGE)
    last = np.arange(n - STATE, n)
    path = _path(np, stages, np.float64)
    a, b, c, thrust, p, q, r = (at[:, i] for i in (6, 7, 8, 9, 10, 11, 12))
    m, h = multipliers, STEP * multipliers
    after = np.concatenate([at[1:, :STATE], last[None]])
    linear = [
        term(m, (identity, at[:, :STATE])),
        term(-m, (identity, after)),
        *(term(h[:, k], (identity, at[:, k + 1])) for k in (0, 2, 4)),
        term(h[:, 8], (identity, r)),
        term(-sigma * path[:-1], (identity, at[:, :6:2])),
        term(-sigma / STEP * path[-1], (identity, last[:6:2])),
    ]
    squares = [
        term(0.5 * sigma, (square, at[:, TRACKED])),
        term(0.05 * sigma, (square, at[:, STATE:])),
        term(0.5 * sigma / STEP, (square, last[TRACKED])),
    ]
    return (
        linear
        + squares
        + [
            term(h[:, 1], (identity, thrust), (cosine, a), (sine, b), (cosine, c)),
            term(h[:, 1], (identity, thrust), (sine, a), (sine, c)),
            term(h[:, 3], (identity, thrust), (cosine, a), (sine, b), (sine, c)),
            term(-h[:, 3], (identity, thrust), (sine, a), (cosine, c)),
            term(h[:, 5], (identity, thrust), (cosine, a), (cosine, b)),
            term(h[:, 6], (identity, p), (cosine, a), (secant, b)),
            term(h[:, 6], (identity, q), (sine, a), (secant, b)),
            term(-h[:, 7], (identity, p), (sine, a)),
            term(h[:, 7], (identity, q), (cosine, a)),
            term(h[:, 8], (identity, p), (cosine, a), (tangent, b)),
            term(h[:, 8], (identity, q), (sine, a), (tangent, b)),
        ]
    )


def _multipliers(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    return np.array(1.0), rng.standard_normal((_stages(n), STATE))


quadrotor = Problem(
    name="quadrotor",
    objective=_quadrotor,
    sizes=(22, 100, 1010, 10_006, 65_009),
    start=lambda n, rng: 0.1 * rng.standard_normal(n) + 0.3,
    data=_multipliers,
    gradient=gradient_of(_terms),
    hessian=hessian_of(_terms),
    sparse_hessian=entries_of(_terms),
    allowed=Size("n = 13 N + 9, N >= 1", lambda n: n >= STAGE + STATE and n % STAGE == STATE),
    source="Hehn & D'Andrea 2011, A flying inverted pendulum, doi:10.1109/ICRA.2011.5980244, as the quadrotor of "
    "Shin, Anitescu & Pacaud 2024 (ExaModels), doi:10.1016/j.epsr.2024.110651",
    convention="ExaModels, with step 0.01; without the initial conditions, which are linear; random multipliers",
    structure=Structure(pattern=pattern_of(_terms, _multipliers)),
    tags=("sparse", "control", "lagrangian", "block-diagonal", "unused-variable"),
)

PROBLEMS = (quadrotor,)
