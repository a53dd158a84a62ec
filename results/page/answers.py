"""The answer in words: who is fastest and right, by how much, how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from hessbench.results.comparing.statistics import LEAST_LAUNCHES
from hessbench.results.stored import wakes
from hessbench.results.stored.record import CONTEST
from hessbench.results.tables.ranking import Standing, contests, disturbed, standings, winners
from hessbench.results.units import ratio

NEAR = 1.2
"""Who is within this of the fastest could be the fastest."""


def answer(table: pd.DataFrame, operator: str) -> str:
    """One sentence: which framework is fastest and right, how often, and how far the next one is behind."""
    rows = table[table["operator"] == operator]
    best = winners(rows)
    if best.empty:
        held_up = len(disturbed(rows)) > 0
        why = (
            "what is fastest was disturbed in every problem size"
            if held_up
            else "no method was both measured and found right"
        )
        return f"{operator}: {why}."
    wins = best.groupby("backend").size().sort_values(ascending=False)
    leader, count = str(wins.index[0]), int(wins.iloc[0])
    sizes = len(contests(rows))
    sentence = f"{operator}: {leader} is the fastest correct framework in {count} of {sizes} problem sizes"
    sentence += _clear(rows, leader)
    gaps = _gaps(rows, leader)
    if gaps.empty:
        return sentence + "."
    middle = gaps.groupby("backend").median().sort_values()
    low, high = gaps[middle.index[0]].quantile([0.25, 0.75])
    spread = f"; the middle half {ratio(low)} to {ratio(high)}" if len(gaps[middle.index[0]]) > 3 else ""
    return (
        f"{sentence}; the next one, {middle.index[0]}, takes {ratio(middle.iloc[0])} the fastest time (median{spread})."
    )


def _clear(rows: pd.DataFrame, leader: str) -> str:
    """In how many of its contests the leader's interval lies below the next framework's, where there are intervals."""
    leads = [row["others"][0] for row in winner_rows(rows) if row.get("backend") == leader and row["others"]]
    known = [lead for lead in leads if lead["known"]]
    if not known:
        return ""
    return f" ({sum(lead['low'] > 1 for lead in known)} of {len(known)} beyond the intervals over launches)"


def _gaps(rows: pd.DataFrame, leader: str) -> pd.Series[float]:
    """By backend and contest, the best multiple of the fastest, without the leader's."""
    others = rows[(rows["backend"] != leader) & rows["relative"].notna()]
    return others.groupby(["backend", *CONTEST])["relative"].min()


def trust(table: pd.DataFrame) -> str:
    """How far the times can be trusted."""
    launches = table["launches"].min()
    if pd.isna(launches):
        return "Nothing was timed."
    # What was slower for certain was visited once or twice: no order rests on that.
    near = table[table["relative"].le(NEAR)]["launches"].min()
    if launches < LEAST_LAUNCHES <= near:
        text = (
            f"Times within {NEAR:g}× of the fastest are the median over at least {near:.0f} launches of each worker of "
            "their fastest samples; what was slower for certain was not measured so often."
        )
    else:
        text = _replicates(table, launches)
    return " ".join(sentence for sentence in (text, _calm(table)) if sentence)


def _calm(table: pd.DataFrame) -> str:
    """What is known of disturbances."""
    timed = table[table["min_s"].notna()]
    if timed["waited"].isna().all():
        return "No witness on this system: whether other processes disturbed the times is not known."
    count = int(timed["disturbed"].ne("").sum())
    if not count:
        return ""
    return (
        f"{count} of {len(timed)} cells {'was' if count == 1 else 'were'} disturbed, mostly by other processes: these "
        "times are shown and do not compete; run again on a quieter machine, or with --wait 10m."
    )


def _replicates(table: pd.DataFrame, launches: float) -> str:
    """How many launches stand behind the times."""
    if launches < LEAST_LAUNCHES:
        return (
            f"Some times come from {launches:.0f} launch{'es' if launches > 1 else ''} of their worker only: enough "
            f"for factors{_waking(table)}, not for differences below about 20\u00a0%. A finished run without "
            "--quick has three."
        )
    return (
        f"Times are the median over {launches:.0f} launches of each worker of their fastest samples; launches are the "
        "replicates, not samples."
    )


def _waking(table: pd.DataFrame) -> str:
    """Of which times few launches do not even tell factors, as an aside; empty where there are none."""
    few = table[table["launches"] < LEAST_LAUNCHES]
    hanging = few[[wakes.doubtful(*told) for told in zip(few["min_s"], few["sleeps"], strict=True)]]
    if hanging.empty:
        return ""
    names = ", ".join(sorted(hanging["backend"].unique()))
    return (
        f" (but {len(hanging)} times of {names} hang on how fast threads are woken, and may be twice as long as "
        "usually)"
    )


SHOWN = ("backend", "method", "min_s", "low_s", "high_s", "median_s", "rel_error", "ratio_to_gradient")
"""Columns of the summary that the table of winners shows."""


def winner_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The fastest correct method of every problem and size, and its lead over the best of every other framework."""
    return [_winner_row(contest) for contest in standings(table.merge(contests(table), on=CONTEST))]


def _winner_row(contest: Standing) -> dict[str, Any]:
    entry: dict[str, Any] = {"label": contest.label, "n": contest.n}
    if contest.winner is None:
        return entry | {"open": contest.open}
    best, *others = contest.best.values()
    return entry | {name: best[name] for name in SHOWN} | {"others": [_other(row, best) for row in others]}


def _other(row: Mapping[Any, Any], best: Mapping[Any, Any]) -> dict[str, Any]:
    """The best method of another framework: its multiple of the fastest, and the interval where it is known."""
    low, high = row["low_s"] / best["high_s"], row["high_s"] / best["low_s"]
    names = {name: row[name] for name in ("backend", "method", "relative")}
    return names | {"low": low, "high": high, "known": math.isfinite(low)}
