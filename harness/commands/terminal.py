"""The terminal that a command writes to."""

from __future__ import annotations

import os
import sys

PIPED_WIDTH = 120
"""Columns where there is no terminal to ask."""


def width() -> int | None:
    """Columns of the terminal, or what fits most pages where there is none; None: rich may find out."""
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return PIPED_WIDTH if piped else None
