"""When the fastest method pays for its preparation, problem by problem."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hessbench.results.stored.record import CONTEST
from hessbench.results.tables.break_even import setup
from hessbench.results.tables.ranking import asked_for


def payoffs(table: pd.DataFrame) -> list[dict[str, Any]]:
    """For each operator and each problem at its largest size: the quickest start, the fastest, and from which call.

    Args:
        table: A summary with the columns of `results.tables.cells`.

    Returns:
        `operator`, `contest`, `quickest` and `fastest` method, and the `calls` from which the fastest has paid.
    """
    right = table[table["largest"] & table["relative"].notna()]
    return [
        _payoff(rows)
        for operator in asked_for(table)
        for _, rows in right[right["operator"] == operator].groupby(CONTEST, sort=False)
    ]


def _payoff(rows: pd.DataFrame) -> dict[str, Any]:
    start = setup(rows)
    quickest, fastest = int(start.to_numpy().argmin()), int(rows["min_s"].to_numpy().argmin())
    return {
        "operator": rows["operator"].iloc[0],
        "contest": rows["contest"].iloc[0],
        "quickest": _method(rows.iloc[quickest], float(start.iloc[quickest])),
        "fastest": _method(rows.iloc[fastest], float(start.iloc[fastest])),
        "calls": int(rows["break_even"].iloc[fastest]),
    }


def _method(row: pd.Series[Any], start: float) -> dict[str, Any]:
    return {"backend": row["backend"], "method": row["method"], "start_s": start, "min_s": row["min_s"]}
