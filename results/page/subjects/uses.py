"""What Hessians are for, on the page: the time to a solution with its parts, and the spectra that were found."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from hessbench.results.stored.record import CONTEST
from hessbench.results.tables.ranking import ranked

SOLVER, SPECTRUM = "stationary-point", "spectrum"
STEM = "stationary-lu-"
"""What is left of such a method's name is the Hessian that it takes its steps by."""

WIDTH = 300
"""Of a strip, in units of its picture; 0 is in the middle."""


def solutions(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Newton's method to its end, per correct method at each problem's largest size, the quickest first.

    Args:
        table: A summary with the columns of `results.tables.cells`.

    Returns:
        `contest`, `backend`, `method`, `iterations`; `total_s` with the preparation, and its parts `prepare_s`,
        `derivatives_s` (as many gradients and Hessians as steps; NaN where the run has not timed that Hessian), and
        `rest_s`: linear algebra, the loop, and its calls.
    """
    right = ranked(table)
    rows = right[(right["operator"] == SOLVER) & right["largest"] & right["iterations"].notna()]
    found = [_solution(row, table) for _, row in rows.iterrows()]
    return sorted(found, key=lambda row: (row["contest"], row["total_s"]))


def _solution(row: pd.Series[Any], table: pd.DataFrame) -> dict[str, Any]:
    steps, solving = int(row["iterations"]), float(row["min_s"])
    one = _time_of(table, row, "hessian", row["method"].removeprefix(STEM)) + solving / float(row["ratio_to_gradient"])
    derivatives = steps * one
    return {
        **{name: row[name] for name in ("contest", "backend", "method", "prepare_s")},
        "iterations": steps,
        "total_s": float(row["prepare_s"]) + solving,
        "solving_s": solving,
        "derivatives_s": derivatives,
        "rest_s": max(solving - derivatives, 0.0),
    }


def _time_of(table: pd.DataFrame, row: pd.Series[Any], operator: str, method: str) -> float:
    """The time of another operator's cell of the same contest; NaN where it was not computed."""
    same = (table["operator"] == operator) & (table["backend"] == row["backend"]) & (table["method"] == method)
    for name in CONTEST:
        if name != "operator":
            same &= table[name] == row[name]
    found = table.loc[same & (table["status"] == "ok"), "min_s"]
    return float(found.iloc[0]) if len(found) else float("nan")


def spectra(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The eigenvalues of each problem at the start point, by the first correct method, up to as many as are kept.

    Args:
        table: A summary with the columns of `results.tables.cells`.

    Returns:
        `contest`, `least`, `largest`, `signs` (positive, about zero, negative), and `ticks`, their places on a strip.
    """
    rows = table[(table["operator"] == SPECTRUM) & (table["status"] == "ok") & (table["value"] != "")]
    first = rows.drop_duplicates("contest")
    return [
        {"contest": row["contest"], **_strip(np.array(json.loads(row["value"])))}
        for _, row in first.iterrows()
        if row["value"]
    ]


def _strip(values: Any) -> dict[str, Any]:
    largest = float(np.max(np.abs(values))) or 1.0
    zero = np.abs(values) <= 1e-10 * largest
    # The root of the size, so that small eigenvalues beside large ones are seen.
    places = WIDTH / 2 * (1 + np.sign(values) * np.sqrt(np.abs(values) / largest) * 0.96)
    return {
        "least": float(np.min(values)),
        "largest": float(np.max(values)),
        "signs": [int(np.sum((values > 0) & ~zero)), int(np.sum(zero)), int(np.sum((values < 0) & ~zero))],
        "ticks": [round(float(place), 1) for place in places],
    }
