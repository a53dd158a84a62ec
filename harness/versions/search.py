"""The search of `bisect`: halves of a list of releases, with those left out that cannot be tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Answer = Literal["good", "bad", "skip"]
"""Of a release: as the first one, as the last one, or nobody can tell."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where it changed.

    Attributes:
        last_good: The last release that is as the first one.
        first_bad: The first release that was tried and is not.
        between: Releases between the two that could not be tried.
    """

    last_good: str
    first_bad: str
    between: tuple[str, ...]


def bisect(releases: Sequence[str], answer: Callable[[str], Answer]) -> Found:
    """Find the first release that is bad. As every such search it assumes one change: others in between are not seen.

    Args:
        releases: In order; the first one is good, the last one is bad.
        answer: Tries a release.

    Returns:
        The neighbors of the change.
    """
    good, bad = 0, len(releases) - 1
    skipped: set[int] = set()
    while candidates := [place for place in range(good + 1, bad) if place not in skipped]:
        middle = min(candidates, key=lambda place: abs(2 * place - good - bad))
        match answer(releases[middle]):
            case "good":
                good = middle
            case "bad":
                bad = middle
            case "skip":
                skipped.add(middle)
    return Found(releases[good], releases[bad], tuple(releases[good + 1 : bad]))
