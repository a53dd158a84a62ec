"""The audit's table: one row per function, argument, point and method."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

TAKEN = ("backend", "version", "operator", "method", "mode", "execution", "dtype", "device")
COLUMNS = ("function", "argument", "point", *TAKEN, "status", "fault", "rel_error", "reason")


def points(run: StoredRun) -> pd.DataFrame:
    """One row per point of every cell.

    Args:
        run: The run, finished or not.

    Returns:
        The columns `COLUMNS`. A problem without special points has its one row, at "start". The reason is that of the
        cell's worst point.
    """
    rows = [row for record in run.frame.to_dict("records") for row in _rows(record)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(record: Mapping[Hashable, Any]) -> Iterator[dict[str, Any]]:
    function, _, argument = str(record["problem"]).partition(":")
    shared = {"function": function, "argument": argument, **{name: record[name] for name in TAKEN}}
    at: dict[str, Any] = json.loads(record["by_point"]) if record["by_point"] else {}
    at = at or {"start": (record["status"], record["fault"], record["rel_error"])}
    worst = _worst(status for status, _, _ in at.values())
    for point, (status, fault, rel_error) in at.items():
        reason = record["reason"] if status == worst and status != "ok" else ""
        found = {"status": status, "fault": fault, "rel_error": rel_error, "reason": reason}
        yield {**shared, "point": point, **found}


def _worst(statuses: Iterable[str]) -> str:
    found = set(statuses)
    return next((status for status in ("wrong", "error", "unverifiable") if status in found), "ok")


def parquet(run: StoredRun) -> bytes:
    """The table as Parquet; needs pyarrow."""
    return points(run).to_parquet(index=False)
