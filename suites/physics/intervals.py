"""Energies of functions on an interval: on a grid, as an orbital, and as a network that solves an equation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.elements import (
    tridiagonal,
)
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

STIFFNESS = 0.01
"""The kink is sqrt(2 * 0.01) wide, a seventh of the interval."""


def _ginzburg_landau(xp: Any, x: Any) -> Any:
    r"""f(u) = int u'^2 / 200 + (u^2 - 1)^2 / 4 over the unit interval, u = -1 and 1 at its ends; a kink.

    $$f(u) = \sum_{i=0}^n \frac{\kappa}{2h} (u_{i+1} - u_i)^2 + \frac{h}{4} \sum_{i=1}^n (u_i^2 - 1)^2,\quad
    h = \frac{1}{n + 1},\ \kappa = \tfrac1{100},\ u_0 = -1,\ u_{n+1} = 1$$
    """
    h = 1 / (x.shape[0] + 1)
    end = xp.ones((1,), dtype=x.dtype)
    u = xp.concat([-end, x, end])
    return 0.5 * STIFFNESS / h * xp.sum(xp.square(u[1:] - u[:-1])) + 0.25 * h * xp.sum(xp.square(x * x - 1))


def _ginzburg_landau_gradient(x: FloatArray) -> FloatArray:
    h = 1 / (x.size + 1)
    u = np.concatenate([[-1.0], x, [1.0]])
    return STIFFNESS / h * (2 * x - u[:-2] - u[2:]) + h * (x**2 - 1) * x


def _ginzburg_landau_hessian(x: FloatArray) -> FloatArray:
    h = 1 / (x.size + 1)
    beside = np.full(x.size - 1, -STIFFNESS / h)
    return np.diag(2 * STIFFNESS / h + h * (3 * x**2 - 1)) + np.diag(beside, 1) + np.diag(beside, -1)


def _double_well_spectrum(n: int) -> FloatArray:
    """At u = 0: that of the second difference, lowered by the curvature -1 of the double well."""
    return STIFFNESS * (n + 1) * 4 * np.sin(np.pi * np.arange(1, n + 1) / (2 * (n + 1))) ** 2 - 1 / (n + 1)


ginzburg_landau = Problem(
    name="ginzburg_landau",
    objective=_ginzburg_landau,
    sizes=(16, 100, 1000),
    start=lambda n, rng: np.zeros(n),
    gradient=_ginzburg_landau_gradient,
    hessian=_ginzburg_landau_hessian,
    allowed=Size.at_least(4),
    source="Cahn & Hilliard 1958, doi:10.1063/1.1744102; Allen & Cahn 1979, doi:10.1016/0001-6160(79)90196-2",
    convention="a real order parameter in one dimension; GL1 and GL2 of MINPACK-2 are other functions",
    named_points={"kink": lambda n, rng: np.tanh((np.arange(1, n + 1) / (n + 1) - 0.5) / np.sqrt(2 * STIFFNESS))},
    structure=Structure(pattern=tridiagonal, colors=3, definiteness="indefinite", spectrum=_double_well_spectrum),
    tags=("nonconvex", "polynomial", "sparse", "tridiagonal"),
)


EXCHANGE = 0.75 * (3 / math.pi) ** (1 / 3)
"""The constant of exchange in the local-density approximation."""


def _kohn_sham(xp: Any, x: Any, potential: Any) -> Any:
    r"""f(phi) = <phi|T + V|phi> / <phi|phi> - c int rho^(4/3), rho the normalized phi^2, one dimension; degree 0.

    $$f(\varphi) = \frac{h}{\|\varphi\|_h^2} \sum_i \left( \frac{(\varphi_{i+1} - \varphi_i)^2}{2 h^2}
    + V_i \varphi_i^2 \right) - c_x h \sum_i \rho_i^{4/3},\quad \rho_i = \frac{\varphi_i^2}{\|\varphi\|_h^2},\quad
    \|\varphi\|_h^2 = h \sum_i \varphi_i^2,\quad h = \frac{10}{n + 1}$$
    """
    h = 10 / (x.shape[0] + 1)
    density = x * x
    norm = h * xp.sum(density)
    inside = xp.sum(xp.square(x[1:] - x[:-1])) + x[0] * x[0] + x[-1] * x[-1]
    energy = 0.5 / h * inside + h * xp.sum(potential * density)
    return energy / norm - EXCHANGE * h * xp.sum((density / norm) ** (4 / 3))


def _disordered_trap(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    grid = np.linspace(-5, 5, n + 2)[1:-1]
    return (grid**2 / 2 + rng.uniform(-0.5, 0.5, n),)


def _linear_part(x: FloatArray, potential: FloatArray) -> FloatArray:
    """(T + V) phi, with the weight h of the sums divided out."""
    h = 10 / (x.size + 1)
    padded = np.pad(x, 1)
    return np.asarray(0.5 / h**2 * (2 * x - padded[:-2] - padded[2:]) + potential * x)


def _exchange_part(x: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """The sum c h^(-1/3) sum |phi|^(8/3) with the two derivatives of its terms."""
    factor = EXCHANGE * (10 / (x.size + 1)) ** (-1 / 3)
    root = np.cbrt(x)
    return factor * np.sum(root**8), factor * 8 / 3 * root**5, factor * 40 / 9 * root**2


def _kohn_sham_gradient(x: FloatArray, potential: FloatArray) -> FloatArray:
    """With s = |phi|^2: f = q / s - p s^(-4/3) for q = phi'(T + V) phi and p the exchange of the bare phi."""
    s, pushed = x @ x, _linear_part(x, potential)
    p, first, _ = _exchange_part(x)
    rayleigh = 2 * (pushed - (x @ pushed) / s * x) / s
    return rayleigh - (first - 8 / 3 * p / s * x) * s ** (-4 / 3)


