"""How long the rest of a run will take: its cells, the starts of workers, and what will be measured again.

A cell takes what it took before, else what cells of its backend took; a worker takes to start what its backend's
workers took. Where cells were disturbed, the same share of those to come will be; who was disturbed once will be again
more often than others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from hessbench.harness.planning.grid import Cell
from hessbench.results.stored.record import Record

REVISITS = 3
"""Cells that were disturbed, or of whose time no two launches agree, are visited so many times again."""
LONG_S = 1.0
"""Seconds from which on a cell is long: its calls are longer than a core is kept by anybody, and are held up again."""
USUAL, AFTER = {False: 0.1, True: 0.6}, 10
"""Of the short and of the long cells that are visited again, so many are once more: medians of nine runs, and as much
as so many cells tell."""


class Later(NamedTuple):
    """What follows a batch of cells that nobody can name yet.

    Attributes:
        cells: As a multiple of the time of its cells.
        launches: As a multiple of the number of its launches.
    """

    cells: float = 0.0
    launches: float = 0.0


NOTHING = Later()


class _Means:
    """The mean of what was seen under a name."""

    def __init__(self) -> None:
        self._total: defaultdict[str, float] = defaultdict(float)
        self._count: Counter[str] = Counter()

    def add(self, names: Iterable[str], seconds: float) -> None:
        for name in names:
            self._total[name] += seconds
            self._count[name] += 1

    def of(self, *names: str) -> float:
        """That of the first name of which something is known; zero where nothing is."""
        name = next((name for name in names if self._count[name]), "")
        return self._total[name] / max(self._count[name], 1)


class Forecast:
    """Seconds of what is finished, applied to what is not.

    Args:
        cells: What is to come, with repetition.
        later: What follows them.
    """

    def __init__(self, cells: Iterable[Cell], later: Later = NOTHING) -> None:
        self._cell_s, self._start_s = _Means(), _Means()
        self._left: Counter[tuple[str, str]] = Counter()
        self._starts: Counter[str] = Counter()
        self._launches: set[str] = set()
        self._again: set[tuple[str, str]] = set()
        self._visit = 1
        self._first: Counter[bool] = Counter()
        self._revisited: Counter[tuple[bool, bool]] = Counter()
        self._spent_s = {False: 0.0, True: 0.0}
        self.expect(cells, later)

    def expect(self, cells: Iterable[Cell], later: Later = NOTHING) -> None:
        """These come too, and so much more after them."""
        self._batch = Counter((cell.key, cell.backend) for cell in cells)
        self._left += self._batch
        often: Counter[str] = Counter()
        for (_, backend), count in self._batch.items():  # each launch visits a cell once
            often[backend] = max(often[backend], count)
        self._starts += often
        self._later, self._batch_starts = later, often

    def finished(self, record: Record, seconds: float, again: bool = False) -> None:
        """A cell is done.

        Args:
            record: What came of it.
            seconds: How long it took, what its worker took to start included where it was the first.
            again: Whether it will be measured again, because it was disturbed.
        """
        names = (record.cell, record.backend)
        self._spent_s[record.visit > 1] += seconds
        if record.launch and record.launch not in self._launches:  # what is skipped has none
            self._launches.add(record.launch)
            self._starts[record.backend] -= 1
            start_s = max(seconds - (record.spent_s or 0.0), 0.0)
            self._start_s.add((record.backend, ""), start_s)
            seconds -= start_s
        self._left[names] -= 1
        self._cell_s.add((*names, ""), seconds)
        self._visit = max(self._visit, record.visit)
        if record.visit > 1:
            self._revisited[seconds > LONG_S, again] += 1
        else:
            self._first[again] += 1
        (self._again.add if again else self._again.discard)(names)

    def left_s(self) -> float:
        """Seconds until the end."""
        to_come = self._cells_s(+self._left) + self._starts_s(+self._starts)
        cells, launches = self._later
        later = cells * self._cells_s(self._batch) + launches * self._starts_s(self._batch_starts)
        return to_come + later + self._again_s()

    def _again_s(self) -> float:
        """What is known to be measured again, and what will be of the rest."""
        share = self._first[True] / max(self._first.total(), 1)
        if not share:
            return 0.0
        left, start_s, total = +self._left, self._start_s.of(""), 0.0
        known = Counter(self._again - left.keys())
        long = Counter(names for names in known if self._cell_s.of(*names) > LONG_S)
        backends = {backend for _, backend in (*known, *left)}
        cells = {False: (known - long).total() + share * left.total(), True: float(long.total())}
        seconds = {False: self._cells_s(known - long) + share * self._cells_s(left), True: self._cells_s(long)}
        for _ in range(REVISITS + 1 - self._visit):
            if self._spent_s[True] + total > self._spent_s[False]:  # as long as all that came before: no more is begun
                break
            total += sum(seconds.values()) + min(sum(cells.values()), len(backends)) * start_s
            for kind in cells:
                cells[kind] *= self._once_more(kind)
                seconds[kind] *= self._once_more(kind)
        return total

    def _once_more(self, long: bool) -> float:
        """The share of the long or the short ones that were visited again, and will be once more."""
        seen = self._revisited
        return (seen[long, True] + USUAL[long] * AFTER) / (seen[long, True] + seen[long, False] + AFTER)

    def _cells_s(self, cells: Counter[tuple[str, str]]) -> float:
        return sum(count * self._cell_s.of(*names) for names, count in cells.items())

    def _starts_s(self, starts: Counter[str]) -> float:
        return sum(count * self._start_s.of(backend) for backend, count in starts.items())
