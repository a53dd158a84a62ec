"""The capability matrix: how many problems of each suite a method can do, and why not the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hessbench.results.stored.record import Record

SHORT = 90
"""Letters of a reason."""
SEVERAL = 4
"""Reasons that are told of a method; the rest is a number."""


@dataclass
class Capability:
    """What one method of one backend can do.

    Attributes:
        backend: The backend.
        operator: What the method computes.
        method: The method.
        done: Suite -> how many problems were right, and how many were tried.
        reasons: "status: reason" -> the problems that it holds for.
    """

    backend: str
    operator: str
    method: str
    done: dict[str, tuple[int, int]] = field(default_factory=dict)
    reasons: dict[str, list[str]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take in a cell."""
        right, tried = self.done.get(record.suite, (0, 0))
        self.done[record.suite] = (right + (record.status == "ok"), tried + 1)
        if record.status != "ok":
            told = record.fault.replace("-", " ") if record.status == "wrong" else record.reason[:SHORT]
            self.reasons.setdefault(f"{record.status}: {told}", []).append(record.problem)


def capabilities(records: Iterable[Record]) -> list[Capability]:
    """One entry per backend and method, in the order of backends, operators and methods."""
    found: dict[tuple[str, str, str], Capability] = {}
    for record in records:
        key = (record.backend, record.operator, record.method)
        found.setdefault(key, Capability(*key)).add(record)
    return [found[key] for key in sorted(found)]


def markdown(found: Iterable[Capability]) -> str:
    """A table per backend: methods down, suites across, and what each method cannot do below it."""
    lines: list[str] = []
    rows = list(found)
    for backend in dict.fromkeys(row.backend for row in rows):
        mine = [row for row in rows if row.backend == backend]
        suites = list(dict.fromkeys(suite for row in mine for suite in sorted(row.done)))
        lines += [f"## {backend}", "", "| method | operator | " + " | ".join(suites) + " |"]
        lines += ["|" + "---|" * (len(suites) + 2)]
        for row in mine:
            cells = [f"{row.done[s][0]}/{row.done[s][1]}" if s in row.done else "" for s in suites]
            lines.append(f"| `{row.method}` | {row.operator} | " + " | ".join(cells) + " |")
        lines.append("")
        lines += [line for row in mine if row.reasons for line in _reasons(row)]
    return "\n".join(lines) + "\n"


def _reasons(row: Capability) -> list[str]:
    told = sorted(row.reasons.items(), key=lambda item: (-len(item[1]), item[0]))
    lines = [f"`{row.method}`", ""]
    lines += [f"- {_escaped(reason)} ({_problems(problems)})" for reason, problems in told[:SEVERAL]]
    if len(told) > SEVERAL:
        lines.append(f"- {len(told) - SEVERAL} more reasons, {sum(len(p) for _, p in told[SEVERAL:])} problems")
    return [*lines, ""]


def _problems(names: list[str]) -> str:
    several = sorted(set(names))  # launches visit cells in random order
    return ", ".join(several) if len(several) <= 3 else f"{', '.join(several[:3])} and {len(several) - 3} more"


def _escaped(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    return " ".join(text.split()).replace("<", "&lt;").replace("*", r"\*").replace("_", r"\_").replace("`", "'")
