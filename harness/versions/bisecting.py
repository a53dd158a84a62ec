"""Which release changed a cell: tries releases by verdict, or by live pairs with the first one, and keeps the log."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hessbench.harness.versions import asking
from hessbench.harness.versions.environments import Environment
from hessbench.harness.versions.search import Answer, Found, bisect
from hessbench.harness.versions.target import Target
from hessbench.results.comparing.verdict import FASTER, INCONCLUSIVE, SAME, SLOWER
from hessbench.results.stored.outcome import FINE, UNDECIDED
from hessbench.results.units import ratio as in_words
from hessbench.results.versions import times
from hessbench.results.versions.verified import method_of, problem_of

Get = Callable[[Environment], str]
"""Makes an environment; gives the reason where it cannot be had."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the log.

    Attributes:
        version: The release that was tried.
        answer: good, bad or skip.
        seen: What was seen of it.
    """

    version: str
    answer: Answer
    seen: str


@dataclass(frozen=True, slots=True)
class Change:
    """What was found.

    Attributes:
        what: "verdict" or "time".
        found: Between which releases.
        cells: The cells that changed.
        before: Outcome or time in words, in the last good release.
        now: The same in the first bad one.
    """

    what: str
    found: Found
    cells: tuple[str, ...]
    before: str
    now: str


@dataclass
class Search:
    """A search that is going on.

    Attributes:
        releases: In order, without those that cannot be had as far as that is known.
        target: The cells.
        directory: Where runs go.
        get: Makes environments.
        tell: Takes each step as it comes.
        steps: The log.
        untold: Cells of which nobody can tell whether the last release is slower.
    """

    releases: Sequence[Environment]
    target: Target
    directory: Path
    get: Get
    tell: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)
    untold: int = 0
    _seen: dict[str, dict[str, str]] = field(default_factory=dict)

    def by_verdict(self) -> Change | None:
        """The release in which a verdict changed; None where the ends are alike. `asking.Failed`: an end fails."""
        good, bad = self._outcomes(self.releases[0]), self._outcomes(self.releases[-1])
        tracked = [c for c in good if c in bad and _differ(good[c], bad[c])]
        self._note(self.releases[0].version, "good", _in_words(good, tracked))
        self._note(self.releases[-1].version, "bad" if tracked else "good", _in_words(bad, tracked))
        if not tracked:
            return None

        def answer(version: str) -> Answer:
            try:
                seen = self._outcomes(self._environment(version))
            except asking.Failed as error:
                return self._note(version, "skip", str(error))
            told = [c for c in tracked if c in seen and seen[c] not in UNDECIDED]
            if not told:
                return self._note(version, "skip", "it has no such cell")
            changed = any(_differ(good[c], seen[c]) for c in told)
            return self._note(version, "bad" if changed else "good", _in_words(seen, tracked))

        found = bisect([one.version for one in self.releases], answer)
        before, now = self._seen[found.last_good], self._seen[found.first_bad]
        cells = tuple(c for c in tracked if c in now and _differ(before.get(c, good[c]), now[c]))
        return Change("verdict", found, cells, _in_words(before, cells), _in_words(now, cells))

    def by_time(self) -> Change | None:
        """The release in which a cell became slower than in the first one; None where the last one is not."""
        first, last = self.releases[0], self.releases[-1]
        end = {one.cell: one for one in self._times(first, last)}
        tracked = [name for name, one in end.items() if one.verdict == SLOWER]
        self._note(first.version, "good", "the baseline")
        self._note(last.version, "bad" if tracked else "good", _times_in_words(end, tracked or list(end)))
        if not tracked:
            self.untold = sum(one.verdict not in (SAME, FASTER) for one in end.values())
            return None
        known = {last.version: end}

        def answer(version: str) -> Answer:
            try:
                seen = {one.cell: one for one in self._times(first, self._environment(version))}
            except asking.Failed as error:
                return self._note(version, "skip", str(error))
            known[version] = seen
            told = [name for name in tracked if name in seen and seen[name].ratio]
            if not told:
                return self._note(version, "skip", "it has no time")
            slower = any(_is_slower(seen[name], end[name]) for name in told)
            return self._note(version, "bad" if slower else "good", _times_in_words(seen, tracked))

        found = bisect([one.version for one in self.releases], answer)
        before = _times_in_words(known[found.last_good], tracked) if found.last_good in known else "the baseline"
        return Change("time", found, tuple(tracked), before, _times_in_words(known[found.first_bad], tracked))

    def _environment(self, version: str) -> Environment:
        return next(one for one in self.releases if one.version == version)

    def _outcomes(self, environment: Environment) -> dict[str, str]:
        """Outcomes of the cells in one release, verified once."""
        if environment.version not in self._seen:
            self._make(environment)
            out = self.directory / "verified" / environment.version
            found = asking.verified(environment, self.target.asked, out)
            cells = {cell: finding.outcome for cell, finding in found.cells.items() if self.target.includes(cell)}
            self._seen[environment.version] = cells
        return self._seen[environment.version]

    def _times(self, first: Environment, one: Environment) -> list[times.Timed]:
        self._make(first)
        self._make(one)
        out = self.directory / "times" / f"{first.version}-{one.version}"
        rows = asking.compared(first, one, self.target.asked, out)
        found = times.from_comparison(one.backend, one.version, rows)
        return [timed for timed in found if self.target.includes(timed.cell)]

    def _make(self, environment: Environment) -> None:
        if reason := self.get(environment):
            raise asking.Failed(reason)

    def _note(self, version: str, answer: Answer, seen: str) -> Answer:
        step = Step(version, answer, seen)
        self.steps.append(step)
        self.tell(step)
        return answer


def _differ(a: str, b: str) -> bool:
    """Whether two outcomes are news; what accuses nobody is all the same, and what was not tried says nothing."""
    if a in UNDECIDED or b in UNDECIDED:
        return False
    return a != b and not (a in FINE and b in FINE)


def _is_slower(seen: times.Timed, end: times.Timed) -> bool:
    """Slower than the first release, for certain; where that is open, whether it is nearer to the last one."""
    if seen.verdict != INCONCLUSIVE or not (seen.ratio and end.ratio):
        return seen.verdict == SLOWER
    return math.log(seen.ratio) > math.log(end.ratio) / 2


def _in_words(outcomes: Mapping[str, str], tracked: Sequence[str]) -> str:
    """Outcomes of the cells that count, of all where none does."""
    by_kind: dict[str, list[str]] = {}
    for cell in tracked or outcomes:
        by_kind.setdefault(outcomes.get(cell, "not there"), []).append(f"{problem_of(cell)} {method_of(cell)}")
    return "; ".join(f"{kind} ({_first(cells)})" for kind, cells in by_kind.items())


def _first(cells: Sequence[str]) -> str:
    return cells[0] + (f" and {len(cells) - 1} more" if len(cells) > 1 else "")


def _times_in_words(seen: Mapping[str, times.Timed], tracked: Sequence[str]) -> str:
    told = [f"{method_of(name)} {in_words(seen[name].ratio)} {seen[name].verdict}" for name in tracked if name in seen]
    return ", ".join(told) or "no time"
