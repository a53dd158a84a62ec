"""`hessbench compare`: two stored runs, or two interpreters live; verdicts, files, exit code."""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hessbench.harness.commands import run as execute
from hessbench.harness.commands.report import width
from hessbench.harness.machine import interpreter, noise
from hessbench.harness.planning import configuration as config
from hessbench.harness.planning.cell import Cell, from_dict
from hessbench.harness.planning.plan import left_out, plan
from hessbench.harness.planning.settings import Policy
from hessbench.harness.running.discovery import discover
from hessbench.harness.running.pairs import SIDES, Pairs, least_seconds
from hessbench.harness.running.progress import Watcher
from hessbench.harness.usage import UsageError
from hessbench.results.comparing import verdict
from hessbench.results.stored import store

if TYPE_CHECKING:
    from hessbench.results.comparing.comparison import Comparison

REGRESSION, NOTHING, UNDECIDED = 1, 3, 4
COMPARISON = "comparison.json"
PAIRS = Policy(warmup_calls=3, warmup_s=0.02, min_samples=7, sampling_s=0.06, max_samples=30, budget_s=1.0)
"""A tenth of a second per cell and launch: many launches tell more than long ones."""
BASE = {"rounds": verdict.SCREENING, "max_rounds": verdict.SCREENING + verdict.CONFIRMING, "policy": asdict(PAIRS)}


def compare(options: Any) -> int:
    """The command. Returns 0 clean, 1 slower or newly failing, 3 nothing comparable, 4 undecided under --strict."""
    if options.live:
        return live(options)
    for name in ("a", "b", "budget"):
        if getattr(options, name) is not None:
            raise UsageError(f"--{name} belongs to --live; give two run folders, or add --live")
    if len(options.names) not in (1, 2):
        raise UsageError("compare wants two run folders, A and B, or the folder of a live comparison")
    return _conclude(options, *map(Path, options.names))


def live(options: Any) -> int:
    """Measure two interpreters in pairs and compare them."""
    if not (options.a and options.b):
        raise UsageError("--live wants two interpreters: --a PYTHON_A --b PYTHON_B")
    options.suites, options.names = options.names, []
    configuration = config.from_options(options, BASE)
    selection = config.selection(configuration)
    cells = plan(selection, discover(selection))
    for line in left_out(selection):
        print(f"note: {line}", file=sys.stderr)
    budget_s = parse_duration(options.budget) if options.budget else math.inf
    least = least_seconds(cells, config.settings(configuration))
    if budget_s < least:
        raise UsageError(
            f"--budget {options.budget} is too small for one pair of {len(cells)} cells: "
            f"it takes {least:.0f} s at least; choose fewer cells or more time"
        )
    if options.dry_run:
        print("\n".join(map(str, cells)))
        print(f"{len(cells)} cells on each side; nothing was started")
        return 0
    directory = prepare(options.out, configuration, cells, (options.a, options.b))
    print(f"{len(cells)} cells on each side, into {directory}", file=sys.stderr)
    with Watcher(len(SIDES) * verdict.SCREENING * len(cells)) as watcher:
        try:
            pairs = measure(directory, (options.a, options.b), watcher, budget_s)
        except KeyboardInterrupt:
            print(f"\nstopped; what is done is kept. Look at it with: hessbench compare {directory}", file=sys.stderr)
            return execute.STOPPED
    if pairs < verdict.SCREENING:
        print(f"note: time for {pairs} of {verdict.SCREENING} screening pairs only", file=sys.stderr)
    return _conclude(options, directory)


