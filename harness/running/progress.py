"""Watching a run: a bar with the time left on a terminal, plain lines elsewhere; and the run's own accounts."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TextIO

from hessbench.harness.planning.grid import Cell, Group
from hessbench.harness.running.forecast import NOTHING, Forecast, Later
from hessbench.results.stored.record import Record

PLAIN_EVERY_S = 10.0
REDRAWN_EVERY_S = 0.5


class Accounts:
    """Where the time of a run goes.

    Attributes:
        useful_s: Seconds of framework import, preparing and measured calls, as the workers saw them.
        counts: Number of records by status.
    """

    def __init__(self) -> None:
        self.useful_s = 0.0
        self.counts: dict[str, int] = {}
        self._launches: set[str] = set()
        self._start = time.perf_counter()

    def add(self, record: Record) -> None:
        """Take in a finished record."""
        self.counts[record.status] = self.counts.get(record.status, 0) + 1
        self.useful_s += record.spent_s or 0.0
        if record.launch not in self._launches:
            self._launches.add(record.launch)
            self.useful_s += record.import_s or 0.0

    @property
    def wall_s(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._start

    def line(self) -> str:
        """The run's share of useful time, in words."""
        wall = self.wall_s
        share = 100 * self.useful_s / wall
        return f"{wall:.0f} s, of which {share:.0f} % was framework import, compiling and measured calls"


class Watcher:
    """The observer of a run; a context manager.

    Args:
        cells: Those that a record will come of, with repetition.
        later: How much more will follow, where only the run can tell.
        stream: Where to write (default: standard error, so that standard output stays for results).
    """

    def __init__(self, cells: Sequence[Cell], later: Later = NOTHING, stream: TextIO | None = None) -> None:
        self.accounts = Accounts()
        self._total = total = len(cells)
        self._forecast = Forecast(cells, later)
        self._last = time.monotonic()
        self._done = 0
        self._stream = stream or sys.stderr
        self._bar = _bar(self._stream) if self._stream.isatty() else None
        self._task = self._bar.add_task("starting", total=total, left="") if self._bar else None
        self._spoke = time.monotonic()

    def __enter__(self) -> Watcher:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def expecting(self, cells: Sequence[Cell], later: Later = NOTHING) -> None:
        """Make room for records beyond the plan."""
        self._total += len(cells)
        self._forecast.expect(cells, later)
        if self._bar and self._task is not None:
            self._bar.update(self._task, total=self._total)

    def launching(self, group: Group, round_: int, cells: int) -> None:
        """Say which worker starts."""
        what = f"round {round_}" if round_ else "memory"
        text = f"{what}: {group.backend} {group.dtype} {group.device}"
        if self._bar and self._task is not None:
            self._bar.update(self._task, description=text)
        else:
            self._say(f"{text}, {cells} cells")

    def finished(self, record: Record, again: bool = False) -> None:
        """Move on by one."""
        self.accounts.add(record)
        self._done += 1
        now = time.monotonic()
        self._forecast.finished(record, now - self._last, again)
        self._last = now
        if self._bar and self._task is not None:
            self._bar.update(self._task, advance=1)
            # A forecast over thousands of cells takes the workers' time, too.
            if now - self._spoke > REDRAWN_EVERY_S or self._done == self._total:
                self._spoke = now
                self._bar.update(self._task, left=self._left())
        elif now - self._spoke > PLAIN_EVERY_S:
            self._say(f"{self._done} of {self._total} done, {self._left()}")

    def _left(self) -> str:
        return f"about {self._forecast.left_s():.0f} s left"

    def _say(self, text: str) -> None:
        self._spoke = time.monotonic()
        print(text, file=self._stream, flush=True)


def _bar(stream: TextIO) -> Any:
    """A progress bar; rich is imported only where one is drawn."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
    often = 1 / REDRAWN_EVERY_S  # redrawing takes the workers' time
    return Progress(*columns, console=Console(file=stream), refresh_per_second=often)
