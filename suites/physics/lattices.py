"""Chains, spins and springs; the tuple of all physics problems is in `suites.physics`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.elements import element_gradient, element_hessian, element_pattern, grid_edges
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side


def _bonds(n: int) -> IntArray:
    """The pairs of neighbors on a ring, (n, 2)."""
    return np.stack([np.arange(n), (np.arange(n) + 1) % n], axis=1)


def _ring_hessian(weights: FloatArray) -> FloatArray:
    """The Laplacian of a ring whose bonds have these weights."""
    blocks = weights[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return element_hessian(weights.size, _bonds(weights.size), blocks)


def _ring_gradient(forces: FloatArray) -> FloatArray:
    """What bonds contribute that pull by the derivatives of their energies by x_{i+1} - x_i."""
    return np.roll(forces, 1) - forces


RING = Structure(
    pattern=lambda n: element_pattern(n, _bonds(n)),
    colors=3,
    definiteness="positive semidefinite",
    null_vectors=lambda x: np.ones((1, x.size)),
)


def _harmonic_ring(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (x_{i+1} - x_i)^2 / 2 with x_{n+1} = x_1; springs in a ring, eigenvalues 4 sin^2(pi k / n).

    $$f(x) = \tfrac12 \sum_{i=1}^n (x_{i+1} - x_i)^2,\quad x_{n+1} = x_1$$
    """
    return 0.5 * xp.sum(xp.square(xp.roll(x, -1) - x))


harmonic_ring = Problem(
    name="harmonic_ring",
    objective=_harmonic_ring,
    sizes=(16, 100, 1000),
    start=lambda n, rng: rng.standard_normal(n),
    gradient=lambda x: 2 * x - np.roll(x, 1) - np.roll(x, -1),
    hessian=lambda x: _ring_hessian(np.ones_like(x)),
    allowed=Size.at_least(6),
    source="Born & von Karman 1912, Ueber Schwingungen in Raumgittern, Physikalische Zeitschrift 13, 297",
    structure=replace(
        RING, degree=2, constant=True, spectrum=lambda n: np.sort(4 * np.sin(np.pi * np.arange(n) / n) ** 2)
    ),
    tags=("convex", "constant-hessian", "homogeneous", "sparse", "cyclic", "null-vectors"),
)


