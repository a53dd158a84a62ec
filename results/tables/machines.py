"""Several machines in one run: side by side, who wins where, whether they agree, and in what they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from hessbench.results.stored.record import CELL, CONTEST

ELSEWHERE = [name for name in CONTEST if name != "host"]
"""What the same contest has in common on all machines."""
SAME = [name for name in CELL if name != "host"]
"""What the same cell has in common on all machines."""


def machines(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The hosts of a journal, each as it was last seen: name, node, fingerprint, facts."""
    last = {event["name"]: event for event in events if event["event"] == "host"}
    return [last[name] for name in sorted(last)]


def facts(hosts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """What the hosts' fingerprints are made of.

    Args:
        hosts: From `machines`.

    Returns:
        A row for each fact, a column for each host, and `differs`.
    """
    columns = {host["name"]: _words(host) for host in hosts}
    table = pd.DataFrame(columns).fillna("absent")
    return table.assign(differs=table.nunique(axis=1) > 1)


def _words(host: Mapping[str, Any]) -> dict[str, str]:
    found = host["facts"]
    flat = {name: value for name, value in found.items() if name != "versions"} | dict(found.get("versions", {}))
    plain = {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in flat.items()}
    return {"fingerprint": host["fingerprint"], "machine": host["node"], **plain}


def side_by_side(best: pd.DataFrame) -> pd.DataFrame:
    """The fastest correct method of every contest on every machine; ranks are within a machine.

    Args:
        best: The winners of a `summary` (`results.tables.ranking`).

    Returns:
        Rows with `ELSEWHERE`, host, backend, method, min_s, ratio_to_gradient, and `to_best`: that time over the
        least of any machine. Empty where cells name no machine.
    """
    best = best[best["host"].ne("")]
    least = best.groupby(ELSEWHERE, sort=False)["min_s"].transform("min")
    return best.assign(to_best=best["min_s"] / least)


def wins(best: pd.DataFrame) -> pd.DataFrame:
    """In how many contests each framework is the fastest on each machine: frameworks by machines."""
    found = best[best["host"].ne("")]
    return pd.crosstab(found["backend"], found["host"])


def differing(table: pd.DataFrame) -> pd.DataFrame:
    """Cells whose outcome is not the same on all machines.

    Args:
        table: A `summary`.

    Returns:
        Their rows, in the order of cells; what was not reached or is not there tells nothing.
    """
    told = table[table["host"].ne("") & ~table["status"].isin(["interrupted", "unsupported"])]
    said = told["status"] + " " + told["fault"]
    kinds = said.groupby([told[name] for name in SAME], sort=False).transform("nunique")
    return told[kinds > 1].sort_values([*SAME, "host"], kind="stable")
