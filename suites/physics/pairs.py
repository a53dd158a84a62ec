"""Energies of pairs of particles: atoms, charges on a sphere, electrons in a trap."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _lennard_jones(xp: Any, x: Any, eye: Any) -> Any:
    r"""f(x) = sum_{i<j} 4 (r_ij^-12 - r_ij^-6) over n/3 atoms; reduced units (energy epsilon, length sigma).

    $$f(x) = \sum_{i<j} 4\,(r_{ij}^{-12} - r_{ij}^{-6})$$
    """
    atoms = xp.reshape(x, (-1, 3))
    difference = xp.expand_dims(atoms, axis=1) - xp.expand_dims(atoms, axis=0)
    # The identity puts an atom at distance 1 from itself, where the pair energy is exactly zero.
    squared = xp.sum(difference * difference, axis=2) + eye
    sixth = 1 / (squared * squared * squared)
    return 2 * xp.sum(sixth * sixth - sixth)


def _lattice(n: int, rng: np.random.Generator) -> FloatArray:
    """The n/3 sites of a face-centered cubic lattice nearest to the origin, neighbors at 2^(1/6), slightly shaken."""
    half = 2 + int(np.ceil((n / 3) ** (1 / 3)))  # the ball of the n/3 nearest sites stays inside the cube
    grid = np.array(np.meshgrid(*[np.arange(-half, half + 1)] * 3)).reshape(3, -1).T
    sites = grid[grid.sum(1) % 2 == 0] * (2 ** (1 / 6) / np.sqrt(2))
    order = np.lexsort((*sites.T, np.round(np.square(sites).sum(1), 9)))
    return np.asarray(sites[order[: n // 3]].ravel() + 0.03 * rng.standard_normal(n))


def _pairs(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Differences (N, N, 3) and the first two derivatives of the pair energy by the squared distance, (N, N)."""
    atoms = x.reshape(-1, 3)
    difference = atoms[:, None] - atoms[None]
    squared = np.square(difference).sum(2) + np.eye(len(atoms))
    off = 1 - np.eye(len(atoms))
    first = off * 4 * (-6 * squared**-7.0 + 3 * squared**-4.0)
    second = off * 4 * (42 * squared**-8.0 - 12 * squared**-5.0)
    return difference, first, second


def _lennard_jones_gradient(x: FloatArray, eye: FloatArray) -> FloatArray:
    del eye
    difference, first, _ = _pairs(x)
    return np.asarray(2 * np.einsum("ij,ijc->ic", first, difference).ravel())


def _lennard_jones_hessian(x: FloatArray, eye: FloatArray) -> FloatArray:
    """The blocks of pairs are B = 4 V'' d d' + 2 V' I for V of the squared distance."""
    del eye
    difference, first, second = _pairs(x)
    blocks = 4 * second[..., None, None] * difference[..., :, None] * difference[..., None, :]
    blocks += 2 * first[..., None, None] * np.eye(3)
    return _of_pairs(blocks)


