"""Sparse Hessians beside dense ones: what the pattern is, what preparing costs, and from where on it pays."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from hessbench.results.stored.record import CONTEST, UNCOLORED
from hessbench.results.tables.break_even import setup
from hessbench.results.tables.growth import Growth, fit
from hessbench.results.tables.ranking import ranked

SPARSE, DENSE = "sparse-hessian", "hessian"

PLACE = [name for name in CONTEST if name != "operator"]
"""What a sparse result and a dense one share."""
FAMILY = [name for name in PLACE if name != "n"]

COLUMNS = ("backend", "method", "min_s", "detect_s", "color_s", "color_first_s", "recover_s")
COUNTS = ("colors", "nnz", "nnz_missing", "nnz_extra")


def patterns(table: pd.DataFrame) -> pd.DataFrame:
    """Every problem size that has a right sparse Hessian, with the fastest and with the fastest dense one.

    Args:
        table: Cells, from `results.tables.summary`.

    Returns:
        The axes `PLACE`, `COLUMNS` of the fastest sparse method, `COUNTS` and `picture` of its pattern, `density`,
        `fewest_colors` of any method, `dense_s` of the fastest dense method (NaN where none was right), `faster` (how
        many times as fast the sparse one is), and `break_even`, the calls from which it has paid for finding and
        coloring its pattern (infinite: never).
    """
    right = ranked(table)
    sparse, dense = right[right["operator"] == SPARSE], right[right["operator"] == DENSE]
    rows = [_row(cells, key, dense) for key, cells in sparse.groupby(PLACE, sort=False)]
    names = [*PLACE, *COLUMNS, *COUNTS, "picture", "density", "fewest_colors", "dense_s", "faster", "break_even"]
    return pd.DataFrame(rows, columns=names)


def _row(cells: pd.DataFrame, key: Any, dense: pd.DataFrame) -> dict[str, Any]:
    best = cells.sort_values("min_s").iloc[0]
    place = dict(zip(PLACE, key, strict=True))
    row = {**place, **{name: best[name] for name in (*COLUMNS, *COUNTS)}}
    colored = cells[~cells["picture"].str.contains(UNCOLORED, regex=False) & cells["picture"].ne("")]
    row["picture"] = (colored if len(colored) else cells)["picture"].iloc[0]
    row["density"] = float(best["nnz"]) / place["n"] ** 2 if pd.notna(best["nnz"]) else math.nan
    row["fewest_colors"] = cells["colors"].min()
    beside = dense[(dense[PLACE] == pd.Series(place)).all(axis=1)]
    if not len(beside):
        return row | {"dense_s": math.nan, "faster": math.nan, "break_even": math.nan}
    other = beside.sort_values("min_s").iloc[0]
    pair = pd.DataFrame([best, other])
    extra, gained = setup(pair).diff().iloc[1] * -1, float(other["min_s"] - best["min_s"])
    calls = math.inf if gained <= 0 else max(1.0, 1.0 + math.ceil(extra / gained))
    return row | {"dense_s": other["min_s"], "faster": other["min_s"] / best["min_s"], "break_even": calls}


def crossings(table: pd.DataFrame) -> list[dict[str, Any]]:
    """From which n on the fastest sparse Hessian beats the fastest dense one, problem by problem.

    Args:
        table: Cells, from `results.tables.summary`.

    Returns:
        The axes `FAMILY`, `n` (measured where both have been, else where the fitted laws meet; NaN where they do not),
        `density` there where it was measured, and the exponents of both laws (None with fewer than two sizes).
    """
    found = patterns(table)
    both = found[found["dense_s"].notna()]
    return [_crossing(key, rows.sort_values("n")) for key, rows in both.groupby(FAMILY, sort=False)]


def _crossing(key: Any, rows: pd.DataFrame) -> dict[str, Any]:
    laws = [fit(rows["n"].tolist(), rows[name].astype(float).tolist()) for name in ("min_s", "dense_s")]
    said: dict[str, Any] = dict(zip(FAMILY, key, strict=True))
    said |= {name: law.exponent if law else None for name, law in zip(("sparse", "dense"), laws, strict=True)}
    faster = rows["faster"].to_numpy() > 1
    if faster.any() and faster[int(faster.argmax()) :].all():
        first = rows.iloc[int(faster.argmax())]
        return said | {"n": float(first["n"]), "density": float(first["density"]), "measured": True}
    return said | {"n": _meet(*laws), "density": math.nan, "measured": False}


def _meet(sparse: Growth | None, dense: Growth | None) -> float:
    """The n at which two laws meet, beyond which the sparse one is below; NaN where there is none."""
    if sparse is None or dense is None or dense.exponent <= sparse.exponent:
        return math.nan
    apart = math.log(sparse.at(1.0) / dense.at(1.0))
    return math.exp(min(apart / (dense.exponent - sparse.exponent), 700.0))
