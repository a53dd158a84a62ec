"""Patterns of sparse Hessians as pictures, colored as their products are."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from hessbench.results.stored.record import EMPTY, SEVERAL, UNCOLORED
from hessbench.results.tables.sparsity import crossings, patterns

SIDE = 4
"""Pixels of a square."""

GRAY = "#767676"
GOLDEN = 137.508
"""Degrees of hue from one color to the next: neighbors are told apart however many there are."""


def picture(lines: str) -> str:
    """A picture of a pattern as SVG; the empty string where there is none."""
    rows = lines.splitlines()
    if not rows:
        return ""
    side = len(rows) * SIDE
    squares: dict[str, list[str]] = {}
    for i, row in enumerate(rows):
        for j, letter in enumerate(row):
            if letter != EMPTY:
                squares.setdefault(letter, []).append(f"M{j * SIDE} {i * SIDE}h{SIDE}v{SIDE}h-{SIDE}z")
    paths = "".join(f'<path fill="{_fill(letter)}" d="{"".join(found)}"/>' for letter, found in squares.items())
    return (
        f'<svg role="img" aria-label="sparsity pattern" width="{side}" height="{side}" viewBox="0 0 {side} {side}">'
        f'<rect width="{side}" height="{side}" fill="none" stroke="{GRAY}"/>{paths}</svg>'
    )


def _fill(letter: str) -> str:
    if letter in (SEVERAL, UNCOLORED):
        return GRAY
    return f"hsl({(ord(letter) - ord('A')) * GOLDEN % 360:.0f} 65% 45%)"


def shown(table: pd.DataFrame) -> dict[str, Any] | None:
    """What the section shows: patterns at each problem's largest size, and where sparse begins to beat dense."""
    found = patterns(table)
    if not len(found):
        return None
    largest = found.loc[found.groupby("problem", sort=False)["n"].idxmax()]
    rows = [
        {**_told(row), "svg": picture(str(row["picture"])), "calls": _finite(row["break_even"])}
        for row in largest.to_dict("records")
    ]
    return {"patterns": rows, "crossings": [one for one in crossings(table) if not math.isnan(one["n"])]}


def _told(row: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    """A row whose unknown numbers are NaN: one cell that nobody judged makes None of a column's."""
    return {name: math.nan if value is None else value for name, value in row.items()}


def _finite(calls: float) -> int | None:
    return int(calls) if math.isfinite(calls) else None
