"""How a method's time grows with n: t = c n^p, fitted where the other costs have died away.

Small problems cost what a call costs (microseconds to milliseconds, whatever n is), so sizes at which the time is not
yet `ABOVE_FLOOR` times the least one are left out, as long as three sizes remain. The interval is that of a
slope in a straight line through log n and log t, Student's t with as many degrees of freedom as sizes exceed two.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hessbench.results.comparing.statistics import CONFIDENCE
from hessbench.results.stored.record import CELL

ABOVE_FLOOR = 2.0
LOG_ENDLESS = math.log(1e15)
"""A law that reaches a budget at a larger n does not really grow."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A fitted power law.

    Attributes:
        exponent: p.
        low: Lower end of the interval of p; -inf where two sizes leave nothing to estimate it from.
        high: Upper end; inf likewise.
        anchor: The largest n of the fit.
        anchor_value: Fitted value there.
        sizes: How many sizes the fit stands on.
    """

    exponent: float
    low: float
    high: float
    anchor: float
    anchor_value: float
    sizes: int

    def at(self, n: float) -> float:
        """The value that the law predicts at n."""
        return float(self.anchor_value * (n / self.anchor) ** self.exponent)

    def largest(self, budget: float) -> float:
        """The n at which the law reaches a budget; infinite where it does not grow."""
        if self.exponent <= 0:
            return math.inf
        log_n = math.log(self.anchor) + math.log(budget / self.anchor_value) / self.exponent
        return math.exp(log_n) if log_n < LOG_ENDLESS else math.inf


def fit(sizes: Sequence[float], values: Sequence[float]) -> Growth | None:
    """The power law through values at several sizes.

    Args:
        sizes: n, in any order.
        values: Times in seconds, or bytes; positive.

    Returns:
        The law, or None with fewer than two different sizes.
    """
    pairs = sorted((n, value) for n, value in zip(sizes, values, strict=True) if value > 0 and math.isfinite(value))
    if len({n for n, _ in pairs}) < 2:
        return None
    floor = min(value for _, value in pairs)
    grown = [pair for pair in pairs if pair[1] >= ABOVE_FLOOR * floor]
    # A slope needs three sizes to have an error, so the floor is cut off only where three remain.
    used = grown if len({n for n, _ in grown}) >= 3 else pairs[-3:] if len(pairs) > 3 else pairs
    x, y = np.log(np.asarray(used, dtype=float)).T
    from scipy.stats import linregress, t

    line = linregress(x, y)
    slope, freedom, last = float(line.slope), len(used) - 2, used[-1][0]
    # Through two sizes every line is exact: scipy calls its error nothing, and it is unknown.
    half = float(t.ppf(0.5 + CONFIDENCE / 2, freedom) * line.stderr) if freedom else math.inf
    value = math.exp(float(line.intercept) + slope * math.log(last))
    return Growth(slope, slope - half, slope + half, last, value, len(used))


FAMILY = [name for name in CELL if name != "n"]
COLUMNS = ("exponent", "exponent_low", "exponent_high", "sizes", "smallest_n_measured", "largest_n_measured")


def growth(summary: pd.DataFrame, what: str = "min_s") -> pd.DataFrame:
    """The fitted law of every method on every problem that was right at two sizes or more.

    Args:
        summary: Cells, from `results.tables.summary`.
        what: The column that grows: a time, or `extra_host_bytes`.

    Returns:
        The fields of a cell but n, `exponent` with its 95 % interval, `sizes` behind it, `smallest_n_measured`,
        `largest_n_measured`, and
        `law`, the `Growth` itself.
    """
    right = summary[(summary["status"] == "ok") & summary[what].notna()]
    if what == "min_s":
        right = right[right["disturbed"].eq("")]
    rows = []
    for key, cells in right.groupby(FAMILY, sort=False):
        law = fit(cells["n"].tolist(), cells[what].astype(float).tolist())
        if law is not None:
            figures = (law.exponent, law.low, law.high, law.sizes, int(cells["n"].min()), int(cells["n"].max()))
            rows.append({**dict(zip(FAMILY, key, strict=True)), **dict(zip(COLUMNS, figures, strict=True)), "law": law})
    return pd.DataFrame(rows, columns=[*FAMILY, *COLUMNS, "law"])


REACH = 10.0
"""How many times the largest measured n is believed, and by how much less than the smallest: a decade."""
SURE = 1.0
"""Width of the exponent's interval up to which anything is believed beyond what was measured."""


def largest(
    summary: pd.DataFrame, budget: float, what: str = "min_s", memory_bytes: float | None = None
) -> pd.DataFrame:
    """The largest n that each method is expected to do within a budget of time (s) or memory (B), most capable first.

    Nothing is said beyond what the fit supports: a decade beyond what was measured where the exponent is known within
    `SURE`, which takes three sizes, and else nothing beyond.

    Args:
        summary: Cells, from `results.tables.summary`.
        budget: Seconds or bytes that one call may take.
        what: The column that grows: a time, or `extra_host_bytes`.
        memory_bytes: Memory of the machine, into which the result must fit.

    Returns:
        The columns of `growth`, `largest_n`, and `limit`: "" where it was read off the law, "measured" where the law
        supports no more ("at least"), "smallest" where not even the smallest fits ("less than"), "memory" where the
        result of the operator does not fit in more.
    """
    found = growth(summary, what)
    limits = [_limited(row, budget, memory_bytes) for row in found.to_dict("records")]
    found["largest_n"] = [n for n, _ in limits]
    found["limit"] = [limit for _, limit in limits]
    return found.sort_values("largest_n", ascending=False, kind="stable", ignore_index=True)


def _limited(row: Mapping[Hashable, Any], budget: float, memory_bytes: float | None) -> tuple[float, str]:
    """The n of a law within what the law supports, and what limits it."""
    law: Growth = row["law"]
    wanted = law.largest(budget)
    beyond = REACH if law.high - law.low <= SURE else 1.0  # of two sizes the interval is infinite
    reach, least = row["largest_n_measured"] * beyond, row["smallest_n_measured"] / beyond
    found = (reach, "measured") if wanted > reach else (wanted, "")
    if wanted < least:
        found = least, "smallest"
    fits = _fits(row, memory_bytes) if memory_bytes else math.inf
    return (float(fits), "memory") if fits < found[0] else found


def _fits(row: Mapping[Hashable, Any], memory_bytes: float) -> float:
    """The n up to which the result of an operator fits into memory."""
    number = 4 if row["dtype"] == "float32" else 8
    several = max(int(row["batch"]), 1)
    entries = memory_bytes / number
    if row["operator"] == "hessian":
        return math.sqrt(entries)
    if row["operator"] == "batched-hessian":
        return math.sqrt(entries / several)
    return entries / several if row["operator"] == "multi-hvp" else entries
