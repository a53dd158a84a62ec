"""Colorings of grids and bands by a formula: color = (a . position) mod m, as few m as keep the rule.

On a grid the greedy rules miss the least number of colors, and what is known of grids is known by such formulas: the
5-point star in two dimensions needs 5 colors, (i + 2 j) mod 5; the 7-point star in three is colored by 7,
(i + 2 j + 3 k) mod 7 (Fertin, Raspaud & Reed 2004, doi:10.1002/jgt.20029); without cycles two dimensions need 3.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from hessbench.backends.sparsity.pattern import IntArray, Pattern, distinct

Valid = Callable[[Pattern, IntArray], bool]

COMMON = 0.4
"""An offset (column minus row) belongs to the grid if it occurs in so many rows."""
MOST = 0.8
"""Of a grid that is closed to a ring, so many of the entries do; the rest lead from one end to the other."""
DIMENSIONS, LARGEST = 3, 27
"""A cube with all its 27 neighbors is colored by 27 colors, 3 in each direction."""
PATCH = 400
"""Variables on which a formula is tried before it is tried on all."""


def lattice(pattern: Pattern, fewer_than: int, valid: Valid) -> IntArray | None:
    """A coloring by a formula.

    Args:
        pattern: What is colored.
        fewer_than: The number of colors to undercut.
        valid: Whether colors keep the rule.

    Returns:
        The color of each variable, or None where the pattern is no grid or no formula does it.
    """
    strides = _strides(pattern)
    least = int(np.bincount(pattern.rows, minlength=1).max(initial=1)) // 2
    if not strides or min(fewer_than, LARGEST + 1) <= least:
        return None
    position = _positions(pattern.n, strides)
    patch, members = _patch(pattern, strides)
    near = position[:, members]
    for m in range(max(2, least // 2), min(fewer_than, LARGEST + 1)):
        for factors in itertools.product(range(m), repeat=len(strides) - 1):
            weights = np.array((1, *factors))
            if valid(patch, weights @ near % m):
                colors = weights @ position % m
                if valid(pattern, colors):
                    return colors
    return None


def _strides(pattern: Pattern) -> list[int]:
    """The distances of neighbors in each direction of a grid, 1 first; none where most rows are not alike.

    Offsets come in clusters: those within a line, those that lead to the next line, to the next plane. A cluster may
    hold multiples of its stride too, with gaps between them.

    Returns:
        One per direction.
    """
    apart = pattern.cols - pattern.rows
    offsets, counts = np.unique(apart[apart > 0], return_counts=True)
    common = offsets[counts >= COMMON * pattern.n]
    if not common.size or common[0] != 1 or counts[np.isin(offsets, common)].sum() < MOST * counts.sum():
        return []
    strides, clusters = [1], np.split(common, np.flatnonzero(common[1:] > 2 * common[:-1] + 1) + 1)
    for within, cluster in itertools.pairwise(clusters):
        nearest = np.split(cluster, np.flatnonzero(np.diff(cluster) > 2 * within[-1] + 1) + 1)[0]
        strides.append(int(nearest[nearest.size // 2]))
    return strides if len(strides) <= DIMENSIONS else []


def _positions(n: int, strides: list[int]) -> IntArray:
    """The place of each variable in the grid, (directions, n)."""
    rest, found = np.arange(n), []
    for stride in strides[::-1]:
        found.append(rest // stride)
        rest = rest % stride
    return np.stack(found[::-1])


def _patch(pattern: Pattern, strides: list[int]) -> tuple[Pattern, IntArray]:
    """Parts of the grid around its middle and its first corner, where a ring is closed, and their variables."""
    middle = pattern.n // 2 + strides[-1] // 2 + (strides[1] // 2 if len(strides) > 2 else 0)
    members = distinct(np.array([0, middle % pattern.n]))
    starts = pattern.starts
    while members.size < min(PATCH, pattern.n):
        around = [pattern.cols[starts[v] : starts[v + 1]] for v in members.tolist()]
        grown = distinct(np.concatenate([members, *around]))
        if grown.size == members.size:
            break
        members = grown
    number = np.full(pattern.n, -1)
    number[members] = np.arange(members.size)
    inside = (number[pattern.rows] >= 0) & (number[pattern.cols] >= 0)
    return Pattern(members.size, number[pattern.rows[inside]], number[pattern.cols[inside]]), members
