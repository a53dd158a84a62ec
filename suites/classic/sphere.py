"""Thomson's problem: charges on a sphere, in two angles each; with more minima the more charges."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.elements import element_gradient, element_hessian
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

TABLE = "Wikipedia, Thomson problem"


def _thomson(xp: Any, x: Any, eye: Any) -> Any:
    r"""f(t, p) = sum_{i<j} 1 / |r_i - r_j| of n/2 unit charges on the unit sphere, t from the pole, p around it.

    $$f(\theta, \phi) = \sum_{i<j} \frac{1}{\sqrt{2 - 2 c_{ij}}},\quad
    c_{ij} = \cos\theta_i \cos\theta_j + \sin\theta_i \sin\theta_j \cos(\phi_i - \phi_j)$$
    """
    charges = x.shape[0] // 2
    theta, phi = x[:charges], x[charges:]
    around = xp.cos(xp.expand_dims(phi, axis=1) - xp.expand_dims(phi, axis=0))
    up, out = xp.cos(theta), xp.sin(theta)
    cosines = xp.expand_dims(up, axis=1) * up + xp.expand_dims(out, axis=1) * out * around
    # The identity keeps the distance of a charge from itself away from 0, and its energy out of the sum.
    return 0.5 * xp.sum((1 - eye) / xp.sqrt(2 - 2 * cosines + eye))


def _pairs(n: int) -> IntArray:
    """The variables of each pair of charges: theta_i, theta_j, phi_i, phi_j."""
    i, j = np.triu_indices(n // 2, 1)
    return np.stack([i, j, i + n // 2, j + n // 2], axis=1)


def _cosines(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The cosine of the angle between each pair of charges, its gradient (pairs, 4) and its Hessian (pairs, 4, 4)."""
    a, b, p, q = x[_pairs(x.size)].T
    (sa, sb), (ca, cb) = np.sin([a, b]), np.cos([a, b])
    sine, cosine = np.sin(p - q), np.cos(p - q)
    value, flat = ca * cb + sa * sb * cosine, sa * sb * cosine
    turn, first, second = sa * sb * sine, ca * sb * sine, sa * cb * sine
    both = sa * sb + ca * cb * cosine
    gradient = np.stack([ca * sb * cosine - sa * cb, sa * cb * cosine - ca * sb, -turn, turn], axis=1)
    rows = [
        [-value, both, -first, first],
        [both, -value, -second, second],
        [-first, -second, -flat, flat],
        [first, second, flat, -flat],
    ]
    return value, gradient, np.array(rows).transpose(2, 0, 1)


def _thomson_gradient(x: FloatArray, eye: FloatArray) -> FloatArray:
    value, gradient, _ = _cosines(x)
    return element_gradient(x.size, _pairs(x.size), (2 - 2 * value[:, None]) ** -1.5 * gradient)


def _thomson_hessian(x: FloatArray, eye: FloatArray) -> FloatArray:
    """The energy 1/r has the derivatives r^-3 and 3 r^-5 by the cosine c, for r^2 = 2 - 2c."""
    value, gradient, hessian = _cosines(x)
    squared = (2 - 2 * value)[:, None, None]
    blocks = 3 * squared**-2.5 * gradient[:, :, None] * gradient[:, None, :] + squared**-1.5 * hessian
    return element_hessian(x.size, _pairs(x.size), blocks)


def _spiral(n: int, rng: np.random.Generator) -> FloatArray:
    """Charges evenly along a spiral from pole to pole, slightly shaken: none at a pole, none close to another."""
    i = np.arange(n // 2)
    theta, phi = np.arccos(1 - (2 * i + 1) / i.size), np.pi * (3 - np.sqrt(5)) * i
    return np.concatenate([theta, phi]) + 0.03 * rng.standard_normal(n)


def _ring(n: int, rng: np.random.Generator) -> FloatArray:
    """Evenly around the equator: the minimum for two and three charges, a saddle for more."""
    return np.concatenate([np.full(n // 2, np.pi / 2), 2 * np.pi * np.arange(n // 2) / (n // 2)])


thomson = Problem(
    name="thomson",
    objective=_thomson,
    sizes=(8, 24, 100),
    start=_spiral,
    data=lambda n, rng: (np.eye(n // 2),),
    gradient=_thomson_gradient,
    hessian=_thomson_hessian,
    allowed=Size.multiple_of(2, least=4),
    source="Thomson 1904, doi:10.1080/14786440409463107; Dolan, More & Munson 2004, Benchmarking optimization software "
    "with COPS 3.0, ANL/MCS-TM-273, problem elec",
    convention="spherical coordinates, where COPS has points of space with constraints",
    named_points={"ring": _ring},
    published=(Published("ring", 4, 0.5, 1e-9, TABLE), Published("ring", 6, 1.732050808, 1e-9, TABLE)),
    structure=Structure(null_vectors=lambda x, eye: np.repeat([[0.0, 1.0]], x.size // 2, axis=1)),
    tags=("global-optimization", "multimodal", "null-vectors", "dense"),
)

PROBLEMS = (thomson,)
