"""A comparison on the terminal, as CSV and as JSON."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from hessbench.results.comparing import verdict
from hessbench.results.comparing.comparison import UNPAIRED, Comparison
from hessbench.results.stored.record import CELL
from hessbench.results.units import ratio, seconds

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
NEWS = (verdict.SLOWER, verdict.NEW_FAILURE, verdict.FASTER, verdict.FIXED, verdict.NOT_COMPARABLE)
"""What the terminal lists; the files have every cell."""


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
    counts = ", ".join(f"{count} {name.replace('_', ' ').lower()}" for name, count in found.counts.items())
    how = "interleaved pairs of launches" if found.interleaved else UNPAIRED
    return f"{len(found.table)} cells: {counts} ({how}; ratios are B over A)."


def show(found: Comparison, width: int | None = None) -> None:
    """Print what has changed, and what in the environment has."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(width=width)
    if found.changes:
        changes = Table("environment", "A", "B", box=box.SIMPLE_HEAD)
        for name, a, b in found.changes:
            changes.add_row(*(escape(str(value)) for value in (name, a, b)))
        console.print(changes)
    news = found.table[found.table["verdict"].isin(NEWS)]
    if len(news):
        table = Table(box=box.SIMPLE_HEAD)
        for name in ("verdict", "cell", "A", "B", "B / A", "95 %", "pairs", "note"):
            table.add_column(name, overflow="fold")
        for row in news.to_dict("records"):
            table.add_row(*(escape(text) for text in line(row)), style=STYLES.get(row["verdict"], ""))
        console.print(table)
    console.print(sentence(found))


def line(row: dict[Any, Any]) -> list[str]:
    """A row of the comparison in words and rounded numbers."""
    times = [_side(row, "a"), _side(row, "b")]
    interval = f"{ratio(row['low'])} to {ratio(row['high'])}" if _known(row["low"]) and _known(row["high"]) else ""
    cell = f"{row['label']} n={row['n']} {row['backend']} {row['method']}"
    return [
        row["verdict"],
        cell,
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
