"""A cell in a person's words, and in one word what came of it."""

from __future__ import annotations

from hessbench.results.stored.record import Record, beyond_defaults

UNDECIDED = ("unsupported", "interrupted")
"""Outcomes that say nothing about a result."""
FINE = ("ok", "unverifiable")
"""Outcomes that accuse nobody."""


def cell_name(record: Record) -> str:
    """A cell within those of its backend and operator: what a person would call it."""
    said = {axis: value for axis, value in beyond_defaults(record).items() if axis != "host"}
    text = f" {said.pop('text')}" if "text" in said else ""
    rest = "".join(f" {axis}={value}" if isinstance(value, int) else f" {value}" for axis, value in said.items())
    where = f"{record.dtype} {record.device}{rest}"
    return f"{record.suite}/{record.problem} n={record.n}{text} {record.method} {where}"


def outcome(record: Record) -> str:
    """The kind of fault where there is one, else the status."""
    return record.fault or record.status
