"""A table for a paper: every framework's best correct time per problem and size, the fastest in bold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hessbench.results.tables.ranking import Standing, asked_for, standings
from hessbench.results.units import ratio, seconds

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

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


def latex(run: StoredRun) -> str:
    """One `table` per operator; needs the package booktabs."""
    machine = run.manifest["machine"]
    comment = f"hessbench, {run.manifest['created']}, {machine['cpu']}, {machine['usable_cores']} cores"
    tables = [_table(run.summary, operator) for operator in asked_for(run.summary)]
    return "\n".join([f"% {' '.join(comment.split())}", r"% \usepackage{booktabs}", *tables, ""])


def _table(table: pd.DataFrame, operator: str) -> str:
    rows = table[table["operator"] == operator]
    backends = list(dict.fromkeys(rows["backend"]))
    heads = ["problem", "$n$", *map(escape, backends)]
    lines = [_line(contest, backends) for contest in standings(rows)]
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


def _line(contest: Standing, backends: list[str]) -> str:
    entries = [_entry(contest, name) for name in backends]
    return " & ".join([escape(contest.label), str(contest.n), *entries]) + r" \\"


def _entry(contest: Standing, backend: str) -> str:
    row = contest.best.get(backend)
    if row is None:
        statuses = contest.outcomes.get(backend)
        return rf"\textit{{{escape(statuses)}}}" if statuses else ""
    text = escape(seconds(row["min_s"]))
    if contest.winner is None:
        return text
    return rf"\textbf{{{text}}}" if row["relative"] == 1 else f"{text} ({escape(ratio(row['relative']))})"


def escape(text: str) -> str:
    """Text that TeX prints as it stands."""
    return "".join(_SPECIAL.get(letter, letter) for letter in " ".join(text.split()))
