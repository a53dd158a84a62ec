"""`hessbench verify`: correctness only. What is right, what is wrong and how, and what has changed since."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hessbench import suites
from hessbench.harness.commands import run as execute
from hessbench.harness.judging import known_faults
from hessbench.harness.machine import environment
from hessbench.harness.planning import configuration as config
from hessbench.harness.planning.plan import left_out, plan
from hessbench.harness.planning.selection import MODES
from hessbench.harness.planning.settings import CHECK_ONLY
from hessbench.harness.running.discovery import discover
from hessbench.results.stored.record import Record
from hessbench.results.tables import compatibility
from hessbench.suites.definition.problem import SMALLEST

CHANGED = 1
EXPENSIVE = ("scaling", "gpu", "cutest")
"""Suites that are there for their times, or need an extra; verified when they are named."""
MOST_WORKERS = 4
"""At a time: nothing is timed, but each may take some GB."""
BASE = {
    "methods": [MODES],
    "operators": ["hessian"],
    "rounds": 1,
    "max_rounds": 1,
    "policy": asdict(CHECK_ONLY),
    "workers": min(MOST_WORKERS, environment.usable_cores()),
}
FIELDS = (
    "suite",
    "problem",
    "n",
    "text",
    "operator",
    "backend",
    "version",
    "method",
    "mode",
    "execution",
    "dtype",
    "device",
    "precision",
    "status",
    "fault",
    "rel_error",
    "asymmetry",
    "tolerance",
    "judge",
    "judge_bound",
    "reason",
)


def verify(options: Any) -> int:
    """The command. Returns 0 where all is as expected, 1 where something has changed."""
    base = {**BASE, "suites": [name for name in suites.registry() if name not in EXPENSIVE], "ranges": [SMALLEST]}
    configuration = config.from_options(options, base)
    selection = config.selection(configuration)
    for line in left_out(selection):
        print(f"note: {line}", file=sys.stderr)
    cells = tuple(cell for cell in plan(selection, discover(selection)) if cell.operator != "objective")
    manifest = execute.manifest_of(configuration, cells)
    with tempfile.TemporaryDirectory(prefix="hessbench-verify-") as scratch:
        directory = execute.create(options.out or scratch, manifest)
        accounts = execute.carry_out(directory, manifest)
        if isinstance(accounts, int):
            return accounts
        return _conclude(options, list(execute.finished(directory).values()))


def _conclude(options: Any, records: list[Record]) -> int:
    folder = Path(options.expected) if options.expected else known_faults.FOLDER
    versions = {record.backend: record.version for record in records if record.version}
    known = {backend: known_faults.read(folder, backend, version) for backend, version in versions.items()}
    changes = known_faults.changes(records, known)
    if options.json:
        print(json.dumps({"cells": [_cell(record, known) for record in records]}))
    else:
        tables = compatibility.rows(records, _threads())
        print(compatibility.markdown(tables), end="") if options.markdown else _print(tables)
    if options.update_expected:
        for file in known_faults.update(folder, records, known):
            print(f"wrote {file}", file=sys.stderr)
        return 0
    for backend, version in versions.items():
        if known[backend] is None:
            print(f"note: nothing is noted of {backend} {version}; every fault counts as new", file=sys.stderr)
    for record, before in changes:
        print(
            f"changed: {record.backend} {record.version} {known_faults.key(record)}: {known_faults.outcome(record)}, "
            f"was {before}{f'; {record.reason}' if record.reason else ''}",
            file=sys.stderr,
        )
    print(_closing(records, changes), file=sys.stderr)
    return CHANGED if changes else 0


def _cell(record: Record, known: Mapping[str, Mapping[str, str] | None]) -> dict[str, Any]:
    before = (known.get(record.backend) or {}).get(known_faults.key(record), "ok")
    return {
        **{name: getattr(record, name) for name in FIELDS},
        "outcome": known_faults.outcome(record),
        "expected": before,
    }


def _closing(records: Sequence[Record], changes: Sequence[Any]) -> str:
    wrong = sum(record.status == "wrong" for record in records)
    found = f"{len(records)} cells, {wrong} wrong"
    return f"{found}; {len(changes)} changed" if changes else f"{found}; all as expected"


def _threads() -> dict[tuple[str, str, str], str]:
    return {
        (suite, problem.name, backend): threads
        for suite in suites.registry()
        for problem in suites.load(suite).values()
        for backend, threads in problem.upstream.items()
    }


def _print(tables: Mapping[str, Sequence[compatibility.Row]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    for name, rows in tables.items():
        counts = ", ".join(f"{count} {kind.replace('-', ' ')}" for kind, count in compatibility.totals(rows).items())
        shown = Table(
            "problem",
            "second derivatives",
            "upstream",
            title=f"{name}: {counts}",
            title_justify="left",
            box=box.SIMPLE_HEAD,
        )
        for row in rows:
            style = "" if row.safe else "bold red" if compatibility.HEADLINE in row.counts else "yellow"
            shown.add_row(escape(row.problem), escape(row.verdict), escape(row.threads), style=style)
        console.print(shown)
