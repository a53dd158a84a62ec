"""Small pieces of HTML that a notebook shows: a paragraph, a table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

MOST_ROWS = 30
"""Rows of a table in a notebook."""


def paragraph(text: str) -> str:
    """Text as a paragraph."""
    return f"<p>{escape(text.strip())}</p>"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table, the empty string where it would have no row."""
    if not rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in rows[:MOST_ROWS])
    more = len(rows) - MOST_ROWS
    rest = paragraph(f"and {more} more rows") if more > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"
