"""Several machines in one table: ranks within one, outcomes that differ between them, what they are."""

import pandas as pd

from hessbench.harness.planning.grid import Cell
from hessbench.results.stored.record import Record
from hessbench.results.tables.machines import differing, facts, machines, side_by_side, wins
from hessbench.results.tables.ranking import winners
from hessbench.results.tables.summary import summary
from hessbench.results.tables.tidy import tidy


def frame(*given):
    """Records of (host, backend, seconds, status) as a summary."""
    cells = [Cell("quick", "rosenbrock", 10, "hessian", b, "h", "float64", "cpu", host=h) for h, b, _, _ in given]
    records = {
        (cell.key, 1): Record(
            **cell.as_dict(),
            mode="forward-over-reverse",
            execution="eager",
            assembly="vmap",
            round=1,
            status=status,
            fault="silently-wrong" if status == "wrong" else "",
            min_s=seconds,
            rel_error=0.0,
            cell=cell.key,
            measured_on=cell.host,
        )
        for cell, (_, _, seconds, status) in zip(cells, given, strict=True)
    }
    manifest = {"configuration": {"rounds": 1}, "cells": [{**cell.as_dict(), "cell": cell.key} for cell in cells]}
    return summary(tidy(manifest, records))


TABLE = frame(
    ("old", "numpy", 4.0, "ok"),
    ("old", "jax", 2.0, "ok"),
    ("new", "numpy", 1.0, "ok"),
    ("new", "jax", 0.5, "wrong"),
)


def test_ranks_are_within_a_machine():
    found = side_by_side(winners(TABLE)).set_index("host")
    assert found["backend"].to_dict() == {"old": "jax", "new": "numpy"}
    assert found["to_best"].to_dict() == {"old": 2.0, "new": 1.0}
    assert TABLE.set_index(["host", "backend"])["relative"].to_dict()["old", "numpy"] == 2.0
    assert wins(winners(TABLE)).loc["jax"].to_dict() == {"new": 0, "old": 1}


def test_what_is_right_on_one_machine_only_is_found_and_nothing_else():
    assert [(row.backend, row.host, row.status) for row in differing(TABLE).itertuples()] == [
        ("jax", "new", "wrong"),
        ("jax", "old", "ok"),
    ]


def test_a_run_of_one_machine_has_no_such_table():
    alone = frame(("", "numpy", 1.0, "ok"))
    assert side_by_side(winners(alone)).empty
    assert differing(alone).empty


def test_facts_of_machines_stand_side_by_side():
    made = [
        {"event": "host", "name": n, "node": n, "fingerprint": f, "facts": {"cpu": "x", "gpus": [], "versions": v}}
        for n, f, v in (("a", "1", {"jax": "0.10"}), ("b", "2", {}), ("a", "3", {"jax": "0.11"}))
    ]
    table = facts(machines(made))
    assert table.loc["fingerprint", ["a", "b"]].tolist() == ["3", "2"]
    assert table.loc["jax", ["a", "b", "differs"]].tolist() == ["0.11", "absent", True]
    assert not table.loc["cpu", "differs"]
    assert isinstance(table, pd.DataFrame)
