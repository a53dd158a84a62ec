"""The run folder: made from a request and its cells, opened again to go on; what is finished in it.

No pandas here: this is the process that watches workers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import Any, NoReturn

from hessbench.harness.machine import environment, noise
from hessbench.harness.planning import user_files
from hessbench.harness.planning.grid import Cell, from_dict
from hessbench.harness.planning.methods import declared
from hessbench.harness.planning.request import Request, from_json
from hessbench.harness.usage import UsageError
from hessbench.results.stored import sealed, store
from hessbench.results.stored.files import write_atomically
from hessbench.results.stored.record import SCHEMA_VERSION, Record

RUNS = Path("runs")
MOST_AT_ONCE = 1000
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder with a manifest.

    Attributes:
        directory: Where it is.
        request: What was asked for.
        cells: The plan.
    """

    directory: Path
    request: Request
    cells: tuple[Cell, ...]

    def finished(self) -> dict[tuple[str, int], Record]:
        """Records of planned cells by (cell key, round), without those that were interrupted."""
        planned = {cell.key for cell in self.cells}
        return {
            (cell, round_): record
            for (cell, round_), record in store.last_records(store.read_journal(self.directory)).items()
            if cell in planned and record.status != "interrupted"
        }

    def missing(self) -> tuple[Cell, ...]:
        """The cells that have not been visited in every round that they are to have at least."""
        done, rounds = self.finished(), range(1, self.request.rounds + 1)
        return tuple(cell for cell in self.cells if any((cell.key, round_) not in done for round_ in rounds))

    def unweighed(self) -> list[Cell]:
        """What was right in some round and has not been weighed."""
        right = {key for (key, _), record in self.finished().items() if record.status == "ok"}
        done = store.weights(store.read_journal(self.directory))
        return [cell for cell in self.cells if cell.key in right and cell.key not in done]


def create(request: Request, cells: tuple[Cell, ...], elsewhere: Mapping[str, object] = NOTHING) -> RunFolder:
    """Make a folder with its manifest: what `request.out` says, or one below `runs/` named after time and suites.

    Args:
        request: What is asked for.
        cells: The plan.
        elsewhere: Versions and machine of another interpreter, where that one computes.

    Returns:
        The folder.

    Raises:
        UsageError: It has something in it, or cannot be written.
    """
    name = "-".join(user_files.label(suite) for suite in request.selection.suites)[:60]
    directory = fresh(request.out, f"go on with it: --resume {request.out}") if request.out else new_folder(name)
    try:
        manifest = {**manifest_of(request, cells), **elsewhere}
        manifest[sealed.CHECKSUM] = sealed.checksum(manifest)
        write_atomically(directory / store.MANIFEST, json.dumps(manifest, indent=1))
    except OSError as error:
        raise UsageError(f"cannot write to {directory}: {error.strerror}") from None
    return RunFolder(directory, request, cells)


def fresh(directory: Path, or_else: str = "") -> Path:
    """A folder that a person named for results, made and empty.

    Args:
        directory: The folder.
        or_else: What else they can do.

    Returns:
        The same.

    Raises:
        UsageError: It has something in it, or cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            others = f", or {or_else}" if or_else else ""
            raise UsageError(f"{directory} is not empty; choose another --out{others}")
    except OSError as error:
        raise UsageError(f"cannot write to {directory}: {error.strerror}") from None
    return directory


def check_writable(*folders: Path | None) -> None:
    """That folders, made where they are missing, take files; None is none.

    Raises:
        UsageError: One does not.
    """
    for folder in filter(None, folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise UsageError(f"cannot write to {folder}: {error.strerror}") from None


def new_folder(name: str) -> Path:
    """Make a folder below `runs/`, named after the time; of those that begin in one second, each has its own.

    Args:
        name: What comes after the time.

    Returns:
        The folder.

    Raises:
        UsageError: It cannot be made.
    """
    first = RUNS / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    for directory in (first, *(first.with_name(f"{first.name}-{count}") for count in range(2, MOST_AT_ONCE))):
        try:
            directory.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(f"cannot write to {directory}: {error.strerror}") from None
        return directory
    raise UsageError(f"{first} and its like exist already; name another folder with --out")


def reopen(directory: Path) -> RunFolder:
    """Read a run to go on with, here.

    Returns:
        The folder. A `UsageError` says where it is no run, or was made on another machine, with other versions, or of a
        file that has changed.
    """
    found, manifest = _read(directory)
    moved = None if found.request.sharing else _moved(manifest)  # hosts are known by their fingerprints
    if difference := user_files.changed(found.request.sources) or moved:
        refuse(directory, difference)
    return found


def opened(directory: Path) -> RunFolder:
    """Read a run to look at, whoever made it.

    Returns:
        The folder. A `UsageError` says where it is no run.
    """
    return _read(directory)[0]


def refuse(directory: Path, difference: str) -> NoReturn:
    """Do not go on with what would not be one run any more.

    Raises:
        UsageError: Always.
    """
    raise UsageError(f"cannot resume {directory}: {difference}; start a new run")


def _read(directory: Path) -> tuple[RunFolder, Mapping[str, Any]]:
    try:
        manifest = store.read_manifest(directory)
    except store.NotARun as error:
        raise UsageError(str(error)) from None
    try:
        cells = tuple(from_dict(cell) for cell in manifest["cells"])
        return RunFolder(directory, from_json(manifest["configuration"]), cells), manifest
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{directory / store.MANIFEST} is damaged ({type(error).__name__}: {error}); restore it, or run again"
        ) from None


def manifest_of(request: Request, cells: tuple[Cell, ...]) -> dict[str, object]:
    """What was asked for, on which machine, with which versions, and the plan."""
    return {
        "schema_version": SCHEMA_VERSION,
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "configuration": request.to_json(),
        "versions": environment.versions(),
        "machine": environment.machine(),
        "calibration": noise.read(),
        "cells": [described(cell) for cell in cells],
    }


def described(cell: Cell) -> dict[str, object]:
    """A cell with its key and the declared facts of its method: a planned row before anything is known."""
    method = declared(cell)
    facts: dict[str, object] = {
        "mode": method.mode,
        "execution": method.execution,
        "assembly": method.assembly,
        "chunk": method.chunk,
    }
    if method.estimate:
        facts |= {"estimator": method.estimate.estimator, "products": method.estimate.products}
    return {**cell.as_dict(), **facts, "cell": cell.key}


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