def _kohn_sham_hessian(x: FloatArray, potential: FloatArray) -> FloatArray:
    n, h = x.size, 10 / (x.size + 1)
    s, pushed = x @ x, _linear_part(x, potential)
    q, (p, first, second) = x @ pushed, _exchange_part(x)
    neighbors = np.eye(n, k=1) + np.eye(n, k=-1)
    linear = np.diag(1 / h**2 + potential) - 0.5 / h**2 * neighbors
    turn, square = np.outer(pushed, x), np.outer(x, x)
    # The rules of quotients for q / s and p s^(-4/3), with s' = 2 phi and s'' = 2 I.
    rayleigh = 2 * (linear - q / s * np.eye(n)) / s - 4 * (turn + turn.T) / s**2 + 8 * q * square / s**3
    tilt = np.outer(first, x)
    exchange = np.diag(second - 8 / 3 * p / s) - 8 / 3 * (tilt + tilt.T) / s + 112 / 9 * p * square / s**2
    return rayleigh - exchange * s ** (-4 / 3)


kohn_sham_toy = Problem(
    name="kohn_sham_toy",
    objective=_kohn_sham,
    sizes=(16, 100),
    start=lambda n, rng: np.exp(-(np.linspace(-5, 5, n + 2)[1:-1] ** 2) / 4) + rng.uniform(0.2, 0.4, n),
    data=_disordered_trap,
    gradient=_kohn_sham_gradient,
    hessian=_kohn_sham_hessian,
    allowed=Size.at_least(2),
    source="Kohn & Sham 1965, doi:10.1103/PhysRev.140.A1133 (exchange in the local-density approximation)",
    convention="one orbital in one dimension without Coulomb repulsion: only the form of the functional is physical",
    structure=Structure(degree=0),
    tags=("nonconvex", "homogeneous", "dense"),
)


