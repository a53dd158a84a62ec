"""From names to cells: pure, and complete before anything is started. What `--dry-run` prints."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import backends
import suites
from backends.interface import DTYPES
from backends.method import OPERATORS, YARDSTICKS, Method
from harness.cell import Cell
from harness.usage import UsageError, unknown
from suites.problem import Problem

DEFAULT, ALL = "default", "all"
NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for, in names. Empty means everything (for suites: `quick`).

    Attributes:
        suites: Suites, or `suite/problem`.
        backends: Backends.
        methods: "default", "all", names or glob patterns.
        operators: Operators; the gradient and objective of the same execution come along as yardsticks.
        sizes: Values of n; empty means each problem's own.
        dtypes: Floating-point types.
        devices: "cpu", "gpu" or "gpu:<index>".
    """

    suites: tuple[str, ...] = ("quick",)
    backends: tuple[str, ...] = ()
    methods: tuple[str, ...] = (DEFAULT,)
    operators: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    dtypes: tuple[str, ...] = ("float64",)
    devices: tuple[str, ...] = ("cpu",)


def plan(selection: Selection) -> tuple[Cell, ...]:
    """All cells of a selection, sorted and without duplicates.

    Raises:
        UsageError: A name or size does not exist, or nothing is left.
    """
    names = selection.backends or tuple(backends.registry())
    _check("backend", names, backends.registry(), backends.broken())
    _check("operator", selection.operators, OPERATORS)
    _check("dtype", selection.dtypes, DTYPES)
    for device in selection.devices:
        _check_device(device)
    methods = _methods(selection, names)
    cells = {
        Cell(suite, problem.name, n, method.operator, backend, method.name, dtype, device)
        for suite, problem, n in _instances(selection)
        for backend, method in methods
        for dtype in selection.dtypes
        for device in selection.devices
        if device.partition(":")[0] in backends.load(backend).device_kinds
    }
    if not cells:
        raise UsageError("nothing to run: no cell is left of this selection")
    return tuple(sorted(cells))


def _check(kind: str, names: Iterable[str], known: Collection[str], broken: Mapping[str, str] = NONE) -> None:
    for name in names:
        if name in broken:
            raise UsageError(f"{kind} {name!r} of a third party: {broken[name]}")
        if name not in known:
            raise unknown(kind, name, known)


def _check_device(device: str) -> None:
    kind, colon, index = device.partition(":")
    if kind not in ("cpu", "gpu") or (colon and not index.isdigit()) or (kind == "cpu" and colon):
        raise UsageError(f"unknown device {device!r}; write cpu, gpu or gpu:<index>")


def find_problems(name: str) -> list[tuple[str, Problem]]:
    """The problems behind a suite's name, `suite/problem`, as (suite, problem).

    Raises:
        UsageError: There is no such suite or problem.
    """
    suite, slash, wanted = name.partition("/")
    _check("suite", (suite,), suites.registry(), suites.broken())
    problems = suites.load(suite)
    if slash:
        _check(f"problem of suite {suite}", (wanted,), problems)
        return [(suite, problems[wanted])]
    return [(suite, problem) for problem in problems.values()]


def _instances(selection: Selection) -> list[tuple[str, Problem, int]]:
    problems = [pair for name in selection.suites for pair in find_problems(name)]
    if not selection.sizes:
        return [(suite, problem, n) for suite, problem in problems for n in problem.sizes]
    for n in selection.sizes:
        if not any(n >= 1 and problem.takes(n) for _, problem in problems):
            raise UsageError(_no_problem_takes(n, [problem for _, problem in problems]))
    return [(suite, problem, n) for suite, problem in problems for n in selection.sizes if problem.takes(n)]


def _no_problem_takes(n: int, problems: list[Problem]) -> str:
    if n < 1:
        return f"size {n} is not a number of variables; write a whole number of 1 or more"
    rules = "; ".join(
        f"{p.name} wants {p.rule} (nearest: {', '.join(map(str, p.nearest_sizes(n)))})" for p in problems[:3]
    )
    return f"no selected problem takes size {n}: {rules}"


def refused_sizes(selection: Selection) -> list[str]:
    """Lines that name the problems that are left out at a size that others take."""
    return [
        f"{suite}/{problem.name} is left out at n = {n}: it wants {problem.rule}"
        for name in selection.suites
        for suite, problem in find_problems(name)
        for n in selection.sizes
        if not problem.takes(n)
    ]


def _methods(selection: Selection, names: Iterable[str]) -> list[tuple[str, Method]]:
    catalogue = [(name, method) for name in names for method in backends.load(name).methods]
    chosen = []
    for pattern in selection.methods:
        found = [(name, m) for name, m in catalogue if _matches(m, pattern)]
        if not found:
            raise unknown("method", pattern, sorted({m.name for _, m in catalogue}))
        chosen += found
    wanted = [(name, m) for name, m in chosen if not selection.operators or m.operator in selection.operators]
    if not wanted:
        operators = ", ".join(sorted({m.operator for _, m in chosen}))
        raise UsageError(f"none of the selected methods computes {', '.join(selection.operators)}; they do {operators}")
    executions = {(name, m.execution) for name, m in wanted}
    yardsticks = [(name, m) for name, m in catalogue if m.operator in YARDSTICKS and (name, m.execution) in executions]
    return wanted + yardsticks


def _matches(method: Method, pattern: str) -> bool:
    if pattern == DEFAULT:
        return method.default
    return pattern == ALL or fnmatch.fnmatchcase(method.name, pattern)
