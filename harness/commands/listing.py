"""`hessbench list`: what there is, as a table or as JSON. Only `devices` starts workers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hessbench import backends, suites
from hessbench.backends import registry
from hessbench.backends.contract.operators import OPERATORS
from hessbench.harness.commands.pages import columns_page, methods_page, problems_page, vocabulary_page
from hessbench.harness.commands.pages.problems_page import structure
from hessbench.harness.commands.terminal import list_width
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.problems import problems_of
from hessbench.harness.running.inspection import inspect_backend
from hessbench.harness.usage import UsageError, check
from hessbench.results.stored.record import columns
from hessbench.suites.definition.problem import QUICK

if TYPE_CHECKING:
    from rich.table import Table

Row = dict[str, object]

BRIEF = {
    "methods": ("backend", "name", "operator", "mode", "assembly", "stock", "default"),
    "problems": ("suite", "name", "sizes", "takes", "definition"),
}
"""Columns of the short table, those that can be missed last; `--verbose` and `--json` give all."""

PROSE = ("definition", "meaning", "names", "state", "device", "not in")
"""Columns whose texts may be wrapped."""
PROSE_WIDTH = 24
"""Letters of them in a line at least."""
KEPT = 2
"""Columns that are never left out: whose it is, and its name."""


@dataclass(frozen=True, slots=True)
class Only:
    """What the list is restricted to; empty means everything."""

    suites: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()


def show(
    what: str,
    *,
    suites: Sequence[str] | None = None,
    tags: Sequence[str] | None = None,
    backends: Sequence[str] | None = None,
    operators: Sequence[str] | None = None,
    markdown: bool = False,
    verbose: bool = False,
    as_json: bool = False,
) -> int:
    """The command.

    Args:
        what: A key of `KINDS`.
        suites: Only of these suites.
        tags: Only problems that have one of these tags.
        backends: Only of these backends.
        operators: Only methods for these.
        markdown: Print a page of methods, problems, columns or the vocabulary.
        verbose: Print all that is known of each.
        as_json: Print JSON.

    Returns:
        Its exit code.

    Raises:
        UsageError: A list, backend, operator, suite or tag does not exist, or of that list there is no page.
    """
    check("list", (what,), KINDS)
    only = Only(*(tuple(names or ()) for names in (suites, tags, backends, operators)))
    check("backend", only.backends, registry())
    check("operator", only.operators, OPERATORS)
    if markdown:
        if what not in PAGES:
            raise UsageError(f"--markdown prints a page of {', '.join(PAGES)}: hessbench list methods --markdown")
        print(PAGES[what](only), end="")
        return 0
    rows = KINDS[what](only)
    if as_json:
        print(json.dumps(rows))
    elif verbose:
        print("\n\n".join(map(_block, rows)))
    else:
        print_table([{name: row[name] for name in BRIEF.get(what, row)} for row in rows])
    return 0


def _block(row: Row) -> str:
    """All that is known of one thing, a line each; what is empty is left out."""
    return "\n".join(f"{name}: {_plain(value)}" for name, value in row.items() if value not in ("", (), [], {}))


def print_table(rows: list[Row]) -> None:
    """Rows of equal keys as aligned columns.

    Where the terminal is too narrow, columns are left out from the right and named: names that are folded letter by
    letter can be neither read nor copied. Prose is wrapped at its words, so it goes last.
    """
    from rich.console import Console

    from hessbench.results.fitting import natural_width

    console = Console(width=list_width())
    if not rows:
        console.print("none")
        return
    shown = list(rows[0])
    left_out: list[str] = []
    while natural_width(console, _table(rows, shown, PROSE_WIDTH)) > console.width:
        if not (spare := [name for name in shown[KEPT:] if name not in PROSE] or shown[KEPT:]):
            break
        left_out.insert(0, spare[-1])
        shown.remove(spare[-1])
    console.print(_table(rows, shown, None))
    if left_out:
        print(f"no room for: {', '.join(left_out)}; a wider terminal, --verbose or --json has them", file=sys.stderr)


def _table(rows: list[Row], names: Sequence[str], prose_width: int | None) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    for name in names:
        table.add_column(name, overflow="fold", no_wrap=name == "name", width=prose_width if name in PROSE else None)
    for row in rows:
        table.add_row(*(escape(_in_a_cell(row[name])) for name in names))
    return table


LONG = 200
"""Names in one cell; those of the audit's thousands of calls are a screen by themselves, and --json has them."""


