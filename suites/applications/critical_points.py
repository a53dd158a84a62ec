"""Critical points of known kind: minima, saddles of every index, maxima, and degenerate ones.

The start point lies beside a critical point that is known, so that Newton's method leads there; the point itself is a
named one. Where the Hessian is singular the critical point is the start point, and mathematics tells its inertia.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.classic.planes import himmelblau
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Published
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

BESIDE = 0.02
"""How far beside its critical point a problem starts."""


def _near(problem: Problem, name: str, kind: str, point: Sequence[float], source: str) -> Problem:
    """A problem of two variables that starts beside one of its critical points."""
    here = np.asarray(point)
    return replace(
        problem,
        name=name,
        start=lambda n, rng: here + BESIDE * np.array([1.0, -1.0]),
        spread=1e-3,
        named_points={kind: lambda n, rng: here},
        published=(),
        source=source,
        tags=("critical-point", kind),
    )


HIMMELBLAU = "Himmelblau 1972, Applied Nonlinear Programming; its nine critical points are roots of two cubics"

himmelblau_minimum = _near(himmelblau, "himmelblau_minimum", "minimum", (3.0, 2.0), HIMMELBLAU)
himmelblau_saddle = _near(himmelblau, "himmelblau_saddle", "saddle", (3.385154183607, 0.073851879837747), HIMMELBLAU)
himmelblau_maximum = _near(
    himmelblau, "himmelblau_maximum", "maximum", (-0.27084459066745, -0.92303855647970), HIMMELBLAU
)

A = np.array([-200.0, -100.0, -170.0, 15.0])
B = np.array([[-1.0, 0.0, -10.0], [-1.0, 0.0, -10.0], [-6.5, 11.0, -6.5], [0.7, 0.6, 0.7]])
"""Factors of dx^2, dx dy and dy^2 in the exponents of the four terms."""
CENTERS = np.array([[1.0, 0.0], [0.0, 0.5], [-0.5, 1.5], [-1.0, 1.0]])


def _mueller_brown(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_k A_k exp(a_k (x - x_k)^2 + b_k (x - x_k)(y - y_k) + c_k (y - y_k)^2), four terms.

    $$f(x, y) = \sum_{k=1}^4 A_k \exp\left(a_k (x - x_k)^2 + b_k (x - x_k)(y - y_k) + c_k (y - y_k)^2\right)$$
    """
    total = 0.0
    for height, (a, b, c), (p, q) in zip(A.tolist(), B.tolist(), CENTERS.tolist(), strict=True):
        dx, dy = x[0] - p, x[1] - q
        total = total + height * xp.exp(a * dx * dx + b * dx * dy + c * dy * dy)
    return total


