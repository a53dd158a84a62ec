"""Times over versions: each against the baseline, and changes between neighbors that live pairs have confirmed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hessbench.results.comparing.verdict import FASTER, SLOWER, SUSPICION


@dataclass(frozen=True, slots=True)
class Timed:
    """One cell in one version.

    Attributes:
        backend: Whose framework.
        version: The version.
        cell: The cell, as `results.stored.outcome.cell_name` says it.
        verdict: Against the baseline, a word of `results.comparing.verdict.VERDICTS`.
        ratio: Time over the baseline's; None where it could not be compared.
        low: Lower end of its 95 % interval.
        high: Upper end.
        confirmed: SLOWER or FASTER where live pairs with the version before have confirmed a change; else empty.
        step: Time over that of the version before, where the pair was measured.
    """

    backend: str
    version: str
    cell: str
    verdict: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    confirmed: str = ""
    step: float | None = None


def from_comparison(backend: str, version: str, rows: Iterable[Mapping[str, Any]]) -> list[Timed]:
    """Cells of a version from the rows of `compare --json` against the baseline."""
    return [
        Timed(backend, version, name_of(row), row["verdict"], row["ratio"], row["low"], row["high"]) for row in rows
    ]


def name_of(row: Mapping[str, Any]) -> str:
    """The name of a cell of a comparison, as a verification names it."""
    text = " native" if row["text"] == "native" else ""
    return f"{row['suite']}/{row['problem']} n={row['n']}{text} {row['method']} {row['dtype']} {row['device']}"


def suspects(before: Sequence[Timed], now: Sequence[Timed]) -> list[str]:
    """Cells whose ratios to the baseline differ between two neighbors by more than what calls for confirmation.

    Args:
        before: The earlier version.
        now: The later one.

    Returns:
        Names of the cells.
    """
    ratios = {timed.cell: timed.ratio for timed in before}
    found = []
    for timed in now:
        earlier = ratios.get(timed.cell)
        if timed.ratio and earlier and abs(math.log(timed.ratio / earlier)) > SUSPICION:
            found.append(timed.cell)
    return found


def with_confirmed(times: Sequence[Timed], rows: Iterable[Mapping[str, Any]]) -> list[Timed]:
    """Times of a version with what live pairs with the version before have shown.

    Args:
        times: The version's.
        rows: Of `compare --json` of the two neighbors.

    Returns:
        The same cells; a change is confirmed where the pairs call it one.
    """
    steps = {name_of(row): (row["verdict"], row["ratio"]) for row in rows}
    found = []
    for timed in times:
        verdict, ratio = steps.get(timed.cell, ("", None))
        found.append(replace(timed, confirmed=verdict if verdict in (SLOWER, FASTER) else "", step=ratio))
    return found


def change_points(times: Iterable[Timed]) -> list[Timed]:
    """What live pairs have confirmed, worst first."""
    confirmed = [timed for timed in times if timed.confirmed]
    return sorted(confirmed, key=lambda timed: -(timed.step or 1.0))
