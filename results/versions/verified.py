"""What a verification of one version has found, small enough to be kept in a repository.

A file has one problem a line, so that `diff` of two versions' files shows what has changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hessbench.results.stored.files import write_atomically
from hessbench.results.stored.releases import order

FORMAT = 1


class NotVerified(Exception):
    """There is no verification to read; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one cell.

    Attributes:
        outcome: The kind of fault, else the status.
        error: Relative error of what is wrong.
    """

    outcome: str
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """One version of a framework, verified.

    Attributes:
        backend: Whose framework.
        version: Its version.
        facts: On what: `python`, `numpy`, `date`, `commit`, `cpu`.
        cells: The name of each cell ("traps/det n=9 hessian-jit float64 cpu") -> what came of it.
    """

    backend: str
    version: str
    facts: Mapping[str, str]
    cells: Mapping[str, Finding]

    @property
    def suites(self) -> list[str]:
        """The suites of the cells."""
        return sorted({cell.partition("/")[0] for cell in self.cells})


def file_name(found: Verified) -> str:
    """What its file is called."""
    return f"{found.backend}-{found.version}.json"


def write(found: Verified, folder: Path) -> Path:
    """Keep it as a file.

    Returns:
        The file. An OSError says where it cannot be written.
    """
    problems: dict[str, dict[str, list[str]]] = {}
    for cell, finding in found.cells.items():
        problem, method = _split(cell)
        entry = method if finding.error is None else f"{method} {finding.error:.0e}"
        problems.setdefault(problem, {}).setdefault(finding.outcome, []).append(entry)
    head = {"format": FORMAT, "backend": found.backend, "version": found.version, **found.facts}
    lines = [f" {json.dumps(name)}: {json.dumps(by_outcome)}" for name, by_outcome in problems.items()]
    text = json.dumps(head, indent=1)[:-2] + ',\n "cells": {\n ' + ",\n ".join(lines) + "\n }\n}\n"
    path = folder / file_name(found)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text)
    return path


def read(path: Path) -> Verified:
    """A verification from its file.

    Returns:
        What it found.

    Raises:
        NotVerified: The file cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        known = data.pop("format"), data.pop("backend"), data.pop("version"), data.pop("cells")
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise NotVerified(f"{path} cannot be read: {error}") from None
    if known[0] != FORMAT:
        raise NotVerified(f"{path} has format {known[0]}, this hessbench reads {FORMAT}")
    cells = {
        _joined(problem, method): Finding(kind, float(error) if error else None)
        for problem, by_outcome in known[3].items()
        for kind, entries in by_outcome.items()
        for method, _, error in (entry.partition(" ") for entry in entries)
    }
    return Verified(known[1], known[2], data, dict(sorted(cells.items())))


def read_folder(folder: Path) -> dict[str, list[Verified]]:
    """All verifications of a folder: backend -> its versions, oldest first. Raises as `read` does."""
    found: dict[str, list[Verified]] = {}
    for path in sorted(folder.glob("*.json")):
        one = read(path)
        found.setdefault(one.backend, []).append(one)
    return {backend: sorted(found[backend], key=lambda one: order(one.version)) for backend in sorted(found)}


def _split(cell: str) -> tuple[str, str]:
    """The problem of a cell with where it ran, and the method: of "traps/det n=9 native hessian-jit float64 cpu"."""
    words = cell.split(" ")
    place = 3 if words[2] == "native" else 2
    return " ".join((*words[:place], *words[place + 1 :])), words[place]


def _joined(problem: str, method: str) -> str:
    words = problem.split(" ")
    place = 3 if words[2] == "native" else 2
    return " ".join((*words[:place], method, *words[place:]))


def problem_of(cell: str) -> str:
    """The problem of a cell, with "(native)" for a framework's own text."""
    words = cell.split(" ")
    return f"{words[0]} (native)" if words[2] == "native" else words[0]


def method_of(cell: str) -> str:
    """The method of a cell, with what else is not usual of it."""
    problem, method = _split(cell)
    extra = [word for word in problem.split(" ")[2:] if word not in ("native", "float64", "cpu")]
    return " ".join((method, *extra))
