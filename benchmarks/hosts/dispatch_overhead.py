"""What it costs to have launches carried out by Dask: pairs of launches, in random order, here and there.

    python benchmarks/hosts/dispatch_overhead.py [--pairs 10] [--problem quick/rosenbrock]

Each pair visits the same cells in the same order with the same loop counts, once in a process of this one and once
through a scheduler and a worker of Dask on the loopback. What a launch takes beyond what its cells say that they took
is its start, dispatch and transport: how much more of that there is beside Dask does not depend on how disturbed the
cells were. Printed are that, in seconds and as a share of a launch, and the ratio of the cells' least times (whether a
time is another one beside Dask), as medians with the interval that has 95 %.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.order import ascending
from hessbench.harness.planning.plan import plan
from hessbench.harness.planning.settings import DEFAULT, Limits, Settings
from hessbench.harness.running.hosts.connect import connected
from hessbench.harness.running.hosts.remote import HostPlace
from hessbench.harness.running.place import Here, Place
from hessbench.harness.running.runner import Runner
from hessbench.results.comparing.statistics import median_interval
from hessbench.results.stored.record import Record
from hessbench.results.stored.store import Journal


class Ear:
    """Keeps the least times of what was ok and not disturbed, and what all of it took."""

    def __init__(self) -> None:
        self.times: dict[tuple[str, int], float] = {}
        self.spent_s = 0.0

    def expecting(self, *facts: object) -> None:
        """Nothing."""

    def launching(self, *facts: object) -> None:
        """Nothing."""

    def finished(self, record: Record, again: bool = False) -> None:
        """Keep the times."""
        self.spent_s += record.spent_s or 0.0
        if record.status == "ok" and record.min_s and not record.disturbed:
            self.times[record.cell, record.round] = record.min_s


def measure(
    pairs: int, problem: str, backend: str, folder: Path, there: Place
) -> tuple[list[float], list[float], list[float]]:
    """Seconds that launches take more there, what they take here, and ratios there over here of cells' times."""
    cells = plan(Selection(suites=(problem,), backends=(backend,), sizes=(10,)))
    settings = Settings(DEFAULT, 1, 1, 0, Limits())
    places: dict[str, Place] = {"here": Here(), "there": there}
    ears = {name: Ear() for name in places}
    more: list[float] = []
    launches: list[float] = []
    loops: dict[str, int] = {}
    dice = random.Random(0)
    journals = {}
    for name in places:
        (folder / name).mkdir()
        journals[name] = Journal(folder / name)
    runners: dict[str, Callable[[int], None]] = {}
    for name, place in places.items():
        runner = Runner(folder / name, journals[name], settings, ears[name], place, loops)
        runners[name] = lambda pair, runner=runner: runner.visit(cells[0].group, order, pair)  # type: ignore[misc]
    for pair in range(pairs + 1):
        order = ascending(dice.sample(cells, len(cells)))
        seconds, beyond = {}, {}
        for name in dice.sample(sorted(runners), 2):
            ears[name].spent_s, begin = 0.0, time.perf_counter()
            runners[name](pair)
            seconds[name] = time.perf_counter() - begin
            beyond[name] = seconds[name] - ears[name].spent_s
        if pair:  # the first one sends files, fills caches and finds loop counts
            more.append(beyond["there"] - beyond["here"])
            launches.append(seconds["here"])
            words = (f"{name} {seconds[name]:.2f} s, {beyond[name]:.3f} s of them beyond its cells" for name in beyond)
            print(f"pair {pair}: {'; '.join(words)}", flush=True)
    for journal in journals.values():
        journal.close()
    here, away = ears["here"].times, ears["there"].times
    return more, launches, [away[key] / here[key] for key in sorted(here.keys() & away.keys()) if key[1]]


def said(figures: list[float]) -> str:
    """A median with its interval."""
    if not figures:
        return "nothing was measured undisturbed on both sides"
    low, high = median_interval(figures)[:2]
    middle = statistics.median(figures)
    interval = f" ({low:.3f} to {high:.3f})" if math.isfinite(low) and math.isfinite(high) else ""
    return f"{middle:.3f}{interval}, {len(figures)} pairs"


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--problem", default="quick/rosenbrock")
    parser.add_argument("--backend", default="numpy")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hessbench-overhead-") as folder, connected("local:1") as machines:
        assert machines is not None
        (host,) = machines.ready()
        there = HostPlace(host, machines.cluster, {}, None, threading.Lock())
        more, launches, times = measure(options.pairs, options.problem, options.backend, Path(folder), there)
    typical = statistics.median(launches)
    print(f"dispatch and transport of a launch, in seconds: {said(more)}")
    print(f"as a share of a launch of {typical:.1f} s: {said([one / typical for one in more])}")
    print(f"time of a call, there over here: {said(times)}")


if __name__ == "__main__":
    main()
