"""How long the rest of a run will take: what each cell took before, else what cells of its backend took."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from hessbench.harness.planning.grid import Cell
from hessbench.results.stored.record import Record


class Forecast:
    """Seconds of what is finished, applied to what is not.

    Args:
        cells: What is to come, with repetition.
        later: How much more follows that nobody can name yet, as a multiple of the time of these.
    """

    def __init__(self, cells: Iterable[Cell], later: float = 0.0) -> None:
        self._left: Counter[tuple[str, str]] = Counter()
        self._total: defaultdict[str, float] = defaultdict(float)
        self._count: Counter[str] = Counter()
        self._batch: Counter[tuple[str, str]] = Counter()
        self.expect(cells, later)

    def expect(self, cells: Iterable[Cell], later: float = 0.0) -> None:
        """These come too, and so much more of their kind after them."""
        self._batch = Counter((cell.key, cell.backend) for cell in cells)
        self._left += self._batch
        self._later = later

    def finished(self, record: Record, seconds: float) -> None:
        """A cell is done; it took so long, what its launch took to start included where it was the first."""
        self._left[record.cell, record.backend] -= 1
        for name in (record.cell, record.backend, ""):
            self._total[name] += seconds
            self._count[name] += 1

    def left_s(self) -> float:
        """Seconds until the end."""
        return self._cost(+self._left) + self._later * self._cost(self._batch)

    def _cost(self, cells: Counter[tuple[str, str]]) -> float:
        return sum(count * self._each(names) for names, count in cells.items())

    def _each(self, names: tuple[str, str]) -> float:
        name = next((name for name in (*names, "") if self._count[name]), "")
        return self._total[name] / max(self._count[name], 1)
