"""The page of a calibration: what a machine compared with itself has shown, comparison by comparison, cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hessbench.results.comparing.verdict import FASTER, SLOWER, VERDICTS
from hessbench.results.page.render import page as rendered
from hessbench.results.units import ratio


def _by_repetition(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Per comparison: how many cells of each verdict, and the middle and the ends of what was measured."""
    found = []
    for name, cells in table.groupby("repetition", sort=False):
        low, middle, high = cells["ratio"].quantile([0, 0.5, 1])
        counts = {verdict: int((cells["verdict"] == verdict).sum()) for verdict in VERDICTS}
        found.append(
            {
                "name": name,
                "cells": len(cells),
                "counts": counts,
                "pairs": int(cells["pairs"].sum()),
                "middle": ratio(middle),
                "ends": f"{ratio(low)} to {ratio(high)}",
            }
        )
    return found


def _by_cell(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Per cell, the least alike first: ratios where nothing had changed, and the verdicts on what was planted."""
    found = []
    for key, cells in table.groupby(["label", "n", "backend", "method"], sort=False):
        same, planted = cells[cells["planted"] == 1], cells[cells["planted"] != 1]
        low, high = same["ratio"].min(), same["ratio"].max()
        found.append(
            {
                "cell": "{} n={} {} {}".format(*key),
                "alarms": int(same["verdict"].isin((SLOWER, FASTER)).sum()),
                "comparisons": len(same),
                "ends": f"{ratio(low)} to {ratio(high)}" if len(same) else "",
                "planted": {
                    row["repetition"]: (row["verdict"], ratio(row["ratio"])) for row in planted.to_dict("records")
                },
                "spread": float(np.log(high / low)) if len(same) and low > 0 else 0.0,
            }
        )
    return sorted(found, key=lambda cell: (-cell["alarms"], -cell["spread"]))


def page(known: dict[str, Any], table: pd.DataFrame) -> str:
    """The calibration as one HTML file.

    Args:
        known: Figures of `results.comparing.calibration`, with `machine`, `versions` and `created` of the machine.
        table: Rows of all comparisons, from the same place.

    Returns:
        The file's content.
    """
    return rendered(
        "calibration.html",
        {
            "title": "hessbench: calibration",
            "known": known,
            "repetitions": _by_repetition(table),
            "verdicts": [verdict for verdict in VERDICTS if (table["verdict"] == verdict).any()],
            "cells": _by_cell(table),
            "planted": list(table.loc[table["planted"] != 1, "repetition"].unique()),
        },
    )
