"""`hessbench verify`: correctness only. What is right, what is wrong and how, and what has changed since."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hessbench import suites
from hessbench.harness.commands.exit_codes import CHANGED, CODES
from hessbench.harness.commands.terminal import list_width
from hessbench.harness.judging import known_faults
from hessbench.harness.machine import environment
from hessbench.harness.planning.grid import MODES, Selection
from hessbench.harness.planning.request import Request, Said
from hessbench.harness.planning.settings import CHECK_ONLY
from hessbench.harness.running.folder import create
from hessbench.harness.running.hosts.connect import connected, on_hosts
from hessbench.harness.running.whole_run import carry_out, planned
from hessbench.results.stored.record import AXES, Record, columns
from hessbench.results.tables import compatibility
from hessbench.suites.definition.problem import SMALLEST

EXPENSIVE = ("scaling", "gpu", "cutest")
"""Suites that are there for their times, or need an extra; verified when they are named."""
MOST_WORKERS = 4
"""At a time: nothing is timed, but each may take some GB."""
_JUDGED = ("status", "fault", "rel_error", "asymmetry", "tolerance", "judge", "judge_bound", "reason")
_TOLD = {*AXES, "version", "mode", "execution", *_JUDGED}
HEADS = ("problem", "second derivatives", "upstream")
FIELDS = tuple(column.name for column in columns() if column.name in _TOLD)
"""Columns of the JSON: every axis, and what was found; times are none of its business."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is done with the records.

    Attributes:
        expected: Folder of known faults.
        update: Note what is found as what is expected.
        markdown: Print the tables as Markdown.
        as_json: Print the cells as JSON instead.
    """

    expected: Path
    update: bool
    markdown: bool
    as_json: bool


def verify(
    asked: Mapping[str, Said],
    *,
    expected: Path | None = None,
    update_expected: bool = False,
    out: Path | None = None,
    markdown: bool = False,
    as_json: bool = False,
    scheduler: str | None = None,
    within_s: float | None = None,
) -> int:
    """The command.

    Args:
        asked: What the command line says of the request.
        expected: Folder of known faults (default: the one of this package).
        update_expected: Note what is found as what is expected.
        out: Keep the run in this folder (default: it is not kept).
        markdown: Print the tables as Markdown.
        as_json: Print the cells as JSON.
        scheduler: Of other machines, which do the work.
        within_s: Seconds to wait for them at most.

    Returns:
        0 where all is as expected, 1 where something has changed, 130 where it was stopped.
    """
    request = on_hosts(_base().changed(**asked).with_sources(), scheduler, "share")
    with (
        connected(scheduler, within_s) as machines,
        tempfile.TemporaryDirectory(prefix="hessbench-verify-") as scratch,
    ):
        request = machines.placed(request) if machines else request
        cells = tuple(cell for cell in planned(request) if cell.operator != "objective")
        ended = carry_out(create(replace(request, out=out or Path(scratch)), cells), machines=machines)
        if ended.how != "done":
            return CODES[ended.how]
        options = Options(expected or known_faults.FOLDER, update_expected, markdown, as_json)
        found = ended.folder.finished()  # in the order of the plan: machines finish in any
        return _conclude(options, [found[cell.key, 1] for cell in cells if (cell.key, 1) in found])


def _base() -> Request:
    """What is verified unless something else is asked for: every mode once, at the smallest size, untimed."""
    usual = tuple(name for name in suites.registry() if name not in EXPENSIVE)
    return Request(
        Selection(suites=usual, methods=(MODES,), operators=("hessian",), ranges=(SMALLEST,)),
        rounds=1,
        max_rounds=1,
        policy=CHECK_ONLY,
        workers=min(MOST_WORKERS, environment.usable_cores()),
    )


def _conclude(options: Options, records: list[Record]) -> int:
    folder = options.expected
    versions = dict.fromkeys((record.backend, record.version) for record in records if record.version)
    known = {(backend, version): known_faults.read(folder, backend, version) for backend, version in versions}
    changes = known_faults.changes(records, known)
    if options.as_json:
        print(json.dumps({"cells": [_cell(record, known) for record in records]}))
    else:
        tables = compatibility.rows(records, _threads())
        print(compatibility.markdown(tables), end="") if options.markdown else _print(tables)
    if options.update:
        for file in known_faults.update(folder, records, known):
            print(f"wrote {file}", file=sys.stderr)
        return 0
    for backend, version in versions:
        if known[backend, version] is None:
            print(f"note: nothing is noted of {backend} {version}; every fault counts as new", file=sys.stderr)
    for record, before in changes:
        found = f"{record.backend} {record.version} {known_faults.key(record)}: {known_faults.outcome(record)}"
        told = f"changed: {found}, was {before}" if before else f"found: {found}"
        print(f"{told}; {record.reason}" if record.reason else told, file=sys.stderr)
    print(_closing(records, changes), file=sys.stderr)
    return CHANGED if changes else 0


def _cell(record: Record, known: known_faults.Known) -> dict[str, object]:
    return {
        **{name: getattr(record, name) for name in FIELDS},
        "outcome": known_faults.outcome(record),
        "expected": known_faults.expected(record, known),
    }


def _closing(records: Sequence[Record], changes: Sequence[tuple[Record, str]]) -> str:
    wrong = sum(record.status == "wrong" for record in records)
    found = f"{len(records)} cells, {wrong} wrong"
    new = sum(not before for _, before in changes)
    told = [f"{count} {word}" for count, word in ((len(changes) - new, "changed"), (new, "found")) if count]
    return f"{found}; {', '.join(told) or 'all as expected'}"


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

    from hessbench.results.fitting import first_fitting, in_lines

    console = Console(width=list_width())
    for name, rows in tables.items():
        counts = ", ".join(f"{count} {kind.replace('-', ' ')}" for kind, count in compatibility.totals(rows).items())
        title = f"{name}: {counts}"
        shown = Table(*HEADS, title=title, title_justify="left", box=box.SIMPLE_HEAD)
        lines = []
        for row in rows:
            style = "" if row.safe else "bold red" if compatibility.HEADLINE in row.counts else "yellow"
            cells = escape(row.problem), escape(row.verdict), escape(row.threads)
            shown.add_row(*cells, style=style)
            head = f"[{style}]{cells[0]}[/]" if style else cells[0]
            lines.append((head, f"{cells[1]} ({cells[2]})" if cells[2] else cells[1]))
        console.print(first_fitting(console, shown, otherwise=in_lines(title, lines)))
