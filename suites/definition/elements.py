"""Sums over small groups of variables ("elements"): their gradients, Hessians and patterns.

The Hessian of such a function is a sum of small blocks. No problems here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray, IntArray
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


def element_entries(n: int, members: IntArray, blocks: FloatArray) -> Entries:
    """The entries of the same, those that several elements share added up; nothing of size n^2.

    Args:
        n: Number of variables.
        members: The variables of each element, (e, m); n stands for what is held fixed.
        blocks: The Hessian of each element, (e, m, m).

    Returns:
        Rows, columns and values, ascending by row and column.
    """
    m = members.shape[1]
    rows, columns = np.repeat(members, m, axis=1).ravel(), np.tile(members, m).ravel()
    free = (rows < n) & (columns < n)
    return summed(n, rows[free], columns[free], blocks.reshape(-1)[free])


def summed(n: int, rows: IntArray, columns: IntArray, values: FloatArray) -> Entries:
    """Entries in order, those at one place added up.

    Args:
        n: Number of variables.
        rows: Row of each entry, (k,).
        columns: Column of each entry.
        values: Its value.

    Returns:
        Rows, columns and values, ascending by row and column.
    """
    keys = rows * n + columns
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: keys.size])
    sums = np.add.reduceat(values[order], first) if first.size else values[:0]
    return keys[first] // n, keys[first] % n, sums


def mirrored(n: int, diagonal: FloatArray, *below: tuple[Any, Any, Any]) -> Entries:
    """The entries of a symmetric matrix, from its diagonal and one triangle.

    Args:
        n: Number of variables.
        diagonal: The diagonal, (n,).
        *below: Rows, columns and values of entries off the diagonal, broadcast; each stands for its mirror image too.

    Returns:
        Rows, columns and values, ascending by row and column.
    """
    every = np.arange(n)
    parts = [(every, every, diagonal), *(np.broadcast_arrays(*part) for part in below)]
    parts += [(columns, rows, values) for rows, columns, values in parts[1:]]
    rows, columns, values = (np.concatenate([np.ravel(part[i]) for part in parts]) for i in range(3))
    return summed(n, rows, columns, values)


def filled(entries: Callable[..., Entries]) -> Callable[..., FloatArray]:
    """The Hessian (n, n) from its entries: both closed forms from one."""

    def hessian(x: FloatArray, *data: FloatArray) -> FloatArray:
        rows, columns, values = entries(x, *data)
        dense = np.zeros((x.size, x.size))
        dense[rows, columns] = values
        return dense

    return hessian


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
    return element_pattern(n, np.arange(n - 1)[:, None] + np.arange(2))
