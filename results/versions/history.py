"""What has changed over versions: faults with since and until, news between neighbors, what each method can do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from hessbench.results.stored.outcome import FINE, UNDECIDED
from hessbench.results.stored.releases import order
from hessbench.results.versions.verified import Verified, method_of, problem_of


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault over versions, of all methods that have it over the same ones.

    Attributes:
        problem: "suite/problem", with "(native)" for a framework's own text.
        kind: The kind of fault, or the status.
        since: The first version that has it, in this run of versions without a gap.
        until: The last one; empty where the last version that was tried has it.
        before: The last version before that was tried and is without it; empty where there is none.
        after: The first version after that is without it.
        then: What it is there: "ok", or another kind of fault; empty where it is still there.
        methods: Who has it.
        error: The largest relative error, where it is one of numbers.
    """

    problem: str
    kind: str
    since: str
    until: str
    before: str
    after: str
    then: str
    methods: tuple[str, ...]
    error: float | None


@dataclass(frozen=True, slots=True)
class News:
    """What is another between two neighbors.

    Attributes:
        cell: The cell.
        a: The earlier version.
        b: The later version.
        before: Outcome in the earlier one.
        now: Outcome in the later one.
    """

    cell: str
    a: str
    b: str
    before: str
    now: str

    @property
    def what(self) -> str:
        """In one word: new, cured, or other (another kind of fault)."""
        if self.before in FINE:
            return "new"
        return "cured" if self.now in FINE else "other"


@dataclass(frozen=True, slots=True)
class Ability:
    """What one method can do in one version.

    Attributes:
        method: The method.
        version: The version.
        right: Problems that came out right.
        ran: Problems that gave a result, right or wrong.
        tried: Problems in all; 0 where the version has no such method.
    """

    method: str
    version: str
    right: int
    ran: int
    tried: int


_NO_RESULT = ("exception", "crashed", "timeout", "out_of_memory", "error", *UNDECIDED)


def _told(versions: Sequence[Verified], cell: str) -> list[tuple[str, str]]:
    """The versions that tell something of a cell, with the outcome; what accuses nobody is "ok"."""
    found = [(one.version, one.cells[cell].outcome) for one in versions if cell in one.cells]
    return [(version, "ok" if kind in FINE else kind) for version, kind in found if kind not in UNDECIDED]


def all_cells(versions: Iterable[Verified]) -> list[str]:
    """Every cell that some version has."""
    return sorted({cell for one in versions for cell in one.cells})


def faults(versions: Sequence[Verified]) -> list[Fault]:
    """Every fault of the versions.

    Args:
        versions: Verifications of one framework, oldest first.

    Returns:
        The faults, by problem; methods with the same fault over the same versions are together.
    """
    spans: dict[tuple[str, ...], list[str]] = {}
    for cell in all_cells(versions):
        for span in _spans(_told(versions, cell)):
            spans.setdefault((problem_of(cell), *span), []).append(cell)
    found = []
    by_problem = sorted(spans.items(), key=lambda item: (item[0][0], order(item[0][2]), item[0]))
    for (problem, kind, since, until, before, after, then), cells in by_problem:
        errors = [e for one in versions for c in cells if (e := _error(one, c, kind)) is not None]
        methods = tuple(sorted(method_of(cell) for cell in cells))
        worst = max(errors, default=None)
        found.append(Fault(problem, kind, since, until, before, after, then, methods, worst))
    return found


def _error(one: Verified, cell: str, kind: str) -> float | None:
    finding = one.cells.get(cell)
    return finding.error if finding and finding.outcome == kind else None


def _spans(told: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Runs of versions with one fault: kind, since, until, before, after, then."""
    runs = [(kind, [version for version, _ in group]) for kind, group in groupby(told, key=lambda pair: pair[1])]
    found: list[tuple[str, ...]] = []
    for place, (kind, run) in enumerate(runs):
        if kind == "ok":
            continue
        before = runs[place - 1][1][-1] if place else ""
        then, following = runs[place + 1] if place + 1 < len(runs) else ("", [""])
        found.append((kind, run[0], run[-1] if then else "", before, following[0], then))
    return found


def news(versions: Sequence[Verified]) -> list[News]:
    """What changed between neighbors, newest pair first; a version that tells nothing of a cell is passed over.

    Args:
        versions: Verifications of one framework, oldest first.

    Returns:
        The changes, by pair and cell.
    """
    found = [
        News(cell, a, b, before, now)
        for cell in all_cells(versions)
        for (a, before), (b, now) in pairwise(_told(versions, cell))
        if before != now
    ]
    place = {one.version: number for number, one in enumerate(versions)}
    return sorted(found, key=lambda one: (-place[one.b], one.what, one.cell))


def abilities(versions: Sequence[Verified]) -> list[Ability]:
    """What each method can do in each version.

    Args:
        versions: Verifications of one framework, oldest first.

    Returns:
        An entry per method and version.
    """
    methods = sorted({method_of(cell) for cell in all_cells(versions)})
    found = []
    for method in methods:
        for one in versions:
            outcomes = [finding.outcome for cell, finding in one.cells.items() if method_of(cell) == method]
            tried = [kind for kind in outcomes if kind != "unsupported"]
            ran = sum(kind not in _NO_RESULT for kind in tried)
            found.append(Ability(method, one.version, sum(kind == "ok" for kind in tried), ran, len(outcomes)))
    return found