def _in_a_cell(value: Any) -> str:
    if isinstance(value, list) and len(value) > LONG:
        return f"{_plain(value[:12])} and {len(value) - 12:,} more"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {entry}" for name, entry in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _suites(only: Only) -> list[Row]:
    check("suite", only.suites, suites.registry(), suites.broken())
    return [
        {"suite": name, "problems": len(suites.load(name)), "names": list(suites.load(name))}
        for name in only.suites or suites.registry()
    ]


def _vocabulary(only: Only) -> list[Row]:
    names = only.backends or tuple(registry())
    lacks = {name: backends.load(name).lacks for name in names}
    return [
        {"group": group, "name": name, "not in": [backend for backend in names if name in lacks[backend]]}
        for group, several in vocabulary_page.groups().items()
        for name in several
    ]


def _columns(only: Only) -> list[Row]:
    del only
    return [{"column": c.name, **{name: c.metadata[name] for name in ("unit", "meaning")}} for c in columns()]


def _problems(only: Only) -> list[Row]:
    usual = tuple(name for name in suites.registry() if name not in suites.BY_NAME)
    selection = Selection(suites=only.suites or usual, tags=only.tags)
    return [
        {
            "suite": suite,
            "name": p.name,
            "sizes": list(p.sizes),
            "quick_sizes": list(p.sizes_in(QUICK, "cpu")),
            "gpu_sizes": list(p.gpu_sizes),
            "takes": p.rule,
            "tags": list(p.tags),
            "timed": p.timed,
            "closed_form": p.hessian is not None,
            "definition": p.summary,
            "formula": p.formula,
            "follows": p.convention,
            "structure": structure(p),
            "published": [asdict(value) for value in p.published],
            "further_points": list(p.named_points),
            "source": p.source,
            "threads": dict(p.upstream),
        }
        for suite, p in problems_of(selection)
    ]


def _backends(only: Only) -> list[Row]:
    return [
        {"backend": name, "methods": len(backends.load(name).methods), "state": backends.missing(name) or "installed"}
        for name in only.backends or backends.registry()
    ]


def _methods(only: Only) -> list[Row]:
    names = only.backends or backends.registry()
    return [
        {"backend": name, **method.facts()}
        for name in names
        for method in backends.load(name).methods
        if not only.operators or method.operator in only.operators
    ]


def _devices(only: Only) -> list[Row]:
    found = [inspect_backend(name) for name in only.backends or backends.registry()]
    seen: list[Row] = [{"backend": f.backend, "device": device} for f in found for device in f.devices]
    return seen + [{"backend": f.backend, "device": f"none: {f.problem}"} for f in found if f.problem]


KINDS: dict[str, Callable[[Only], list[Row]]] = {
    "suites": _suites,
    "problems": _problems,
    "backends": _backends,
    "methods": _methods,
    "devices": _devices,
    "vocabulary": _vocabulary,
    "columns": _columns,
}
"""What can be listed."""

PAGES: dict[str, Callable[[Only], str]] = {
    "methods": lambda only: methods_page.page(only.backends or backends.BUILT_IN),
    "problems": lambda only: problems_page.page(only.suites or suites.BUILT_IN),
    "vocabulary": lambda only: vocabulary_page.page(only.backends or backends.BUILT_IN),
    "columns": lambda only: columns_page.page(),
}
"""Of these there is a page."""