def prepare(out: str | None, configuration: Mapping[str, Any], cells: tuple[Cell, ...], pythons: Sequence[str]) -> Path:
    """The folder of a live comparison: a run folder for each side, and what the comparison is.

    Raises:
        UsageError: An interpreter cannot take part, or the folder cannot be written.
    """
    answers = [interpreter.ask(python) for python in pythons]
    manifest = execute.manifest_of(configuration, cells)
    directory = Path(out) if out else execute.RUNS / f"{time.strftime('%Y%m%d-%H%M%S')}-compare"
    for side, answer in zip(SIDES, answers, strict=True):
        execute.create(str(directory / side), {**manifest, **answer})
    store.write_atomically(
        directory / COMPARISON, json.dumps({"pythons": list(pythons), "created": manifest["created"]})
    )
    return directory


def measure(
    directory: Path, pythons: Sequence[str], watcher: Watcher, budget_s: float = math.inf, slowdown: float = 1.0
) -> int:
    """Run the pairs of a prepared comparison; returns how many were done."""
    manifest = store.read_manifest(directory / SIDES[0])
    settings = config.settings(manifest["configuration"])
    cells = [from_dict(cell) for cell in manifest["cells"]]
    with Pairs(directory, pythons, settings, watcher, budget_s, slowdown) as pairs:
        return pairs.run(cells)


def loaded(directory: Path) -> Comparison:
    """A live comparison, finished or not.

    Raises:
        UsageError: The folder holds none.
    """
    if not (directory / COMPARISON).is_file():
        raise UsageError(f"{directory} is not the folder of a live comparison; give two run folders, A and B")
    return _sides(directory / SIDES[0], directory / SIDES[1], interleaved=True)


def _sides(a: Path, b: Path, **facts: Any) -> Comparison:
    from hessbench.results.comparing.comparison import Comparison
    from hessbench.results.stored.run import load

    try:
        return Comparison(load(a), load(b), **facts)
    except store.NotARun as error:
        raise UsageError(str(error)) from None


def _conclude(options: Any, a: Path, b: Path | None = None) -> int:
    if b is None:
        found, directory = loaded(a), a
    else:
        found = _sides(a, b, drift=noise.drift(), allow_different=options.allow_different_hosts)
        directory = (
            Path(options.out) if options.out else execute.RUNS / f"compare-{a.resolve().name}-{b.resolve().name}"
        )
    if found.table.empty or set(found.counts) == {verdict.NOT_COMPARABLE}:
        reason = found.table["note"].iloc[0] if len(found.table) else "no cell"
        print(f"hessbench: nothing can be compared: {reason}", file=sys.stderr)
        _show(options, found, [])
        return NOTHING
    _show(options, found, _files(found, directory))
    if found.counts.keys() & {verdict.SLOWER, verdict.NEW_FAILURE}:
        return REGRESSION
    return UNDECIDED if options.strict and verdict.INCONCLUSIVE in found.counts else 0


def _files(found: Comparison, directory: Path) -> list[Path]:
    from hessbench.results.comparing.views import csv_text, page

    try:
        directory.mkdir(parents=True, exist_ok=True)
        store.write_atomically(directory / "comparison.csv", csv_text(found))
        store.write_atomically(directory / "comparison.html", page(found))
    except OSError as error:
        raise UsageError(f"cannot write to {directory}: {error.strerror}") from None
    except ImportError as error:
        print(f"note: no comparison.html ({error.name} is missing): pip install 'hessbench[report]'", file=sys.stderr)
        return [directory / "comparison.csv"]
    return [directory / "comparison.csv", directory / "comparison.html"]


def _show(options: Any, found: Comparison, files: Sequence[Path]) -> None:
    from hessbench.results.comparing.views import records, show

    if options.json:
        changes = [{"name": name, "a": a, "b": b} for name, a, b in found.changes]
        print(json.dumps({"cells": records(found), "changes": changes, "counts": found.counts}, allow_nan=False))
        return
    show(found, width())
    for file in files:
        print(file)


def parse_duration(text: str) -> float:
    """Seconds of "90", "90s", "10m" or "2h".

    Raises:
        UsageError: It is no duration.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([smh]?)\s*", text)
    if not match or float(match[1]) == 0:
        raise UsageError(f"--budget {text!r} is no time; write for example 90s, 10m or 2h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]
