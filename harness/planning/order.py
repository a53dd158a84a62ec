"""The order in which cells are visited, and how they are dealt out to workers that run at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from hessbench.harness.planning.grid import Cell
from hessbench.results.stored.record import Record

_FAMILY = tuple(field.name for field in fields(Cell) if field.name != "n")


def family(cell: Cell | Record) -> tuple[Any, ...]:
    """All of a cell but its size."""
    return tuple(getattr(cell, name) for name in _FAMILY)


def ascending(cells: Iterable[Cell]) -> list[Cell]:
    """The same order of families, but within each the sizes grow: what a small size forbids is not tried large."""
    order = list(cells)
    waiting: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in sorted(order, key=lambda cell: -cell.n):
        waiting.setdefault(family(cell), []).append(cell)
    return [waiting[family(cell)].pop() for cell in order]


SAME_TEXT = ("suite", "problem", "n", "text", "batch")
"""Axes of a cell that choose its text and points; cells that agree in them share what a worker has found out of f."""

ENOUGH = 4
"""Problems for each worker, so that whole problems can be dealt out and the workers still end together."""


def dealt(cells: Sequence[Cell], count: int) -> list[list[Cell]]:
    """The cells in so many parts; all methods of a problem in one, next to each other: they share what its judge found.

    Args:
        cells: In the order in which they are visited; sizes of a family grow, and still do in each part.
        count: Of parts.

    Returns:
        The parts; where there are few problems their cells are dealt out one by one.
    """
    problems: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in cells:
        problems.setdefault(tuple(getattr(cell, name) for name in SAME_TEXT), []).append(cell)
    whole = list(problems.values())
    if len(whole) < ENOUGH * count:
        return [list(cells[i::count]) for i in range(count)]
    return [[cell for problem in whole[i::count] for cell in problem] for i in range(count)]
