"""Physics."""

from __future__ import annotations

from typing import Any

import numpy as np

from suites.problem import FloatArray, Problem


def _lennard_jones(xp: Any, x: Any, eye: Any) -> Any:
    """f(x) = sum_{i<j} 4 (r_ij^-12 - r_ij^-6) over n/3 atoms; reduced units (energy epsilon, length sigma)."""
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
    """Blocks -B_ij and, on the diagonal, sum_j B_ij; B = 4 V'' d d' + 2 V' I for V of the squared distance."""
    del eye
    difference, first, second = _pairs(x)
    blocks = 4 * second[..., None, None] * difference[..., :, None] * difference[..., None, :]
    blocks += 2 * first[..., None, None] * np.eye(3)
    hessian = -blocks
    hessian[np.arange(len(first)), np.arange(len(first))] = blocks.sum(1)
    return np.asarray(hessian.transpose(0, 2, 1, 3).reshape(x.size, x.size))


lennard_jones = Problem(
    name="lennard_jones",
    objective=_lennard_jones,
    sizes=(9, 39),
    start=_lattice,
    data=lambda n, rng: (np.eye(n // 3),),
    gradient=_lennard_jones_gradient,
    hessian=_lennard_jones_hessian,
    takes=lambda n: n >= 6 and n % 3 == 0,
    rule="n a multiple of 3, at least 6",
    source="Wales & Doye 1997, doi:10.1021/jp970984n",
    tags=("nonconvex", "null-vectors", "dense"),
)
