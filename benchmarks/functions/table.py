"""The audit's table of a version of a framework, docs/audit/BACKEND-VERSION.parquet, out of runs of `verify functions`.

    hessbench verify functions --backend jax --out RUN
    python benchmarks/functions/table.py RUN [LATER_RUN ...]

Several runs of a version are one table: what a later run says of a function, argument and method counts. What is in the
table already stays where no run speaks of it, and goes where the suite has no such call any more.
"""

import argparse
from pathlib import Path

import pandas as pd

import hessbench as hb
from hessbench.results.stored.releases import public
from hessbench.results.tables.points import points
from hessbench.suites.functions import read

FOLDER = Path(__file__).parents[2] / "docs" / "audit"
KEPT = ["function", "argument", "point", "mode", "status", "fault", "rel_error", "reason"]
CELL = ["function", "argument", "mode"]
LONGEST = 240
"""Characters of a reason."""


def merged(tables):
    """The tables as one; of a cell that several have, the last one's points."""
    numbered = [table.assign(order=i) for i, table in enumerate(tables)]
    together = pd.concat(numbered, ignore_index=True)
    last = together.groupby(CELL)["order"].transform("max")
    return together[together["order"] == last].drop(columns="order")


def compact(table, backend):
    """The table without what the suite does not have, sorted, reasons of what is not ok shortened."""
    known = set(read(backend)["functions"])
    names = table["function"] + ":" + table["argument"]
    table = table[names.isin(known) & table["mode"].ne("") & ~table["status"].isin(["interrupted"])].copy()
    table["reason"] = table["reason"].fillna("").str.slice(0, LONGEST)
    table["rel_error"] = table["rel_error"].astype("float32")
    return table.sort_values(CELL, kind="stable").reset_index(drop=True)


def main():
    """Write a table for each version that was run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", nargs="+", metavar="RUN")
    rows = pd.concat([points(hb.load(run)).assign(run=i) for i, run in enumerate(parser.parse_args().runs)])
    FOLDER.mkdir(exist_ok=True)
    said = rows[rows["version"].fillna("").ne("")]
    for (backend, version), _ in said.groupby(["backend", "version"]):
        path = FOLDER / f"{backend}-{public(version)}.parquet"
        ours = rows[rows["backend"].eq(backend) & rows["version"].fillna(version).isin(["", version])]
        tables = [pd.read_parquet(path)] if path.exists() else []
        tables += [part[KEPT] for _, part in ours.groupby("run")]
        table = compact(merged(tables), backend)
        table.to_parquet(path, index=False, compression="zstd")
        print(f"{path}: {len(table)} rows, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
