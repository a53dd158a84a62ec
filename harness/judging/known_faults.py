"""Known faults: what `hessbench verify` is expected to find, one file per backend and version.

A fault that goes away with a new version is news as much as one that comes, so both are changes. A version of which
nothing is noted is held against the nearest one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from hessbench.harness.usage import UsageError
from hessbench.results.stored.outcome import FINE, UNDECIDED, cell_name, outcome
from hessbench.results.stored.record import Record
from hessbench.results.stored.releases import nearest, public
from hessbench.suites import registry

Known = Mapping[tuple[str, str], Mapping[str, str] | None]
"""Outcomes that are expected, by backend and version: machines may have different ones."""
FOLDER = Path(__file__).with_name("expected_faults")


def path(folder: Path, backend: str, version: str) -> Path:
    """The file of a backend's version; builds of one version ("2.13.0+cpu") share it."""
    return folder / f"{backend}-{public(version) or 'unknown'}.json"


def noted(folder: Path, backend: str, version: str) -> str | None:
    """Of which version of a backend it is noted what to expect of this one.

    Args:
        folder: Where expectations are kept, a file for each version.
        backend: Name of the backend.
        version: Version of its framework.

    Returns:
        The version itself, else the nearest earlier one, else the nearest later one; None where nothing is noted.
    """
    files = folder.glob(f"{backend}-*.json")
    return nearest(public(version), [file.stem.removeprefix(f"{backend}-") for file in files])


def read(folder: Path, backend: str, version: str) -> dict[str, str] | None:
    """The outcomes that are expected of one version of a backend.

    Args:
        folder: Where expectations are kept, a file for each version.
        backend: Name of the backend.
        version: Version of its framework.

    Returns:
        Key -> expected outcome of what is not ok; None where nothing is known of that version.

    Raises:
        UsageError: The file cannot be read.
    """
    file = path(folder, backend, version)
    if not file.exists():
        return None
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None


def expected(record: Record, known: Known) -> str:
    """The outcome that is expected of a cell; empty for a person's own problem of which nothing was noted.

    Args:
        record: What was found.
        known: From `read`, by backend and version. Of our own suites all else is expected to be ok.

    Returns:
        The outcome, as `outcome` says it.
    """
    usual = "ok" if record.suite in registry() else ""
    return (of(record, known) or {}).get(cell_name(record), usual)


def of(record: Record, known: Known) -> Mapping[str, str] | None:
    """What is known of a record's version; of one that did not come to say it, the first version of its backend."""
    versions = (known[name] for name in known if name[0] == record.backend)
    return known.get((record.backend, record.version)) if record.version else next(versions, None)


def changes(records: Iterable[Record], known: Known) -> list[tuple[Record, str]]:
    """The records whose outcome is another than expected, each with what was expected.

    Args:
        records: What was found.
        known: From `read`, by backend and version.

    Returns:
        The records, each with the outcome that was expected; of a person's own problem those that failed.
    """
    pairs = [(record, expected(record, known)) for record in records if record.status not in UNDECIDED]
    return [(r, before) for r, before in pairs if outcome(r) != before and (before or r.status not in FINE)]


def update(folder: Path, records: Iterable[Record], known: Known) -> list[Path]:
    """Write what was found as expected; cells that were not run keep what the file says of them.

    Args:
        folder: Where expectations are kept.
        records: What was found.
        known: What was expected, by backend and version, from `read`: of this version or of the nearest one.

    Returns:
        The files that were written.

    Raises:
        UsageError: The folder cannot be written.
    """
    found: dict[Path, list[Record]] = {}
    first: dict[str, str] = {}
    for record in records:
        if record.status not in UNDECIDED:
            version = record.version or first.get(record.backend, "")
            first.setdefault(record.backend, version)
            found.setdefault(path(folder, record.backend, version), []).append(record)
    written = []
    for file, rows in found.items():
        merged = {**(of(rows[0], known) or {}), **{cell_name(row): outcome(row) for row in rows}}
        faults = {name: merged[name] for name in sorted(merged) if merged[name] != "ok"}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(faults, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {file}: {error.strerror}") from None
        written.append(file)
    return written
