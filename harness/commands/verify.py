"""`hessbench verify`: correctness only. What is right, what is wrong and how, and what has changed since."""

from __future__ import annotations

import json
import shutil
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
from hessbench.harness.running.folder import check_writable, create, reopen
from hessbench.harness.running.hosts.connect import check_scheduler, connected, on_hosts
from hessbench.harness.running.whole_run import Ended, carry_out, planned
from hessbench.harness.usage import UsageError
from hessbench.results.stored.outcome import cell_name, outcome
from hessbench.results.stored.record import AXES, Record, columns
from hessbench.results.stored.releases import order, public
from hessbench.results.tables import compatibility
from hessbench.results.versions import verified
from hessbench.results.versions.reading import read_run
from hessbench.suites.definition.problem import SMALLEST

EXPENSIVE = ("scaling", "models", "gpu", "cutest", *suites.BY_NAME)
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
        keep: Folder in which the findings of each version are kept; None for none.
    """

    expected: Path
    update: bool
    markdown: bool
    as_json: bool
    keep: Path | None = None

    def check_folders(self) -> None:
        """Raise a `UsageError` where what is found could not be written in the end."""
        check_writable(self.keep, self.expected if self.update else None)


def verify(
    asked: Mapping[str, Said],
    *,
    expected: Path | None = None,
    update_expected: bool = False,
    keep: Path | None = None,
    out: Path | None = None,
    resume: Path | None = None,
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
        keep: Keep the findings of each version as a file in this folder.
        out: Keep the run in this folder (default: it is not kept).
        resume: The folder of a verification that was stopped, to go on with; nothing else is asked for then.
        markdown: Print the tables as Markdown.
        as_json: Print the cells as JSON.
        scheduler: Of other machines, which do the work.
        within_s: Seconds to wait for them at most.

    Returns:
        0 where all is as expected, 1 where something has changed, 130 where it was stopped.

    Raises:
        UsageError: Something else is asked for beside `resume`, or a run is to go on elsewhere than it began.
    """
    options = Options(expected or known_faults.FOLDER, update_expected, markdown, as_json, keep)
    if resume is not None:
        if asked or out is not None:
            raise UsageError("--resume goes on with what was asked for: name nothing else that is to be run")
        found = reopen(resume)
        check_scheduler(found.request, scheduler, resume)
        options.check_folders()
        with connected(scheduler, within_s) as machines:
            ended = carry_out(found, machines=machines)
        return _concluded(ended, options)
    request = on_hosts(_base().changed(**asked).with_sources(), scheduler, "share")
    with connected(scheduler, within_s) as machines:
        request = machines.placed(request) if machines else request
        cells = tuple(cell for cell in planned(request) if cell.operator != "objective")
        options.check_folders()
        directory = out or Path(tempfile.mkdtemp(prefix="hessbench-verify-"))
        ended = carry_out(create(replace(request, out=directory), cells), machines=machines)
    code = _concluded(ended, options)
    if out is None and ended.how == "done":  # else it is what can be gone on with
        shutil.rmtree(directory, ignore_errors=True)
    return code


def _concluded(ended: Ended, options: Options) -> int:
    if ended.how != "done":
        return CODES[ended.how]
    cells = ended.folder.cells
    if options.keep is not None:
        _keep(ended.folder.directory, {cell.backend for cell in cells}, options.keep)
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


def _keep(directory: Path, names: set[str], keep: Path) -> None:
    """Keep what was found of each framework's version."""
    for name in sorted(names):
        try:
            print(f"wrote {verified.write(read_run(directory, name), keep)}", file=sys.stderr)
        except verified.NotVerified as error:
            print(f"note: {error}", file=sys.stderr)
        except OSError as error:
            raise UsageError(f"cannot write to {keep}: {error.strerror}") from None


