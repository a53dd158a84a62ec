"""`hessbench report`: the files of a run and its figures, and the answer on the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from hessbench.harness.commands.exit_codes import CANNOT_WRITE
from hessbench.harness.commands.terminal import say_damage, why_not_imported, width
from hessbench.harness.planning.words import Budget
from hessbench.harness.running.folder import RUNS
from hessbench.harness.usage import UsageError, check
from hessbench.results.exports import FORMATS
from hessbench.results.run import Run, load
from hessbench.results.stored import store
from hessbench.results.tables.plain import plain

USUAL = ("csv", "html")
"""What is written unless something else is asked for."""

ALL = "all"
FIGURE_FORMATS = ("svg", "png")
PAGE_PACKAGES = ("altair", "itables", "jinja2", "vl_convert")


def report(
    directory: Path | None = None,
    *,
    formats: Sequence[str] | None = None,
    figures: Path | None = None,
    figure_formats: Sequence[str] | None = None,
    budget: Budget | None = None,
    out: Path | None = None,
    as_json: bool = False,
) -> int:
    """The command.

    Args:
        directory: The run folder (default: the newest below `runs/`).
        formats: Files to write (default: csv, html).
        figures: Folder for the charts.
        figure_formats: Formats of the charts (default: svg).
        budget: What a call may cost: print the largest n that fits.
        out: Folder for the files (default: the run's own).
        as_json: Print the records as JSON.

    Returns:
        0, or 1 where a file could not be written; what the run says is printed in any case.

    Raises:
        UsageError: There is no such run or format, or a package is missing.
    """
    written, kinds = _formats(formats), _figure_formats(figure_formats, figures)
    directory = directory or _newest()
    try:
        run = load(directory)
    except store.NotARun as error:
        raise UsageError(str(error)) from None
    say_damage(run)
    files: list[Path] = []
    try:
        files.extend(_write(run, name, out) for name in written)  # those before a failure are kept
        files += _figures(run, figures, kinds) if figures else []
        cannot = ""
    except OSError as error:
        cannot = f"cannot write to {error.filename or out or directory}: {error.strerror}"
        cannot += "; choose a folder for the files: --out DIR"
    except MemoryError:
        cannot = "memory ran out while the files were made; those of --format csv need least"
    if as_json:
        print(json.dumps({"run": str(directory), "cells": plain(run.frame)}, allow_nan=False))
    else:
        _show(run, files, budget)
    if cannot:
        print(f"hessbench: {cannot}", file=sys.stderr)
    return CANNOT_WRITE if cannot else 0


def _show(run: Run, files: list[Path], budget: Budget | None) -> None:
    """The answer on the terminal."""
    from rich.console import Console

    from hessbench.results import terminal

    console = Console(width=width())
    terminal.show(run, console, files)
    if budget:
        terminal.show_budget(run, console, budget.text, budget.amount, budget.column)


def _formats(names: Sequence[str] | None) -> list[str]:
    """The formats to write, `all` spelled out.

    Returns:
        Names of `FORMATS`, each once.

    Raises:
        UsageError: A format is one of figures, which another option asks for.
    """
    if names is None:
        return [name for name in USUAL if _possible(name)]
    for name in names:
        if name in FIGURE_FORMATS:
            raise UsageError(f"{name} is a format of figures; write: --figures DIR --formats {name}")
    check("format", names, [*FORMATS, ALL])
    return list(dict.fromkeys(FORMATS if ALL in names else names))


def _possible(name: str) -> bool:
    """Whether a usual format's packages are there; a note where they are not."""
    if name != "html" or all(find_spec(package) for package in PAGE_PACKAGES):
        return True
    print("note: no report.html (packages are missing): pip install 'hessbench[report]'", file=sys.stderr)
    return False


def _write(run: Run, name: str, out: Path | None) -> Path:
    try:
        return run.export(name, out)
    except ImportError as error:
        raise UsageError(f"{name} needs {why_not_imported(error, FORMATS[name].extra)}") from None


def _figure_formats(names: Sequence[str] | None, directory: Path | None) -> tuple[str, ...]:
    if names and not directory:
        raise UsageError("--formats is about figures; write: --figures DIR --formats svg,png")
    kinds = tuple(dict.fromkeys(names or FIGURE_FORMATS[:1]))
    check("format", kinds, FIGURE_FORMATS)
    return kinds


def _figures(run: Run, directory: Path, kinds: tuple[str, ...]) -> list[Path]:
    try:
        return run.figures(directory, kinds)
    except ImportError as error:
        raise UsageError(f"figures need {why_not_imported(error, 'report')}") from None


def _newest() -> Path:
    runs = sorted(path.parent for path in RUNS.glob(f"*/{store.MANIFEST}"))
    if not runs:
        raise UsageError(f"no run below {RUNS}/; make one with: hessbench run quick --quick")
    return max(runs, key=lambda path: (path / store.MANIFEST).stat().st_mtime)
