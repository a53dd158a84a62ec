"""The page docs/audit.md, and the searchable table docs/gallery/audit.html, from the tables in docs/audit.

hessbench verify functions --backend jax --out RUN
python benchmarks/functions/table.py RUN                     # docs/audit/jax-VERSION.parquet
python benchmarks/pages/audit.py > page.md && mv page.md docs/audit.md
python benchmarks/pages/audit.py --html docs/gallery/audit.html
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import pandas as pd
from audit_remarks import NO_SCRIPT, NONE_FOUND, REMARKS

from hessbench.backends.scripts.calls import Call
from hessbench.backends.scripts.written import MAPPED, WORDS, script
from hessbench.suites.functions import HOMES, NOT_FOUND, read
from hessbench.suites.functions.points import special_points

DOCS = Path(__file__).parents[2] / "docs"
TABLES, TEMPLATE = DOCS / "audit", Path(__file__).with_name("audit_search.html")
MATTERS = 1e-3
"""From this relative error on a silent fault has a paragraph; below it digits are lost, which the table says."""
SECOND = ("reverse-over-reverse", "forward-over-reverse", "reverse-over-forward", "forward-over-forward")
SHOWN = (*SECOND, "reverse", *(f"{MAPPED} {mode}" for mode in SECOND))
"""Modes in the order in which a script shows a fault."""
SILENT = ("silently-wrong", "asymmetric")

HEAD = """# The audit

Every public differentiable function of PyTorch, JAX, TensorFlow, Keras (layers and `keras.ops`) and autograd, called as
`suites/functions/*.json` says, differentiated twice in every mode with respect to every argument that can vary, at the
point at which the call was found and at special ones (zeros, signs, ties, integers, the identity, a matrix that lacks
one rank, large and tiny numbers, tails, far out at ±800, where it equals another argument; of complex arguments zero,
both axes and the other half-plane). `0+1` are two arguments that vary together, "integers of 1" is such a point of the
second one; `~integer` are integers in the place of floats that do not vary, `~negative` negative indices, `~vector` is
a vector of three numbers where the call that was known has a large array. "Mapped" stands before modes of Hessians that
were mapped over points. f is the sum of w (y + y^2 / 2) over all real numbers y that the function returns, so that
every output counts and has curvature. NumPy or SciPy judge where they have the same function, else differences of the
framework's own values; nobody is called wrong without a second witness: where there is none, it is `unverifiable`
([limits](limits.md)). Run it with `hessbench verify functions --backend torch`, or one namespace with
`functions/torch.special`.

**Every row**: [searchable](gallery/audit.html), and as Parquet in `docs/audit/`, a file for each version (function,
argument, point, mode, verdict). How a hundred of the verdicts were checked by hand:
[audit_checked.csv](audit_checked.csv) (28 November 2026; autograd and JAX).
Made by `benchmarks/pages/audit.py`.
"""
COVERED = """## What is covered

Of the public functions of a namespace: called; no call found although it may be differentiable; excluded, because it is
the same as another one or has no derivative by nature (the reasons below). Coverage is called / (called + not found).

