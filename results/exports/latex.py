"""A table for a paper: every framework's best correct time per problem and size, the fastest in bold."""

from __future__ import annotations

import pandas as pd

from hessbench.results.stored.run import Run
from hessbench.results.tables.agreement import CONTEST
from hessbench.results.tables.table import asked_for, winners
from hessbench.results.units import ratio, seconds

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "×": r"$\times$",
    "µ": r"$\mu$",
    "–": "--",
}


def latex(run: Run) -> str:
    """One `table` per operator; needs the package booktabs."""
    machine = run.manifest["machine"]
    comment = f"hessbench, {run.manifest['created']}, {machine['cpu']}, {machine['usable_cores']} cores"
    tables = [_table(run.summary, operator) for operator in asked_for(run.summary)]
    return "\n".join([f"% {' '.join(comment.split())}", r"% \usepackage{booktabs}", *tables, ""])


def _table(table: pd.DataFrame, operator: str) -> str:
    rows = table[table["operator"] == operator]
    backends = list(dict.fromkeys(rows["backend"]))
    heads = ["problem", "$n$", *map(escape, backends)]
    lines = [_line(rows_, backends) for _, rows_ in rows.groupby(CONTEST, sort=False)]
    caption = (
        f"Time per call of each framework's fastest correct {operator}, and its multiple of the fastest (bold); "
        "where there is none, the outcome."
    )
    begin = rf"\begin{{tabular}}{{lr{'r' * len(backends)}}}"
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{escape(caption)}}}",
            begin,
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        ]
    )


def _line(rows: pd.DataFrame, backends: list[str]) -> str:
    first = rows.iloc[0]
    entries = [_entry(rows[rows["backend"] == name]) for name in backends]
    return " & ".join([escape(str(first["label"])), str(first["n"]), *entries]) + r" \\"


def _entry(rows: pd.DataFrame) -> str:
    best = winners(rows)
    if best.empty:
        statuses = ", ".join(dict.fromkeys(rows["status"]))
        return rf"\textit{{{escape(statuses)}}}" if statuses else ""
    row = best.iloc[0]
    text = escape(seconds(row["min_s"]))
    return rf"\textbf{{{text}}}" if row["relative"] == 1 else f"{text} ({escape(ratio(row['relative']))})"


def escape(text: str) -> str:
    """Text that TeX prints as it stands."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))
