"""`hessbench run`: plan or reopen a run, carry it out, hand over to the report."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from hessbench.harness.commands.exit_codes import CODES, NOTHING_OK
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.request import QUICK_LOOK, Request, Said
from hessbench.harness.planning.settings import QUICK
from hessbench.harness.running import folder, whole_run
from hessbench.harness.running.folder import RunFolder
from hessbench.harness.running.hosts.connect import check_scheduler, connected, on_hosts
from hessbench.harness.running.hosts.machines import Machines
from hessbench.harness.usage import UsageError


def run(
    asked: Mapping[str, Said],
    *,
    quick: bool = False,
    out: Path | None = None,
    resume: Path | None = None,
    dry_run: bool = False,
    as_json: bool = False,
    wait_s: float = 0.0,
    scheduler: str | None = None,
    within_s: float | None = None,
) -> int:
    """The command.

    Args:
        asked: What the command line says of the request.
        quick: Begin with a quick look instead of the usual request.
        out: The folder to make.
        resume: The folder of a run to go on with.
        dry_run: Print the plan and leave.
        as_json: Print JSON: the plan, or the records.
        wait_s: Seconds to wait at most until the machine is quiet.
        scheduler: Of other machines, which do the work.
        within_s: Seconds to wait for them at most.

    Returns:
        Its exit code.
    """
    if resume:
        found = _reopened(resume, asked, quick, out)
        check_scheduler(found.request, scheduler, resume)
        if dry_run:
            return _print_plan(found.missing(), as_json)
        with connected(scheduler, within_s) as machines:
            return _go(found, as_json, wait_s, machines)
    request = (QUICK_LOOK if quick else Request()).changed(**asked, out=out).with_sources()
    request = on_hosts(request, scheduler, "each")
    with connected(scheduler, within_s) as machines:
        request = machines.placed(request) if machines else request
        cells = whole_run.planned(request)
        return _print_plan(cells, as_json) if dry_run else _go(folder.create(request, cells), as_json, wait_s, machines)


def _reopened(directory: Path, asked: Mapping[str, Said], quick: bool, out: Path | None) -> RunFolder:
    """A run to go on with, unless something else is asked for now."""
    found = folder.reopen(directory)
    if out:
        raise UsageError("--out and --resume exclude each other; a resumed run stays in its folder")
    # Of --quick only the sampling is compared: rounds and sizes beside it may have been asked for by name.
    now = found.request.changed(**asked, policy=QUICK if quick else None)
    if difference := now.differs(found.request):
        folder.refuse(directory, difference)
    return found


def _print_plan(cells: tuple[Cell, ...], as_json: bool) -> int:
    if as_json:
        print(json.dumps({"cells": [folder.described(cell) for cell in cells]}))
    else:
        print("\n".join(map(str, cells)))
        print(f"{len(cells)} cells; nothing was started")
    return 0


def _go(found: RunFolder, as_json: bool, wait_s: float, machines: Machines | None) -> int:
    ended = whole_run.carry_out(found, wait_s, machines)
    if ended.how != "done":
        return CODES[ended.how]
    if not _report(found.directory, as_json):
        return 1
    print(ended.accounts.line(), file=sys.stderr)
    return 0 if any(record.status == "ok" for record in found.finished().values()) else NOTHING_OK


def _report(directory: Path, as_json: bool) -> bool:
    """In a process of its own: pandas and the plotting stack stay out of the one that watches workers."""
    flags = ["--json"] if as_json else []
    command = [sys.executable, "-P", "-m", "hessbench.harness", "report", str(directory), *flags]
    return subprocess.run(command, check=False).returncode == 0
