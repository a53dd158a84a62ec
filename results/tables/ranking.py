"""Who is fastest: the contests of a summary, their winners, and who is left out of them and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hessbench.results.stored.record import ACCURATE, CONTEST, MEASURED, YARDSTICKS

FIRST = ("hessian", "hvp")
"""Operators that come first wherever a run has them."""


def asked_for(table: pd.DataFrame) -> list[str]:
    """The operators of a run without the yardsticks, Hessians first."""
    present = dict.fromkeys(table["operator"])
    return [name for name in dict.fromkeys([*FIRST, *present]) if name in present and name not in YARDSTICKS]


def contests(table: pd.DataFrame) -> pd.DataFrame:
    """The problem sizes in which methods compete, from a `summary`; traps are checked, and nothing there is timed."""
    checked = table["status"].isin(MEASURED) & table["min_s"].isna()
    # One checked and untimed cell is enough: nobody wanted times in that contest.
    untimed = pd.MultiIndex.from_frame(table.loc[checked, CONTEST])
    every = table[CONTEST].drop_duplicates()
    return every[~pd.MultiIndex.from_frame(every).isin(untimed)]


def accurate(table: pd.DataFrame, accuracy: float | None = None) -> pd.Series[bool]:
    """Which rows of a `summary` are as accurate as people expect of a second derivative.

    Args:
        table: The rows.
        accuracy: Largest relative error; by default `ACCURATE`, which methods that are exact but for rounding need not
            meet: where they do not, nobody could.

    Returns:
        True where a row may be recommended.
    """
    errors = table["rel_error"].astype("float64")
    if accuracy is not None:
        return errors <= accuracy
    exact = ~table["mode"].astype(str).str.contains("difference")
    return exact | (errors <= table["dtype"].map(dict(ACCURATE)).astype("float64"))


def ranked(table: pd.DataFrame, accuracy: float | None = None) -> pd.DataFrame:
    """The rows of a `summary` that compete: right, accurate (`accurate` says how much), timed, and not disturbed."""
    return table[undisturbed(table) & accurate(table, accuracy)]


def disturbed(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a `summary` that would compete if their times were their own."""
    return table[_timed(table) & table["disturbed"].ne("") & accurate(table)]


def undisturbed(table: pd.DataFrame) -> pd.Series[bool]:
    """Which rows, of a `summary` or of single launches, are right and have a time of their own."""
    return _timed(table) & table["disturbed"].eq("")


def _timed(table: pd.DataFrame) -> pd.Series[bool]:
    return table["status"].eq("ok") & table["min_s"].notna()


def winners(table: pd.DataFrame) -> pd.DataFrame:
    """The fastest `ok` method of every contest, from a `summary`."""
    return _fastest(table, CONTEST)


def best_by_backend(table: pd.DataFrame) -> pd.DataFrame:
    """The fastest `ok` method of every backend in every contest, from a `summary`."""
    return _fastest(table, [*CONTEST, "backend"])


def _fastest(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    right = ranked(table)
    best = right.loc[right.groupby(keys, sort=False)["min_s"].idxmin()]
    return best[~overtaken(best, table, keys)]


def overtaken(rows: pd.DataFrame, table: pd.DataFrame, keys: list[str] = CONTEST) -> pd.Series[bool]:
    """Which rows are slower than a disturbed one of theirs: a neighbor only makes slower, so they are not the fastest.

    Args:
        rows: Rows of a `summary`.
        table: The whole of it.
        keys: What a row and those it competes with have in common.

    Returns:
        True for such rows.
    """
    bound = disturbed(table).groupby(keys)["min_s"].min()
    faster = pd.Series(pd.MultiIndex.from_frame(rows[keys]).map(bound.to_dict()), rows.index, dtype="float64")
    return faster < rows["min_s"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One contest as tables show it: a row with an entry per backend.

    Attributes:
        label: The problem, from the summary.
        n: Number of variables.
        best: Backend -> the row of its fastest correct method, fastest first; who has none is not there.
        outcomes: Backend -> the statuses of its methods, in words.
        disturbed: Backend -> least time of its disturbed methods.
    """

    label: str
    n: int
    best: Mapping[str, Mapping[Any, Any]]
    outcomes: Mapping[str, str]
    disturbed: Mapping[str, float]

    @property
    def winner(self) -> str | None:
        """The backend that is fastest for certain, or None."""
        return next((backend for backend, row in self.best.items() if row["relative"] == 1), None)

    @property
    def open(self) -> str:
        """Why there is no winner, in words; empty where there is one."""
        if self.winner is not None:
            return ""
        return "open: the fastest was disturbed" if self.disturbed else "no correct result"


def standings(table: pd.DataFrame) -> list[Standing]:
    """Every contest of a `summary`, in its order."""
    best: dict[Any, dict[str, Mapping[Any, Any]]] = {}
    for row in best_by_backend(table).sort_values("min_s", kind="stable").to_dict("records"):
        best.setdefault(tuple(row[name] for name in CONTEST), {})[row["backend"]] = row
    return [_standing(rows, best.get(key, {})) for key, rows in table.groupby(CONTEST, sort=False)]


def _standing(rows: pd.DataFrame, best: Mapping[str, Mapping[Any, Any]]) -> Standing:
    rough = rows["status"].eq("ok") & ~accurate(rows)
    said = (
        rows["status"].mask(rough, "not accurate").mask(rows["status"].eq("ok") & rows["disturbed"].ne(""), "disturbed")
    )
    statuses = said.groupby(rows["backend"], sort=False)
    outcomes = {str(backend): ", ".join(dict.fromkeys(mine)) for backend, mine in statuses}
    least = disturbed(rows).groupby("backend", sort=False)["min_s"].min()
    held_up = {str(backend): float(seconds) for backend, seconds in least.items()}
    return Standing(str(rows["label"].iloc[0]), int(rows["n"].iloc[0]), best, outcomes, held_up)


def failures(table: pd.DataFrame) -> pd.DataFrame:
    """The cells of a `summary` that are not ok: one row per status, backend and reason, with methods and cells."""
    bad = table[table["status"] != "ok"]
    grouped = bad.groupby(["status", "backend", "reason"], sort=False, dropna=False)
    return grouped["method"].agg(method=_several, cells="size").reset_index()


def _several(methods: pd.Series[str]) -> str:
    """Up to three names, else their number."""
    names = list(dict.fromkeys(methods))
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} methods"
