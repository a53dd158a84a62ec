"""`hessbench calibrate`: this machine compared with itself. How often is nothing called a change, and a change missed?

Each repetition is a live comparison of this interpreter with itself; in those for the power the workers of B stretch
their samples by a known factor.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from hessbench.harness.commands import compare
from hessbench.harness.commands.terminal import why_not_imported
from hessbench.harness.machine import environment, noise
from hessbench.harness.planning.grid import Cell, Selection
from hessbench.harness.planning.plan import plan
from hessbench.harness.planning.problems import problems_of
from hessbench.harness.planning.request import Request, Said
from hessbench.harness.running.folder import new_folder
from hessbench.harness.running.progress import Watcher
from hessbench.harness.usage import UsageError
from hessbench.results.comparing.calibration import figures, gaps, rows
from hessbench.results.comparing.comparison import Comparison
from hessbench.results.comparing.verdict import SCREENING
from hessbench.results.stored.files import write_atomically

SLOWDOWNS = (1.05, 1.10)
BASE = replace(compare.BASE, selection=Selection(backends=("numpy", "torch"), executions=("eager",)))
"""Cells that cost little to prepare, so that the time goes into launches."""

Figures = dict[str, Any]
"""What was found out, as `noise` keeps it: rates of false alarms and of planted changes found, machine, versions."""


def calibrate(
    asked: Mapping[str, Said],
    *,
    repetitions: int = 10,
    most_cells: int | None = None,
    out: Path | None = None,
    as_json: bool = False,
) -> int:
    """The command.

    Args:
        asked: What the command line says of the request.
        repetitions: Comparisons of this machine with itself.
        most_cells: Only so many cells, small ones first.
        out: Folder for the files (default: one below `runs/`).
        as_json: Print the figures as JSON.

    Returns:
        Its exit code.

    Raises:
        UsageError: A number is too small, nothing is timed, or the folder exists or cannot be written.
    """
    if repetitions < 1:
        raise UsageError(f"--repetitions {repetitions} is too few; write 1 or more")
    request = BASE.changed(**asked).with_sources()
    cells = _timed(request.selection)
    if most_cells is not None:
        cells = _cheapest(cells, most_cells)
    directory = _folder(out)
    print(
        f"{len(cells)} cells, {repetitions} comparisons of this machine with itself, and one for each of "
        f"{len(SLOWDOWNS)} planted changes, into {directory}",
        file=sys.stderr,
    )
    found = _carry_out(_planned(repetitions), request, cells, directory)
    print(json.dumps(found) if as_json else "\n".join(found["lines"]))
    try:
        print(noise.write(found), file=sys.stderr)
    except OSError as error:
        print(f"hessbench: cannot keep the figures: {error}", file=sys.stderr)
        return 1
    return 0


def _timed(selection: Selection) -> tuple[Cell, ...]:
    """The cells of a selection whose time is measured.

    Returns:
        The cells of problems that are not only checked.

    Raises:
        UsageError: There is none.
    """
    known = {(suite, problem.name) for suite, problem in problems_of(selection) if problem.timed}
    cells = tuple(cell for cell in plan(selection) if (cell.suite, cell.problem) in known)
    if not cells:
        raise UsageError(f"{', '.join(selection.suites)}: nothing there is timed; name other suites, such as quick")
    return cells


def _planned(repetitions: int) -> list[tuple[str, float]]:
    """Names and factors in their order: who is stopped after half of the time knows of alarms and of power."""
    same = [(f"A/A {i + 1}", 1.0) for i in range(repetitions)]
    return [*same[:1], *((f"+{100 * (factor - 1):.0f} %", factor) for factor in SLOWDOWNS), *same[1:]]


def _folder(out: Path | None) -> Path:
    if out is None:
        return new_folder("calibration")
    try:
        out.mkdir(parents=True, exist_ok=False)
    except FileExistsError:
        raise UsageError(f"{out} exists already; name another folder with --out") from None
    except OSError as error:
        raise UsageError(f"cannot write to {out}: {error.strerror}") from None
    return out


def _carry_out(
    planned: Sequence[tuple[str, float]], request: Request, cells: tuple[Cell, ...], directory: Path
) -> Figures:
    """All comparisons; after each of them the files say what is known so far, so that an hour is not lost."""
    tables: list[pd.DataFrame] = []
    apart: list[float] = []
    found: Figures = {}
    no_page = ""
    for name, planted in planned:
        compared = _once(request, cells, planted, name)
        tables.append(rows(compared, name, planted))
        apart += gaps(compared) if planted == 1 else []
        table = pd.concat(tables, ignore_index=True)
        found = figures(table, apart) | {
            "machine": environment.machine(),
            "versions": environment.versions(),
            "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        }
        no_page = _keep(directory, found, table)
    if no_page:
        print(f"note: no calibration.html, which needs {no_page}", file=sys.stderr)
    return found


def _keep(directory: Path, found: Figures, table: pd.DataFrame) -> str:
    """Write what is known so far; returns what the page lacks, or the empty string."""
    write_atomically(directory / "calibration.json", json.dumps(found, indent=1))
    write_atomically(directory / "calibration.csv", table.to_csv(index=False))
    try:
        from hessbench.results.page.pages.calibration import page
    except ImportError as error:
        return why_not_imported(error, "report")
    write_atomically(directory / "calibration.html", page(found, table))
    return ""


def _cheapest(cells: tuple[Cell, ...], count: int) -> tuple[Cell, ...]:
    """The smallest problems first: that many cells."""
    if count < 1:
        raise UsageError(f"--cells {count} is too few; write 1 or more")
    return tuple(sorted(sorted(cells, key=lambda cell: cell.n)[:count]))


def _once(request: Request, cells: tuple[Cell, ...], slowdown: float, name: str) -> Comparison:
    """One comparison of this interpreter with itself, read into memory."""
    here = (sys.executable, sys.executable)
    seed = request.seed + time.time_ns() % 10**6  # another order each time, or all would share one accident
    with tempfile.TemporaryDirectory(prefix="hessbench-calibrate-") as scratch:
        directory = compare.prepare(replace(request, seed=seed, out=Path(scratch) / "pairs"), cells, here)
        with Watcher([*cells] * (2 * SCREENING)) as watcher:
            compare.measure(directory, here, watcher, slowdown=slowdown)
        found = compare.loaded(directory)
        print(f"{name}: {found.counts}", file=sys.stderr)
    return found
