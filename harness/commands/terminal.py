"""The terminal that a command writes to."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import warnings
from typing import TYPE_CHECKING

from hessbench.backends.contract.errors import first_line

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

PIPED_WIDTH = 120
"""Columns where there is no terminal to ask."""
ONE_LINE = 100_000
"""Columns in which no row is wrapped."""


def width() -> int | None:
    """Columns of the terminal, or what fits most pages where there is none; None: rich may find out."""
    return PIPED_WIDTH if _piped() else None


def list_width() -> int | None:
    """The same for what is searched line by line: in a pipe, to `grep` say, every row is one line."""
    return ONE_LINE if _piped() else None


def wrapped(sentence: str, indent: str = "") -> str:
    """A sentence in lines as wide as the terminal, later ones indented; in a pipe it stays one line."""
    if _piped():
        return sentence
    columns = shutil.get_terminal_size().columns
    return textwrap.fill(sentence, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _piped() -> bool:
    return not sys.stdout.isatty() and "COLUMNS" not in os.environ


def why_not_imported(error: ImportError, extra: str) -> str:
    """A package and why it cannot be had: it is not there, or it is and cannot be loaded, for want of memory say.

    Args:
        error: What its import raised.
        extra: The extra of hessbench that has it.

    Returns:
        The end of a line.
    """
    if isinstance(error, ModuleNotFoundError):
        return f"{error.name}, which is missing: pip install 'hessbench[{extra}]'"
    return (
        f"{error.name or 'a package'}, which is installed and cannot be loaded ({first_line(error)}); is memory short?"
    )


def say_damage(run: StoredRun) -> None:
    """A note where lines of the journal are damaged or lost."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        damage = run.damage
    if damage:
        print(f"note: {run.directory}: {damage}", file=sys.stderr)
