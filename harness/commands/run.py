"""`hessbench run`: make or reopen a run folder, run what is missing, hand over to the report."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hessbench import backends, suites
from hessbench.harness.machine import environment, noise
from hessbench.harness.planning import configuration as config
from hessbench.harness.planning import user_files
from hessbench.harness.planning.cell import Cell, from_dict
from hessbench.harness.planning.plan import left_out, plan
from hessbench.harness.running.discovery import discover
from hessbench.harness.running.memory_pass import memory_pass
from hessbench.harness.running.progress import Accounts, Watcher
from hessbench.harness.running.runner import Runner, declared
from hessbench.harness.usage import UsageError
from hessbench.results.stored import store
from hessbench.results.stored.record import SCHEMA_VERSION, Record
from hessbench.results.stored.record import from_dict as record_from_dict

RUNS = Path("runs")
NOTHING_OK = 3
STOPPED = 130


def run(options: Any) -> int:
    """The command. Returns its exit code."""
    if options.resume:
        directory, manifest = _reopen(options)
        if options.dry_run:
            done = finished(directory)
            rounds = range(1, manifest["configuration"]["rounds"] + 1)
            planned = (from_dict(cell) for cell in manifest["cells"])
            missing = tuple(cell for cell in planned if any((cell.key, r) not in done for r in rounds))
            return _print_plan(missing, options.json)
    else:
        configuration = config.from_options(options)
        selection = config.selection(configuration)
        cells = plan(selection, discover(selection))
        for line in left_out(selection):
            print(f"note: {line}", file=sys.stderr)
        if options.dry_run:
            return _print_plan(cells, options.json)
        manifest = manifest_of(configuration, cells)
        directory = create(options.out, manifest)
    return _go(directory, manifest, options.json)


def _print_plan(cells: tuple[Cell, ...], as_json: bool) -> int:
    if as_json:
        print(json.dumps({"cells": [described(cell) for cell in cells]}))
    else:
        print("\n".join(map(str, cells)))
        print(f"{len(cells)} cells; nothing was started")
    return 0


def described(cell: Cell) -> dict[str, Any]:
    """A cell with its key and the declared facts of its method: a planned row before anything is known."""
    method = declared(cell)
    facts = {"mode": method.mode, "execution": method.execution, "assembly": method.assembly, "chunk": method.chunk}
    return {**cell.as_dict(), **facts, "cell": cell.key}


def create(out: str | None, manifest: Mapping[str, Any]) -> Path:
    """A new run folder with its manifest.

    Raises:
        UsageError: It has something in it, or cannot be written.
    """
    name = "-".join(user_files.label(suite) for suite in manifest["configuration"]["suites"])[:60]
    directory = Path(out) if out else RUNS / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise UsageError(f"{directory} is not empty; choose another --out, or go on with it: --resume {directory}")
        store.write_atomically(directory / store.MANIFEST, json.dumps(manifest, indent=1))
    except OSError as error:
        raise UsageError(f"cannot write to {directory}: {error.strerror}") from None
    return directory


def manifest_of(configuration: Mapping[str, Any], cells: tuple[Cell, ...]) -> dict[str, Any]:
    """What was asked for, on which machine, with which versions, and the plan."""
    return {
        "schema_version": SCHEMA_VERSION,
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "configuration": configuration,
        "versions": environment.versions(),
        "machine": environment.machine(),
        "calibration": noise.read(),
        "cells": [described(cell) for cell in cells],
    }


def _reopen(options: Any) -> tuple[Path, dict[str, Any]]:
    """The folder and manifest of a run to go on with.

    Raises:
        UsageError: It is no run, was asked for differently, or was made on another machine or with other versions.
    """
    directory = Path(options.resume)
    try:
        manifest = store.read_manifest(directory)
    except store.NotARun as error:
        raise UsageError(str(error)) from None
    if options.out:
        raise UsageError("--out and --resume exclude each other; a resumed run stays in its folder")
    stored = manifest["configuration"]
    difference = (
        config.contradicts(options, stored) or user_files.changed(stored.get("sources", {})) or _moved(manifest)
    )
    if difference:
        raise UsageError(f"cannot resume {directory}: {difference}; start a new run")
    return directory, manifest


def _moved(manifest: Mapping[str, Any]) -> str | None:
    """What has changed since: times of two machines or two versions do not belong in one run."""
    here, there = environment.machine(), manifest["machine"]
    if (here["cpu"], here["usable_cores"]) != (there["cpu"], there["usable_cores"]):
        return f"it ran on {there['usable_cores']} cores of {there['cpu']}"
    now, then = environment.versions(), manifest["versions"]
    changed = [
        f"{name} was {then.get(name)}, is {now.get(name)}"
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    ]
    return ", ".join(changed) or None


def _go(directory: Path, manifest: Mapping[str, Any], as_json: bool) -> int:
    accounts = carry_out(directory, manifest)
    if isinstance(accounts, int):
        return accounts
    if not _report(directory, as_json):
        return 1
    print(accounts.line(), file=sys.stderr)
    return 0 if any(record.status == "ok" for record in finished(directory).values()) else NOTHING_OK


def carry_out(directory: Path, manifest: Mapping[str, Any]) -> Accounts | int:
    """Run what is missing of a run; where its time went, or the exit code where it was stopped.

    Raises:
        UsageError: The folder cannot be written.
    """
    signal.signal(signal.SIGTERM, _stop)
    cells = [from_dict(cell) for cell in manifest["cells"]]
    known = {cell.key for cell in cells}
    settings = config.settings(manifest["configuration"])
    try:
        journal = store.Journal(directory)
    except (store.NotARun, OSError) as error:
        raise UsageError(f"cannot write to {directory}: {error}") from None
    with journal:
        done = {key: record for key, record in finished(directory).items() if key[0] in known}
        _note_absent(cells)
        total = len(cells) * settings.rounds - len(done)
        print(f"{total} cells to do, into {directory}", file=sys.stderr)
        with Watcher(total) as watcher:
            try:
                Runner(directory, journal, settings, watcher).run(cells, done)
                if manifest["configuration"].get("memory"):
                    memory_pass(directory, journal, settings, _to_weigh(directory, cells), watcher)
            except KeyboardInterrupt:
                return _stopped(directory)
            except OSError as error:
                print(
                    f"hessbench: {error}; what is done is kept. Go on with: hessbench run --resume {directory}",
                    file=sys.stderr,
                )
                return 1
    return watcher.accounts


def _to_weigh(directory: Path, cells: list[Cell]) -> list[Cell]:
    """What was right in some round and has not been weighed."""
    right = {key for (key, _), record in finished(directory).items() if record.status == "ok"}
    done = store.weights(store.read_journal(directory))
    return [cell for cell in cells if cell.key in right and cell.key not in done]


def _stop(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def finished(directory: Path) -> dict[tuple[str, int], Record]:
    """Records by (cell key, round), without those that were interrupted; no pandas in this process."""
    ends = (event for event in store.read_journal(directory) if event["event"] == "cell_end")
    records = (record_from_dict(event["record"]) for event in ends)
    last = {(record.cell, record.round): record for record in records}
    return {key: record for key, record in last.items() if record.status != "interrupted"}


def _note_absent(cells: list[Cell]) -> None:
    for name in dict.fromkeys(cell.backend for cell in cells):
        absent = backends.missing(name)
        if absent:
            print(f"note: {name} is {absent}", file=sys.stderr)
    for name, reason in {**backends.broken(), **suites.broken()}.items():
        print(f"note: {name} is left out: {reason}", file=sys.stderr)


def _stopped(directory: Path) -> int:
    print(f"\nstopped; what is done is kept. Go on with: hessbench run --resume {directory}", file=sys.stderr)
    print(f"Look at it with: hessbench report {directory}", file=sys.stderr)
    return STOPPED


def _report(directory: Path, as_json: bool) -> bool:
    """In a process of its own: pandas and the plotting stack stay out of the one that watches workers."""
    flags = ["--json"] if as_json else []
    command = [sys.executable, "-P", "-m", "hessbench.harness", "report", str(directory), *flags]
    return subprocess.run(command, check=False).returncode == 0
