"""Who disagrees with whom: distances between the results of frameworks, whoever the judge was.

The distances come from sketches (`harness.judging.sketch`), so they need no result of thousands of entries, and they
show what a judge cannot: that frameworks agree where no judge could tell, or that one of three stands alone.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from hessbench.results.stored.record import CONTEST

APART = {"float64": 1e-6, "float32": 1e-2}
"""Relative distance from which two results are not the same, finite differences included."""

SKETCHED = 3.0
"""How much larger a distance of sketches may be than that of the results: eight projections estimate a norm so well."""

Distances = np.ndarray[Any, np.dtype[np.float64]]


def distances(sketches: pd.Series[str]) -> Distances:
    """Relative distances of results by their sketches, (m, m); NaN where one has none."""
    known = next((len(json.loads(text)) for text in sketches if text), 1)
    s = np.array([json.loads(text) if text else [np.nan] * known for text in sketches])
    largest = np.max(np.abs(s), axis=1, initial=np.finfo(np.float64).tiny)
    scale = np.maximum.outer(largest, largest)[..., None]  # squares of huge numbers would overflow
    scaled = s[:, None] / scale
    sizes, apart = np.linalg.norm(scaled, axis=2), np.linalg.norm(scaled - scaled.swapaxes(0, 1), axis=2)
    sizes = np.maximum(sizes, sizes.T)
    return np.divide(apart, sizes, out=apart, where=sizes > 0)


def _near(group: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which results of one contest are the same as which, (m, m); a result without a sketch is near to none.

    What lies within the accuracy that two methods are held to is no disagreement: differences are good to 1e-4 or so.

    Returns:
        True where two are the same.
    """
    stated = group["tolerance"].astype(float).fillna(0.0).to_numpy()
    allowed = np.maximum(APART[str(group["dtype"].iloc[0])], SKETCHED * (stated[:, None] + stated))
    return np.asarray(distances(group["sketch"]) <= allowed)


def agrees_with(table: pd.DataFrame) -> pd.Series[str]:
    """For each row of a `summary`, the other frameworks that have the same result, in words."""
    said = pd.Series("", index=table.index)
    for _, group in table.groupby(CONTEST, sort=False):
        near = _near(group)
        names = group["backend"].to_numpy()
        for i, index in enumerate(group.index):
            said[index] = ", ".join(dict.fromkeys(names[near[i] & (names != names[i])]))
    return said


def disagreements(table: pd.DataFrame) -> pd.DataFrame:
    """Backend by backend, in how many contests some of their results differ; symmetric.

    On the diagonal: contests in which methods of one framework differ.

    Args:
        table: A `summary`.

    Returns:
        Numbers of contests, a row and a column for each backend.
    """
    rows = table[table["sketch"].astype(bool)]
    names = list(dict.fromkeys(rows["backend"]))
    counts = pd.DataFrame(0, index=names, columns=names)
    for _, group in rows.groupby(CONTEST, sort=False):
        apart = ~_near(group)
        backend = group["backend"].to_numpy()
        for a in dict.fromkeys(backend):
            for b in dict.fromkeys(backend):
                counts.loc[a, b] += bool(apart[np.ix_(backend == a, backend == b)].any())
    return counts
