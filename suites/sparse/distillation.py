"""Optimal control of a distillation column: the Lagrangian of its mass balances, all of them bilinear."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.definition.terms import (
    Term,
    entries_of,
    gradient_of,
    hessian_of,
    identity,
    pattern_of,
    square,
    term,
)

TRAYS, FEED_TRAY = 30, 17
PLACES = TRAYS + 2
"""Condenser, trays, reboiler."""
STAGE = 2 * PLACES + 3
"""At each time: liquid and vapor fractions at all places, reflux ratio u, vapor and liquid flows V and L."""
CONDENSER, TRAY, REBOILER = 0.5, 0.25, 1.0
"""Holdups."""
DISTILLATE, FEED, FRACTION = 0.2, 0.4, 0.5
VOLATILITY, HORIZON, PURITY, RATIO = 1.6, 10.0, 0.8958, 2.0


def _times(n: int) -> int:
    """Number of steps; there is one more time."""
    return n // STAGE - 1


def _balances(xp: Any, x: Any, y: Any, u: Any, v: Any, flow: Any) -> Any:
    """How fast each place's fraction of liquid grows, (steps, 32)."""
    u, v, flow = (xp.expand_dims(part, axis=1) for part in (u, v, flow))
    rise = v * (y[:, 1:-1] - y[:, 2:])
    upper = u * DISTILLATE * (y[:, : FEED_TRAY - 1] - x[:, 1:FEED_TRAY]) - rise[:, : FEED_TRAY - 1]
    feed, below = slice(FEED_TRAY, FEED_TRAY + 1), slice(FEED_TRAY + 1, TRAYS + 1)
    fed = FEED * FRACTION + u * DISTILLATE * x[:, FEED_TRAY - 1 : FEED_TRAY] - flow * x[:, feed]
    lower = flow * (y[:, FEED_TRAY:TRAYS] - x[:, below]) - rise[:, FEED_TRAY:]
    bottom = flow * x[:, TRAYS : TRAYS + 1] - (FEED - DISTILLATE) * x[:, TRAYS + 1 :] - v * y[:, TRAYS + 1 :]
    top = (y[:, 1:2] - x[:, :1]) / CONDENSER
    trays = xp.concat([upper, fed - rise[:, FEED_TRAY - 1 : FEED_TRAY], lower], axis=1) / TRAY
    return xp.concat([top, trays, bottom / REBOILER], axis=1)


def _distillation(xp: Any, z: Any, sigma: Any, dynamics: Any, flows: Any, equilibria: Any) -> Any:
    r"""f(x) = sigma (impurity + deviation) + multipliers . (balances, flows, equilibria): a column with 30 trays.

    $$f(x) = \sigma \sum_t (y_{t1} - \bar y)^2 + (u_t - \bar u)^2
    + \sum_{t, i} \lambda_{ti} \left(\tfrac{x_{ti} - x_{t-1,i}}{h} - b_i(x_t, y_t, u_t, V_t, L_t)\right)
    + \mu_t (V_t - D u_t - D) + \nu_t (L_t - D u_t - F)
    + \kappa_{ti} \left(y_{ti} (1 - x_{ti}) - \alpha x_{ti} (1 - y_{ti})\right)$$
    """
    steps = _times(z.shape[0])
    stages = xp.reshape(z, (steps + 1, STAGE))
    x, y = stages[:, :PLACES], stages[:, PLACES : 2 * PLACES]
    u, v, flow = (stages[:, 2 * PLACES + i] for i in range(3))
    growth = (x[1:] - x[:-1]) * (steps / HORIZON) - _balances(xp, x[1:], y[1:], u[1:], v[1:], flow[1:])
    equilibrium = y * (1 - x) - VOLATILITY * x * (1 - y)
    target = xp.sum(xp.square(y[:, 1] - PURITY)) + xp.sum(xp.square(u - RATIO))
    flowing = flows[0] * (v - u * DISTILLATE - DISTILLATE) + flows[1] * (flow - u * DISTILLATE - FEED)
    return sigma * target + xp.sum(dynamics * growth) + xp.sum(flowing) + xp.sum(equilibria * equilibrium)


