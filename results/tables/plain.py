"""A frame as plain data that every JSON reader accepts: what is missing or not finite is None."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dictionary per row."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): finite(value) for name, value in row.items()} for row in rows]


def finite(value: Any) -> Any:
    """The value as a JSON value, or None where it is infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value
