"""Lines with a checksum and a number: what was damaged or lost is noticed, and never read as something else.

A line of the journal ends in `,"line":12,"crc32":"89abcdef"}`: its number in the file, and the CRC-32 of all before.
Runs of earlier versions have neither; of those only what is well formed is believed. A journal that is cut off at its
end is that of a run which was stopped.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hessbench.results.stored.record import Record, columns

SEAL = re.compile(rb'(,?"line":(\d+)),"crc32":"([0-9a-f]{8})"}\n\Z')
CHECKSUM = "crc32"
"""Of a manifest: the checksum of everything else in it."""

_KINDS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "int | None": (int, type(None)),
    "float | None": (float, int, type(None)),
    "str | None": (str, type(None)),
}
_REQUIRED = frozenset(name for name in ("suite", "problem", "n", "operator", "backend", "method", "round", "status"))


def seal(event: Mapping[str, Any], number: int) -> bytes:
    """The line of an event.

    Returns:
        JSON with number and checksum at its end, and a newline.
    """
    body = json.dumps(event, separators=(",", ":"), allow_nan=True).encode()[:-1]
    body += b'%s"line":%d' % (b"," if event else b"", number)
    return body + b',"crc32":"%08x"}\n' % zlib.crc32(body)


def events(lines: Iterable[bytes], damage: list[str]) -> Iterator[dict[str, Any]]:
    """The events of whole lines.

    Args:
        lines: The lines; one without a newline is still being written, or was when the machine died.
        damage: Gets a sentence for each line that is damaged or lost.

    Yields:
        The events, without number and checksum.
    """
    expected: int | None = None
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            return
        found = SEAL.search(line)
        if found is None:
            event = None if expected is not None else _believed(line)
            if event is None:
                damage.append(f"line {number} is damaged")
            else:
                yield event
            continue
        body = line[: found.end(1)]
        if zlib.crc32(body) != int(found[3], 16):
            damage.append(f"line {number} is damaged")
            continue
        said = int(found[2])
        expected = number - 1 if expected is None else expected
        if said < expected:
            damage.append(f"line {number} is a copy of an earlier one")
            continue
        if said > expected and not _known(damage, number, said - expected):
            damage.append(f"{said - expected} lines before line {number} are missing or damaged")
        expected = said + 1
        yield json.loads(line[: found.start(1)] + b"}")


def _known(damage: list[str], number: int, lost: int) -> bool:
    """Whether the lines before this one were seen to be damaged, as many as are lost."""
    return damage[-lost:] == [f"line {i} is damaged" for i in range(number - lost, number)]


def _believed(line: bytes) -> dict[str, Any] | None:
    """The event of a line without a checksum, if it is well formed."""
    try:
        event = json.loads(line)
    except ValueError:  # json's, and Unicode's
        return None
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return None
    return event if event["event"] != "cell_end" or _is_record(event.get("record")) else None


def _is_record(data: Any) -> bool:
    """Whether a record has what it must have, each of its kind."""
    if not isinstance(data, dict) or not data.keys() >= _REQUIRED:
        return False
    kinds = ((data[c.name], _KINDS.get(str(c.type))) for c in columns() if c.name in data)
    if not all(kind is None or isinstance(value, kind) for value, kind in kinds):
        return False
    try:
        Record(**{c.name: data[c.name] for c in columns() if c.name in data})
    except (TypeError, ValueError):
        return False
    return True


def checksum(manifest: Mapping[str, Any]) -> str:
    """The checksum of a manifest without its own."""
    rest = {name: value for name, value in manifest.items() if name != CHECKSUM}
    return f"{zlib.crc32(json.dumps(rest, sort_keys=True).encode()):08x}"
