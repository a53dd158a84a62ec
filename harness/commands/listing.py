"""`hessbench list`: what there is, as a table or as JSON. Only `devices` starts workers."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from hessbench import backends, suites
from hessbench.backends.contract.operators import OPERATORS
from hessbench.harness.commands import methods_page, problems_page
from hessbench.harness.commands.doctor import look
from hessbench.harness.commands.problems_page import structure
from hessbench.harness.planning.problems import problems_of
from hessbench.harness.planning.selection import Selection
from hessbench.harness.usage import UsageError, unknown
from hessbench.suites.definition.problem import QUICK

Row = dict[str, Any]

BRIEF = {
    "methods": ("backend", "name", "operator", "mode", "assembly", "stock", "default"),
    "problems": ("suite", "name", "sizes", "takes", "definition"),
}
"""Columns of the short table; `--verbose` and `--json` give all."""


def show(options: Any) -> int:
    """The command. Returns its exit code."""
    kinds = {"suites": _suites, "problems": _problems, "backends": _backends, "methods": _methods, "devices": _devices}
    if options.what not in kinds:
        raise unknown("list", options.what, kinds)
    for name in options.backend or ():
        if name not in backends.registry():
            raise unknown("backend", name, backends.registry())
    for name in options.operator or ():
        if name not in OPERATORS:
            raise unknown("operator", name, OPERATORS)
    if options.markdown:
        print(_page(options), end="")
        return 0
    rows = kinds[options.what](options)
    if options.json:
        print(json.dumps(rows))
    elif options.verbose:
        print("\n\n".join(map(_block, rows)))
    else:
        print_table([{name: row[name] for name in BRIEF.get(options.what, row)} for row in rows])
    return 0


def _page(options: Any) -> str:
    if options.what == "methods":
        return methods_page.page(options.backend or backends.BUILT_IN)
    if options.what == "problems":
        return problems_page.page(options.suite or suites.BUILT_IN)
    raise UsageError("--markdown prints a page of methods or of problems: hessbench list methods --markdown")


def _block(row: Row) -> str:
    """All that is known of one thing, a line each; what is empty is left out."""
    return "\n".join(f"{name}: {_plain(value)}" for name, value in row.items() if value not in ("", (), [], {}))


def print_table(rows: list[Row]) -> None:
    """Rows of equal keys as aligned columns."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    for name in rows[0] if rows else ():
        table.add_column(name, overflow="fold", no_wrap=name == "name")
    for row in rows:
        table.add_row(*(escape(_plain(value)) for value in row.values()))
    Console().print(table if rows else "none")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {entry}" for name, entry in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _suites(options: Any) -> list[Row]:
    del options
    return [
        {"suite": name, "problems": len(suites.load(name)), "names": list(suites.load(name))}
        for name in suites.registry()
    ]


def _problems(options: Any) -> list[Row]:
    selection = Selection(suites=tuple(options.suite or suites.registry()), tags=tuple(options.tag or ()))
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


def _backends(options: Any) -> list[Row]:
    return [
        {"backend": name, "methods": len(backends.load(name).methods), "state": backends.missing(name) or "installed"}
        for name in options.backend or backends.registry()
    ]


def _methods(options: Any) -> list[Row]:
    names = options.backend or backends.registry()
    return [
        {"backend": name, **method.facts()}
        for name in names
        for method in backends.load(name).methods
        if not options.operator or method.operator in options.operator
    ]


def _devices(options: Any) -> list[Row]:
    found = [look(name) for name in options.backend or backends.registry()]
    return [{"backend": f.backend, "device": device} for f in found for device in f.devices] + [
        {"backend": f.backend, "device": f"none: {f.problem}"} for f in found if f.problem
    ]
