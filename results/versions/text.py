"""Versions of a framework as Markdown: for a summary on a terminal, a pull request, docs/compatibility.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType

from hessbench.results.units import scientific
from hessbench.results.versions.history import Ability, Fault, News, abilities, faults, news
from hessbench.results.versions.verified import Verified, method_of, problem_of

SHOWN = 3
"""Methods that are named; the others are a number."""
FAULT_HEADS = ("problem", "fault", "since", "until", "methods")
NO_THREADS: Mapping[str, str] = MappingProxyType({})
TRIED_HEADS = ("version", "suites", "cells", "right", "silently wrong", "Python", "NumPy", "date")
NEWS_HEADS = ("problem", "what", "before", "now", "methods")


def fault_cells(fault: Fault, first: str) -> tuple[str, ...]:
    """A row of the table of faults.

    Args:
        fault: The fault.
        first: The first version that was tried at all: a fault that is in it may be older.

    Returns:
        Texts, as `FAULT_HEADS` names them.
    """
    error = f" {scientific(fault.error)}" if fault.error is not None else ""
    older = fault.since == first or not fault.before
    since = f"{fault.since} or earlier" if older else f"{fault.since}, not in {fault.before}"
    gone = "cured" if fault.then == "ok" else words(fault.then)
    until = f"{fault.until}; {gone} in {fault.after}" if fault.after else "still there"
    return fault.problem, words(fault.kind) + error, since, until, named(fault.methods)


def news_rows(found: Iterable[News]) -> list[tuple[str, ...]]:
    """Rows of the table of news between two neighbors, methods of one problem together."""

    def kind(one: News) -> tuple[str, str, str, str]:
        return one.what, problem_of(one.cell), one.before, one.now

    rows: list[tuple[str, ...]] = []
    for (what, problem, before, now), group in groupby(sorted(found, key=kind), key=kind):
        methods = sorted({method_of(one.cell) for one in group})
        rows.append((problem, "another kind" if what == "other" else what, words(before), words(now), named(methods)))
    return rows


def pairs(found: Iterable[News]) -> list[tuple[str, str, list[News]]]:
    """News by the pair of neighbors."""
    grouped = groupby(found, key=lambda one: (one.a, one.b))
    return [(a, b, list(group)) for (a, b), group in grouped]


def in_numbers(found: Sequence[News]) -> str:
    """Such as "5 new, 2 cured"."""
    counts = ((sum(one.what == what for one in found), what) for what in ("new", "cured", "other"))
    told = [f"{count} {'of another kind' if what == 'other' else what}" for count, what in counts if count]
    return ", ".join(told) or "nothing new"


def ability_cell(ability: Ability) -> str:
    """How many problems a method does in a version: "215 of 250, 3 without a result"."""
    if not ability.tried:
        return "–"
    silent = ability.tried - ability.ran
    return f"{ability.right} of {ability.tried}" + (f", {silent} without a result" if silent else "")


def named(methods: Sequence[str]) -> str:
    """The first methods, and how many more there are."""
    more = len(methods) - SHOWN
    return ", ".join(methods[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def words(kind: str) -> str:
    """A kind of fault for people."""
    return kind.replace("-", " ").replace("_", " ")


def markdown(versions: Sequence[Verified], level: str = "##", threads: Mapping[str, str] = NO_THREADS) -> str:
    """One framework over its versions.

    Args:
        versions: Its verifications, oldest first.
        level: Of its heading.
        threads: "suite/problem" -> upstream threads on what goes wrong there; they get a column where there are any.

    Returns:
        Sections: what was tried, news between neighbors, faults, what each method can do.
    """
    backend, first = versions[0].backend, versions[0].version
    lines = [f"{level} {backend}: {versions[0].version} to {versions[-1].version}", ""]
    lines += table(TRIED_HEADS, [tried(one) for one in versions])
    lines += [f"{level}# {backend}: new and cured", ""]
    changes = news(versions)
    if not changes:
        lines += ["Nothing has changed between these versions.", ""]
    for a, b, found in pairs(changes):
        lines += [f"From {a} to {b}: {in_numbers(found)}.", "", *table(NEWS_HEADS, news_rows(found))]
    lines += [f"{level}# {backend}: faults, since and until", ""]
    rows = [(fault.problem, fault_cells(fault, first)) for fault in faults(versions)]
    if threads:
        rows = [(problem, (*cells, threads.get(problem.partition(" ")[0], ""))) for problem, cells in rows]
    lines += table((*FAULT_HEADS, "upstream") if threads else FAULT_HEADS, [cells for _, cells in rows])
    right = ", ".join(f"`{one}`" for one in sound(versions)) or "none"
    lines += [f"Right by every method in every version: {right}.", ""]
    lines += [f"{level}# {backend}: what each method can do", "", "Problems that came out right, of those tried.", ""]
    lines += table(("method", *(one.version for one in versions)), ability_rows(versions))
    return "\n".join(lines)


def sound(versions: Sequence[Verified]) -> list[str]:
    """The problems that every method of every version does right; what is refused does not count against them."""
    outcomes: dict[str, set[str]] = {}
    for one in versions:
        for cell, finding in one.cells.items():
            outcomes.setdefault(problem_of(cell), set()).add(finding.outcome)
    return [problem for problem, kinds in sorted(outcomes.items()) if "ok" in kinds <= {"ok", "unsupported"}]


def ability_rows(versions: Sequence[Verified]) -> list[tuple[str, ...]]:
    """A row per method, a cell per version."""
    grouped = groupby(abilities(versions), key=lambda one: one.method)
    return [(f"`{method}`", *(ability_cell(one) for one in group)) for method, group in grouped]


def tried(one: Verified) -> tuple[str, ...]:
    """A row of the table of versions."""
    kinds = [finding.outcome for finding in one.cells.values()]
    counts = (len(kinds), kinds.count("ok"), kinds.count("silently-wrong"))
    facts = (one.facts.get(name, "") for name in ("python", "numpy", "date"))
    return (one.version, ", ".join(one.suites), *map(str, counts), *facts)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table, with an empty one after it; none where it has no row."""
    if not rows:
        return ["None.", ""]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    return [*lines, *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows), ""]
