"""What the charts and the page's table show of each cell: the summary, and what follows from comparing its rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from hessbench.results.stored.record import CONTEST
from hessbench.results.tables.break_even import break_even
from hessbench.results.tables.growth import Growth, fit
from hessbench.results.tables.pareto import front
from hessbench.results.tables.ranking import best_by_backend, contests, ranked
from hessbench.results.units import seconds

LEAST_ERROR = 1e-17
"""Where an error of exactly nothing stands on a logarithmic axis."""

DERIVED = {
    "relative_low": "relative, from the lower end of the interval",
    "relative_high": "relative, from the upper end of the interval",
    "gradient_low": "ratio_to_gradient, from the lower end of the interval",
    "gradient_high": "ratio_to_gradient, from the upper end of the interval",
    "error": "rel_error, not less than 1e-17, for logarithmic axes",
    "growth": "exponent p of time = c n^p, with its interval of 95 %; empty with fewer than two sizes",
    "break_even": "calls from which prepare + first call + steady state cost no more than those of the method with the "
    "quickest start; infinite where never",
    "best_here": "fastest correct method of its framework in this problem and size",
    "champion": "fastest correct method of its framework at the problem's largest size",
    "largest": "whether n is the largest size of the problem at which anything was correct",
    "several_devices": "whether the problem has correct results on more than one device",
    "time": "least time per call, its interval over launches, and whether it is disturbed",
    "pareto": "no correct method is both faster and more accurate",
    "share": "part of the operator's problem sizes in which its framework is within this factor of the fastest",
    "place": "the problem, without the device",
    "contest": "problem and n",
}
"""Columns beyond the summary's, with their meaning."""


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """A `summary` with the columns of `DERIVED`.

    Args:
        table: Cells, from `results.tables.summary`.

    Returns:
        The same rows, numbered anew.
    """
    table = table.reset_index(drop=True)
    right = ranked(table)
    # The fastest time and the gradient's are not columns: they follow from a cell's own time and its ratios.
    best = table["min_s"] / table["relative"]
    per_second = table["ratio_to_gradient"] / table["min_s"]
    return table.assign(
        relative_low=table["low_s"] / best,
        relative_high=table["high_s"] / best,
        gradient_low=table["low_s"] * per_second,
        gradient_high=table["high_s"] * per_second,
        error=table["rel_error"].clip(lower=LEAST_ERROR),
        growth=_growth(right).reindex(table.index).fillna(""),
        break_even=_by_contest(right, break_even, table),
        pareto=_by_contest(right[right["rel_error"].notna()], _front, table).eq(1.0),
        contest=table["label"] + ", n = " + table["n"].astype(str),
        place=_places(table),
        time=[_time(*row) for row in table[["min_s", "low_s", "high_s", "disturbed"]].itertuples(index=False)],
        **_standing(right, table),
    )


def _time(value: float, low: float, high: float, disturbed: str) -> str:
    interval = f" ({seconds(low)} to {seconds(high)})" if math.isfinite(low) else ""
    return seconds(value) + interval + (" disturbed" if disturbed else "")


def _by_contest(
    right: pd.DataFrame, function: Callable[[pd.DataFrame], pd.Series[float]], table: pd.DataFrame
) -> pd.Series[float]:
    parts = [function(rows) for _, rows in right.groupby(CONTEST, sort=False)]
    whole = pd.concat(parts) if parts else pd.Series(dtype="float64")
    return whole.reindex(table.index)


def _front(rows: pd.DataFrame) -> pd.Series[float]:
    kept = front(rows["min_s"].tolist(), rows["rel_error"].tolist())
    return pd.Series([float(one) for one in kept], rows.index)


def _growth(right: pd.DataFrame) -> pd.Series[str]:
    """The fitted exponent of each method's line, in words, on every row of it."""
    said: dict[object, str] = {}
    for _, rows in right.groupby(["label", "operator", "batch", "backend", "method"], sort=False):
        law = fit(rows["n"].tolist(), rows["min_s"].tolist())
        said |= dict.fromkeys(rows.index, exponent(law))
    return pd.Series(said, dtype="object")


def exponent(law: Growth | None) -> str:
    """A fitted law such as "n^1.98 (1.90 to 2.06)"."""
    if law is None:
        return ""
    interval = "" if math.isinf(law.high) else f" ({law.low:.2f} to {law.high:.2f})"
    return f"n^{law.exponent:.2f}{interval}"


def _standing(right: pd.DataFrame, table: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Who stands for a framework, and in what part of the contests it is how near the fastest."""
    best = best_by_backend(table)
    line = ["label", "operator", "batch"]
    largest = right.groupby(line)["n"].max()
    tried = table.groupby(line)["n"].max()
    shown = largest.reindex(tried.index).fillna(tried).reindex(pd.MultiIndex.from_frame(table[line]))
    # The champion is chosen at the largest size: which method is best at a small one says little of the others.
    chosen = best.sort_values("n").groupby([*line, "backend"])["method"].last()
    mine = chosen.reindex(pd.MultiIndex.from_frame(table[[*line, "backend"]]))
    sizes = contests(table).groupby("operator").size()
    rank = best.groupby(["operator", "backend"])["relative"].rank(method="max")
    # The rank among a framework's own ratios counts its problems within that factor; wrong ones count in `sizes` only.
    share = rank / best["operator"].map(sizes).astype("float64")
    return {
        "best_here": pd.Series(table.index.isin(best.index), table.index),
        "champion": table["method"].eq(pd.Series(mine.to_numpy(), table.index)),
        "largest": table["n"].eq(pd.Series(shown.to_numpy(), table.index)),
        "several_devices": _several_devices(right, table),
        "share": share.reindex(table.index),
    }


def _several_devices(right: pd.DataFrame, table: pd.DataFrame) -> pd.Series[bool]:
    key = [name for name in CONTEST if name not in ("n", "device")]
    several = right.groupby(key)["device"].nunique().gt(1)
    found = several.reindex(pd.MultiIndex.from_frame(table[key])).eq(True)
    return pd.Series(found.to_numpy(), table.index)


def _places(table: pd.DataFrame) -> pd.Series[str]:
    """Labels without the device, so that one problem's CPU and GPU lines meet in one panel."""
    tails = " " + table["device"]
    return pd.Series(
        [label.replace(tail, "", 1) for label, tail in zip(table["label"], tails, strict=True)],
        table.index,
        dtype="object",
    )
