"""The section on several machines: what the page shows of `results.tables.machines`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hessbench.results.tables.machines import ELSEWHERE, differing, facts, machines, side_by_side, wins

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

SHOWN = ["backend", "method", "min_s", "ratio_to_gradient", "to_best"]


def machine_table(run: StoredRun, table: pd.DataFrame, best: pd.DataFrame) -> dict[str, Any] | None:
    """What the section shows, of a summary and its winners; None for a run of one machine."""
    hosts = machines(run.events)
    if not hosts:
        return None
    told = differing(table)[["label", "n", "operator", "backend", "method", "host", "status", "fault", "reason"]]
    each = sorted(set(table["host"]) - {""})
    return {
        "hosts": [host["name"] for host in hosts],
        "kinds": len({host["fingerprint"] for host in hosts}),
        "facts": facts(hosts),
        "each": each,
        "rows": _rows(side_by_side(best), each),
        "wins": wins(best),
        "differing": told.to_dict("records"),
    }


def _rows(found: pd.DataFrame, each: list[str]) -> list[dict[str, Any]]:
    """One row for every contest, with an entry for every machine, None where nobody is fastest there."""
    rows = []
    for _, group in found.groupby(ELSEWHERE, sort=False):
        first = group.iloc[0]
        best = {row["host"]: {name: row[name] for name in SHOWN} for row in group.to_dict("records")}
        entries = [best.get(name) for name in each]
        rows.append({"problem": first["problem"], "n": first["n"], "operator": first["operator"], "entries": entries})
    return rows
