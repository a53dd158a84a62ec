"""The answer as Markdown: fits a pull request's comment and a CI job's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hessbench.results.page.answers import answer, trust, winner_rows
from hessbench.results.stored.record import STATUSES
from hessbench.results.tables.ranking import asked_for, failures
from hessbench.results.units import ratio, scientific, seconds

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

SHOWN_PROBLEMS = 40
SHOWN_FAILURES = 15
SHOWN_LETTERS = 200


def markdown(run: StoredRun) -> str:
    """Answer, table of the fastest, what is wrong, where it ran."""
    table = run.summary
    counts = {status: int((table["status"] == status).sum()) for status in STATUSES}
    parts = [f"## hessbench: {escape(', '.join(run.manifest['configuration']['suites']))}", ""]
    parts += [f"- **{escape(answer(table, operator))}**" for operator in asked_for(table)]
    parts += ["- " + ", ".join(f"{number} {status}" for status, number in counts.items() if number) + " cells", ""]
    parts += [escape(trust(table)), ""]
    for operator in asked_for(table):
        parts += _winners(operator, winner_rows(table[table["operator"] == operator]))
    parts += _failures([{str(k): v for k, v in row.items()} for row in failures(table).to_dict("records")])
    parts += [_where(run), ""]
    return "\n".join(parts)


def _winners(operator: str, rows: list[dict[str, Any]]) -> list[str]:
    head = ["problem", "n", "fastest correct", "time per call", "of a gradient", "relative error", "others"]
    lines = [f"### {escape(operator)}", "", _row(head), "|---|--:|---|--:|--:|--:|---|"]
    lines += [_row(_winner(row)) for row in rows[:SHOWN_PROBLEMS]]
    hidden = len(rows) - SHOWN_PROBLEMS
    return [*lines, "", *([f"… and {hidden} more problem sizes, in results.csv.", ""] if hidden > 0 else [])]


def _winner(row: dict[str, Any]) -> list[str]:
    first = [escape(str(row["label"])), str(row["n"])]
    if "backend" not in row:
        return [*first, f"*{row['open']}*", "", "", "", ""]
    others = ", ".join(f"{escape(other['backend'])} {ratio(other['relative'])}" for other in row["others"])
    method = f"**{escape(row['backend'])}** {escape(row['method'])}"
    return [
        *first,
        method,
        seconds(row["min_s"]),
        ratio(row["ratio_to_gradient"]),
        scientific(row["rel_error"]),
        others,
    ]


def _failures(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    lines = [
        "### What is wrong or missing",
        "",
        "| outcome | framework | method | cells | reason |",
        "|---|---|---|--:|---|",
    ]
    for row in rows[:SHOWN_FAILURES]:
        texts = [row["status"], row["backend"], row["method"], str(row["cells"]), _short(row["reason"])]
        lines.append(_row([escape(text) for text in texts]))
    hidden = len(rows) - SHOWN_FAILURES
    return [*lines, "", *([f"… and {hidden} more kinds, in results.csv.", ""] if hidden > 0 else [])]


def _where(run: StoredRun) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in run.manifest["versions"].items())
    machine = run.manifest["machine"]
    where = f"{escape(str(machine['cpu']))}, {machine['usable_cores']} cores"
    return f"{run.manifest['created']} · {where} · {escape(versions)}"


def _row(texts: list[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_LETTERS else text[:SHOWN_LETTERS] + "…"


def escape(text: str) -> str:
    """Text that stays text in Markdown: no cell, element, link or mention begins in it."""
    flat = " ".join(text.split())
    for letter in "\\`*_[]|#~":
        flat = flat.replace(letter, "\\" + letter)
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
