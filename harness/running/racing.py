"""Where the next round goes: to the cells whose order, or whose 5 %, is undecided (racing; Maron & Moore 1994).

After one launch a cell that took more than three times as long as the fastest of its contest is decided; after two, one
whose launches all took more than 1.5 times as long as all of the fastest; after three, one whose launches lie all
beyond those of the fastest. Where times vary by less than 20 % from launch to launch, each step hardly errs
(docs/measuring.md has the derivation, the tests simulate it). What is decided keeps the figure that it has, and no
later launch depends on what a cell's own time was, only on the ratio to the fastest: the medians of contenders are not
biased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from types import MappingProxyType
from typing import Any

from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.methods import declared
from hessbench.harness.planning.settings import Settings
from hessbench.harness.running.forecast import NOTHING, Later
from hessbench.results.stored.record import CONTEST, SHARED, YARDSTICKS

LATER = {1: Later(0.95, 2.9), 2: Later(2.4, 1.9), 3: Later(2.5, 2.7), 4: Later(1.6, 1.2), 5: Later(1.0, 0.5)}
"""What follows a round, for the forecast of a run's end: the means of two default runs, until rounds are known."""
UNSETTLED = 0.3
"""Of all cells so many have wide intervals after the rounds that each has, and hardly one settles later: seen in
`--rounds 3..6` on a quiet machine, by count and by time."""
WORST = 100.0
"""A disturbed time may be so many times too long: of some 360 that were seen beside a neighbor two were more."""
FACTORS = {1: 3.0, 2: 1.5}
"""After so many launches, how many times slower than the fastest is decided; after more, any."""


def later(round_: int, settings: Settings) -> Later:
    """What follows the rounds that are planned up to this one."""
    if settings.racing:
        return LATER.get(round_, NOTHING) if round_ < settings.max_rounds else NOTHING
    if round_ <= settings.rounds:  # the plan has all of these
        more = (settings.max_rounds - settings.rounds) / settings.rounds
        return Later(UNSETTLED * more, more)
    left = float(settings.max_rounds - round_)
    return Later(left, left)


def undecided(
    cells: Iterable[Cell],
    times: Mapping[str, Sequence[float]],
    settled: Iterable[str],
    held_up: Mapping[str, float] = MappingProxyType({}),
) -> list[Cell]:
    """The cells that another launch is worth.

    Args:
        cells: All cells.
        times: Seconds of each launch of the cells that compete, by key; none yet where all launches were disturbed.
            Cells that do not compete are not there.
        settled: Keys of those whose interval is narrow enough.
        held_up: Seconds of those that were disturbed in every launch so far, by key.

    Returns:
        Those whose order beside the fastest of their contest is open, the fastest themselves until they settle, and
        the yardsticks of these.
    """
    racing = [cell for cell in cells if cell.key in times]
    contenders = [cell for cell in racing if cell.operator not in YARDSTICKS]
    yardsticks = [cell for cell in racing if cell.operator in YARDSTICKS]
    if not contenders:  # nothing else was asked for
        contenders, yardsticks = yardsticks, []
    fastest: dict[tuple[Any, ...], Sequence[float]] = {}
    for cell in contenders:
        mine, place = times[cell.key], _fields(cell, CONTEST)
        if mine and (place not in fastest or median(mine) < median(fastest[place])):
            fastest[place] = mine
    done = set(settled)
    for cell in contenders:
        best = fastest.get(_fields(cell, CONTEST), ())
        # Whoever was held up as much as was ever seen, and would still be slower, waits for a calmer visit at the end.
        hopeless = bool(best) and held_up.get(cell.key, 0.0) > WORST * FACTORS[1] * max(best)
        if hopeless or decided(times[cell.key], best):
            done.add(cell.key)
    found = [cell for cell in contenders if cell.key not in done]
    served = {(*_fields(cell, SHARED), declared(cell).execution) for cell in found}
    return found + [cell for cell in yardsticks if (*_fields(cell, SHARED), declared(cell).execution) in served]


def _fields(cell: Cell, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(getattr(cell, name) for name in names)


def decided(mine: Sequence[float], best: Sequence[float]) -> bool:
    """Whether a cell is slower than the fastest for certain.

    Args:
        mine: Seconds of its launches that were not disturbed.
        best: Seconds of the fastest's.

    Returns:
        False for the fastest itself, and where nothing is known yet.
    """
    if not mine or not best:
        return False
    return min(mine) > FACTORS.get(min(len(mine), len(best)), 1.0) * max(best)
