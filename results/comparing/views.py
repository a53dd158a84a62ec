"""A comparison on the terminal, as CSV and as JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from hessbench.results.comparing import verdict
from hessbench.results.comparing.verdict import UNPAIRED
from hessbench.results.page.snippets import paragraph, table
from hessbench.results.stored.record import CELL
from hessbench.results.units import ratio, seconds

if TYPE_CHECKING:
    from hessbench.results.comparing.comparison import Comparison

FIELDS = (
    *CELL,
    "verdict",
    "ratio",
    "low",
    "high",
    "pairs",
    "p_value",
    "q_value",
    "a_min_s",
    "b_min_s",
    "a_median_s",
    "b_median_s",
    "a_status",
    "b_status",
    "note",
    "cell",
)
WORDS = {
    verdict.SLOWER: "B is slower than A",
    verdict.NEW_FAILURE: "right in A, not in B",
    verdict.FASTER: "B is faster than A",
    verdict.FIXED: "right in B, not in A",
    verdict.SAME: "the 95 % interval of B over A lies within 3 %",
    verdict.INCONCLUSIVE: "neither shown to have changed nor to be the same",
    verdict.NOT_COMPARABLE: "one side has no time, or the times mean different things",
}
STYLES = {
    verdict.SLOWER: "bold red",
    verdict.NEW_FAILURE: "bold red",
    verdict.FASTER: "green",
    verdict.FIXED: "green",
    verdict.INCONCLUSIVE: "yellow",
}
LISTED = (verdict.SLOWER, verdict.NEW_FAILURE, verdict.FASTER, verdict.FIXED, verdict.INCONCLUSIVE)
"""What the terminal lists cell by cell, those that are furthest off first; the files have every cell."""
MOST_LISTED = 12
"""Cells of one verdict that are listed; what is beyond is summed up."""
HEADS = ("verdict", "cell", "A", "B", "B / A", "95 %", "pairs", "note")


def records(found: Comparison) -> list[dict[str, Any]]:
    """The rows as JSON data; what is missing is null."""
    table = found.table[list(FIELDS)]
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in rows
    ]


def csv_text(found: Comparison) -> str:
    """The rows as CSV."""
    return str(found.table[list(FIELDS)].to_csv(index=False))


def sentence(found: Comparison) -> str:
    """The result in words."""
    counts = ", ".join(f"{count} {_words(name)}" for name, count in found.counts.items())
    how = "interleaved pairs of launches" if found.interleaved else UNPAIRED
    return f"{len(found.table)} cells: {counts} ({how}; ratios are B over A)."


def show(found: Comparison, width: int | None = None) -> None:
    """Print what has changed, and what in the environment has."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from hessbench.results.fitting import first_fitting, in_lines

    console = Console(width=width)
    if found.changes:
        changes = Table(box=box.SIMPLE_HEAD)
        for head in ("environment", "A", "B"):
            changes.add_column(head, overflow="fold")
        for name, a, b in found.changes:
            changes.add_row(*(escape(str(value)) for value in (name, a, b)))
        console.print(changes)
    listed, summed_up = news(found)
    if listed:
        table = Table(*HEADS, box=box.SIMPLE_HEAD)
        for row in listed:
            table.add_row(*(escape(text) for text in line(row)), style=STYLES.get(row["verdict"], ""))
        lines = in_lines("what has changed; 95 % intervals of B / A, and pairs of launches", map(_in_words, listed))
        console.print(first_fitting(console, table, otherwise=lines))
    for text in summed_up:
        console.print(escape(text), highlight=False)
    console.print(sentence(found))