def _terms(n: int, sigma: FloatArray, dynamics: FloatArray, flows: FloatArray, equilibria: FloatArray) -> list[Term]:
    steps = _times(n)
    at = np.arange(steps + 1)[:, None] * STAGE + np.arange(STAGE)
    x, y, (u, v, flow) = at[:, :PLACES], at[:, PLACES : 2 * PLACES], at[:, 2 * PLACES :].T
    rate = dynamics * steps / HORIZON
    everywhere = [
        term(sigma, (square, y[:, 1])),
        term(-2 * sigma * PURITY, (identity, y[:, 1])),
        term(sigma, (square, u)),
        term(-2 * sigma * RATIO - DISTILLATE * (flows[0] + flows[1]), (identity, u)),
        term(flows[0], (identity, v)),
        term(flows[1], (identity, flow)),
        term(equilibria, (identity, y)),
        term(-VOLATILITY * equilibria, (identity, x)),
        term((VOLATILITY - 1) * equilibria, (identity, x), (identity, y)),
        term(rate, (identity, x[1:])),
        term(-rate, (identity, x[:-1])),
    ]
    return everywhere + _balance_terms(
        dynamics, x[1:], y[1:], *(np.broadcast_to(c[1:, None], (steps, PLACES)) for c in (u, v, flow))
    )


def _balance_terms(m: FloatArray, x: IntArray, y: IntArray, u: IntArray, v: IntArray, flow: IntArray) -> list[Term]:
    """Minus the balances, each with its multiplier, (steps, 32)."""
    up, mid, low, end = slice(1, FEED_TRAY), slice(FEED_TRAY, FEED_TRAY + 1), slice(FEED_TRAY + 1, TRAYS + 1), TRAYS + 1
    trays, tray = slice(1, TRAYS + 1), m / TRAY
    return [
        term(-m[:, 0] / CONDENSER, (identity, y[:, 1])),
        term(m[:, 0] / CONDENSER, (identity, x[:, 0])),
        term(-DISTILLATE * tray[:, up], (identity, u[:, up]), (identity, y[:, : FEED_TRAY - 1])),
        term(DISTILLATE * tray[:, up], (identity, u[:, up]), (identity, x[:, up])),
        term(tray[:, trays], (identity, v[:, trays]), (identity, y[:, trays])),
        term(-tray[:, trays], (identity, v[:, trays]), (identity, y[:, 2:])),
        term(-DISTILLATE * tray[:, mid], (identity, u[:, mid]), (identity, x[:, FEED_TRAY - 1 : FEED_TRAY])),
        term(tray[:, mid], (identity, flow[:, mid]), (identity, x[:, mid])),
        term(-tray[:, low], (identity, flow[:, low]), (identity, y[:, FEED_TRAY:TRAYS])),
        term(tray[:, low], (identity, flow[:, low]), (identity, x[:, low])),
        term(-m[:, end] / REBOILER, (identity, flow[:, end]), (identity, x[:, TRAYS])),
        term((FEED - DISTILLATE) / REBOILER * m[:, end], (identity, x[:, end])),
        term(m[:, end] / REBOILER, (identity, v[:, end]), (identity, y[:, end])),
    ]


def _multipliers(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    steps = _times(n)
    shapes = ((steps, PLACES), (2, steps + 1), (steps + 1, PLACES))
    return np.array(1.0), *(rng.standard_normal(shape) for shape in shapes)


distillation = Problem(
    name="distillation",
    objective=_distillation,
    sizes=(134, 1005, 10_050, 33_567, 100_031),
    start=lambda n, rng: 0.5 + 0.1 * rng.standard_normal(n),
    data=_multipliers,
    gradient=gradient_of(_terms),
    hessian=hessian_of(_terms),
    sparse_hessian=entries_of(_terms),
    allowed=Size("n a multiple of 67, at least 134", lambda n: n >= 2 * STAGE and n % STAGE == 0),
    source="Hahn & Edgar 2002, An improved method for nonlinear model reduction using "
    "balancing of empirical gramians, doi:10.1016/S0098-1354(02)00120-5, as the distillation column of Shin, Anitescu "
    "& Pacaud 2024 (ExaModels), doi:10.1016/j.epsr.2024.110651",
    convention="ExaModels, 30 trays; without the initial conditions, which are linear; random multipliers",
    structure=Structure(pattern=pattern_of(_terms, _multipliers)),
    tags=("sparse", "control", "lagrangian", "bilinear"),
)

PROBLEMS = (distillation,)
