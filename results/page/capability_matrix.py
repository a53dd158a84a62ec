"""The capability matrix: what each framework and mode can do, operator by operator."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hessbench.results.stored.record import STATUSES
from hessbench.results.tables.ranking import asked_for


def capabilities(table: pd.DataFrame) -> dict[str, Any]:
    """Rows of (backend, mode), columns of operators; an entry counts the methods by their worst outcome.

    A method that is wrong anywhere counts as wrong, one that is right somewhere and refused elsewhere as right in part.

    Args:
        table: A summary with the columns of `results.tables.cells`.

    Returns:
        `operators`, the columns, and `rows`, each with `backend`, `mode` and an entry per operator.
    """
    operators = asked_for(table)
    rows = []
    for (backend, mode), group in table[table["operator"].isin(operators)].groupby(["backend", "mode"], sort=False):
        entries = [_entry(group[group["operator"] == operator]) for operator in operators]
        rows.append({"backend": backend, "mode": mode or "no derivative rule", "entries": entries})
    return {"operators": operators, "rows": rows}


def _entry(rows: pd.DataFrame) -> list[tuple[str, str, int]]:
    """(class, words, methods), the worst last."""
    found: dict[tuple[str, str], int] = {}
    for _, statuses in rows.groupby("method", sort=False)["status"]:
        key = _outcome(set(statuses))
        found[key] = found.get(key, 0) + 1
    return [
        (kind, words, number) for (kind, words), number in sorted(found.items(), key=lambda item: _ORDER[item[0][0]])
    ]


_ORDER = {"ok": 0, "mild": 1, "bad": 2}


def _outcome(statuses: set[str]) -> tuple[str, str]:
    if "wrong" in statuses:
        return "bad", "wrong" if statuses == {"wrong"} else "wrong in part"
    if statuses == {"ok"}:
        return "ok", "right"
    if "ok" in statuses:
        return "mild", "right in part"
    return "mild", next(status for status in STATUSES if status in statuses)
