"""From journal to pandas: one tidy row per planned cell and round, then one row per cell, then the winners.

Aggregation is late: the journal keeps the raw samples, and a planned cell without a record is a row too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from hessbench.results.comparing.statistics import median_interval
from hessbench.results.stored.record import Record, columns, from_dict
from hessbench.results.tables.agreement import CONTEST, agrees_with

CELL = ["suite", "problem", "n", "operator", "backend", "method", "text", "batch", "precision", "dtype", "device"]
FIRST = ("hessian", "hvp")
YARDSTICKS = ("objective", "gradient")
RATIOS = tuple(f"ratio_to_{yardstick}" for yardstick in YARDSTICKS)

NAMES = [column.name for column in columns()]
_FLOATS = [
    c.name
    for c in columns()
    if c.name.endswith(("_s", "error", "asymmetry", "tolerance", "bound", "gradient", "objective"))
]
_TIMES = ["min_s", "median_s", "q1_s", "q3_s", "first_call_s", "prepare_s", "burst_s", "event_s"]
_BYTES = ["peak_host_bytes", "extra_host_bytes", "peak_device_bytes"]
_INTEGERS = ["samples", "loops", *_BYTES]

_SEVERITY = (
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
_CHECKED = ("ok", "wrong", "unverifiable")
"""Who has one of these has a result; it was timed, too, unless nobody wants its time."""


def last_records(events: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], Record]:
    """The records of a journal by (cell key, round); of several for one, the last."""
    records = (from_dict(event["record"]) for event in events if event["event"] == "cell_end")
    return {(record.cell, record.round): record for record in records}


def tidy(
    manifest: Mapping[str, Any],
    records: Mapping[tuple[str, int], Record],
    weights: Mapping[str, int | None] = MappingProxyType({}),
) -> pd.DataFrame:
    """One row per planned cell and round, in the plan's order; what has no record is `interrupted`.

    Rounds beyond the planned ones, of cells whose times had not settled, have a row where they have a record.

    Args:
        manifest: The run's manifest, whose `cells` are the plan.
        records: From `last_records`.
        weights: From `results.store.weights`.
    """
    planned = int(manifest["configuration"]["rounds"])
    rows = [
        records.get((cell["cell"], round_)) or _missing(cell, round_)
        for cell in manifest["cells"]
        for round_ in range(1, _last_round(manifest) + 1)
        if round_ <= planned or (cell["cell"], round_) in records
    ]
    frame = pd.DataFrame({name: [getattr(row, name) for row in rows] for name in NAMES})
    frame["extra_host_bytes"] = frame["cell"].map(weights)
    frame = frame.astype(dict.fromkeys(_FLOATS, "float64") | dict.fromkeys(_INTEGERS, "Int64"))
    return _with_ratios(frame)


def _last_round(manifest: Mapping[str, Any]) -> int:
    """The most rounds that a cell can have; runs of earlier versions have a fixed number."""
    configuration = manifest["configuration"]
    return int(configuration.get("max_rounds", configuration["rounds"]))


def _missing(cell: Mapping[str, Any], round_: int) -> Record:
    return from_dict({**cell, "round": round_, "status": "interrupted", "reason": "not reached"})


def _with_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """min_s over that of each yardstick of the same problem, backend, execution and round."""
    keys = ["suite", "problem", "n", "backend", "text", "execution", "precision", "dtype", "device", "round"]
    right, where = frame["status"].eq("ok"), pd.MultiIndex.from_frame(frame[keys])
    ratios = {}
    for yardstick in YARDSTICKS:
        base = frame[right & frame["operator"].eq(yardstick)].groupby(keys)["min_s"].min()
        seconds = pd.Series(where.map(base.to_dict()), frame.index, dtype="float64")
        ratios[f"ratio_to_{yardstick}"] = (frame["min_s"] / seconds).where(right)
    return frame.assign(**ratios)


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per cell: the worst status of its rounds, times over its launches.

    `min_s` is the median over launches of their fastest samples, `low_s` and `high_s` its interval (see
    `results.statistics.median_interval`; none for one launch), `median_s` the median of the launches' medians;
    `first_call_s`, `prepare_s`, `burst_s` and the ratios are medians, errors and memory maxima. `relative` is min_s
    over the best `ok` one of the same contest (`CONTEST`). `label` names the problem, and dtype, device, precision and
    batch where there are several; `method` also says "(native)" where that text of the objective ran; `agrees_with`
    names the other frameworks that have the same result.
    """
    rank = {status: place for place, status in enumerate(_SEVERITY)}
    ordered = frame.assign(rank=frame["status"].map(rank)).sort_values("rank", kind="stable")
    grouped = ordered.groupby(CELL, sort=False)
    first = grouped[
        [
            "mode",
            "execution",
            "assembly",
            "chunk",
            "status",
            "reason",
            "fault",
            "judge",
            "value",
            "sketch",
            "version",
            "log_tail",
        ]
    ].first()
    medians = grouped[[*_TIMES, *RATIOS]].median()
    maxima = grouped[["rel_error", "max_error", "asymmetry", "tolerance", "judge_bound", *_BYTES]].max()
    sums = grouped[["samples"]].sum()
    launches = ordered[ordered["min_s"].notna()].groupby(CELL)["round"].nunique().rename("launches")
    table = pd.concat([first, medians, _interval(grouped["min_s"]), maxima, sums, launches], axis=1)
    table = table.reindex(pd.MultiIndex.from_frame(frame[CELL].drop_duplicates())).reset_index()
    best = table[table["status"] == "ok"].groupby(CONTEST)["min_s"].min().rename("best_s")
    table = table.merge(best, how="left", left_on=CONTEST, right_index=True)
    relative = (table["min_s"] / table["best_s"]).where(table["status"] == "ok")
    method = table["method"].where(table["text"] == "portable", table["method"] + " (" + table["text"] + ")")
    return table.assign(relative=relative, label=_labels(table), method=method, agrees_with=agrees_with(table)).drop(
        columns="best_s"
    )


