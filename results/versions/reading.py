"""What was found of a version, read from a run folder."""

from __future__ import annotations

from pathlib import Path

from hessbench.results.stored import store
from hessbench.results.stored.record import from_dict
from hessbench.results.versions.verified import NotVerified, Verified, of_records


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
    events = (event for event in store.read_journal(directory) if event["event"] == "cell_end")
    records = [record for record in (from_dict(event["record"]) for event in events) if record.backend == backend]
    return of_records(records, backend, manifest)