| namespace | called | not found | excluded | coverage | calls |
|---|---|---|---|---|---|
"""


def tables():
    """By framework the version and its table; the newest where there are several."""
    found = {}
    for path in sorted(TABLES.glob("*.parquet")):
        backend, _, version = path.stem.partition("-")
        found[backend] = (version, pd.read_parquet(path))
    return {name: found[name] for name in HOMES if name in found}


def namespace(path):
    """The namespace of a function; distributions and the like of one library count as one."""
    home = path.rpartition(".")[0]
    return "jax.scipy.stats" if home.startswith("jax.scipy.stats") else home


def coverage():
    """The rows of the table of namespaces, and the reasons of exclusions with their counts."""
    rows, reasons = [], Counter()
    for framework in HOMES:
        facts = read(framework)
        called = {name.partition(":")[0] for name in facts["functions"]}
        calls = Counter(namespace(name.partition(":")[0]) for name in facts["functions"])
        functions = Counter(map(namespace, called))
        missing = Counter(namespace(f) for f, why in facts["excluded"].items() if why.startswith(NOT_FOUND))
        others = Counter(namespace(f) for f, why in facts["excluded"].items() if not why.startswith(NOT_FOUND))
        for why in facts["excluded"].values():
            reasons["the same as another one" if why.startswith("the same as") else why.split(" in ")[0]] += 1
        for home in sorted(functions | missing | others, key=lambda home: (-functions[home], home)):
            here, gone = functions[home], missing[home]
            share = f"{here / (here + gone):.0%}" if here + gone else ""
            rows.append(f"| `{home}` | {here} | {gone} | {others[home]} | {share} | {calls[home]} |")
    return rows, reasons


def counts(table):
    """What came of the cells of a framework, in a line."""
    order = ["wrong", "error", "crashed", "timeout", "out_of_memory", "unverifiable", "unsupported", "ok"]
    worst = table.assign(rank=table["status"].map(order.index)).groupby(["function", "argument", "mode"])["rank"].min()
    return Counter(order[rank] for rank in worst)


def silent(table):
    """The rows in which a finite result is wrong."""
    return table[table["status"].eq("wrong") & table["fault"].isin(SILENT)]


def summary_row(name, rows):
    """A line of the table of faults: where, how, how much."""
    points = ", ".join(dict.fromkeys(rows["point"]))
    modes = ", ".join(sorted(set(rows["mode"])))
    kinds = ", ".join(sorted(set(rows["fault"])))
    worst = rows["rel_error"].max()
    off = "" if pd.isna(worst) else f"{worst:.0e}"
    return f"| `{name}` | {kinds} | {off} | {points} | {modes} | {remark(name)[0]} |"


def remark(name):
    """Thread and remark on a fault; by function and argument, else by function."""
    return REMARKS.get(name) or REMARKS.get(name.partition(":")[0]) or (NONE_FOUND, "")


def paragraph(framework, version, name, rows):
    """A fault as it can be pasted into an issue, with its script."""
    function, _, argument = name.partition(":")
    shown = min(
        (row for row in rows.itertuples() if row.mode in WORDS[framework].derivative),
        key=lambda row: (row.point == "tiny", SHOWN.index(row.mode), row.point != "start", -row.rel_error),
        default=None,
    )
    if shown is None or function in NO_SCRIPT:
        return ""
    call, x = call_at(framework, name, shown.point)
    modes, points = sorted(set(rows["mode"]) - {"reverse"}), list(dict.fromkeys(rows["point"]))
    both = " and gradient" if "reverse" in set(rows["mode"]) else ""
    what = f"Hessian{both}" if modes else "gradient"
    thread, said = remark(name)
    said = f"{said} " if said else ""
    text = (
        f"**{framework} {version}: wrong {what} of `{function}` by argument {argument}.** "
        f"Relative error {rows['rel_error'].max():.0e} at: {', '.join(points)}"
        f"{'; modes: ' + ', '.join(modes) if modes else ''}. {said}{thread[0].upper() + thread[1:]}. "
        "The script prints what the framework says, then differences of its values."
    )
    return f"{text}\n\n```python\n{script(framework, call, x, shown.mode)}```\n"


def call_at(framework, name, point):
    """The call of that name, and x at one of its points."""
    facts = read(framework)["functions"][name]
    x = facts["x"] if point == "start" else special_points(facts["x"], facts["call"])[point]
    return Call(*facts["call"]), x


def by_call(rows):
    """The rows by "function:argument"."""
    return rows.groupby(rows["function"] + ":" + rows["argument"], sort=True)


def one_a_function(groups):
    """Of each function the argument that is worst off: (name, rows)."""
    best = {}
    for name, rows in groups:
        function = name.partition(":")[0]
        size = rows["rel_error"].fillna(0).max()
        if size >= MATTERS and (function not in best or size > best[function][0]):
            best[function] = (size, name, rows)
    return [(name, rows) for _, name, rows in best.values()]


def faults(framework, version, table):
    """The section of a framework."""
    told = ", ".join(f"{count} {kind}" for kind, count in counts(table).items())
    wrong = silent(table)
    run, all_ = len(table.groupby(["function", "argument"])), len(read(framework)["functions"])
    lines = [
        f"## {framework} {version}\n\n{run} of {all_} calls have been run. "
        f"Cells (function, argument, mode): {told}. What raises has no rule, or refuses the call.\n"
    ]
    if len(wrong):
        lines.append(FAULTS)
        lines += [summary_row(name, rows) for name, rows in by_call(wrong)]
        lines += ["", "### Reproductions\n"]
        lines += filter(None, (paragraph(framework, version, *pair) for pair in one_a_function(by_call(wrong))))
    nans = table[table["fault"].eq("derivative-nan")]
    if len(nans):
        lines.append("### NaN where the derivative is finite\n\n| call | points | modes |\n|---|---|---|")
        for name, rows in by_call(nans):
            points, modes = (", ".join(dict.fromkeys(rows[column])) for column in ("point", "mode"))
            lines.append(f"| `{name}` | {points} | {modes} |")
        lines.append("")
    return "\n".join(lines)


def not_run():
    """The frameworks that have calls and no table yet."""
    left = [name for name in HOMES if name not in tables()]
    return f"Not run as a whole yet: {', '.join(left)}.\n" if left else ""


def page():
    """The page."""
    rows, reasons = coverage()
    excluded = "; ".join(f"{why}: {count}" for why, count in reasons.most_common())
    parts = [HEAD, COVERED + "\n".join(rows) + "\n", f"Excluded, by reason: {excluded}.\n"]
    parts += [faults(framework, *known) for framework, known in tables().items()]
    return "\n".join(filter(None, [*parts, not_run()]))


FAULTS = "### Silent faults\n\n| call | fault | worst | points | modes | thread |\n|---|---|---|---|---|---|"
LETTERS = {"ok": "o", "wrong": "w", "unverifiable": "u", "error": "e"}


def searchable():
    """The searchable table as HTML: for each call and point a letter for every mode."""
    data = {}
    for framework, (version, table) in tables().items():
        modes = sorted(set(table["mode"]))
        calls = {}
        for row in table.to_dict("records"):
            points = calls.setdefault(f"{row['function']}:{row['argument']}", {})
            letters, wrong = points.setdefault(row["point"], (["-"] * len(modes), []))
            fault = "n" if row["fault"] == "derivative-nan" else LETTERS.get(row["status"], "e")
            letters[modes.index(row["mode"])] = fault
            if row["status"] == "wrong" and not pd.isna(row["rel_error"]):
                wrong.append(row["rel_error"])
        for points in calls.values():
            for point, (letters, wrong) in points.items():
                points[point] = ["".join(letters), *([f"{max(wrong):.0e}"] if wrong else [])]
        data[framework] = {"version": version, "modes": modes, "calls": calls}
    return TEMPLATE.read_text().replace("DATA", json.dumps(data, separators=(",", ":")))


def main():
    """Print the page, or write the searchable one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--html", type=Path, metavar="FILE")
    asked = parser.parse_args()
    if asked.html:
        asked.html.write_text(searchable())
    else:
        print(page(), end="")


if __name__ == "__main__":
    main()