def _fput_beta(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i d_i^2 / 2 + d_i^4 / 4 with d_i = x_{i+1} - x_i in a ring; the beta chain of Fermi and others.

    $$f(x) = \sum_{i=1}^n \tfrac12 d_i^2 + \tfrac14 d_i^4,\quad d_i = x_{i+1} - x_i,\quad x_{n+1} = x_1$$
    """
    squared = xp.square(xp.roll(x, -1) - x)
    return xp.sum(0.5 * squared + 0.25 * squared * squared)


def _stretch(x: FloatArray) -> FloatArray:
    return np.roll(x, -1) - x


fput_beta = Problem(
    name="fput_beta",
    objective=_fput_beta,
    sizes=(16, 100, 1000),
    start=lambda n, rng: rng.standard_normal(n),
    gradient=lambda x: _ring_gradient(_stretch(x) + _stretch(x) ** 3),
    hessian=lambda x: _ring_hessian(1 + 3 * _stretch(x) ** 2),
    allowed=Size.at_least(6),
    source="Fermi, Pasta & Ulam 1955 (with Tsingou), Studies of nonlinear problems, doi:10.2172/4376203",
    convention="beta = 1 and periodic; the report holds both ends",
    structure=RING,
    tags=("convex", "polynomial", "sparse", "cyclic", "null-vectors"),
)


def _xy_ring(xp: Any, x: Any) -> Any:
    r"""f(theta) = -sum_i cos(theta_{i+1} - theta_i) in a ring; planar spins.

    $$f(\theta) = -\sum_{i=1}^n \cos(\theta_{i+1} - \theta_i),\quad \theta_{n+1} = \theta_1$$
    """
    return -xp.sum(xp.cos(xp.roll(x, -1) - x))


xy_ring = Problem(
    name="xy_ring",
    objective=_xy_ring,
    sizes=(16, 100, 1000),
    start=lambda n, rng: rng.uniform(-np.pi, np.pi, n),
    gradient=lambda x: _ring_gradient(np.sin(_stretch(x))),
    hessian=lambda x: _ring_hessian(np.cos(_stretch(x))),
    allowed=Size.at_least(6),
    source="Kosterlitz & Thouless 1973, doi:10.1088/0022-3719/6/7/010",
    convention="one dimension, coupling 1",
    named_points={
        "aligned": lambda n, rng: np.zeros(n),
        "twisted": lambda n, rng: 2 * np.pi * np.arange(n) / n,
    },
    structure=replace(RING, definiteness=""),
    tags=("nonconvex", "sparse", "cyclic", "null-vectors"),
)


TEMPERATURE = 1.5


def _ising_meanfield(xp: Any, m: Any, couplings: Any) -> Any:
    r"""f(m) = -m'Jm / 2 + T sum_i (1 + m_i)/2 log (1 + m_i)/2 + (1 - m_i)/2 log (1 - m_i)/2; naive mean field.

    $$f(m) = -\tfrac12 m^\top J m + T \sum_i \tfrac{1 + m_i}{2} \log \tfrac{1 + m_i}{2}
    + \tfrac{1 - m_i}{2} \log \tfrac{1 - m_i}{2},\quad T = \tfrac32$$
    """
    up, down = 0.5 * (1 + m), 0.5 * (1 - m)
    negative_entropy = xp.sum(up * xp.log(up) + down * xp.log(down))
    return TEMPERATURE * negative_entropy - 0.5 * xp.vecdot(m, xp.matmul(couplings, m))


def _couplings(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Symmetric, normal, variance 1/n, nothing on the diagonal: Sherrington and Kirkpatrick's spin glass."""
    upper = np.triu(rng.standard_normal((n, n)), k=1) / np.sqrt(n)
    return (upper + upper.T,)


ising_meanfield = Problem(
    name="ising_meanfield",
    objective=_ising_meanfield,
    sizes=(10, 100),
    start=lambda n, rng: rng.uniform(-0.95, 0.95, n),
    data=_couplings,
    gradient=lambda m, couplings: TEMPERATURE * np.arctanh(m) - couplings @ m,
    hessian=lambda m, couplings: np.diag(TEMPERATURE / ((1 - m) * (1 + m))) - couplings,
    allowed=Size.at_least(2),
    source="Wainwright & Jordan 2008, Graphical Models, Exponential Families, and Variational Inference, section 5.3, "
    "doi:10.1561/2200000001; couplings of Sherrington & Kirkpatrick 1975, doi:10.1103/PhysRevLett.35.1792",
    named_points={"saturated": lambda n, rng: (1 - 2.0**-20) * np.where(np.arange(n) % 2 == 0, 1.0, -1.0)},
    tags=("entropy", "dense"),
)


def _spring_network(xp: Any, x: Any, first: Any, second: Any, rest: Any) -> Any:
    r"""f(p) = sum_e (|p_i - p_j| - r_e)^2 / 2 over the springs of a sheet of n/2 nodes in the plane.

    $$f(p) = \tfrac12 \sum_{e = (i, j)} (\|p_i - p_j\| - r_e)^2$$
    """
    nodes = xp.reshape(x, (-1, 2))
    difference = xp.take(nodes, first, axis=0) - xp.take(nodes, second, axis=0)
    return 0.5 * xp.sum(xp.square(xp.sqrt(xp.sum(difference * difference, axis=1)) - rest))


def _springs(k: int) -> IntArray:
    """Neighbors in rows and columns, and across each cell both ways, (springs, 2)."""
    index = np.arange(k * k).reshape(k, k)
    crosses = ((index[:-1, :-1], index[1:, 1:]), (index[:-1, 1:], index[1:, :-1]))
    return np.concatenate([grid_edges(k), *(np.stack([a.ravel(), b.ravel()], axis=1) for a, b in crosses)])


def _sheet(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Ends of the springs and their rest lengths, up to a tenth off the square lattice."""
    k = side(n // 2)
    springs = _springs(k)
    straight = np.arange(len(springs)) < 2 * k * (k - 1)
    lengths = np.where(straight, 1.0, np.sqrt(2)) * rng.uniform(0.9, 1.1, len(springs))
    return springs[:, 0].copy(), springs[:, 1].copy(), lengths


def _lattice_start(n: int, rng: np.random.Generator) -> FloatArray:
    k = side(n // 2)
    return np.asarray(np.indices((k, k)).reshape(2, -1).T.ravel() + 0.1 * rng.standard_normal(n))


def _coordinates(first: IntArray, second: IntArray) -> IntArray:
    """The four coordinates that a spring joins."""
    return np.stack([2 * first, 2 * first + 1, 2 * second, 2 * second + 1], axis=1)


def _spring_gradient(x: FloatArray, first: IntArray, second: IntArray, rest: FloatArray) -> FloatArray:
    nodes = x.reshape(-1, 2)
    difference = nodes[first] - nodes[second]
    force = (1 - rest / np.linalg.norm(difference, axis=1))[:, None] * difference
    return element_gradient(x.size, _coordinates(first, second), np.concatenate([force, -force], axis=1))


def _spring_hessian(x: FloatArray, first: IntArray, second: IntArray, rest: FloatArray) -> FloatArray:
    """A spring along the unit vector u gives uu' (stiffness) plus (1 - r/l) (I - uu') (geometry)."""
    nodes = x.reshape(-1, 2)
    difference = nodes[first] - nodes[second]
    length = np.linalg.norm(difference, axis=1)
    unit = difference / length[:, None]
    blocks = (1 - rest / length)[:, None, None] * np.eye(2)
    blocks += (rest / length)[:, None, None] * unit[:, :, None] * unit[:, None, :]
    pairs = np.block([[blocks, -blocks], [-blocks, blocks]])
    return element_hessian(x.size, _coordinates(first, second), pairs)


spring_network = Problem(
    name="spring_network",
    objective=_spring_network,
    sizes=(18, 98, 968),
    start=_lattice_start,
    data=_sheet,
    gradient=_spring_gradient,
    hessian=_spring_hessian,
    allowed=Size.square(times=2),
    source="Lubensky, Kane, Mao, Souslov & Sun 2015, doi:10.1088/0034-4885/78/7/073901, section 2",
    structure=Structure(
        pattern=lambda n: element_pattern(n, _coordinates(*_springs(side(n // 2)).T)),
        null_vectors=lambda x, *data: np.tile(np.eye(2), x.size // 2),
    ),
    tags=("nonconvex", "sparse", "gather", "null-vectors"),
)

PROBLEMS = (
    harmonic_ring,
    fput_beta,
    xy_ring,
    ising_meanfield,
    spring_network,
)
