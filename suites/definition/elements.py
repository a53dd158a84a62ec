"""Sums over small groups of variables ("elements"): their gradients, Hessians and patterns.

The Hessian of such a function is a sum of small blocks. No problems here.
"""

from __future__ import annotations

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.size import side


def element_gradient(n: int, members: IntArray, slopes: FloatArray) -> FloatArray:
    """The sum of the elements' gradients.

    Args:
        n: Number of variables.
        members: The variables of each element, (e, m); n stands for what is held fixed.
        slopes: The gradient of each element, (e, m).

    Returns:
        The gradient (n,).
    """
    gradient = np.zeros(n + 1)  # the last place collects what belongs to no variable
    np.add.at(gradient, members, slopes)
    return gradient[:n]


def element_hessian(n: int, members: IntArray, blocks: FloatArray) -> FloatArray:
    """The sum of the elements' Hessians.

    Args:
        n: Number of variables.
        members: The variables of each element, (e, m); n stands for what is held fixed.
        blocks: The Hessian of each element, (e, m, m).

    Returns:
        The Hessian (n, n).
    """
    hessian = np.zeros((n + 1, n + 1))
    np.add.at(hessian, (members[:, :, None], members[:, None, :]), blocks)
    return hessian[:n, :n]


def element_pattern(n: int, members: IntArray) -> tuple[IntArray, IntArray]:
    """The pairs of variables that share an element, each once, with every diagonal entry."""
    rows = np.concatenate([np.arange(n), np.repeat(members, members.shape[1], axis=1).ravel()])
    columns = np.concatenate([np.arange(n), np.tile(members, members.shape[1]).ravel()])
    free = (rows < n) & (columns < n)
    keys = np.unique(rows[free] * n + columns[free])
    return keys // n, keys % n


def five_point(n: int) -> tuple[IntArray, IntArray]:
    """The pattern of a square grid: every variable meets itself and its neighbors in the four directions."""
    return element_pattern(n, grid_edges(side(n)))


def grid_edges(k: int) -> IntArray:
    """The pairs of neighbors in a k by k grid, (2 k (k - 1), 2)."""
    index = np.arange(k * k).reshape(k, k)
    down, right = (index[:-1], index[1:]), (index[:, :-1], index[:, 1:])
    return np.concatenate([np.stack([a.ravel(), b.ravel()], axis=1) for a, b in (down, right)])


def arrow(n: int, hub: int) -> IntArray:
    """The pairs of one variable with each of the others, (n - 1, 2)."""
    others = np.delete(np.arange(n), hub)
    return np.stack([others, np.full(n - 1, hub)], axis=1)


def tridiagonal(n: int) -> tuple[IntArray, IntArray]:
    """The pattern of a chain: every variable meets itself and its neighbors."""
    return np.nonzero(np.abs(np.subtract.outer(np.arange(n), np.arange(n))) <= 1)  # type: ignore[return-value]
