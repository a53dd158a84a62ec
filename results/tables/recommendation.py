"""From a few small runs to the method that is done first: forecast by fitted growth, chosen by what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hessbench.results.comparing.statistics import hodges_lehmann
from hessbench.results.tables.growth import fit
from hessbench.results.tables.ranking import ranked, undisturbed

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

KEPT, WITHIN = 5, 3.0
"""So many front runners are confirmed at most: those that are forecast within this factor of the best."""
PHASES = ("prepare_s", "first_call_s", "min_s")
COLUMNS = ["backend", "method", *PHASES, "total_s", "rel_error", "extra_host_bytes"]


def totals(
    run: StoredRun, operator: str, calls: int, memory_bytes: int | None = None, accuracy: float | None = None
) -> pd.DataFrame:
    """The methods that were right, by the time of so many calls, preparing included, fastest first.

    `total_s` is the Hodges-Lehmann estimate over launches, each with its own preparing: compiling the same program was
    seen to take between 0.6 and 1.4 of its median.

    Args:
        run: A run at one size.
        operator: Only methods for this.
        calls: How many results are wanted.
        memory_bytes: Most that a call may take beyond what is there after preparing; what was not weighed may.
        accuracy: Largest relative error, as in `ranking.accurate`.

    Returns:
        The columns `COLUMNS`, a row for each method.
    """
    summary, frame = run.summary, run.frame
    right = ranked(summary[summary["operator"] == operator], accuracy)
    if memory_bytes is not None:
        right = right[~(right["extra_host_bytes"].astype("float64") > memory_bytes)]
    launches = frame[undisturbed(frame)]
    logs = np.log(_total(launches, calls).astype("float64")).groupby([launches["backend"], launches["method"]])
    typical = logs.apply(lambda all_: float(np.exp(hodges_lehmann(all_.to_numpy())[0])))
    right = right.join(typical.rename("total_s"), on=["backend", "method"])
    return right[COLUMNS].sort_values("total_s", kind="stable", ignore_index=True)


def _total(phases: Any, calls: int) -> Any:
    """The time of so many calls of a method, or of each."""
    return phases["prepare_s"] + phases["first_call_s"] + (calls - 1) * phases["min_s"]


def forecast(summary: pd.DataFrame, operator: str, n: int, calls: int, accuracy: float | None = None) -> pd.DataFrame:
    """The same at a larger n that was not measured: each phase by its own power law over the sizes that were.

    A phase that shrinks is taken as constant. Memory is not forecast.

    Args:
        summary: Cells at several sizes, from `results.tables.summary`.
        operator: Only methods for this.
        n: The size.
        calls: How many results are wanted.
        accuracy: Largest relative error, as in `ranking.accurate`.

    Returns:
        A row for each method with its phases and `total_s`, fastest first.
    """
    right = ranked(summary[summary["operator"] == operator], accuracy)
    rows = []
    for (backend, method), cells in right.groupby(["backend", "method"], sort=False):
        phases = {phase: _at(cells, phase, n) for phase in PHASES}
        rows.append({"backend": backend, "method": method, **phases, "total_s": _total(phases, calls)})
    found = pd.DataFrame(rows, columns=["backend", "method", *PHASES, "total_s"])
    return found.sort_values("total_s", kind="stable", ignore_index=True)


def _at(cells: pd.DataFrame, phase: str, n: int) -> float:
    law = fit(cells["n"].tolist(), cells[phase].astype(float).tolist())
    largest = float(cells.sort_values("n")[phase].iloc[-1])
    return largest if law is None or law.exponent <= 0 else law.at(n)


def front(forecasts: pd.DataFrame) -> pd.DataFrame:
    """The methods that are worth a look at the real size."""
    if forecasts.empty:
        return forecasts
    near = forecasts["total_s"] <= WITHIN * forecasts["total_s"].iloc[0]
    return forecasts[near | (forecasts.index < 2)].head(KEPT)
