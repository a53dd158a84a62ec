"""Two interpreters measured in pairs of launches, in random order within each pair.

Each side keeps an ordinary run folder (`a`, `b`), whose round i is its half of pair i; a pair visits the same cells in
the same order, with the same loop counts. A first stage of pairs screens all cells, and only those that look different
are measured again in fresh pairs, which alone decide.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from hessbench.harness.planning.grid import Cell, Group
from hessbench.harness.planning.order import ascending
from hessbench.harness.planning.settings import Settings
from hessbench.harness.running.forecast import NOTHING, Later
from hessbench.harness.running.place import Here
from hessbench.harness.running.runner import Observer, Runner
from hessbench.results.comparing.verdict import CONFIRMING, SCREENING, suspicious
from hessbench.results.stored import store
from hessbench.results.stored.record import Record

SIDES = ("a", "b")


class MinTimeRecorder:
    """Passes a side's records on, and keeps the times of what was ok.

    Args:
        observer: Who watches the whole.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.times: dict[str, dict[int, float]] = {}

    def expecting(self, cells: Sequence[Cell], later: Later = NOTHING) -> None:
        """Pass on."""
        self._observer.expecting(cells, later)

    def launching(self, group: Group, round_: int, cells: int) -> None:
        """Pass on."""
        self._observer.launching(group, round_, cells)

    def finished(self, record: Record, again: bool = False) -> None:
        """Pass on, and keep the time if it is the method's own."""
        if record.status == "ok" and record.min_s and not record.disturbed:
            self.times.setdefault(record.cell, {})[record.round] = record.min_s
        self._observer.finished(record, again)


class Pairs:
    """A live comparison that is going on.

    Args:
        directory: Where the two run folders go; it exists and has their manifests.
        pythons: The interpreters of A and B.
        settings: How to measure; rounds do not count.
        observer: Who watches.
        budget_s: After so many seconds no further pair is begun.
        slowdown: Planted in B, to see whether it is found.
    """

    def __init__(
        self,
        directory: Path,
        pythons: Sequence[str],
        settings: Settings,
        observer: Observer,
        budget_s: float = math.inf,
        slowdown: float = 1.0,
    ) -> None:
        self._settings = settings
        self._observer = observer
        self._deadline = time.monotonic() + budget_s
        self._longest = 0.0
        self._recorders = [MinTimeRecorder(observer) for _ in SIDES]
        self._stack = ExitStack()
        loops: dict[str, int] = {}
        self._runners = [
            Runner(
                directory / side,
                self._stack.enter_context(store.Journal(directory / side)),
                replace(settings, slowdown=slowdown if side == "b" else 1.0),
                recorder,
                Here(python),
                loops,
            )
            for side, recorder, python in zip(SIDES, self._recorders, pythons, strict=True)
        ]

    def __enter__(self) -> Pairs:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, cells: Sequence[Cell]) -> int:
        """Screen all cells, confirm what looks different; the number of pairs that were done."""
        done = self._stage(cells, 1, SCREENING)
        if done < SCREENING:
            return done
        suspects = [cell for cell in cells if suspicious(self._log_ratios(cell))]
        self._observer.expecting(suspects * (len(SIDES) * CONFIRMING))
        return self._stage(suspects, SCREENING + 1, SCREENING + CONFIRMING)

    def _stage(self, cells: Sequence[Cell], first: int, last: int) -> int:
        groups: dict[Group, list[Cell]] = {}
        for cell in cells:
            groups.setdefault(cell.group, []).append(cell)
        for pair in range(first, last + 1) if groups else ():
            start = time.monotonic()
            if start + self._longest > self._deadline:
                return pair - 1
            self._pair(groups, pair)
            self._longest = max(self._longest, time.monotonic() - start)
        return last

    def _pair(self, groups: dict[Group, list[Cell]], pair: int) -> None:
        dice = random.Random(f"{self._settings.seed}-{pair}")
        for group in dice.sample(sorted(groups), len(groups)):
            cells = ascending(dice.sample(groups[group], len(groups[group])))
            for runner in dice.sample(self._runners, len(SIDES)):
                runner.visit(group, cells, pair)

    def _log_ratios(self, cell: Cell) -> list[float]:
        a, b = (recorder.times.get(cell.key, {}) for recorder in self._recorders)
        return [math.log(b[pair] / a[pair]) for pair in sorted(a.keys() & b.keys())]


def least_seconds(cells: Sequence[Cell], settings: Settings) -> float:
    """What a pair of launches takes at the very least: the time to look at each cell, on both sides."""
    policy = settings.policy
    return len(SIDES) * len(cells) * (policy.warmup_s + policy.sampling_s)
