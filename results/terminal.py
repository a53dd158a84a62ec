"""The answer on the terminal: who is fastest and right, how far the others are behind, what went wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich import box
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from hessbench.results.exports import FORMATS
from hessbench.results.fitting import first_fitting, in_lines
from hessbench.results.page.answers import answer, trust
from hessbench.results.stored.record import STATUSES
from hessbench.results.tables.growth import largest
from hessbench.results.tables.ranking import Standing, asked_for, failures, standings
from hessbench.results.units import printable, ratio, scientific, seconds

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

SHOWN_FAILURES = 12


def show(run: StoredRun, console: Console, files: Sequence[Path] = ()) -> None:
    """Print a run: one table per operator, one on correctness, what is not ok, the answer, and where the files are.

    The answer comes late, because the end of the output is what is on the screen.

    Args:
        run: The run, finished or not.
        console: Where to print.
        files: Files that were written of it.
    """
    table = run.summary
    for operator in asked_for(table):
        console.print(speeds(table[table["operator"] == operator], operator, console), highlight=False)
    console.print(correctness(table, console), highlight=False)
    for line in failure_lines(table):
        console.print(line, soft_wrap=True)
    for line in (*verdicts(table), ""):
        console.print(line, highlight=False)
    for line in file_lines(files):
        console.print(line, soft_wrap=True, highlight=False)


def show_budget(run: StoredRun, console: Console, text: str, budget: float, what: str) -> None:
    """Print the largest n that each method does within a budget per call, read off its fitted growth.

    Args:
        run: A run at two sizes or more.
        console: Where to print.
        text: The budget as it was asked for, such as "1s" or "4GB".
        budget: The budget in seconds or bytes.
        what: The column that grows: `min_s` or `extra_host_bytes`.
    """
    memory = budget if what != "min_s" else run.manifest["machine"].get("memory_bytes")
    found = largest(run.summary, budget, what, memory)
    if found.empty:
        again = "--memory -n 16,64,256" if what != "min_s" else "-n 16,64,256"
        console.print(f"no method was right at two sizes or more, so no growth can be fitted; run with {again}")
        return
    title = f"largest n within {escape(text)} per call, by fitted growth t = c n^p; > where the fit supports no more"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("problem", "operator", "backend", "method", "p (95 %)", "largest n", "measured to"):
        table.add_column(name, justify="left" if name in ("problem", "operator", "backend", "method") else "right")
    lines = []
    for row in found.to_dict("records"):
        size = f"{LIMITS[row['limit']]}{row['largest_n']:.0f}{' (memory)' if row['limit'] == 'memory' else ''}"
        who = [str(row[name]) for name in ("problem", "operator", "backend", "method")]
        measured = str(row["largest_n_measured"])
        table.add_row(*map(escape, who), _exponent(row), size, measured)
        told = f"largest n {size}, measured to {measured}, p = {_exponent(row)}"
        lines.append((escape(" ".join(who)), told))
    console.print(first_fitting(console, table, otherwise=in_lines(title, lines)), highlight=False)


LIMITS = {"": "", "measured": "> ", "smallest": "< ", "memory": ""}
"""What stands before the n of a budget, by what limits it."""


def _exponent(row: dict[Any, Any]) -> str:
    interval = f" ({row['exponent_low']:.1f} to {row['exponent_high']:.1f})" if row["exponent_high"] < math.inf else ""
    return f"{row['exponent']:.2f}{interval}"


def speeds(table: pd.DataFrame, operator: str, console: Console) -> RenderableType:
    """Who is fastest in each problem and size, and how far the others are behind, as the console has room for.

    Args:
        table: A summary of one operator's cells.
        operator: Its name, for the title.
        console: Where it is printed.

    Returns:
        A table with a column per backend, or two lines for each problem and size.
    """
    full, times = (speed_table(table, operator, multiples) for multiples in (True, False))
    return first_fitting(console, full, times, otherwise=_speed_lines(table, operator))


def speed_table(table: pd.DataFrame, operator: str, multiples: bool = True) -> Table:
    """One row per problem and size, one column per backend: its fastest correct method's time.

    Args:
        table: A summary of one operator's cells.
        operator: Its name, for the title.
        multiples: Whether times have multiples of the fastest beside them.

    Returns:
        The table, ready to print.
    """
    title = f"{operator}: least time per call of each backend's fastest correct method (★ fastest)"
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    names = list(dict.fromkeys(table["backend"]))
    shown.add_column("problem")
    shown.add_column("n", justify="right")
    for name in names:
        shown.add_column(name, justify="right", overflow="fold")
    shown.add_column("fastest correct")
    for contest in standings(table):
        entries = [_entry(contest, name, multiples) for name in names]
        shown.add_row(escape(contest.label), str(contest.n), *entries, _fastest(contest))
    return shown


def _speed_lines(table: pd.DataFrame, operator: str) -> RenderableType:
    """The same in lines: the answer first, then the others, nearest first."""
    names = list(dict.fromkeys(table["backend"]))
    rows = []
    for contest in standings(table):
        winner = next(iter(contest.best), None)
        answer = f"{_entry(contest, winner, False)} {winner} {_fastest(contest)}" if winner else "none is correct"
        others = [f"{name} {ratio(row['relative'])}{_price(row)}" for name, row in [*contest.best.items()][1:]]
        others += [f"{name} {escape(contest.outcomes.get(name, '–'))}" for name in names if name not in contest.best]
        rows.append((f"{escape(contest.label)}, n = {contest.n}: {answer}", ", ".join(others)))
    return in_lines(f"{operator}: fastest correct method, and how far other backends are behind", rows)


def _fastest(contest: Standing) -> str:
    return escape(next((str(row["method"]) for row in contest.best.values()), ""))


def _entry(contest: Standing, backend: str, multiples: bool) -> str:
    row = contest.best.get(backend)
    if row is None and backend in contest.disturbed:
        return f"[dim]{seconds(contest.disturbed[backend])} (disturbed)[/]"
    if row is None:
        return escape(contest.outcomes.get(backend, "–"))
    text = seconds(row["min_s"]) + _price(row)
    if row["relative"] == 1:
        return f"[bold green]{text} ★[/]"
    return f"{text} {ratio(row['relative'])}" if multiples else text


def _price(row: Mapping[Any, Any]) -> str:
    """What differences pay for their time."""
    return f" (error {scientific(row['rel_error'])})" if "difference" in str(row["mode"]) else ""


def correctness(table: pd.DataFrame, console: Console) -> RenderableType:
    """How many cells of each backend ended how, and the largest errors among those that are ok.

    Args:
        table: A summary.
        console: Where it is printed.

    Returns:
        A table with a row per backend, or a line for each.
    """
    title = "correctness: cells by outcome, and the largest relative error of those that are ok"
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    present = [status for status in STATUSES if (table["status"] == status).any()]
    operators = asked_for(table)
    for name in ("backend", *present, *(f"{operator} error" for operator in operators)):
        shown.add_column(name, justify="left" if name == "backend" else "right")
    lines = []
    for backend, rows in table.groupby("backend", sort=False):
        counts = [int((rows["status"] == status).sum()) for status in present]
        right = rows[rows["status"] == "ok"]
        errors = [scientific(right[right["operator"] == operator]["rel_error"].max()) for operator in operators]
        shown.add_row(str(backend), *map(str, counts), *errors)
        told = [f"{count} {status}" for count, status in zip(counts, present, strict=True) if count]
        told += [f"{operator} error {error}" for operator, error in zip(operators, errors, strict=True)]
        lines.append((f"{backend}: {', '.join(told)}", ""))
    return first_fitting(console, shown, otherwise=in_lines(title, lines))


def failure_lines(table: pd.DataFrame) -> list[str]:
    """What is not ok, one line per backend, method and reason."""
    rows = failures(table).to_dict("records")
    lines = [
        f"[yellow]{row['status']}[/] {row['backend']} {escape(row['method'])}, {_cells(row['cells'])}: "
        + escape(printable(row["reason"]))
        for row in rows[:SHOWN_FAILURES]
    ]
    hidden = len(rows) - SHOWN_FAILURES
    return lines + ([f"... and {hidden} more kinds, all in results.csv"] if hidden > 0 else [])


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"


def verdicts(table: pd.DataFrame) -> list[str]:
    """One sentence per operator: who won how often, how far behind the next is; then how far it can be trusted."""
    sentences = [answer(table, operator) for operator in asked_for(table)]
    return [*(f"[bold]{escape(sentence)}[/]" for sentence in sentences), f"[dim]{escape(trust(table))}[/]"]


def file_lines(files: Sequence[Path]) -> list[str]:
    """Where the files are, and what each is; figures of one folder are one line."""
    known = {form.file: form.says for form in FORMATS.values()}
    lines = [f"{escape(str(path))}  [dim]{known[path.name]}[/]" for path in files if path.name in known]
    figures = Counter(path.parent for path in files if path.name not in known)
    return lines + [f"{escape(str(folder))}  [dim]{number} figures[/]" for folder, number in figures.items()]
