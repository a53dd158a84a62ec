"""A first look at a GPU: one call, under five minutes, with NumPy, array-api-compat (for PyTorch) and one framework.

    python benchmarks/gpu_smoke.py --out DIR     # from the repository root; nothing needs to be installed from here
    hessbench report DIR                         # elsewhere, where pandas and the plotting packages are

It computes Hessians, products Hv and batched Hessians of the suites `quick` and `gpu` on the GPU and on the CPU, in
float64 and float32, with and without TF32, all into one run folder. The parts go in the order of their worth; when the
time is up, the rest stays undone, and `hessbench run --resume DIR` on the same machine does it. A machine without a GPU
does the CPU's cells, and the others say why not.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))

from hessbench import backends  # noqa: E402
from hessbench.harness.commands.exit_codes import NOTHING_OK  # noqa: E402
from hessbench.harness.planning.grid import (  # noqa: E402
    Cell,
    Group,
    Selection,
)
from hessbench.harness.planning.plan import plan  # noqa: E402
from hessbench.harness.planning.request import QUICK_LOOK, Request  # noqa: E402
from hessbench.harness.running import discovery  # noqa: E402
from hessbench.harness.running.folder import RUNS, create  # noqa: E402
from hessbench.harness.running.runner import Runner  # noqa: E402
from hessbench.harness.usage import UsageError  # noqa: E402
from hessbench.results.stored import store  # noqa: E402
from hessbench.results.stored.record import Record  # noqa: E402

FRAMEWORKS = ("jax", "torch", "tensorflow")
SECONDS = 270.0
SLOWEST_S = 45.0
"""For one phase of a cell, so that none takes the time of all."""

GPU, CPU = ("gpu",), ("cpu",)
FLOATS = ("float64", "float32")
FIRST = ("quick/rosenbrock", "quick/tanh_network")
PARTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("small Hessians and hvps", {"suites": FIRST, "sizes": (100,), "devices": GPU}),
    ("the same on the CPU", {"suites": FIRST, "sizes": (100,), "devices": CPU}),
    (
        "hvps of a network of 20100 parameters, TF32 too",
        {
            "suites": ("gpu/deep_network",),
            "sizes": (20_100,),
            "operators": ("hvp",),
            "devices": (*GPU, *CPU),
            "dtypes": FLOATS,
            "precisions": ("highest", "tf32"),
        },
    ),
    (
        "dense Hessians, n = 1024",
        {"suites": ("gpu/quadratic",), "sizes": (1024,), "operators": ("hessian",), "devices": (*GPU, *CPU)},
    ),
    (
        "1024 Hessians at a time",
        {"suites": ("gpu/rosenbrock",), "operators": ("batched-hessian",), "batches": (1024,), "devices": (*GPU, *CPU)},
    ),
    (
        "hvps of a network of 10^6 parameters",
        {
            "suites": ("gpu/deep_network",),
            "sizes": (1_000_405,),
            "operators": ("hvp",),
            "devices": (*GPU, *CPU),
            "dtypes": ("float32",),
            "precisions": ("highest", "tf32"),
        },
    ),
)
"""What is run, best first: a title, and what differs from `Selection()`."""


class Narrator:
    """The observer of the run: plain lines, no packages.

    Attributes:
        counts: Records by (backend, device, status).
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        """A line with the seconds since the start."""
        print(f"{time.monotonic() - self._start:5.0f} s  {text}", flush=True)

    def expecting(self, *facts: object) -> None:
        """More records than planned will come: not in a run of one round."""

    def launching(self, group: Group, round_: int, cells: int) -> None:
        """A worker is about to start."""
        self.say(f"  {group}: {cells} cells")

    def finished(self, record: Record, again: bool = False) -> None:
        """A record is in the journal."""
        self.counts[record.backend, record.device, record.status] += 1


def planned(names: tuple[str, ...]) -> list[tuple[str, tuple[Cell, ...]]]:
    """The parts as cells, each cell in the first part that has it."""
    seen: set[str] = set()
    parts = []
    for title, wanted in PARTS:
        cells = tuple(cell for cell in plan(Selection(**wanted, backends=names)) if cell.key not in seen)
        seen |= {cell.key for cell in cells}
        parts.append((title, cells))
    return parts


def run(directory: Path, request: Request, parts: list[tuple[str, tuple[Cell, ...]]]) -> Narrator:
    """One part after the other into the folder, until the time is up (SIGALRM)."""
    narrator, settings = Narrator(), request.settings()
    with store.Journal(directory) as journal:
        try:
            for title, cells in parts:
                narrator.say(f"{title}: {len(cells)} cells")
                Runner(directory, journal, settings, narrator).run(cells, {})
        except KeyboardInterrupt:
            narrator.say("the time is up; what is done is kept")
    return narrator


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", help="run folder to create (default: runs/<time>-gpu-smoke)")
    parser.add_argument("--backend", help="frameworks, with commas between (default: all that are installed)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"time for all (default: {SECONDS:g})")
    return parser.parse_args(words)


def main() -> int:
    """Returns 0 where a cell was ok, 2 for bad input, 3 where none was."""
    options = arguments()
    names = tuple(options.backend.split(",")) if options.backend else FRAMEWORKS
    if unknown := [name for name in names if name not in FRAMEWORKS]:
        raise UsageError(f"unknown framework {unknown[0]!r}; known: {', '.join(FRAMEWORKS)}")
    absent = {name: reason for name in names if (reason := backends.missing(name))}
    for name, reason in absent.items():
        print(f"note: {name} is {reason}")
    names = tuple(name for name in names if name not in absent)
    if not names:
        raise UsageError(f"none of {', '.join(FRAMEWORKS)} is installed")
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, options.seconds)
    try:
        return look(names, options.out)
    except KeyboardInterrupt:
        raise UsageError("the time was up before anything could be measured") from None


def look(names: tuple[str, ...], out: str | None) -> int:
    """Discover the devices, plan, run, and say what came of it."""
    for name in names:
        print(f"{name} sees {', '.join(discovery.seen_by(name))}", flush=True)
    parts = planned(names)
    suites = sorted({suite for _, wanted in PARTS for suite in wanted["suites"]})
    cells = tuple(cell for _, part in parts for cell in part)
    folder = Path(out) if out else RUNS / f"{time.strftime('%Y%m%d-%H%M%S')}-gpu-smoke"
    request = QUICK_LOOK.changed(suites=suites, timeout_s=SLOWEST_S, out=folder)
    directory = create(request, cells).directory
    narrator = run(directory, request, parts)
    for (backend, device, status), count in sorted(narrator.counts.items()):
        print(f"{backend:12} {device:6} {status:14} {count}")
    print(f"{directory}: {sum(narrator.counts.values())} of {len(cells)} cells; hessbench report {directory}")
    return 0 if any(status == "ok" for *_, status in narrator.counts) else NOTHING_OK


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UsageError as error:
        print(f"gpu_smoke: {error}", file=sys.stderr)
        sys.exit(2)