def _interval(minima: Any) -> pd.DataFrame:
    """The interval of the median over launches, as columns `low_s` and `high_s`."""
    ends = {key: median_interval(values.dropna().tolist())[:2] for key, values in minima}
    return pd.DataFrame.from_dict(ends, orient="index", columns=["low_s", "high_s"])


def _labels(table: pd.DataFrame) -> pd.Series[str]:
    """The problem's name, with suite, dtype and device where the run has several of them."""
    label = table["problem"]
    if table.groupby("problem")["suite"].nunique().gt(1).any():
        label = table["suite"] + "/" + label
    for name in ("dtype", "device", "precision"):
        if table[name].nunique() > 1:
            label = label + " " + table[name]
    if table.loc[table["batch"] > 1, "batch"].nunique() > 1:
        label = label + (" batch " + table["batch"].astype(str)).where(table["batch"] > 1, "")
    return label


def asked_for(table: pd.DataFrame) -> list[str]:
    """The operators of a run without the yardsticks, Hessians first."""
    present = dict.fromkeys(table["operator"])
    return [name for name in dict.fromkeys([*FIRST, *present]) if name in present and name not in YARDSTICKS]


def contests(table: pd.DataFrame) -> pd.DataFrame:
    """The problem sizes in which methods compete, from a `summary`; traps are checked, and nothing there is timed."""
    checked = table["status"].isin(_CHECKED) & table["min_s"].isna()
    untimed = pd.MultiIndex.from_frame(table.loc[checked, CONTEST])
    every = table[CONTEST].drop_duplicates()
    return every[~pd.MultiIndex.from_frame(every).isin(untimed)]


def winners(table: pd.DataFrame) -> pd.DataFrame:
    """The fastest `ok` method of every contest, from a `summary`."""
    right = table[(table["status"] == "ok") & table["min_s"].notna()]
    return right.loc[right.groupby(CONTEST, sort=False)["min_s"].idxmin()]


def failures(table: pd.DataFrame) -> pd.DataFrame:
    """The cells of a `summary` that are not ok: one row per status, backend and reason, with methods and cells."""
    bad = table[table["status"] != "ok"]
    grouped = bad.groupby(["status", "backend", "reason"], sort=False, dropna=False)
    return grouped["method"].agg(method=_several, cells="size").reset_index()


def _several(methods: pd.Series[str]) -> str:
    """Up to three names, else their number."""
    names = list(dict.fromkeys(methods))
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} methods"
