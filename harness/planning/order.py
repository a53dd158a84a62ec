"""The order in which cells are visited, and how they are dealt out to workers that run at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
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


def dealt(
    cells: Sequence[Cell],
    count: int,
    problem: Callable[[Cell], Hashable] = attrgetter(*SAME_TEXT),
    least: Callable[[Cell], Hashable] = lambda cell: cell,
) -> list[list[Cell]]:
    """The cells in so many parts; all methods of a problem in one, next to each other: they share what its judge found.

    Args:
        cells: In the order in which they are visited; sizes of a family grow, and still do in each part.
        count: Of parts.
        problem: What cells of one problem agree in.
        least: The same of cells that stay together where there are few problems; else those are dealt out one by one.

    Returns:
        The parts.
    """
    for together in (problem, least):
        units: dict[Hashable, list[Cell]] = {}
        for cell in cells:
            units.setdefault(together(cell), []).append(cell)
        whole = list(units.values())
        if len(whole) >= ENOUGH * count:
            break
    return [[cell for unit in whole[i::count] for cell in unit] for i in range(count)]