def _conclude(options: Options, records: list[Record]) -> int:
    folder = options.expected
    versions = dict.fromkeys((record.backend, record.version) for record in records if record.version)
    noted = {version: known_faults.noted(folder, *version) for version in versions}
    known = {(b, v): known_faults.read(folder, b, of) if of else None for (b, v), of in noted.items()}
    changes = known_faults.changes(records, known)
    if options.as_json:
        print(
            json.dumps(
                {
                    "noted": {backend: of for (backend, _), of in noted.items()},
                    "cells": [_cell(record, known) for record in records],
                }
            )
        )
    else:
        tables = compatibility.rows(records, _threads(records))
        print(compatibility.markdown(tables), end="") if options.markdown else _print(tables)
    if options.update:
        for file in known_faults.update(folder, records, known):
            print(f"wrote {file}", file=sys.stderr)
        return 0
    for line in _unnoted(noted):
        print(f"note: {line}", file=sys.stderr)
    for record, before in changes:
        found = f"{record.backend} {record.version} {cell_name(record)}: {outcome(record)}"
        told = f"changed: {found}, was {before}" if before else f"found: {found}"
        print(f"{told}; {record.reason}" if record.reason else told, file=sys.stderr)
    print(_closing(records, changes, _since(noted)), file=sys.stderr)
    return CHANGED if changes else 0


def _cell(record: Record, known: known_faults.Known) -> dict[str, object]:
    return {
        **{name: getattr(record, name) for name in FIELDS},
        "outcome": outcome(record),
        "expected": known_faults.expected(record, known),
    }


Noted = Mapping[tuple[str, str], str | None]
"""Backend and version -> the version of which it is noted what to expect, or None."""


def _unnoted(noted: Noted) -> list[str]:
    """What is said of versions that have no file of their own."""
    lines = []
    for (backend, version), of in noted.items():
        if of is None:
            lines.append(f"nothing is noted of {backend} {version}; every fault counts as new")
        elif of != public(version):
            where = "earlier" if order(of) < order(version) else "later"
            lines.append(f"nothing is noted of {backend} {version}; held against {of}, the nearest {where} version")
    return lines


def _since(noted: Noted) -> str:
    """Since when something has changed, where it is since another version: " since 0.10.2"."""
    others = [(backend, of) for (backend, version), of in noted.items() if of and of != public(version)]
    told = dict.fromkeys(f"{backend} {of}" if len(noted) > 1 else of for backend, of in others)
    return f" since {', '.join(told)}" if told else ""


def _closing(records: Sequence[Record], changes: Sequence[tuple[Record, str]], when: str) -> str:
    wrong = sum(record.status == "wrong" for record in records)
    found = f"{len(records)} cells, {wrong} wrong"
    new = sum(not before for _, before in changes)
    counts = ((len(changes) - new, f"changed{when}"), (new, "found"))
    told = [f"{count} {word}" for count, word in counts if count]
    return f"{found}; {', '.join(told) or 'all as expected'}"


def _threads(records: Sequence[Record]) -> dict[tuple[str, str, str], str]:
    return {
        (suite, problem.name, backend): threads
        for suite in dict.fromkeys(record.suite for record in records)
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
    for heading, rows in tables.items():
        counts = ", ".join(f"{count} {kind.replace('-', ' ')}" for kind, count in compatibility.totals(rows).items())
        title = f"{heading}: {counts}"
        shown = Table(*HEADS, title=title, title_justify="left", box=box.SIMPLE_HEAD)
        lines = []
        for row in rows:
            style = "" if row.safe else "bold red" if compatibility.HEADLINE in row.counts else "yellow"
            cells = escape(row.problem), escape(row.verdict), escape(row.threads)
            shown.add_row(*cells, style=style)
            head = f"[{style}]{cells[0]}[/]" if style else cells[0]
            lines.append((head, f"{cells[1]} ({cells[2]})" if cells[2] else cells[1]))
        console.print(first_fitting(console, shown, otherwise=in_lines(title, lines)))
