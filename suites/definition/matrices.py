"""Functions of a matrix X, given by its entries row by row: start points, units and null vectors. No problems here."""

from __future__ import annotations

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.size import side

LEVI_CIVITA = np.array([[[(i - j) * (j - k) * (k - i) / 2 for k in range(3)] for j in range(3)] for i in range(3)])
"""1 for even permutations of the indices, -1 for odd ones, else 0."""


def square(x: FloatArray) -> FloatArray:
    """The matrix (m, m) whose entries are x, row by row."""
    m = side(x.size)
    return x.reshape(m, m)


def flat(blocks: FloatArray) -> FloatArray:
    """H[i, j, k, l] as a matrix (m^2, m^2)."""
    size = blocks.shape[0] * blocks.shape[1]
    return blocks.reshape(size, size)


def symmetric_units(m: int) -> FloatArray:
    """(E_ij + E_ji) / 2 for every (i, j), shape (m^2, m, m)."""
    units = np.eye(m * m).reshape(m * m, m, m)
    return 0.5 * (units + units.transpose(0, 2, 1))


def antisymmetric(m: int) -> FloatArray:
    """E_ij - E_ji for i < j, as rows: what the symmetric part of a matrix does not feel."""
    i, j = np.triu_indices(m, 1)
    rows, vectors = np.arange(i.size), np.zeros((i.size, m * m))
    vectors[rows, i * m + j], vectors[rows, j * m + i] = 1.0, -1.0
    return vectors


def near_identity(n: int, rng: np.random.Generator) -> FloatArray:
    """I plus a random matrix of norm at most 1/2: regular, its symmetric part positive definite."""
    m = side(n)
    noise = rng.standard_normal((m, m))
    return (np.eye(m) + 0.5 * noise / np.linalg.norm(noise, 2)).ravel()
