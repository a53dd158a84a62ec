"""`hessbench compare`: two stored runs, or two interpreters live; verdicts, files, exit code."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hessbench.harness.commands.exit_codes import CHANGED, NOTHING_OK, STOPPED, UNDECIDED
from hessbench.harness.commands.terminal import say_damage, why_not_imported, width
from hessbench.harness.machine import interpreter, noise
from hessbench.harness.planning import grid
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.request import Request, Said
from hessbench.harness.planning.settings import PAIRS
from hessbench.harness.running.folder import RUNS, create, new_folder, opened
from hessbench.harness.running.pairs import SIDES, Pairs, least_seconds
from hessbench.harness.running.progress import Watcher
from hessbench.harness.running.whole_run import planned
from hessbench.harness.usage import UsageError
from hessbench.results.comparing import verdict
from hessbench.results.stored import store
from hessbench.results.stored.files import write_atomically

if TYPE_CHECKING:
    from hessbench.results.comparing.comparison import Comparison

COMPARISON = "comparison.json"
BASE = Request(rounds=verdict.SCREENING, max_rounds=verdict.SCREENING + verdict.CONFIRMING, racing=False, policy=PAIRS)


@dataclass(frozen=True, slots=True)
class Options:
    """What is done with a comparison.

    Attributes:
        out: Folder for its files (default: the live comparison's own, or one below `runs/`).
        strict: Leave with code 4 where something stays inconclusive.
        different_hosts: Compare times of different machines, and say so everywhere.
        as_json: Print the cells and verdicts as JSON.
    """

    out: Path | None
    strict: bool
    different_hosts: bool
    as_json: bool


def compare(
    asked: Mapping[str, Said],
    names: Sequence[str],
    *,
    live: bool = False,
    a: str | None = None,
    b: str | None = None,
    budget_s: float | None = None,
    strict: bool = False,
    allow_different_hosts: bool = False,
    out: Path | None = None,
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """The command.

    Args:
        asked: With `live`, what the command line says of the request.
        names: Two run folders, or the folder of a live comparison; with `live`, suites.
        live: Measure two interpreters in interleaved pairs of launches.
        a: The interpreter of the baseline.
        b: The interpreter that is compared with it.
        budget_s: Begin no pair after so many seconds.
        strict: Leave with code 4 where something stays inconclusive.
        allow_different_hosts: Compare times of different machines.
        out: Folder for the comparison.
        dry_run: With `live`, print the plan and leave.
        as_json: Print the cells and verdicts as JSON.

    Returns:
        0 clean, 1 slower or newly failing, 3 nothing comparable, 4 undecided under `strict`, 130 stopped.

    Raises:
        UsageError: Options do not fit each other, or there is nothing to compare.
    """
    options = Options(out, strict, allow_different_hosts, as_json)
    if live:
        if not (a and b):
            raise UsageError("--live wants two interpreters: --a PYTHON_A --b PYTHON_B")
        request = BASE.changed(**asked, suites=names or None, out=out).with_sources()
        return _live(options, request, (a, b), math.inf if budget_s is None else budget_s, dry_run)
    given = {"a": a, "b": b, "budget": budget_s, **_by_option(asked), "dry-run": dry_run or None}
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"--{name} belongs to --live; give two run folders, or add --live")
    if len(names) not in (1, 2):
        raise UsageError("compare wants two run folders, A and B, or the folder of a live comparison")
    return _conclude(options, *map(Path, names))


def _by_option(asked: Mapping[str, Said]) -> dict[str, Said]:
    """What was said of a request, by the option with which it was said."""
    called = {name: option for option, name, _ in grid.options()}
    called |= {"sizes": "size", "batches": "batch", "timeout_s": "timeout", "memory_limit_bytes": "memory-limit"}
    return {called.get(name, name): value for name, value in asked.items()}


def _live(options: Options, request: Request, pythons: Sequence[str], budget_s: float, dry_run: bool) -> int:
    """Measure two interpreters in pairs and compare them."""
    cells = planned(request)
    least = least_seconds(cells, request.settings())
    if budget_s < least:
        raise UsageError(
            f"--budget {budget_s:g}s is too small for one pair of {len(cells)} cells: "
            f"it takes {least:.0f} s at least; choose fewer cells or more time"
        )
    if dry_run:
        print("\n".join(map(str, cells)))
        print(f"{len(cells)} cells on each side; nothing was started")
        return 0
    directory = prepare(request, cells, pythons)
    print(f"{len(cells)} cells on each side, into {directory}", file=sys.stderr)
    with Watcher([*cells] * (len(SIDES) * verdict.SCREENING)) as watcher:
        try:
            pairs = measure(directory, pythons, watcher, budget_s)
        except KeyboardInterrupt:
            print(f"\nstopped; what is done is kept. Look at it with: hessbench compare {directory}", file=sys.stderr)
            return STOPPED
    if pairs < verdict.SCREENING:
        print(f"note: time for {pairs} of {verdict.SCREENING} screening pairs only", file=sys.stderr)
    return _conclude(options, directory)


def prepare(request: Request, cells: tuple[Cell, ...], pythons: Sequence[str]) -> Path:
    """Make the folder of a live comparison: a run folder for each side, and what the comparison is.

    Args:
        request: What is asked for; `out` is the folder.
        cells: The plan of each side.
        pythons: The interpreters of A and B.

    Returns:
        The folder. A `UsageError` says where an interpreter cannot take part, or the folder cannot be written.
    """
    answers = [interpreter.ask(python) for python in pythons]
    directory = request.out or new_folder("compare")
    for side, answer in zip(SIDES, answers, strict=True):
        create(replace(request, out=directory / side), cells, answer)
    created = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    write_atomically(directory / COMPARISON, json.dumps({"pythons": list(pythons), "created": created}))
    return directory


def measure(
    directory: Path, pythons: Sequence[str], watcher: Watcher, budget_s: float = math.inf, slowdown: float = 1.0
) -> int:
    """Run the pairs of a prepared comparison.

    Args:
        directory: What `prepare` has made.
        pythons: The interpreters of A and B.
        watcher: Told of every launch and record.
        budget_s: Begin no pair after so many seconds.
        slowdown: Factor by which B stretches its samples.

    Returns:
        How many pairs were done.
    """
    prepared = opened(directory / SIDES[0])
    with Pairs(directory, pythons, prepared.request.settings(), watcher, budget_s, slowdown) as pairs:
        return pairs.run(prepared.cells)


def loaded(directory: Path) -> Comparison:
    """A live comparison, finished or not.

    Returns:
        What its two run folders hold so far, pair by pair.

    Raises:
        UsageError: The folder holds none.
    """
    if not (directory / COMPARISON).is_file():
        raise UsageError(f"{directory} is not the folder of a live comparison; give two run folders, A and B")
    return _sides(directory / SIDES[0], directory / SIDES[1], interleaved=True)


def _sides(a: Path, b: Path, *, interleaved: bool = False, different_hosts: bool = False) -> Comparison:
    from hessbench.results.comparing.comparison import Comparison
    from hessbench.results.run import load

    try:
        first, second = load(a), load(b)
        for run in (first, second):
            say_damage(run)
        if interleaved:
            return Comparison(first, second, interleaved=True)
        return Comparison(first, second, drift=noise.drift(), allow_different=different_hosts)
    except store.NotARun as error:
        raise UsageError(str(error)) from None


def _conclude(options: Options, a: Path, b: Path | None = None) -> int:
    if b is None:
        found, directory = loaded(a), options.out or a
    else:
        found = _sides(a, b, different_hosts=options.different_hosts)
        directory = options.out or RUNS / f"compare-{a.resolve().name}-{b.resolve().name}"
    # Files are written only where there is something in them.
    if found.table.empty or set(found.counts) == {verdict.NOT_COMPARABLE}:
        reason = found.table["note"].iloc[0] if len(found.table) else "no cell"
        print(f"hessbench: nothing can be compared: {reason}", file=sys.stderr)
        _show(options, found)
        return NOTHING_OK
    _show(options, found)  # before the files: what was found is told even where those cannot be written
    files = _files(found, directory)
    if not options.as_json:
        print("\n".join(map(str, files)))
    if found.counts.keys() & {verdict.SLOWER, verdict.NEW_FAILURE}:
        return CHANGED
    return UNDECIDED if options.strict and verdict.INCONCLUSIVE in found.counts else 0


def _files(found: Comparison, directory: Path) -> list[Path]:
    from hessbench.results.comparing.views import csv_text

    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_atomically(directory / "comparison.csv", csv_text(found))
        from hessbench.results.page.pages.comparison import page

        write_atomically(directory / "comparison.html", page(found))
    except OSError as error:
        raise UsageError(f"cannot write to {directory}: {error.strerror}") from None
    except ImportError as error:
        print(f"note: no comparison.html, which needs {why_not_imported(error, 'report')}", file=sys.stderr)
        return [directory / "comparison.csv"]
    return [directory / "comparison.csv", directory / "comparison.html"]


def _show(options: Options, found: Comparison) -> None:
    from hessbench.results.comparing.views import records, show

    if options.as_json:
        changes = [{"name": name, "a": a, "b": b} for name, a, b in found.changes]
        print(json.dumps({"cells": records(found), "changes": changes, "counts": found.counts}, allow_nan=False))
        return
    show(found, width())
