"""The run folder: `manifest.json` written first and whole, `journal.jsonl` appended line by line and fsynced.

The journal is the truth; everything else in the folder can be rebuilt from it. A torn last line (the
machine died while writing) is ignored when reading and cut off when appending goes on. Both have checksums
(`results.stored.sealed`): what is damaged is left out and said.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

from hessbench.results.stored import sealed
from hessbench.results.stored.record import AXES, DEFAULTS, SCHEMA_VERSION, Record, better, from_dict

MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"
KEYS: Mapping[str, type] = MappingProxyType(
    {"schema_version": int, "created": str, "configuration": dict, "versions": dict, "machine": dict, "cells": list}
)
"""What a manifest has."""

MEMORY_MEASURED = "cell_weighed"
"""The event of the memory pass: `cell`, and `extra_host_bytes` or `reason`."""


class NotARun(Exception):
    """The folder is not a readable run; the message says why, in one line."""


def read_manifest(directory: Path) -> dict[str, Any]:
    """The configuration, plan and environment of a run.

    Returns:
        The manifest, which has at least `KEYS`.

    Raises:
        NotARun: There is no readable manifest.
    """
    path = directory / MANIFEST
    if not directory.is_dir():
        raise NotARun(f"{directory} is not a run folder: it {'is a file' if directory.exists() else 'does not exist'}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotARun(f"{directory} is not a run folder: it has no {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise NotARun(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if not isinstance(manifest, dict) or not manifest.keys() >= KEYS.keys():
        raise NotARun(f"{path} is not a hessbench manifest")
    if sealed.CHECKSUM in manifest and manifest[sealed.CHECKSUM] != sealed.checksum(manifest):
        raise NotARun(f"{path} is damaged: its checksum is another; restore the file, or run again")
    if manifest["schema_version"] != SCHEMA_VERSION:
        raise NotARun(
            f"{directory} has schema version {manifest['schema_version']}, this hessbench reads {SCHEMA_VERSION}; "
            "use the version that wrote it, or start a new run"
        )
    if wrong := [name for name, kind in KEYS.items() if not isinstance(manifest[name], kind)]:
        raise NotARun(f"{path} is damaged: {wrong[0]} is no {KEYS[wrong[0]].__name__}; restore the file, or run again")
    if not all(map(_is_cell, manifest["cells"])) or not isinstance(manifest["configuration"].get("rounds"), int):
        raise NotARun(f"{path} is damaged: its cells or rounds are not readable; restore the file, or run again")
    return manifest


def _is_cell(cell: Any) -> bool:
    """Whether a planned cell has its key and its axes."""
    needed = {"cell", *(axis for axis in AXES if axis not in DEFAULTS)}
    return isinstance(cell, dict) and cell.keys() >= needed and isinstance(cell["cell"], str)


def read_journal(directory: Path, damage: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """The events in order, without a torn last line and without damaged ones.

    Args:
        directory: The run folder.
        damage: Gets a sentence for each line that is damaged or lost.

    Yields:
        One event at a time: with their raw samples they are most of a large run.

    Raises:
        NotARun: The journal is there but cannot be read.
    """
    path = directory / JOURNAL
    if not path.exists():
        return
    try:
        with open(path, "rb") as stream:
            yield from sealed.events(stream, [] if damage is None else damage)
    except OSError as error:
        raise NotARun(f"{path} cannot be read: {error.strerror}") from None


def in_one_sentence(damage: Sequence[str]) -> str:
    """What is wrong with a journal; the empty string where nothing is."""
    more = f", and {len(damage) - 3} more" if len(damage) > 3 else ""
    said = f"{JOURNAL} is damaged, and what cannot be read was left out: {'; '.join(damage[:3])}{more}"
    return said if damage else ""


DECIDED = "decided"
"""Event: of these cells it is known that they are slower than the fastest of their contest."""


def last_records(events: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], Record]:
    """The records of a journal by (cell key, round); of several for one that which counts (`better`)."""
    found: dict[tuple[str, int], Record] = {}
    for record in (from_dict(event["record"]) for event in events if event["event"] == "cell_end"):
        key = record.cell, record.round
        found[key] = better(found[key], record) if key in found else record
    return found


def weights(events: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    """Bytes that a call takes beyond what is there after preparing, by cell key; None where that is not known."""
    return {event["cell"]: event.get("extra_host_bytes") for event in events if event["event"] == MEMORY_MEASURED}


def decided(events: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The round after which a cell was known to be slower than the fastest of its contest, by cell key."""
    return {key: event["round"] for event in events if event["event"] == DECIDED for key in event["cells"]}


class Journal:
    """The one writer of a journal; a second one in the same folder is refused.

    Args:
        directory: The run folder.

    Raises:
        NotARun: Another process is writing in this folder.
        OSError: The folder cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        path = directory / JOURNAL
        self._writing, self._syncing = threading.Lock(), threading.Lock()
        self._written = self._synced = 0
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise NotARun(f"another hessbench is writing in {directory}; wait for it or use another folder") from None
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        self._lines = content.count(b"\n")
        last = sealed.SEAL.search(content[max(0, whole - 60) : whole])
        if last:
            self._lines = max(self._lines, int(last[2]) + 1)
        os.ftruncate(self._file, whole)
        os.lseek(self._file, 0, os.SEEK_END)

    def append(self, event: dict[str, Any]) -> None:
        """Write one event and return when it is on the disk; a half-written line (disk full: OSError) is harmless."""
        with self._writing:
            # os.write may write a part of a line only; a reader ignores it until the rest is there.
            line = sealed.seal(event, self._lines)
            while line:
                line = line[os.write(self._file, line) :]
            self._lines += 1
            self._written = mine = self._written + 1
        with self._syncing:  # of several threads that wait here, the first one syncs for all
            if self._synced < mine:
                whole = self._written
                os.fsync(self._file)
                self._synced = whole

    def close(self) -> None:
        """Release the folder."""
        os.close(self._file)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
