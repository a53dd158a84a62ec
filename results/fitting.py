"""What a terminal of so many columns can show: a table where it fits, else lines that say the same and may be wrapped.

A table that does not fit is folded letter by letter and cut with dots, and the columns that suffer first are those that
were asked for. So each table has a form in lines, which a narrow terminal gets.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table

UNLIMITED = 100_000
"""Columns in which everything fits."""
INDENT = 4


def natural_width(console: Console, table: Table) -> int:
    """Columns that a table takes where nothing in it is folded or cut."""
    return table.__rich_measure__(console, console.options.update(width=UNLIMITED)).maximum


def fits(console: Console, table: Table) -> bool:
    """Whether the console is wide enough for the whole table."""
    return natural_width(console, table) <= console.width


def first_fitting(console: Console, *tables: Table, otherwise: RenderableType) -> RenderableType:
    """The first table that fits.

    Args:
        console: Where it is printed.
        *tables: The same facts, the fullest form first.
        otherwise: What fits everywhere.

    Returns:
        A table, or what fits everywhere.
    """
    return next((table for table in tables if fits(console, table)), otherwise)


def in_lines(title: str, rows: Iterable[tuple[str, str]]) -> Group:
    """A table as lines.

    Args:
        title: What it shows.
        rows: What each row begins with, and what follows below it (may be empty); both in rich's markup.

    Returns:
        The lines, wrapped at words where they are printed.
    """
    lines: list[RenderableType] = [f"[italic]{title}[/]", ""]
    for head, rest in rows:
        lines.append(Padding(head, (0, 0, 0, 2)))
        if rest:
            lines.append(Padding(rest, (0, 0, 0, INDENT)))
    return Group(*lines, "")
