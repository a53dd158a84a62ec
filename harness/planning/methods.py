"""The methods of a selection: by name or pattern, tier, mode, execution and chunk."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable

from hessbench import backends, suites
from hessbench.backends.contract.method import ALL_ROWS, Method, find
from hessbench.backends.contract.operators import CORE, OPERATORS, YARDSTICKS
from hessbench.harness.planning.grid import ALL, DEFAULT, MODES, Cell, Selection
from hessbench.harness.usage import UsageError, unknown

TIERS = (DEFAULT, MODES, ALL)


def choose(selection: Selection, names: Iterable[str], usual: Collection[str] = CORE) -> list[tuple[str, Method]]:
    """The methods of a selection, yardsticks included.

    Args:
        selection: What was asked for.
        names: The backends.
        usual: The operators of a tier where none is asked for.

    Returns:
        Pairs of a backend's name and a method.

    Raises:
        UsageError: A name does not exist, nothing computes what is asked for, or a named method needs a newer version.
    """
    catalogue = [(name, method) for name in names for method in backends.load(name).methods]
    chosen = [pair for pattern in selection.methods for pair in _matching(catalogue, pattern, selection, usual)]
    operators = set(OPERATORS) if ALL in selection.operators else set(selection.operators)
    wanted = [(name, m) for name, m in chosen if not operators or m.operator in operators]
    if not wanted:
        raise UsageError(_none_computes(sorted(operators), names, chosen))
    wanted = [(name, m) for name, m in wanted if _has_facets(m, selection)]
    if not wanted:
        facets = ", ".join((*selection.modes, *selection.executions)) or "chunked"
        modes = sorted({m.mode for _, m in chosen if m.mode})
        raise UsageError(f"none of the selected methods is {facets}; their modes are {', '.join(modes)}")
    executions = {(name, m.execution) for name, m in wanted}
    yardsticks = [(name, m) for name, m in catalogue if m.operator in YARDSTICKS and (name, m.execution) in executions]
    return _at_chunks(wanted, selection.chunks) + yardsticks


def _matching(
    catalogue: list[tuple[str, Method]], pattern: str, selection: Selection, usual: Collection[str]
) -> list[tuple[str, Method]]:
    if pattern in TIERS:
        core = selection.operators or (*usual, *YARDSTICKS)
        return [(name, m) for name, m in _tier(catalogue, pattern) if ALL in core or m.operator in core]
    found = [(name, m) for name, m in catalogue if fnmatch.fnmatchcase(m.name, pattern)]
    # Chunk sizes are not listed: "hessian-chunk8-jit" is the declared "hessian-chunk16-jit" at another size.
    found = found or [(name, m) for name in dict(catalogue) if (m := _at_other_chunk(name, pattern))]
    if not found:
        raise unknown("method", pattern, sorted({m.name for _, m in catalogue}))
    if too_old := [reason for name, m in found if (reason := backends.too_old(name, m))]:
        raise UsageError(f"method {pattern!r} {too_old[0]}")
    return found


def _tier(catalogue: list[tuple[str, Method]], tier: str) -> list[tuple[str, Method]]:
    if tier == ALL:
        return catalogue
    if tier == DEFAULT:
        return [(name, m) for name, m in catalogue if m.default]
    return list(_one_of_each_mode(catalogue).values())


def _one_of_each_mode(catalogue: list[tuple[str, Method]]) -> dict[tuple[str, str, str], tuple[str, Method]]:
    """One method of each mode: those of one mode share their derivative rules, so one shows what a rule gets wrong.

    Returns:
        By (backend, operator, mode) the first method in the execution of the backend's first default method.
    """
    # The usual execution: modes are to be compared with each other, not compilers.
    habit: dict[tuple[str, str], str] = {}
    for name, m in catalogue:
        if m.default:
            habit.setdefault((name, m.operator), m.execution)
    first: dict[tuple[str, str, str], tuple[str, Method]] = {}
    for name, m in catalogue:
        if m.mode and m.execution == habit.get((name, m.operator)):
            first.setdefault((name, m.operator, m.mode), (name, m))
    return first


def _at_other_chunk(name: str, method: str) -> Method | None:
    try:
        return find(backends.load(name).methods, method)
    except KeyError:
        return None


def _none_computes(operators: list[str], names: Iterable[str], chosen: list[tuple[str, Method]]) -> str:
    does = sorted({m.operator for _, m in chosen} or {m.operator for n in names for m in backends.load(n).methods})
    return f"none of the selected methods computes {', '.join(operators)}; they do {', '.join(does)}"


def _has_facets(method: Method, selection: Selection) -> bool:
    if selection.chunks and selection.methods == (ALL,) and not method.chunk:
        return False
    return (not selection.modes or method.mode in selection.modes) and (
        not selection.executions or method.execution in selection.executions
    )


def _at_chunks(methods: list[tuple[str, Method]], chunks: tuple[str, ...]) -> list[tuple[str, Method]]:
    if not chunks:
        return methods
    # A method without chunks comes once; `at_chunk` leaves it as it is.
    return [(name, m.at_chunk(c)) for name, m in methods for c in (chunks if m.chunk else chunks[:1])]


def check_chunks(selection: Selection, methods: list[tuple[str, Method]], sizes: list[int]) -> None:
    """Raise a `UsageError` for a chunk that is no number of rows or beyond n, be it an option or part of a name."""
    named = {method.chunk for _, method in methods if method.chunk and method.name in selection.methods}
    for chunk in sorted({*selection.chunks, *named}):
        if chunk == ALL_ROWS:
            continue
        if not chunk.isdigit() or int(chunk) < 1:
            raise UsageError(f"chunk size {chunk!r} is not a number of rows; write 1 or more, or all")
        if sizes and int(chunk) > max(sizes):
            raise UsageError(f"chunk size {chunk} is beyond n: the selected problems have n up to {max(sizes)}")


def fits(method: Method, n: int) -> bool:
    """Whether a method's chunk is no larger than a problem."""
    return method.chunk in ("", ALL_ROWS) or int(method.chunk) <= n


def declared(cell: Cell) -> Method:
    """The declaration of a cell's method."""
    return find(backends.load(cell.backend).methods, cell.method)


def usual_operators(suite: str) -> tuple[str, ...]:
    """What is computed of a suite's problems where no operator is asked for and no method is named."""
    return suites.operators(suite) or CORE


def is_asked(selection: Selection, suite: str, method: Method) -> bool:
    """Whether a chosen method is one for the problems of a suite: where a tier chose it, suites differ."""
    by_tier = not selection.operators and set(selection.methods) <= set(TIERS)
    return not by_tier or method.operator in (*usual_operators(suite), *YARDSTICKS)
