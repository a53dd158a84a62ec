"""Is the default tier chosen well? How often its best method is within 15 % of the best of all that were run.

    hessbench run quick --quick --operator hessian,hvp --execution eager,graph,jit,xla --out RUN
    python benchmarks/default_tier.py RUN

Inductor is left out above, since the default tier has no long compiles; run `--method all` to see what that costs.
"""

import argparse

import pandas as pd

import hessbench as hb
from hessbench import backends
from hessbench.results.stored.record import CONTEST
from hessbench.results.tables.ranking import asked_for

NEAR = 1.15


def contests(run: hb.Run) -> pd.DataFrame:
    """One row per backend and contest: the best method, the best default method, and their ratio."""
    table = run.summary
    right = table[(table["status"] == "ok") & table["operator"].isin(asked_for(table))]
    default = {(b, m.name) for b in backends.registry() for m in backends.load(b).methods if m.default}
    right = right[right["min_s"].notna()]
    tried = right[[pair in default for pair in zip(right["backend"], right["method"], strict=True)]]
    keys = ["backend", *CONTEST]
    best = right.loc[right.groupby(keys)["min_s"].idxmin()].set_index(keys)
    first = tried.loc[tried.groupby(keys)["min_s"].idxmin()].set_index(keys)
    joined = best[["method", "min_s"]].join(first[["method", "min_s"]].add_suffix("_default"))
    return joined.assign(ratio=joined["min_s_default"] / joined["min_s"]).reset_index()


def main() -> None:
    """Print the shares, and where the default tier is beaten."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", nargs="+", metavar="RUN")
    found = pd.concat([contests(hb.load(run)) for run in parser.parse_args().runs])
    near = found["ratio"] <= NEAR
    shares = near.groupby([found["backend"], found["operator"]]).agg(["mean", "size"])
    for (backend, operator), row in shares.iterrows():
        print(f"{backend} {operator}: within 15 % in {row['mean']:.0%} of {row['size']:.0f} problem sizes")
    for backend, rows in near.groupby(found["backend"]):
        print(f"{backend}: {rows.mean():.0%} of {len(rows)}")
    shown = ["backend", "operator", "problem", "n", "method", "method_default", "ratio"]
    print(found.loc[~near, shown].to_string(index=False))


if __name__ == "__main__":
    main()
