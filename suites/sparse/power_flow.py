"""AC optimal power flow in polar form: the Lagrangian of the balances at all buses of a network."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
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
    sine,
    square,
    term,
)

BUSES, GENERATORS = 9, 3
AREA = 2 * BUSES + 2 * GENERATORS
"""Of each area: voltages and angles of its buses, active and reactive power of its generators."""

BRANCHES = np.array(
    [
        (0, 3, 0.0, 0.0576, 0.0),
        (3, 4, 0.017, 0.092, 0.158),
        (4, 5, 0.039, 0.17, 0.358),
        (2, 5, 0.0, 0.0586, 0.0),
        (5, 6, 0.0119, 0.1008, 0.209),
        (6, 7, 0.0085, 0.072, 0.149),
        (7, 1, 0.0, 0.0625, 0.0),
        (7, 8, 0.032, 0.161, 0.306),
        (8, 3, 0.01, 0.085, 0.176),
    ]
)
"""From bus, to bus, resistance, reactance, charging (per unit, 100 MVA); generators are at the first three buses."""
TIE = (4, 6, 0.01, 0.085, 0.176)
"""Areas beyond the first are joined to the one before: its bus 5 to their bus 7."""
COSTS = np.array([(0.11, 5.0), (0.085, 1.2), (0.1225, 1.0)])
"""Quadratic and linear cost of active power in MW."""
DEMAND = {4: (0.9, 0.3), 6: (1.0, 0.35), 8: (1.25, 0.5)}


def _network(n: int) -> tuple[IntArray, IntArray, FloatArray]:
    """From and to buses of the branches in both directions, (2 b,), and columns g, b, own g, own b of each (2 b, 4)."""
    areas = n // AREA
    shift = np.arange(areas)[:, None] * BUSES
    first = np.append((BRANCHES[:, 0] + shift).ravel(), (TIE[0] + shift[:-1]).ravel()).astype(np.intp)
    second = np.append((BRANCHES[:, 1] + shift).ravel(), (TIE[1] + shift[1:]).ravel()).astype(np.intp)
    r, x, charging = (np.append(np.tile(BRANCHES[:, k], areas), np.full(areas - 1, TIE[k])) for k in (2, 3, 4))
    admittance = 1 / (r + 1j * x)
    columns = np.stack([admittance.real, admittance.imag, admittance.real, admittance.imag + charging / 2], axis=1)
    return np.append(first, second), np.append(second, first), np.concatenate([columns, columns])


def _power_flow(xp: Any, x: Any, sigma: Any, multipliers: Any, ends: Any, admittances: Any, demand: Any) -> Any:
    r"""f(x) = sigma cost + multipliers . power balances at the buses: areas of 9 buses and 3 generators, in a chain.

    $$f(x) = \sigma \sum_g c_g P_g^2 + d_g P_g + \sum_b \lambda_b \Big(\sum_{l: b \to k} p_l + D_b - P_b\Big)
    + \mu_b \Big(\sum_{l: b \to k} q_l + E_b - Q_b\Big),\quad p_l + i q_l = V_b e^{i \theta_b}
    \overline{(Y'_l V_b e^{i \theta_b} - Y_l V_k e^{i \theta_k})}$$
    """
    areas = x.shape[0] // AREA
    parts = xp.reshape(x, (areas, AREA))
    voltage, angle = (xp.reshape(parts[:, k * BUSES : (k + 1) * BUSES], (-1,)) for k in range(2))
    active, reactive = (parts[:, 2 * BUSES + k * GENERATORS :][:, :GENERATORS] for k in range(2))
    v, w = xp.take(voltage, ends[0]), xp.take(voltage, ends[1])
    apart = xp.take(angle, ends[0]) - xp.take(angle, ends[1])
    g, b, own_g, own_b = (admittances[:, k] for k in range(4))
    cos, sin = xp.cos(apart), xp.sin(apart)
    flow = own_g * v * v - v * w * (g * cos + b * sin)
    reactive_flow = -own_b * v * v - v * w * (g * sin - b * cos)
    price, reactive_price = multipliers[0], multipliers[1]
    flows = xp.sum(xp.take(price, ends[0]) * flow + xp.take(reactive_price, ends[0]) * reactive_flow)
    at = (xp.reshape(m, (areas, BUSES))[:, :GENERATORS] for m in (price, reactive_price))
    given = sum(xp.sum(m * power) for m, power in zip(at, (active, reactive), strict=True))
    quadratic, linear = (xp.asarray(COSTS[:, k] * 100.0 ** (2 - k), dtype=x.dtype) for k in range(2))
    cost = xp.sum(quadratic * active * active + linear * active)
    return sigma * cost + flows + xp.sum(multipliers * demand) - given


def _terms(
    n: int, sigma: FloatArray, multipliers: FloatArray, ends: IntArray, admittances: FloatArray, demand: FloatArray
) -> list[Term]:
    """With cos(s - t) = cos s cos t + sin s sin t and sin(s - t) = sin s cos t - cos s sin t, all are products."""
    del demand
    at = np.arange(n).reshape(-1, AREA)
    voltage, angle = at[:, :BUSES].ravel(), at[:, BUSES : 2 * BUSES].ravel()
    active, reactive = at[:, 2 * BUSES : 2 * BUSES + GENERATORS], at[:, 2 * BUSES + GENERATORS :]
    v, w, s, t = voltage[ends[0]], voltage[ends[1]], angle[ends[0]], angle[ends[1]]
    price, other = multipliers[0][ends[0]], multipliers[1][ends[0]]
    g, b, own_g, own_b = admittances.T
    volts = ((identity, v), (identity, w))
    of_cos, of_sin = -price * g + other * b, -price * b - other * g
    at_bus = multipliers.reshape(2, -1, BUSES)[:, :, :GENERATORS]
    return [
        term(sigma * COSTS[:, 0] * 1e4, (square, active)),
        term(sigma * COSTS[:, 1] * 1e2 - at_bus[0], (identity, active)),
        term(-at_bus[1], (identity, reactive)),
        term(price * own_g - other * own_b, (square, v)),
        term(of_cos, *volts, (cosine, s), (cosine, t)),
        term(of_cos, *volts, (sine, s), (sine, t)),
        term(of_sin, *volts, (sine, s), (cosine, t)),
        term(-of_sin, *volts, (cosine, s), (sine, t)),
    ]


def _data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    areas = n // AREA
    first, second, admittances = _network(n)
    demand = np.zeros((2, areas, BUSES))
    for bus, powers in DEMAND.items():
        demand[:, :, bus] = np.array(powers)[:, None]
    prices = 1000 * (1 + rng.uniform(-0.5, 0.5, (2, areas * BUSES)))
    return np.array(1.0), prices, np.stack([first, second]), admittances, demand.reshape(2, -1)


def _flat(n: int, rng: np.random.Generator) -> FloatArray:
    """Voltages near one, small angles, generators that share the demand."""
    stage = np.concatenate([np.ones(BUSES), np.zeros(BUSES), np.ones(GENERATORS), np.full(GENERATORS, 0.1)])
    return np.tile(stage, n // AREA) + 0.05 * rng.standard_normal(n)


power_flow = Problem(
    name="power_flow",
    objective=_power_flow,
    sizes=(24, 120, 1200, 12_000, 96_000),
    start=_flat,
    data=_data,
    gradient=gradient_of(_terms),
    hessian=hessian_of(_terms),
    sparse_hessian=entries_of(_terms),
    allowed=Size.multiple_of(AREA),
    source="Chow 1982, Time-scale modeling of dynamic networks, p. 70 (3 machines, 9 buses), as case9 of MATPOWER: "
    "Zimmerman, Murillo-Sanchez & Thomas 2011, doi:10.1109/TPWRS.2010.2051168",
    convention="MATPOWER case9 in per unit, costs in MW; larger n are copies joined by a line; no limits of lines; "
    "random prices",
    structure=Structure(pattern=pattern_of(_terms, _data)),
    tags=("sparse", "network", "lagrangian"),
)

PROBLEMS = (power_flow,)
