"""The audit's table of a version of a framework, docs/audit/BACKEND-VERSION.parquet, out of runs of `verify functions`.

    hessbench verify functions --backend jax --out RUN
    hessbench verify functions --backend jax --operator batched-hessian --batch 2 --out LATER_RUN  # mapped
    python benchmarks/functions/table.py RUN [LATER_RUN ...]
    python benchmarks/functions/table.py --expected RUN [LATER_RUN ...]   # and note it as what `verify` expects

Several runs of a version are one table: what a later run says of a function, argument, method and point counts. What is
in the table already stays where no run speaks of it, and goes where the suite has no such call or point any more.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd

import hessbench as hb
from hessbench import suites
from hessbench.backends.scripts.written import MAPPED
from hessbench.harness.judging import known_faults
from hessbench.harness.judging.by_point import START
from hessbench.harness.running.launch import JUDGE_TOO_LONG
from hessbench.results.stored.releases import public
from hessbench.results.tables.points import points
from hessbench.suites.functions import read
from hessbench.suites.functions.points import special_points

FOLDER = Path(__file__).parents[2] / "docs" / "audit"
KEPT = ["function", "argument", "point", "mode", "status", "fault", "rel_error", "reason"]
CELL = ["function", "argument", "mode"]
TOLD = ("wrong", "error", "unverifiable", "ok")
"""Outcomes that are noted, the worst first."""
LONGEST = 240
"""Characters of a reason."""


def compact(table, backend):
    """The table without what the suite does not have, in its order of points, reasons of what is not ok shortened."""
    order = {
        (name, point): place
        for name, facts in read(backend)["functions"].items()
        for place, point in enumerate((START, *special_points(facts["x"], facts["call"])))
    }
    cells = zip(table["function"] + ":" + table["argument"], table["point"], strict=True)
    table = table.assign(place=[order.get(cell) for cell in cells])
    table = table[table["place"].notna() & table["mode"].ne("") & ~table["status"].isin(["interrupted"])].copy()
    table["reason"] = table["reason"].fillna("").str.slice(0, LONGEST)
    table["rel_error"] = table["rel_error"].astype("float32")
    return table.sort_values([*CELL, "place"], kind="stable").drop(columns="place").reset_index(drop=True)


def over_points(record, tables):
    """The record with the outcome over all points of its cell, of which its run may have seen some only."""
    rows = tables[record.backend, record.version].get((*record.problem.split(":"), mode_of(record)))
    if rows is None:
        return record
    status, fault, rel_error = min(rows, key=lambda row: TOLD.index(row[0]))
    return replace(record, status=status, fault=fault, rel_error=None if pd.isna(rel_error) else rel_error)


def mode_of(record):
    """The mode in the table's words."""
    return f"{MAPPED} {record.mode}" if record.operator == "batched-hessian" else record.mode


def by_cell(table):
    """Status, fault and error at each point, by function, argument and mode."""
    rows = table[table["status"].isin(TOLD)].groupby(CELL)[["status", "fault", "rel_error"]]
    return {cell: list(found.itertuples(index=False, name=None)) for cell, found in rows}


def note(runs, tables):
    """Note what was found as expected; not what ran out of time or died, which another machine may not."""
    told = (record for run in runs for record in run.records.values() if record.status in TOLD)
    last = {record.cell: record for record in told if not (record.reason or "").startswith(JUDGE_TOO_LONG)}
    known, cells = suites.load("functions"), {version: by_cell(table) for version, table in tables.items()}
    records = [over_points(r, cells) for r in last.values() if r.problem in known and r.version]
    versions = {(record.backend, record.version) for record in records}
    folder = known_faults.FOLDER
    before = {pair: known_faults.read(folder, *pair) for pair in versions}
    for path in known_faults.update(folder, records, before):
        noted = {name: told for name, told in json.loads(path.read_text()).items() if not gone(name, known)}
        path.write_text(json.dumps(noted, indent=1) + "\n")
        print(f"{path}: {len(noted)} outcomes")


def gone(name, known):
    """Whether a cell is of a function that the suite does not call any more."""
    place = name.partition(" ")[0]
    return place.startswith("functions/") and place.removeprefix("functions/") not in known


def main():
    """Write a table for each version that was run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", nargs="+", metavar="RUN")
    parser.add_argument("--expected", action="store_true")
    asked = parser.parse_args()
    runs = [hb.load(run) for run in asked.runs]
    rows = pd.concat([points(run).assign(run=i) for i, run in enumerate(runs)])
    rows["mode"] = [mode_of(row) for row in rows[["operator", "mode"]].itertuples()]
    FOLDER.mkdir(exist_ok=True)
    rows = rows[~rows["reason"].fillna("").str.startswith(JUDGE_TOO_LONG)]
    said = rows[rows["version"].fillna("").ne("")]
    written = {}
    for (backend, version), _ in said.groupby(["backend", "version"]):
        path = FOLDER / f"{backend}-{public(version)}.parquet"
        ours = rows[rows["backend"].eq(backend) & rows["version"].fillna(version).isin(["", version])]
        tables = [pd.read_parquet(path)] if path.exists() else []
        tables += [part[KEPT] for _, part in ours.groupby("run")]
        table = compact(pd.concat(tables, ignore_index=True).drop_duplicates([*CELL, "point"], keep="last"), backend)
        written[backend, version] = table
        table.to_parquet(path, index=False, compression="zstd")
        print(f"{path}: {len(table)} rows, {path.stat().st_size} bytes")
    if asked.expected:
        note(runs, written)


if __name__ == "__main__":
    main()
