"""What was found of a version, read from a run folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hessbench.results.stored import store
from hessbench.results.stored.outcome import cell_name, outcome
from hessbench.results.stored.record import Record
from hessbench.results.stored.releases import public
from hessbench.results.versions.verified import Finding, NotVerified, Verified

_WITH_ERROR = "wrong"
"""Only of these the error is news."""


def read_run(directory: Path, backend: str) -> Verified:
    """A verification from its run folder.

    Args:
        directory: The folder that `verify --out` made.
        backend: Whose cells are wanted.

    Returns:
        What it found.

    Raises:
        NotVerified: The folder is no run, or no cell of that backend was computed there.
    """
    try:
        manifest = store.read_manifest(directory)
    except store.NotARun as error:
        raise NotVerified(str(error)) from None
    records = store.last_records(store.read_journal(directory)).values()
    return of_records((record for record in records if record.backend == backend), backend, manifest)


def of_records(records: Iterable[Record], backend: str, manifest: Mapping[str, Any]) -> Verified:
    """A verification from its records.

    Args:
        records: What was found, of one version.
        backend: Whose they are.
        manifest: Of the run: when, and on what.

    Returns:
        What it found.

    Raises:
        NotVerified: No record says which version it is of.
    """
    records = list(records)
    version = next((public(record.version) for record in records if record.version), "")
    if not version:
        reason = next((record.reason for record in records if record.reason), "nothing was computed")
        raise NotVerified(f"no cell of {backend} was computed: {reason}")
    cells = {cell_name(record): _finding(record) for record in records}
    machine, versions = manifest["machine"], manifest["versions"]
    facts = {
        "python": machine["python"],
        "numpy": versions.get("numpy", ""),
        "date": manifest["created"][:10],
        "commit": machine.get("commit", ""),
        "cpu": machine["cpu"],
    }
    return Verified(backend, version, facts, dict(sorted(cells.items())))


def _finding(record: Record) -> Finding:
    error = record.rel_error if record.status == _WITH_ERROR else None
    return Finding(outcome(record), None if error is None else float(f"{error:.1g}"))
