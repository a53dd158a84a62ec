"""What a run has learned so far: which cells have settled, which would only fail again, which are too large to try.

All of it follows from the records alone, so a run that is resumed knows what it knew.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from typing import Any

from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.order import family
from hessbench.harness.planning.settings import Settings
from hessbench.harness.protocol import Outcome
from hessbench.harness.running.racing import undecided
from hessbench.results.comparing.statistics import LEAST_LAUNCHES, settled
from hessbench.results.stored import pace, wakes
from hessbench.results.stored.record import Record, better, competes

DEADLY = ("timeout", "out_of_memory", "crashed")
"""Outcomes that cost a worker, or a minute; a later round would only pay again."""
TOO_LARGE = {"timeout": "timed out", "out_of_memory": "ran out of memory"}
"""Outcomes that a larger size of the same would have too."""
SETTLED, MAXIMUM = "settled", "maximum"


class History:
    """The records of a run, as far as they decide what comes next.

    Args:
        settings: How many rounds at least and at most, and when times have settled.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._dead: dict[str, Record] = {}
        self._too_large: dict[tuple[Any, ...], Record] = {}
        self._paces: dict[str, list[float]] = {}
        self._measured: dict[tuple[str, int], Record] = {}
        self._unsettled: dict[str, int] = {}
        self._calm: dict[str, dict[int, list[float]]] = {}
        self._compared: set[str] = set()

    def add(self, record: Record) -> str:
        """Take in a record; returns why no further launch of its cell follows, or the empty string."""
        if record.status in DEADLY:
            self._dead.setdefault(record.cell, record)
        least = self._too_large.get(family(record))
        if record.status in TOO_LARGE and (least is None or record.n < least.n):
            self._too_large[family(record)] = record
        self._unsettled.pop(record.cell, None)
        before = self._measured.get((record.cell, record.round))
        self._measured[record.cell, record.round] = record if before is None else better(before, record)
        self._keep_pace(before, self._measured[record.cell, record.round])
        self._keep_calm(before, record)
        if record.status != "ok" or record.min_s is None:
            return ""
        minima = self._launches(record.cell)
        if record.round < self._settings.rounds or not minima:
            return ""
        if self._settled(minima):
            return SETTLED
        if record.round >= self._settings.max_rounds:
            return MAXIMUM
        self._unsettled[record.cell] = record.round
        return ""

    def _keep_pace(self, before: Record | None, record: Record) -> None:
        """Of several visits the pace of the one that counts: the tables then call the same cells slow."""
        paces = self._paces.setdefault(record.backend, [])  # sorted, for what is usual is asked for very often
        if before is not None and before.pace_s is not None:
            paces.remove(before.pace_s)
        if record.pace_s is not None:
            insort(paces, record.pace_s)

    def _keep_calm(self, before: Record | None, record: Record) -> None:
        """The times of visits that nobody held up, and which cells were only visited again to compare these."""
        if record.status != "ok" or record.min_s is None or record.disturbed:
            return
        restored = before is None and record.visit > 1  # a run that is resumed: how its visits agreed, it has seen
        visits = self._calm.setdefault(record.cell, {}).setdefault(record.round, [])
        visits.extend([record.min_s] * (2 if restored else 1))
        if restored or (before is not None and not self._held_up(before)):
            self._compared.add(record.cell)

    def undecided(self, cells: Iterable[Cell]) -> list[Cell]:
        """The cells that another launch is worth (`racing`)."""
        records: dict[str, list[Record]] = {}
        for (key, _), record in self._measured.items():
            records.setdefault(key, []).append(record)
        launches = {key: self._launches(key) for key, mine in records.items() if all(map(competes, mine))}
        held_up = {key: min(r.min_s or 0.0 for r in records[key]) for key, mine in launches.items() if not mine}
        return undecided(cells, launches, [key for key, mine in launches.items() if self._settled(mine)], held_up)

    def raced(self, cell: Cell) -> bool:
        """Whether a cell has a time that could have won, and did not settle."""
        minima = self._launches(cell.key)
        return bool(minima) and not self._settled(minima)

    def _launches(self, key: str) -> list[float]:
        """The least times of a cell's launches that were not disturbed."""
        return [min(visits) for visits in self._calm.get(key, {}).values()]

    def _settled(self, minima: Sequence[float]) -> bool:
        enough = not self._settings.racing or len(minima) >= LEAST_LAUNCHES
        return bool(minima) and enough and settled(minima, self._settings.precision)

    def unsettled(self, cell: Cell, round_: int) -> bool:
        """Whether a cell was measured in the round before, and needs another one."""
        return self._unsettled.get(cell.key) == round_ - 1

    def pace_s(self, backend: str) -> float | None:
        """What a fixed piece of work usually took beside a backend so far; None before enough cells have told."""
        paces = self._paces.get(backend, ())
        return pace.usual(paces) if len(paces) >= pace.ENOUGH else None

    def visits(self, cell: Cell, round_: int) -> int:
        """How often a cell was measured in a round."""
        record = self._measured.get((cell.key, round_))
        return record.visit if record else 0

    def due(self, cell: Cell, round_: int, visit: int) -> bool:
        """Whether that visit of a cell in a round is due: the ones before it were all disturbed, or do not tell."""
        record = self._measured.get((cell.key, round_))
        if record is None or record.visit != visit - 1:
            return False
        if not self._held_up(record):
            return self._doubtful(record)
        # In a race the order is what counts: another calm launch speaks for a cell already.
        rounds = range(1, self._settings.max_rounds + 1) if self._settings.racing else ()
        launches = (self._measured.get((cell.key, other)) for other in rounds)
        return all(self._held_up(launch) for launch in launches if launch and launch.min_s is not None)

    def _doubtful(self, record: Record) -> bool:
        """Whether a time hangs on how fast threads were woken, and no two launches agree on it."""
        calm = sorted(self._calm.get(record.cell, {}).get(record.round, ()))
        if not calm or self._settings.max_rounds > 1 or not wakes.doubtful(calm[0], record.sleeps):
            return False  # several rounds show by themselves how launches differ
        return len(calm) < 2 or calm[1] > wakes.AGREE * calm[0]

    def _held_up(self, record: Record) -> bool:
        """Whether a time is not the method's own, by what is known now: what is usual is learned as the run goes on."""
        usual_s, own_s = self.pace_s(record.backend), record.pace_s
        slow = usual_s is not None and own_s is not None and own_s > pace.SLOW * usual_s
        return record.status == "ok" and record.min_s is not None and (bool(record.disturbed) or slow)

    def disturbances(self) -> str:
        """How many cells were disturbed, as the run says it at its end; empty where none was."""
        right = [record for record in self._measured.values() if record.status == "ok" and record.min_s is not None]
        calm = {record.cell for record in right if not self._held_up(record)}
        held_up = {record.cell for record in right if self._held_up(record)}
        again = {record.cell for record in right if record.visit > 1} - self._compared | (held_up & calm)
        troubled, left = again | held_up, held_up - calm
        said = []
        if troubled:
            said.append(
                f"{len(troubled)} of {len(calm | held_up)} cells were disturbed; {len(again)} were measured "
                f"again; {len(left)} remain{'s' if len(left) == 1 else ''}"
            )
        if self._compared:
            said.append(
                f"{len(self._compared)} cells have the better of two launches or more: their times hang on how fast "
                "threads are woken"
            )
        return "\n".join(said)

    def skip_reason(self, cell: Cell) -> Outcome | None:
        """The outcome of a cell that is not worth a try, or None."""
        if cell.key in self._dead:
            first = self._dead[cell.key]
            return Outcome(first.status, f"not tried again after round {first.round}: {first.reason}")
        smaller = self._too_large.get(family(cell))
        if smaller and smaller.n < cell.n:
            what = f"larger than n = {smaller.n}, which {TOO_LARGE[smaller.status]}"
            return Outcome("unsupported", what)
        return None
