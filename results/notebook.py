"""What a run and a comparison say of themselves: in a Python session in a few lines, in a notebook as a small table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from hessbench.results.stored.store import NotARun
from hessbench.results.units import ratio, seconds

if TYPE_CHECKING:
    from hessbench.results.comparing.comparison import Comparison
    from hessbench.results.stored.run import StoredRun

MOST_ROWS = 30
"""Rows of a table in a notebook."""


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
        return _paragraph(reason)
    table = run.summary
    parts = [_paragraph(_headline(run)), *map(_paragraph, _answers(run))]
    for operator in asked_for(table):
        rows = [
            (row["label"], str(row["n"]), row["backend"], row["method"], seconds(row["min_s"]), _others(row["others"]))
            for row in winner_rows(table[table["operator"] == operator])
            if "backend" in row
        ]
        parts.append(_table((f"{operator} of", "n", "fastest correct", "method", "time", "others"), rows))
    return "".join(parts)


def comparison_text(found: Comparison) -> str:
    """A comparison in a few lines."""
    from hessbench.results.comparing.views import sentence

    return f"Comparison of A, {found.a.directory}, and B, {found.b.directory}\n  {sentence(found)}"


def comparison_html(found: Comparison) -> str:
    """A comparison as a notebook shows it: the sentence, what has changed, and the rest summed up."""
    from hessbench.results.comparing.views import HEADS, line, news

    rows, sentences = news(found)
    text = map(_paragraph, (*comparison_text(found).splitlines(), *sentences))
    return "".join((*text, _table(HEADS, [line(row) for row in rows])))


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


def _paragraph(text: str) -> str:
    return f"<p>{escape(text.strip())}</p>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table, the empty string where it would have no row."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in rows[:MOST_ROWS])
    more = len(rows) - MOST_ROWS
    rest = _paragraph(f"and {more} more rows") if more > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"
