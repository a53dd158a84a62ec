"""From tidy rows to one row per cell, over all its launches."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hessbench.results.comparing.statistics import median_interval
from hessbench.results.stored.record import AXES, CELL, CONTEST, DEFAULTS, WAYS, YARDSTICKS, Status
from hessbench.results.tables.agreement import agrees_with
from hessbench.results.tables.ranking import overtaken, ranked

_TEXTS = ["mode", "execution", "assembly", "chunk", "status", "reason", "fault", "judge"]
_TEXTS += ["value", "sketch", "version", "log_tail", "picture"]
_TIMES = ["min_s", "median_s", "q1_s", "q3_s", "first_call_s", "prepare_s", "burst_s", "event_s"]
_PHASES = ["detect_s", "color_s", "color_first_s", "recover_s"]
_COUNTS = ["colors", "nnz", "nnz_missing", "nnz_extra"]
_BYTES = ["peak_host_bytes", "extra_host_bytes", "peak_device_bytes"]
_RATIOS = [f"ratio_to_{yardstick}" for yardstick in YARDSTICKS]
_ERRORS = ["rel_error", "max_error", "asymmetry", "tolerance", "judge_bound"]

_SEVERITY: tuple[Status, ...] = (
    "wrong",
    "crashed",
    "out_of_memory",
    "timeout",
    "error",
    "unverifiable",
    "unsupported",
    "ok",
    "interrupted",
)
"""The first of these that a round of a cell has is the cell's: one wrong round makes it wrong."""

_SAID_ANYWAY = ("suite", "problem", "n", "operator", *WAYS)
"""Axes that a label need not tell apart: it begins with the problem, and tables have columns for the others."""


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per cell: the worst status of its rounds, times over its launches.

    `min_s` is the median over launches of their fastest samples, `low_s` and `high_s` its interval (see
    `results.comparing.statistics.median_interval`; none for one launch), `median_s` the median of the launches'
    medians; disturbed launches count only where a cell has no other, and then it says so (`disturbed`). `first_call_s`,
    `prepare_s`, `burst_s` and the ratios are medians, errors and memory maxima. `relative` is min_s over the best `ok`
    one of the same contest (`results.stored.record.CONTEST`). `label` names the problem, and dtype, device, precision,
    batch and host where there are several; `measured_on` names the machines, more than one where one was lost; `method`
    also says "(native)" where that text of the objective ran; `agrees_with` names the other frameworks that have the
    same result.

    Args:
        frame: Tidy rows, from `results.tables.tidy`.

    Returns:
        The cells in the order of their first rows.
    """
    table = _over_launches(frame)
    method = table["method"].where(table["text"] == "portable", table["method"] + " (" + table["text"] + ")")
    return table.assign(relative=_relative(table), label=_labels(table), method=method, agrees_with=agrees_with(table))


def _over_launches(frame: pd.DataFrame) -> pd.DataFrame:
    """Every cell's rounds as one row: what the worst of them says, and figures over all."""
    rank = {status: place for place, status in enumerate(_SEVERITY)}
    ordered = _without_disturbed(frame).assign(rank=frame["status"].map(rank)).sort_values("rank", kind="stable")
    grouped = ordered.groupby(CELL, sort=False)
    # Rows are sorted by severity, so the first one of a cell is its worst round: status and reason belong together.
    parts = [
        grouped[_TEXTS].first(),
        grouped[[*_TIMES, *_PHASES, *_RATIOS]].median(),
        _interval(grouped["min_s"]),
        grouped[[*_ERRORS, *_BYTES, *_COUNTS, "iterations"]].max(),
        grouped[["waited", "sleeps"]].median(),
        grouped[["samples", "clean_samples"]].sum(),
        grouped["disturbed"].agg(_said),
        grouped["measured_on"].agg(_several),
        ordered[ordered["min_s"].notna()].groupby(CELL)["round"].nunique().rename("launches"),
    ]
    in_order = pd.MultiIndex.from_frame(frame[CELL].drop_duplicates())
    return pd.concat(parts, axis=1).reindex(in_order).reset_index()


def _without_disturbed(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows, without the times of disturbed launches of cells that have others."""
    timed = frame["min_s"].notna()
    calm = timed & frame["disturbed"].eq("")
    others = calm.groupby(frame["cell"]).transform("any")
    left_out = timed & ~calm & others
    return frame.assign(
        **{name: frame[name].mask(left_out) for name in [*_TIMES, "waited"]},
        disturbed=frame["disturbed"].mask(left_out, ""),
    )


def _said(texts: pd.Series[str]) -> str:
    """The first text that says anything."""
    return next((text for text in texts if text), "")


def _several(names: pd.Series[str]) -> str:
    """All machines that had a part in it, in their order."""
    return ", ".join(dict.fromkeys(name for name in names if name))


def _interval(minima: Any) -> pd.DataFrame:
    """The interval of the median over launches, as columns `low_s` and `high_s`."""
    ends = {key: median_interval(values.dropna().tolist())[:2] for key, values in minima}
    return pd.DataFrame.from_dict(ends, orient="index", columns=["low_s", "high_s"])


def _relative(table: pd.DataFrame) -> pd.Series[float]:
    """Multiples of the fastest correct time of each contest; what does not compete has none."""
    rows = ranked(table)
    best = rows["min_s"].groupby([rows[name] for name in CONTEST], sort=False).transform("min")
    known = rows["min_s"] / best.mask(overtaken(rows.assign(min_s=best), table))
    return known.reindex(table.index)


def _labels(table: pd.DataFrame) -> pd.Series[str]:
    """The problem's name, with its suite and those other axes of which the run has several values."""
    label = table["problem"]
    if table.groupby("problem")["suite"].nunique().gt(1).any():
        label = table["suite"] + "/" + label
    axes = [name for name in AXES if name not in _SAID_ANYWAY]
    numbers = [name for name in axes if isinstance(DEFAULTS.get(name), int)]
    for name in (name for name in axes if name not in numbers):
        if table[name].nunique() > 1:
            label = label + " " + table[name]
    for name in numbers:
        # Only some operators have a batch: their usual value beside one other says nothing.
        beyond = table[name] != DEFAULTS[name]
        if table.loc[beyond, name].nunique() > 1:
            label = label + (f" {name} " + table[name].astype(str)).where(beyond, "")
    return label
