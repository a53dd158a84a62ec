"""The page of a framework over its versions: news between neighbors, faults with since and until, times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hessbench.results.page.render import page as rendered
from hessbench.results.units import ratio
from hessbench.results.versions import text
from hessbench.results.versions.history import faults, news
from hessbench.results.versions.times import Timed, change_points
from hessbench.results.versions.verified import Verified, method_of, problem_of


def page(versions: Sequence[Verified], times: Sequence[Timed], left_out: Mapping[str, str]) -> str:
    """The versions as one HTML file.

    Args:
        versions: Verifications of one framework, oldest first.
        times: Times of the versions.
        left_out: Version -> why it is.

    Returns:
        The file's content.
    """
    backend, first, last = versions[0].backend, versions[0].version, versions[-1].version
    found = faults(versions)
    pairs = [(f"{a} to {b}", text.in_numbers(one), text.news_rows(one)) for a, b, one in text.pairs(news(versions))]
    return rendered(
        "versions.html",
        {
            "title": f"hessbench: {backend} {first} to {last}",
            "backend": backend,
            "sentence": _sentence(versions),
            "pairs": pairs,
            "news_heads": text.NEWS_HEADS,
            "fault_heads": text.FAULT_HEADS,
            "faults": [(fault.kind, text.fault_cells(fault, first), bool(fault.after)) for fault in found],
            "names": [one.version for one in versions],
            "abilities": text.ability_rows(versions),
            "versions": [(one, text.tried(one)) for one in versions],
            "tried_heads": text.TRIED_HEADS,
            "changes": [_time_cells(timed) for timed in change_points(times)],
            "times": _by_cell(times),
            "timed": list(dict.fromkeys(timed.version for timed in times)),
            "left_out": left_out,
        },
    )


def _sentence(versions: Sequence[Verified]) -> str:
    found, changed = faults(versions), text.in_numbers(news(versions))
    still = sum(not fault.after for fault in found)
    return f"{len(versions)} versions: {len(found)} faults, {still} of them still there; between neighbors {changed}."


def _time_cells(timed: Timed) -> tuple[str, ...]:
    return (timed.version, problem_of(timed.cell), method_of(timed.cell), timed.confirmed, ratio(timed.step))


def _by_cell(times: Sequence[Timed]) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """Per cell the ratio to the baseline in each version, with the verdict."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for timed in times:
        found.setdefault(timed.cell, {})[timed.version] = (timed.verdict, ratio(timed.ratio))
    return sorted(found.items())
