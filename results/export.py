"""The tidy frame as CSV."""

from __future__ import annotations

import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV with a header; text that a spreadsheet would run as a formula gets a leading quote."""
    safe = frame.copy()
    for name in ("reason", "log_tail", "problem", "method"):
        safe[name] = safe[name].map(_harmless)
    return safe.to_csv(index=False)


def _harmless(text: object) -> object:
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text
