"""From journal to pandas: one tidy row per planned cell and round.

Aggregation is late: the journal keeps the raw samples, and a planned cell without a record is a row too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from hessbench.results.stored import pace
from hessbench.results.stored.record import SHARED, YARDSTICKS, Record, columns, dtype, from_dict

_DTYPES = {column.name: dtype(column) for column in columns()}
_NUMBERS = {name: kind for name, kind in _DTYPES.items() if kind != "object"}

_SHARED = [*SHARED, "execution", "round"]
"""What a cell and its yardstick have in common."""


def tidy(
    manifest: Mapping[str, Any],
    records: Mapping[tuple[str, int], Record],
    weights: Mapping[str, int | None] = MappingProxyType({}),
    decided: Mapping[str, int] = MappingProxyType({}),
) -> pd.DataFrame:
    """One row per planned cell and round, in the plan's order; what has no record is `interrupted`.

    Rounds beyond the planned ones, of cells whose times had not settled, have a row where they have a record.

    Args:
        manifest: The run's manifest, whose `cells` are the plan.
        records: Records from `results.stored.store.last_records`.
        weights: Bytes by cell key, from `results.stored.store.weights`.
        decided: Rounds by cell key, from `results.stored.store.decided`.

    Returns:
        The rows, with the columns and dtypes of the record.
    """
    planned = int(manifest["configuration"]["rounds"])
    rows = [
        records.get((cell["cell"], round_)) or _missing(cell, round_)
        for cell in manifest["cells"]
        for round_ in range(1, _last_round(manifest) + 1)
        if round_ <= planned or (cell["cell"], round_) in records
    ]
    frame = pd.DataFrame({name: [getattr(row, name) for row in rows] for name in _DTYPES})
    # Memory is measured by a pass of its own, whose events come after the records.
    frame["extra_host_bytes"] = frame["cell"].map(weights)
    last = frame["round"].eq(frame["cell"].map(decided)) & frame["stop"].eq("")
    frame["stop"] = frame["stop"].mask(last, "decided")
    # Without this a column in which everything is missing would be one of objects.
    return _with_ratios(_with_slow_cores(frame.astype(_NUMBERS)))


def _last_round(manifest: Mapping[str, Any]) -> int:
    """The most rounds that a cell can have; runs of earlier versions have a fixed number."""
    configuration = manifest["configuration"]
    return int(configuration.get("max_rounds", configuration["rounds"]))


def _missing(cell: Mapping[str, Any], round_: int) -> Record:
    return from_dict({**cell, "round": round_, "status": "interrupted", "reason": "not reached"})


def _with_slow_cores(frame: pd.DataFrame) -> pd.DataFrame:
    """What was timed on a core that was slower than in the rest of the run, on that machine, is disturbed, too."""
    paces = frame[frame["pace_s"].notna()].groupby(["backend", "measured_on"])["pace_s"]
    usual = {where: pace.usual(mine) for where, mine in paces if len(mine) >= pace.ENOUGH}
    where = pd.Series(list(zip(frame["backend"], frame["measured_on"], strict=True)), frame.index, dtype="object")
    times = frame["pace_s"] / where.map(usual).astype("float64")
    slow = frame["disturbed"].eq("") & frame["min_s"].notna() & times.gt(pace.SLOW)
    return frame.assign(disturbed=frame["disturbed"].mask(slow, times.map(pace.said)))


def _with_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """min_s over that of each yardstick of the same problem, backend, execution and round."""
    right, where = frame["status"].eq("ok") & frame["disturbed"].eq(""), pd.MultiIndex.from_frame(frame[_SHARED])
    ratios = {}
    for yardstick in YARDSTICKS:
        # A backend may have several gradients: the fastest one is what a user would take.
        base = frame[right & frame["operator"].eq(yardstick)].groupby(_SHARED)["min_s"].min()
        seconds = pd.Series(where.map(base.to_dict()), frame.index, dtype="float64")
        ratios[f"ratio_to_{yardstick}"] = (frame["min_s"] / seconds).where(right)
    return frame.assign(**ratios)
