"""Which second derivatives are safe to use: problems down, what each framework's methods make of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from hessbench.results.stored.outcome import outcome
from hessbench.results.stored.record import FAULTS, STATUSES, Record
from hessbench.results.units import scientific

HEAD = """# Which second derivatives are safe

Made by `hessbench verify [SUITE…] --markdown`. A row is a problem at its smallest size; "(native)" is a framework's own
function, the other text composes the same mathematics from primitives. Each row says what the gradient and one method
of each mode make of it: how many are right, and which are silently wrong (with their relative error), asymmetric, NaN
or infinite, or raise. The last column has upstream threads, where one was found.
"""

HEADLINE = "silently-wrong"
SHOWN_METHODS = 3
QUIET = ("ok", "unsupported")
"""Outcomes that need no word about the methods."""


@dataclass(frozen=True, slots=True)
class Row:
    """One problem in one framework.

    Attributes:
        problem: "suite/problem", and the text where it is the framework's own.
        counts: Outcome -> how many methods, worst outcome first.
        details: Outcome -> the methods, with errors where there are numbers.
        threads: Upstream threads, or empty.
    """

    problem: str
    counts: Mapping[str, int]
    details: Mapping[str, Sequence[str]]
    threads: str

    @property
    def safe(self) -> bool:
        """Whether every method that could be tried is right."""
        return set(self.counts) <= set(QUIET) and "ok" in self.counts

    @property
    def verdict(self) -> str:
        """Outcomes in words, methods named where something is wrong."""
        total = sum(self.counts.values())
        return "; ".join(_part(kind, count, total, self.details[kind]) for kind, count in self.counts.items())


def _part(kind: str, count: int, total: int, methods: Sequence[str]) -> str:
    share = f"{count} of {total}" if count < total else ("all " if total > 1 else "") + str(total)
    if kind in QUIET:
        return f"{kind} {share}"
    names = ", ".join(methods[:SHOWN_METHODS]) + (f" and {count - SHOWN_METHODS} more" if count > SHOWN_METHODS else "")
    return f"{kind.replace('-', ' ')} {share} ({names})"


ORDER = (HEADLINE, *(name for name in FAULTS if name != HEADLINE), *(name for name in STATUSES if name != "ok"), "ok")


def rows(records: Iterable[Record], threads: Mapping[tuple[str, str, str], str]) -> dict[str, list[Row]]:
    """By "backend version" the rows of a compatibility table, in the records' order of problems.

    Args:
        records: Records of one run.
        threads: (suite, problem, backend) -> upstream threads.

    Returns:
        The rows of each framework, a row for each problem and text.
    """

    def place(record: Record) -> tuple[str, str, str, int, str]:
        return record.backend, record.suite, record.problem, record.n, record.text

    found: dict[str, list[Row]] = {}
    for (backend, suite, problem, _, text), group in groupby(sorted(records, key=place), key=place):
        cells = list(group)
        kinds = sorted({outcome(cell) for cell in cells}, key=ORDER.index)
        named = {kind: [_method(cell) for cell in cells if outcome(cell) == kind] for kind in kinds}
        name = f"{suite}/{problem}" + (" (native)" if text == "native" else "")
        version = next((cell.version for cell in cells if cell.version), "not installed")
        faulty = set(kinds) - set(QUIET)
        row = Row(
            name,
            {kind: len(named[kind]) for kind in kinds},
            named,
            threads.get((suite, problem, backend), "") if faulty else "",
        )
        found.setdefault(f"{backend} {version}", []).append(row)
    return found


def _method(record: Record) -> str:
    error = record.rel_error
    return record.method + (f" {scientific(error)}" if error is not None and record.status == "wrong" else "")


def totals(table: Iterable[Row]) -> dict[str, int]:
    """Outcome -> methods × problems."""
    counted: dict[str, int] = {}
    for row in table:
        for kind, count in row.counts.items():
            counted[kind] = counted.get(kind, 0) + count
    return {kind: counted[kind] for kind in ORDER if kind in counted}


def markdown(tables: Mapping[str, Sequence[Row]]) -> str:
    """The tables as a page: one section per framework and version."""
    parts = [HEAD]
    for name, table in tables.items():
        counts = ", ".join(f"{count} {kind.replace('-', ' ')}" for kind, count in totals(table).items())
        parts += [
            f"## {name}",
            "",
            f"Methods × problems: {counts}.",
            "",
            "| problem | second derivatives | upstream |",
            "|---|---|---|",
        ]
        parts += [f"| `{row.problem}` | {row.verdict} | {row.threads} |" for row in table]
        parts += [""]
    return "\n".join(parts)
