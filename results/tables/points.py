"""The audit's table: one row per function, argument, point and method."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

TAKEN = ("backend", "version", "operator", "method", "mode", "execution", "dtype", "device")
TOLD = ("status", "fault", "rel_error", "reason")
"""What the column `by_point` has of each point."""
COLUMNS = ("function", "argument", "point", *TAKEN, *TOLD)


def points(run: StoredRun) -> pd.DataFrame:
    """One row per point of every cell.

    Args:
        run: The run, finished or not.

    Returns:
        The columns `COLUMNS`. A problem without special points has its one row, at "start".
    """
    rows = [row for record in run.frame.to_dict("records") for row in _rows(record)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(record: Mapping[Hashable, Any]) -> Iterator[dict[str, Any]]:
    function, _, argument = str(record["problem"]).partition(":")
    shared = {"function": function, "argument": argument, **{name: record[name] for name in TAKEN}}
    at: dict[str, Any] = json.loads(record["by_point"]) if record["by_point"] else {}
    at = at or {"start": [record[name] for name in TOLD]}
    for point, told in at.items():  # runs of earlier versions have no reason of each point
        yield {**shared, "point": point, **dict(zip(TOLD, (*told, ""), strict=False))}


def parquet(run: StoredRun) -> bytes:
    """The table as Parquet; needs pyarrow."""
    return points(run).to_parquet(index=False)