def _pinn_poisson(xp: Any, p: Any, points: Any) -> Any:
    r"""f(w, b, v) = mean_k (u''(t_k) + pi^2 sin(pi t_k))^2 + u(0)^2 + u(1)^2 for u = v . tanh(w t + b); n/3 units.

    $$f(w, b, v) = \frac1m \sum_{k=1}^m \left(u''(t_k) + \pi^2 \sin \pi t_k\right)^2 + u(0)^2 + u(1)^2,\quad
    u(t) = \sum_j v_j \tanh(w_j t + b_j)$$
    """
    units = p.shape[0] // 3
    w, b, v = p[:units], p[units : 2 * units], p[2 * units :]
    tanh = xp.tanh(xp.expand_dims(points, axis=1) * w + b)
    # The second derivative by t, written out: what a nested derivative would give.
    bend = xp.matmul(-2 * tanh * (1 - tanh * tanh), v * w * w)
    left, right = xp.vecdot(v, xp.tanh(b)), xp.vecdot(v, xp.tanh(w + b))
    return xp.mean(xp.square(bend + xp.pi**2 * xp.sin(xp.pi * points))) + left * left + right * right


def _residuals(p: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The m + 2 residuals; their derivatives (3, units, m + 2); the curvature of each unit (3, 3, units, m + 2)."""
    w, b, v = (part[:, None] for part in p.reshape(3, -1))
    root = np.sqrt(points.size)
    t = np.append(points, [0.0, 1.0])
    inside = np.arange(t.size) < points.size
    weight = np.where(inside, 1 / root, 1.0)
    tanh = np.tanh(w * t + b)
    slope = 1 - tanh**2
    # A unit is v w^power s(w t + b): s = tanh'' with power 2 within, s = tanh with power 0 at the ends.
    s0 = weight * np.where(inside, -2 * tanh * slope, tanh)
    s1 = weight * np.where(inside, slope * (6 * tanh**2 - 2), slope)
    s2 = weight * np.where(inside, slope * tanh * (16 - 24 * tanh**2), -2 * tanh * slope)
    a0, a1, a2 = (np.where(inside, a, end) for a, end in ((w**2, 1.0), (2 * w, 0.0), (2.0, 0.0)))
    load = np.where(inside, np.pi**2 * np.sin(np.pi * t), 0.0)
    by_w, by_b, by_v = v * (a1 * s0 + a0 * t * s1), v * a0 * s1, a0 * s0
    ww, wb, bb = v * (a2 * s0 + 2 * a1 * t * s1 + a0 * t**2 * s2), v * (a1 * s1 + a0 * t * s2), v * a0 * s2
    wv, bv = a1 * s0 + a0 * t * s1, a0 * s1
    curvature = np.array([[ww, wb, wv], [wb, bb, bv], [wv, bv, np.zeros_like(bv)]])
    return (v * a0 * s0).sum(0) + weight * load, np.array([by_w, by_b, by_v]), curvature


def _pinn_gradient(p: FloatArray, points: FloatArray) -> FloatArray:
    residual, first, _ = _residuals(p, points)
    return 2 * first.reshape(p.size, -1) @ residual


def _pinn_hessian(p: FloatArray, points: FloatArray) -> FloatArray:
    """Gauss-Newton term plus residual times curvature, which does not mix units."""
    residual, first, second = _residuals(p, points)
    jacobian, units = first.reshape(p.size, -1), np.arange(p.size // 3)
    hessian = jacobian @ jacobian.T
    blocks = hessian.reshape(3, units.size, 3, units.size)
    blocks[:, units, :, units] += (second @ residual).transpose(2, 0, 1)
    return hessian + hessian.T


pinn_poisson = Problem(
    name="pinn_poisson",
    objective=_pinn_poisson,
    sizes=(12, 99),
    start=lambda n, rng: rng.standard_normal(n) * np.repeat([2.0, 1.0, 1.0], n // 3) / np.sqrt(n / 12),
    data=lambda n, rng: (rng.uniform(0, 1, 40),),
    gradient=_pinn_gradient,
    hessian=_pinn_hessian,
    allowed=Size.multiple_of(3),
    source="Raissi, Perdikaris & Karniadakis 2019, doi:10.1016/j.jcp.2018.10.045; "
    "Lagaris, Likas & Fotiadis 1998, doi:10.1109/72.712178",
    tags=("least-squares", "nonconvex", "nested-derivatives", "dense"),
)

PROBLEMS = (
    ginzburg_landau,
    kohn_sham_toy,
    pinn_poisson,
)
