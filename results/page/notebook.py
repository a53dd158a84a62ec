"""What a run says of itself: in a Python session in a few lines, in a notebook as a small table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hessbench.results.page.snippets import paragraph, table
from hessbench.results.stored.store import NotARun
from hessbench.results.units import ratio, seconds

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun


def run_text(run: StoredRun) -> str:
    """A run in a few lines: where it is, how its cells ended, who is fastest."""
    if reason := _unreadable(run):
        return reason
    return "\n".join([_headline(run), *(f"  {line}" for line in _answers(run))])


def run_html(run: StoredRun) -> str:
    """A run as a notebook shows it: the same, and the fastest correct method of every problem and size."""
    from hessbench.results.page.answers import winner_rows
    from hessbench.results.tables.ranking import asked_for

    if reason := _unreadable(run):
        return paragraph(reason)
    cells = run.summary
    parts = [paragraph(_headline(run)), *map(paragraph, _answers(run))]
    for operator in asked_for(cells):
        rows = [
            (row["label"], str(row["n"]), row["backend"], row["method"], seconds(row["min_s"]), _others(row["others"]))
            for row in winner_rows(cells[cells["operator"] == operator])
            if "backend" in row
        ]
        parts.append(table((f"{operator} of", "n", "fastest correct", "method", "time", "others"), rows))
    return "".join(parts)


def _unreadable(run: StoredRun) -> str:
    """Why a run cannot be read, or the empty string: what Python prints of a thing must not raise."""
    try:
        run.records  # noqa: B018 - reads the journal, unless that was done
    except NotARun as error:
        return f"Run {run.directory}: {error}"
    return ""


def _headline(run: StoredRun) -> str:
    counts = run.summary["status"].value_counts()
    cells = ", ".join(f"{count} {status}" for status, count in counts.items())
    number = len(run.summary)
    return f"Run {run.directory}: {number} cell{'' if number == 1 else 's'} ({cells})"


def _answers(run: StoredRun) -> list[str]:
    from hessbench.results.page.answers import answer
    from hessbench.results.tables.ranking import asked_for

    damage = [f"note: {run.damage}"] if run.damage else []
    return [answer(run.summary, operator) for operator in asked_for(run.summary)] + damage


def _others(others: Iterable[dict[str, object]]) -> str:
    return ", ".join(f"{other['backend']} {ratio(other['relative'])}" for other in others)  # type: ignore[arg-type]