lennard_jones = Problem(
    name="lennard_jones",
    objective=_lennard_jones,
    sizes=(9, 39),
    start=_lattice,
    data=lambda n, rng: (np.eye(n // 3),),
    gradient=_lennard_jones_gradient,
    hessian=_lennard_jones_hessian,
    allowed=Size.multiple_of(3, least=6),
    source="Wales & Doye 1997, doi:10.1021/jp970984n",
    tags=("nonconvex", "null-vectors", "dense"),
)


def _of_pairs(blocks: FloatArray) -> FloatArray:
    """The Hessian (3N, 3N) of pair energies: -B_ij off the diagonal, sum_j B_ij on it, from B (N, N, 3, 3)."""
    count = len(blocks)
    hessian = -blocks
    hessian[np.arange(count), np.arange(count)] = blocks.sum(1)
    return np.asarray(hessian.transpose(0, 2, 1, 3).reshape(3 * count, 3 * count))


def _distances(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Unit vectors u_ij (N, N, 3) and distances (N, N), which are 1 between a point and itself."""
    difference = points[:, None] - points[None]
    distance = np.sqrt(np.square(difference).sum(2) + np.eye(len(points)))
    return difference / distance[..., None], distance


def _thomson(xp: Any, x: Any, eye: Any) -> Any:
    r"""f(x) = sum_{i<j} 1 / |u_i - u_j| with u_i = x_i / |x_i|; n/3 charges on a sphere, degree 0.

    $$f(x) = \sum_{i<j} \frac{1}{\|u_i - u_j\|},\quad u_i = \frac{x_i}{\|x_i\|}$$
    """
    points = xp.reshape(x, (-1, 3))
    points = points / xp.sqrt(xp.sum(points * points, axis=1, keepdims=True))
    difference = xp.expand_dims(points, axis=1) - xp.expand_dims(points, axis=0)
    # The identity puts a charge at distance 1 from itself; its energy there is taken off again.
    return 0.5 * xp.sum(1 / xp.sqrt(xp.sum(difference * difference, axis=2) + eye) - eye)


def _on_sphere(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Directions (N, 3), radii (N, 1), and the derivative of the energy by the directions (N, 3)."""
    points = x.reshape(-1, 3)
    radius = np.linalg.norm(points, axis=1, keepdims=True)
    unit, distance = _distances(points / radius)
    return points / radius, radius, -(unit / distance[..., None] ** 2).sum(1)


def _thomson_gradient(x: FloatArray, eye: FloatArray) -> FloatArray:
    del eye
    u, radius, slope = _on_sphere(x)
    return np.asarray(((slope - np.sum(slope * u, axis=1, keepdims=True) * u) / radius).ravel())


def _thomson_hessian(x: FloatArray, eye: FloatArray) -> FloatArray:
    """P K P with K by the directions and P = (I - uu') / r, plus what the curvature of u = x / r adds."""
    u, radius, slope = _on_sphere(x)
    unit, distance = _distances(u)
    blocks = (1 - eye)[..., None, None] * (3 * unit[..., :, None] * unit[..., None, :] - np.eye(3))
    inner = _of_pairs(blocks / distance[..., None, None] ** 3)
    count = len(u)
    projector = np.zeros((count, 3, count, 3))
    projector[np.arange(count), :, np.arange(count)] = (np.eye(3) - u[:, :, None] * u[:, None]) / radius[..., None]
    flat = projector.reshape(x.size, x.size)
    tilt = slope[:, :, None] * u[:, None]
    inward = np.sum(slope * u, axis=1)[:, None, None]
    # By x, s . x/|x| has the Hessian -(s u' + u s' + (s . u) (I - 3 u u')) / r^2 for a slope s that is held.
    bend = tilt + tilt.transpose(0, 2, 1) + inward * (np.eye(3) - 3 * u[:, :, None] * u[:, None])
    own = np.zeros((count, 3, count, 3))
    own[np.arange(count), :, np.arange(count)] = bend / radius[..., None] ** 2
    hessian = flat @ inner @ flat - own.reshape(x.size, x.size)
    return 0.5 * (hessian + hessian.T)  # the products round the two triangles differently


GOLDEN = (1 + 5**0.5) / 2
"""The vertices of an icosahedron are (0, +-1, +-golden) and what turns of the axes make of them."""


def _polyhedron(n: int, rng: np.random.Generator) -> FloatArray:
    """The known minimum of 4 and 12 charges; of other numbers the ring, where all forces vanish too."""
    del rng
    if n == 12:
        return np.array([1.0, 1, 1, 1, -1, -1, -1, 1, -1, -1, -1, 1]) / np.sqrt(3)
    if n == 36:
        sites = np.array([[0, a, b * GOLDEN] for a in (-1, 1) for b in (-1, 1)])
        return np.concatenate([np.roll(sites, shift, axis=1) for shift in range(3)]).ravel() / np.sqrt(1 + GOLDEN**2)
    angles = 6 * np.pi * np.arange(n // 3) / n
    return np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1).ravel()


coulomb_thomson = Problem(
    name="coulomb_thomson",
    objective=_thomson,
    sizes=(12, 36, 96),
    start=lambda n, rng: rng.standard_normal(n),
    data=lambda n, rng: (np.eye(n // 3),),
    gradient=_thomson_gradient,
    hessian=_thomson_hessian,
    allowed=Size.multiple_of(3, least=6),
    source="Thomson 1904, doi:10.1080/14786440409463107; Wales & Ulker 2006, doi:10.1103/PhysRevB.74.212101",
    named_points={"polyhedron": _polyhedron},
    published=(
        Published("polyhedron", 12, 3.674234614, 2e-10, "Wikipedia, Thomson problem (4 charges, tetrahedron)"),
        Published("polyhedron", 36, 49.165253058, 2e-11, "Wikipedia, Thomson problem (12 charges, icosahedron)"),
    ),
    structure=Structure(degree=0),
    tags=("nonconvex", "homogeneous", "dense"),
)


OMEGA = 0.5
"""The frequency of the trap for which the wave function of two electrons is known."""


def _quantum_dot(xp: Any, x: Any, eye: Any) -> Any:
    r"""f(x) = -sum_i |x_i|^2 / 4 + sum_{i<j} log(1 + r_ij / 2); log wave function of n/3 electrons in a trap.

    $$f(x) = -\tfrac14 \sum_i \|x_i\|^2 + \sum_{i<j} \log\left(1 + \tfrac12 r_{ij}\right)$$
    """
    electrons = xp.reshape(x, (-1, 3))
    difference = xp.expand_dims(electrons, axis=1) - xp.expand_dims(electrons, axis=0)
    # The identity keeps the root away from 0, where it has no slope.
    distance = xp.sqrt(xp.sum(difference * difference, axis=2) + eye)
    return 0.5 * xp.sum((1 - eye) * xp.log1p(0.5 * distance)) - 0.5 * OMEGA * xp.vecdot(x, x)


def _quantum_dot_gradient(x: FloatArray, eye: FloatArray) -> FloatArray:
    unit, distance = _distances(x.reshape(-1, 3))
    return np.asarray((unit * ((1 - eye) / (2 + distance))[..., None]).sum(1).ravel() - OMEGA * x)


def _quantum_dot_hessian(x: FloatArray, eye: FloatArray) -> FloatArray:
    """By the distance r: -1 / (2 + r)^2 along a pair, 1 / (2 + r) / r across it."""
    unit, distance = _distances(x.reshape(-1, 3))
    along = (unit[..., :, None] * unit[..., None, :]) * (-1 / (2 + distance) ** 2)[..., None, None]
    across = (np.eye(3) - unit[..., :, None] * unit[..., None, :]) / ((2 + distance) * distance)[..., None, None]
    return _of_pairs((1 - eye)[..., None, None] * (along + across)) - OMEGA * np.eye(x.size)


quantum_dot = Problem(
    name="quantum_dot",
    objective=_quantum_dot,
    sizes=(6, 30, 96),
    start=lambda n, rng: 2 * rng.standard_normal(n),
    data=lambda n, rng: (np.eye(n // 3),),
    gradient=_quantum_dot_gradient,
    hessian=_quantum_dot_hessian,
    allowed=Size.multiple_of(3, least=6),
    source="Taut 1993, doi:10.1103/PhysRevA.48.3561",
    convention="exact for two electrons: their local energy -(lap f + |grad f|^2) / 2 + |x|^2 / 8 + 1 / r_12 is 2",
    tags=("nonconvex", "laplacian", "dense"),
)

PROBLEMS = (
    lennard_jones,
    coulomb_thomson,
    quantum_dot,
)