def news(found: Comparison) -> tuple[list[dict[Any, Any]], list[str]]:
    """What the terminal says of a comparison: rows that stand for themselves, and sentences for all others.

    Returns:
        The rows, worst verdict first and within it the largest change first, and a sentence for each group of the rest.
    """
    rows: list[dict[Any, Any]] = []
    sentences = []
    for name in LISTED:
        mine = found.table[found.table["verdict"] == name]
        off = mine["ratio"].astype("float64").map(lambda value: abs(math.log(value)))
        mine = mine.loc[off.sort_values(ascending=False, kind="stable", na_position="last").index]
        mine = mine.assign(note=mine["note"].map(_without_drift))
        if len(mine) > 1 and mine["note"].nunique() == 1 and mine["note"].iloc[0]:
            sentences.append(f"{_words(name)}: {mine['note'].iloc[0]}")  # said once, it needs no column
            mine = mine.assign(note="")
        rows += mine[:MOST_LISTED].to_dict("records")
        if len(rest := mine[MOST_LISTED:]):
            sentences.append(_rest(name, rest))
    strange = found.table[found.table["verdict"] == verdict.NOT_COMPARABLE]
    strange = strange.assign(note=strange["note"].map(_without_drift))
    sentences += [_reason(str(note), cells) for note, cells in strange.groupby("note", sort=False)]
    return rows, sentences


def _without_drift(note: str) -> str:
    """A note without what the last sentence says of all cells."""
    return "; ".join(part for part in note.split("; ") if part != UNPAIRED)


def _rest(name: str, cells: pd.DataFrame) -> str:
    """Cells of a verdict beyond those that are listed."""
    ratios = cells["ratio"].dropna().astype("float64")
    span = f", B / A {ratio(ratios.min())} to {ratio(ratios.max())}" if len(ratios) else ""
    return f"... and {len(cells)} more {_words(name)}{span}; comparison.csv has them"


def _reason(note: str, cells: pd.DataFrame) -> str:
    """Cells that cannot be compared, for one reason: which they are, as far as a line has room for."""
    counts = cells["backend"].value_counts()
    which = ", ".join(f"{count} of {backend}" for backend, count in counts.items())
    if len(cells) == 1:
        which = _cell(cells.iloc[0])
    return f"{len(cells)} {_words(verdict.NOT_COMPARABLE)}: {note} ({which})"


def _words(name: str) -> str:
    return name.replace("_", " ").lower()


def _cell(row: Any) -> str:
    return f"{row['label']} n={row['n']} {row['backend']} {row['method']}"


def _in_words(row: dict[Any, Any]) -> tuple[str, str]:
    """A row as two lines, in rich's markup."""
    from rich.markup import escape

    name, cell, *facts = map(escape, line(row))
    style = STYLES.get(row["verdict"])
    head = f"[{style}]{name}[/] {cell}" if style else f"{name} {cell}"
    a, b, times, interval, pairs, note = facts
    told = f"A {a or 'has no time'}, B {b or 'has no time'}"
    told += f", B / A {times} ({interval}; pairs: {pairs})" if times else ""
    return head, f"{told}; {note}" if note else told


def line(row: dict[Any, Any]) -> list[str]:
    """A row of the comparison in words and rounded numbers."""
    times = [_side(row, "a"), _side(row, "b")]
    interval = f"{ratio(row['low'])} to {ratio(row['high'])}" if _known(row["low"]) and _known(row["high"]) else ""
    return [
        row["verdict"],
        _cell(row),
        *times,
        ratio(row["ratio"]) if _known(row["ratio"]) else "",
        interval,
        str(row["pairs"] or ""),
        row["note"],
    ]


def _side(row: dict[Any, Any], side: str) -> str:
    """The time of one side, its status where it has none."""
    seen, status = row[f"{side}_min_s"], row[f"{side}_status"]
    if _known(seen):
        return seconds(seen)
    return str(status) if _known(status) else ""


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def comparison_text(found: Comparison) -> str:
    """A comparison in a few lines."""
    return f"Comparison of A, {found.a.directory}, and B, {found.b.directory}\n  {sentence(found)}"


def comparison_html(found: Comparison) -> str:
    """A comparison as a notebook shows it: the sentence, what has changed, and the rest summed up."""
    rows, sentences = news(found)
    text = map(paragraph, (*comparison_text(found).splitlines(), *sentences))
    return "".join((*text, table(HEADS, [line(row) for row in rows])))
