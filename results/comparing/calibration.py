"""A machine compared with itself: how often is nothing called a change, and how often is a planted change missed?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from hessbench.results.comparing.comparison import Comparison, launches
from hessbench.results.comparing.statistics import proportion_interval
from hessbench.results.comparing.verdict import DRIFT, FASTER, SLOWER, separation

COLUMNS = ("label", "n", "operator", "backend", "method", "verdict", "ratio", "low", "high", "pairs")
"""Of a comparison, what a calibration keeps of each cell."""
LEAST_DRIFT = 0.05
DRIFT_QUANTILE = 0.999


def rows(found: Comparison, repetition: str, planted: float) -> pd.DataFrame:
    """One row per cell of one comparison of a machine with itself.

    Args:
        found: The comparison.
        repetition: Its name, such as "A/A 3".
        planted: The factor by which the samples of B were stretched; 1 for none.

    Returns:
        The columns `COLUMNS`, `repetition` and `planted`.
    """
    return found.table[list(COLUMNS)].assign(repetition=repetition, planted=planted)


def gaps(found: Comparison) -> list[float]:
    """How far three launches and three later ones of the same code lie apart in each cell, as log ratios."""
    early, late = launches(found.a.frame), launches(found.b.frame)
    sides = (
        ([early[key][r] for r in (1, 2, 3) if r in early[key]], [late[key][r] for r in (4, 5, 6) if r in late[key]])
        for key in early.keys() & late.keys()
    )
    return [separation(a, b) for a, b in sides if a and b]


def figures(table: pd.DataFrame, apart: Sequence[float]) -> dict[str, Any]:
    """What the comparisons say of the machine.

    Args:
        table: `rows` of all comparisons.
        apart: `gaps` of those without a planted change.

    Returns:
        `alarms` of `compared` cells without a change, the share's interval `low` to `high` (Clopper-Pearson, 95 %),
        `power` by planted factor as (found, compared), `drift` as a log ratio, and the same in words.
    """
    compared = table[table["ratio"].notna()]
    same = compared[compared["planted"] == 1]
    alarms = int(same["verdict"].isin((SLOWER, FASTER)).sum())
    low, high = proportion_interval(alarms, len(same))
    power = {
        f"{factor:g}": (int((cells["verdict"] == SLOWER).sum()), len(cells))
        for factor, cells in compared[compared["planted"] != 1].groupby("planted")
    }
    drift = max(LEAST_DRIFT, float(np.quantile(apart, DRIFT_QUANTILE))) if len(apart) else DRIFT
    sentence = (
        f"This machine, compared with itself by `hessbench calibrate` on {time.strftime('%Y-%m-%d')}: {alarms} false "
        f"{'alarm' if alarms == 1 else 'alarms'} in {len(same)} cells ({100 * low:.2f} to {100 * high:.2f} %, 95 %)."
    )
    apart_line = (
        f"Launches of the same code lay up to {100 * (np.exp(drift) - 1):.0f} % apart; stored runs must differ by more."
    )
    lines = [sentence, *(_power_line(float(factor), *hits) for factor, hits in power.items()), apart_line]
    return {
        "sentence": sentence,
        "lines": lines,
        "alarms": alarms,
        "compared": len(same),
        "low": low,
        "high": high,
        "power": power,
        "drift": drift,
    }


def _power_line(factor: float, hits: int, cells: int) -> str:
    low, high = proportion_interval(hits, cells)
    return (
        f"A change of +{100 * (factor - 1):.0f} % was found in {hits} of {cells} cells "
        f"({100 * low:.0f} to {100 * high:.0f} %, 95 %)."
    )
