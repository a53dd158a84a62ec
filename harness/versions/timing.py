"""Times over versions by live pairs: each version against the baseline, then neighbors where the ratios differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hessbench.harness.planning.request import Said
from hessbench.harness.usage import UsageError
from hessbench.harness.versions import asking
from hessbench.harness.versions.environments import Environment
from hessbench.harness.versions.gathering import say
from hessbench.results.comparing.verdict import FASTER, SLOWER
from hessbench.results.versions import times
from hessbench.results.versions.times import Timed


def over_versions(
    environments: Sequence[Environment], suites: Sequence[str], baseline: str | None, out: Path
) -> list[Timed]:
    """Time the versions, one pair at a time.

    Args:
        environments: Oldest version first; all of them are in the cache.
        suites: What is timed.
        baseline: The version that the others are timed against; None for the first.
        out: Folder for the comparisons.

    Returns:
        Times of all versions but the baseline; none where the baseline could not be made.
    """
    names = [one.version for one in environments]
    if not environments or baseline not in (None, *names):
        return []
    first = environments[names.index(baseline)] if baseline else environments[0]
    found: dict[str, list[Timed]] = {}
    for one in environments:
        if one is not first:
            found[one.version] = _against(first, one, suites, out)
    for before, now in pairwise(environments):
        if before is not first and now is not first:
            found[now.version] = _confirmed(before, now, found[before.version], found[now.version], out)
        elif before is first:  # the pairs with the baseline are those of the neighbors
            found[now.version] = [_own_step(timed) for timed in found[now.version]]
    return [timed for version in names if version in found for timed in found[version]]


def check_baseline(versions: Sequence[str], baseline: str | None) -> None:
    """Raise a `UsageError` where the baseline is none of the versions, before anything is installed."""
    if baseline not in (None, *versions):
        raise UsageError(f"--baseline {baseline} is none of the versions {', '.join(versions)}")


def _against(first: Environment, one: Environment, suites: Sequence[str], out: Path) -> list[Timed]:
    say(f"{one.backend} {one.version}: timing against {first.version}")
    asked: dict[str, Said] = {"suites": tuple(suites)}
    try:
        rows = asking.compared(first, one, asked, out / f"{first.version}-{one.version}")
    except asking.Failed as error:
        say(f"note: {one.backend} {one.version} is not timed: {error}")
        return []
    return times.from_comparison(one.backend, one.version, rows)


def _confirmed(
    before: Environment, now: Environment, earlier: Sequence[Timed], later: Sequence[Timed], out: Path
) -> list[Timed]:
    """Measure the neighbors themselves where their ratios to the baseline differ."""
    cells = times.suspects(earlier, later)
    if not cells:
        return list(later)
    words = [cell.split(" ") for cell in cells]
    methods = {parts[3] if parts[2] == "native" else parts[2] for parts in words}
    say(f"{now.backend} {now.version}: {len(cells)} cells look another way than in {before.version}; confirming")
    asked: dict[str, Said] = {
        "suites": tuple(sorted({parts[0] for parts in words})),
        "sizes": tuple(sorted({int(parts[1].removeprefix("n=")) for parts in words})),
        "methods": tuple(sorted(methods)),
    }
    try:
        rows = asking.compared(before, now, asked, out / f"{before.version}-{now.version}")
    except asking.Failed as error:
        say(f"note: what differs between {before.version} and {now.version} is not confirmed: {error}")
        return list(later)
    return times.with_confirmed(later, rows)


def _own_step(timed: Timed) -> Timed:
    confirmed = timed.verdict if timed.verdict in (SLOWER, FASTER) else ""
    return replace(timed, confirmed=confirmed, step=timed.ratio)
