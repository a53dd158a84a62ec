"""What the commands leave with, beside 0 for done and 2 for bad input."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CANNOT_WRITE = 1
"""A run, its report, or what goes to standard output could not be written."""

CHANGED = 1
"""`verify` or `compare` found something that was not so before."""

NOTHING_OK = 3
"""No cell was ok, nothing could be compared, or machines are missing."""

UNDECIDED = 4
"""`compare --strict` was left undecided."""

STOPPED = 130
"""A person stopped it: what a shell says of Ctrl-C."""

CODES: Mapping[str, int] = MappingProxyType(
    {"done": 0, "stopped": STOPPED, "cannot-write": CANNOT_WRITE, "no-hosts": NOTHING_OK}
)
"""By how a run ended (`harness.running.whole_run.How`)."""