def _mueller_brown_jet(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient and Hessian: of A e^q they are A e^q q' and A e^q (q' q'^T + q'')."""
    slope, curvature = np.zeros(2), np.zeros((2, 2))
    for height, (a, b, c), center in zip(A, B, CENTERS, strict=True):
        second = np.array([[2 * a, b], [b, 2 * c]])
        d = x - center
        value, first = height * np.exp(d @ second @ d / 2), second @ d
        slope, curvature = slope + value * first, curvature + value * (np.outer(first, first) + second)
    return slope, curvature


MUELLER = "Mueller & Brown 1979, doi:10.1007/BF00547608"

_mueller = Problem(
    name="mueller_brown",
    objective=_mueller_brown,
    sizes=(2,),
    start=lambda n, rng: np.zeros(2),
    gradient=lambda x: _mueller_brown_jet(x)[0],
    hessian=lambda x: _mueller_brown_jet(x)[1],
    allowed=Size.exactly(2),
    source=MUELLER,
)

mueller_brown_minimum = replace(
    _near(_mueller, "mueller_brown_minimum", "minimum", (-0.558223634633024, 1.441725841804669), MUELLER),
    published=(Published("minimum", 2, -146.69951721, 1e-9, f"{MUELLER}; with more digits in many places since"),),
)
mueller_brown_saddle = replace(
    _near(_mueller, "mueller_brown_saddle", "saddle", (-0.822001558732732, 0.624312802814871), MUELLER),
    published=(Published("saddle", 2, -40.66484351, 1e-8, f"{MUELLER}; with more digits in many places since"),),
)


def _double_wells(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (x_i^2 - 1)^2 / 4 + sum_i (x_{i+1} - x_i)^2 / 20; at 0 every direction may be one of descent.

    $$f(x) = \sum_i \frac{(x_i^2 - 1)^2}{4} + \sum_i \frac{(x_{i+1} - x_i)^2}{20}$$
    """
    well = x * x - 1
    step = x[1:] - x[:-1]
    return xp.sum(well * well) / 4 + xp.sum(step * step) / 20


def _chain(n: int) -> FloatArray:
    """The matrix of sum (x_{i+1} - x_i)^2 / 2, with eigenvalues 4 sin^2(pi j / 2 n), j < n."""
    d = np.diff(np.eye(n), axis=0)
    return d.T @ d


def _double_wells_gradient(x: FloatArray) -> FloatArray:
    return np.asarray((x * x - 1) * x + _chain(len(x)) @ x / 10)


def _double_wells_hessian(x: FloatArray) -> FloatArray:
    return np.asarray(np.diag(3 * x * x - 1) + _chain(len(x)) / 10)


def _wells(name: str, kind: str, at: Callable[[int], FloatArray]) -> Problem:
    return Problem(
        name=name,
        objective=_double_wells,
        sizes=(6, 24),
        start=lambda n, rng: at(n) + BESIDE * rng.uniform(-1, 1, n),
        spread=1e-3,
        gradient=_double_wells_gradient,
        hessian=_double_wells_hessian,
        allowed=Size.at_least(2),
        source="a chain of double wells (discrete Ginzburg-Landau energy); at 0 the Hessian is -I + K / 10",
        named_points={kind: lambda n, rng: at(n)},
        tags=("critical-point", kind, "tridiagonal"),
    )


def _mixed(n: int) -> FloatArray:
    """The critical point whose even places lie in wells and whose odd ones lie on hills, by Newton's method."""
    x = np.where(np.arange(n) % 2 == 0, np.where(np.arange(n) % 4 == 0, 1.0, -1.0), 0.0)
    for _ in range(30):
        x = x - np.linalg.solve(_double_wells_hessian(x), _double_wells_gradient(x))
    return np.asarray(x)


double_wells_minimum = _wells("double_wells_minimum", "minimum", lambda n: np.ones(n))
double_wells_saddle = _wells("double_wells_saddle", "saddle", _mixed)
double_wells_maximum = _wells("double_wells_maximum", "maximum", lambda n: np.zeros(n))


def _monkey_saddle(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1^3 - 3 x_1 x_2^2: at 0 gradient and Hessian are zero, and it is no extremum.

    $$f(x) = x_1^3 - 3\, x_1 x_2^2$$
    """
    return x[0] * x[0] * x[0] - 3 * x[0] * x[1] * x[1]


monkey_saddle = Problem(
    name="monkey_saddle",
    objective=_monkey_saddle,
    sizes=(2,),
    start=lambda n, rng: np.zeros(2),
    spread=0.0,
    gradient=lambda x: np.array([3 * x[0] ** 2 - 3 * x[1] ** 2, -6 * x[0] * x[1]]),
    hessian=lambda x: np.array([[6 * x[0], -6 * x[1]], [-6 * x[1], -6 * x[0]]]),
    inertia=lambda x: (0, 2, 0),
    allowed=Size.exactly(2),
    source="Hilbert & Cohn-Vossen 1932, Anschauliche Geometrie, section 29",
    named_points={"degenerate": lambda n, rng: np.zeros(2)},
    tags=("critical-point", "degenerate", "hard-for-differences"),
)


def _flat_valley(xp: Any, x: Any) -> Any:
    r"""f(x) = x_1^4 + sum_i (x_i + x_{i-1}^2)^2: at 0 a minimum that the Hessian does not show.

    $$f(x) = x_1^4 + \sum_{i \ge 2} (x_i + x_{i-1}^2)^2$$
    """
    rest = x[1:] + x[:-1] * x[:-1]
    return x[0] * x[0] * x[0] * x[0] + xp.sum(rest * rest)


def _flat_valley_gradient(x: FloatArray) -> FloatArray:
    rest, found = x[1:] + x[:-1] ** 2, np.zeros_like(x)
    found[1:] += 2 * rest
    found[:-1] += 4 * rest * x[:-1]
    found[0] += 4 * x[0] ** 3
    return found


def _flat_valley_hessian(x: FloatArray) -> FloatArray:
    rest, n = x[1:] + x[:-1] ** 2, len(x)
    found = np.diag(np.r_[0.0, np.full(n - 1, 2.0)]) + np.diag(np.r_[4 * rest + 8 * x[:-1] ** 2, 0.0])
    found += np.diag(4 * x[:-1], 1) + np.diag(4 * x[:-1], -1)
    found[0, 0] += 12 * x[0] ** 2
    return found


flat_valley = Problem(
    name="flat_valley",
    objective=_flat_valley,
    sizes=(5, 20),
    start=lambda n, rng: np.zeros(n),
    spread=0.0,
    gradient=_flat_valley_gradient,
    hessian=_flat_valley_hessian,
    inertia=lambda x: (len(x) - 1, 1, 0),
    allowed=Size.at_least(2),
    source="a minimum of order four along one variable: 0 is the least value, and one eigenvalue is zero",
    named_points={"degenerate": lambda n, rng: np.zeros(n)},
    tags=("critical-point", "degenerate"),
)

PROBLEMS = (
    himmelblau_minimum,
    himmelblau_saddle,
    himmelblau_maximum,
    mueller_brown_minimum,
    mueller_brown_saddle,
    double_wells_minimum,
    double_wells_saddle,
    double_wells_maximum,
    monkey_saddle,
    flat_valley,
)
