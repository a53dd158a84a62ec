"""f at points that differ from one in few coordinates, which is all that differences ask for; some points at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray

IntArray = np.ndarray[Any, np.dtype[np.intp]]

NUMBERS = 1 << 22
"""In points that are held at once: differences by n variables ask for n points of n numbers and more."""

Move = tuple[IntArray, FloatArray]
"""Which coordinate of each of m points is moved, (m,), and how far, (m,)."""


Group = Sequence[Move]
"""Moves of the same points, one after the other."""

FEW = NUMBERS >> 4
"""In points that are asked for in one evaluation, whichever groups they are of: a call costs more than a point."""


def axes(h: FloatArray) -> tuple[Move, Move]:
    """The moves by steps h (n,) ahead and behind along every coordinate."""
    every = np.arange(h.size)
    return (every, h), (every, -h)


def moved(
    f: Callable[[FloatArray], FloatArray], x: FloatArray, *moves: Move, then: FloatArray | None = None
) -> FloatArray:
    """F at points that differ from x in few coordinates, some of them at a time.

    Args:
        f: f at many points, (m, n) -> (m, ...).
        x: The point, (n,).
        *moves: What is added to coordinates, one move after the other.
        then: What is added to all points at last.

    Returns:
        The values at the m points.
    """
    count, rows = len(moves[0][0]), max(1, NUMBERS // x.size)
    found = [] if count else [np.empty(0, dtype=x.dtype)]
    for start in range(0, count, rows):
        part = slice(start, start + rows)
        points = _points(x, [(index[part], step[part]) for index, step in moves])
        found.append(f(points if then is None else points + then))
    return np.concatenate(found)


def together(f: Callable[[FloatArray], FloatArray], x: FloatArray, *groups: Group) -> list[FloatArray]:
    """F at several groups of points that differ from x in few coordinates, in one evaluation where they are few.

    Args:
        f: f at many points, (m, n) -> (m, ...).
        x: The point, (n,).
        *groups: The moves of each group's points; none for x itself.

    Returns:
        The values at the points of each group.
    """
    counts = [len(moves[0][0]) if moves else 1 for moves in groups]
    if sum(counts) * x.size > FEW:
        return [moved(f, x, *moves) if moves else f(x[None]) for moves in groups]
    values = f(np.concatenate([_points(x, moves) for moves in groups]))
    return np.split(values, np.cumsum(counts)[:-1])


def _points(x: FloatArray, moves: Group) -> FloatArray:
    """The points (m, n) that moves lead to; x itself where there are none."""
    points = np.repeat(x[None], len(moves[0][0]) if moves else 1, axis=0)
    for index, step in moves:
        points[np.arange(len(points)), index] += step
    return points
