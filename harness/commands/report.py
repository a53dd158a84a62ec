"""`hessbench report`: the files of a run and its figures, and the answer on the terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hessbench.harness.commands.run import RUNS
from hessbench.harness.planning.configuration import parse_size
from hessbench.harness.usage import UsageError, unknown
from hessbench.results.exports import FORMATS
from hessbench.results.run import Run, load
from hessbench.results.stored import store
from hessbench.results.tables.plain import plain

PIPED_WIDTH = 120
"""Columns where there is no terminal to ask."""

USUAL = ("csv", "html")
"""What is written unless something else is asked for."""

ALL = "all"
FIGURE_FORMATS = ("svg", "png")
PAGE_PACKAGES = ("altair", "itables", "jinja2", "vl_convert")


def report(options: Any) -> int:
    """The command. Returns its exit code."""
    budget = parse_budget(options.budget) if options.budget else None
    formats, kinds = _formats(options.format), _figure_formats(options)
    directory = Path(options.run) if options.run else _newest()
    try:
        run = load(directory)
    except store.NotARun as error:
        raise UsageError(str(error)) from None
    try:
        files = [_write(run, name) for name in formats]
        if options.figures:
            files += _figures(run, Path(options.figures), kinds)
    except OSError as error:
        raise UsageError(f"cannot write to {error.filename or directory}: {error.strerror}") from None
    if options.json:
        print(json.dumps({"run": str(directory), "cells": plain(run.frame)}, allow_nan=False))
        return 0
    from rich.console import Console

    from hessbench.results import terminal

    console = Console(width=width())
    terminal.show(run, console, files)
    if budget:
        terminal.show_budget(run, console, options.budget, *budget)
    return 0


def parse_budget(text: str) -> tuple[float, str]:
    """A budget per call, and the column that it limits: seconds of "10ms" or "2s", bytes of "4GB".

    Raises:
        UsageError: It is neither.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*(ns|us|µs|ms|s|m|h)\s*", text)
    if match and float(match[1]) > 0:
        return float(match[1]) * _SECONDS[match[2]], "min_s"
    try:
        return parse_size(text), "extra_host_bytes"
    except UsageError:
        raise UsageError(f"--budget {text!r} is neither a time nor a size; write for example 10ms or 4GB") from None


_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def width() -> int | None:
    """Columns of the terminal, or what fits most pages where there is none; None: rich may find out."""
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return PIPED_WIDTH if piped else None


def _formats(names: list[str] | None) -> list[str]:
    """The formats to write, `all` spelled out.

    Raises:
        UsageError: There is no such format.
    """
    if names is None:
        return [name for name in USUAL if _possible(name)]
    for name in names:
        if name in FIGURE_FORMATS:
            raise UsageError(f"{name} is a format of figures; write: --figures DIR --formats {name}")
        if name not in FORMATS and name != ALL:
            raise unknown("format", name, [*FORMATS, ALL])
    return list(dict.fromkeys(FORMATS if ALL in names else names))


def _possible(name: str) -> bool:
    """Whether a usual format's packages are there; a note where they are not."""
    if name != "html" or all(find_spec(package) for package in PAGE_PACKAGES):
        return True
    print("note: no report.html (packages are missing): pip install 'hessbench[report]'", file=sys.stderr)
    return False


def _write(run: Run, name: str) -> Path:
    try:
        return run.export(name)
    except ImportError as error:
        extra = FORMATS[name].extra
        raise UsageError(f"{name} needs {error.name}, which is missing: pip install 'hessbench[{extra}]'") from None


def _figure_formats(options: Any) -> tuple[str, ...]:
    if options.formats and not options.figures:
        raise UsageError("--formats is about figures; write: --figures DIR --formats svg,png")
    kinds = tuple(dict.fromkeys(options.formats or FIGURE_FORMATS[:1]))
    for kind in kinds:
        if kind not in FIGURE_FORMATS:
            raise unknown("format", kind, FIGURE_FORMATS)
    return kinds


def _figures(run: Run, directory: Path, kinds: tuple[str, ...]) -> list[Path]:
    try:
        return run.figures(directory, kinds)
    except ImportError as error:
        raise UsageError(f"figures need {error.name}, which is missing: pip install 'hessbench[report]'") from None


def _newest() -> Path:
    runs = sorted(path.parent for path in RUNS.glob(f"*/{store.MANIFEST}"))
    if not runs:
        raise UsageError(f"no run below {RUNS}/; make one with: hessbench run quick --quick")
    return max(runs, key=lambda path: (path / store.MANIFEST).stat().st_mtime)
