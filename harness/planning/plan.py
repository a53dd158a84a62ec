"""From names to cells: pure, and complete before anything is started. What `--dry-run` prints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from hessbench import backends
from hessbench.backends.contract.interface import DTYPES, HIGHEST, PRECISIONS
from hessbench.backends.contract.method import ALL_ROWS, EXECUTIONS
from hessbench.backends.contract.operators import OPERATORS, YARDSTICKS, Asks
from hessbench.harness.machine import devices
from hessbench.harness.planning.grid import ALL, HERE, NATIVE, PORTABLE, TEXTS, Cell, Selection
from hessbench.harness.planning.methods import check_chunks, choose, fits, is_asked, usual_operators
from hessbench.harness.planning.problems import instances, problems_of
from hessbench.harness.usage import UsageError, check
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import BATCH, Problem

KINDS = ("cpu", "gpu")

TOP, EIGENVALUES = "top-eigenvalues", 4
"""The operator whose batch is a number of eigenvalues, and how many they are unless told otherwise, fewer than all."""

NOTHING_FOUND: Mapping[str, Collection[str]] = MappingProxyType({})


def plan(
    selection: Selection,
    found: Mapping[str, Collection[str]] = NOTHING_FOUND,
    hosts: Collection[str] = (HERE,),
) -> tuple[Cell, ...]:
    """All cells of a selection, sorted and without duplicates.

    A chunk of more than n rows is the method without chunks, so it is left out.

    Args:
        selection: What was asked for.
        found: The devices that each backend sees, where "all" was asked for (`harness.running.discovery`).
        hosts: The machines of which each runs everything.

    Returns:
        The cells, sorted.

    Raises:
        UsageError: A name or size does not exist, or nothing is left.
    """
    names = backends_of(selection)
    _check_words(selection, names)
    wanted = {kind: instances(selection, kind) for kind in KINDS}
    usual = {operator for suite, _ in problems_of(selection) for operator in usual_operators(suite)}
    methods = choose(selection, names, usual)
    check_chunks(selection, methods, [n for kind in _kinds(selection) for _, _, n in wanted[kind]])
    # A set: two names of a selection, such as a suite and one of its problems, may mean the same cell.
    cells = {
        Cell(suite, problem.name, n, method.operator, backend, method.name, dtype, device, batch, text, precision, host)
        for backend, method in methods
        for device in devices_of(selection, backend, found)
        for suite, problem, n in wanted[devices.kind_of(device)]  # problems have larger sizes for GPUs
        if fits(method, n) and is_asked(selection, suite, method)
        for batch in _batches(selection, method.operator, n)
        for dtype in selection.dtypes
        for precision in precisions_of(selection, backend, dtype, device)
        for text in selection.texts
        if text in _texts(suite, problem, backend, OPERATORS[method.operator].asks, n)
        for host in hosts
    }
    asked = {method.operator for _, method in methods} - set(YARDSTICKS)
    if {cell.operator for cell in cells} <= set(YARDSTICKS) and all(OPERATORS[name].asks for name in asked):
        for line in _undeclared(selection, asked):
            raise UsageError(line)
    if not cells:
        raise UsageError("nothing to run: no cell is left of this selection")
    if TOP in selection.operators and selection.batches and not any(cell.operator == TOP for cell in cells):
        k, n = min(selection.batches), max(cell.n for cell in cells)
        raise UsageError(
            f"--batch {k} asks for {k} eigenvalues, and the selected problems have n up to {n}; ask for fewer"
        )
    return tuple(sorted(cells))


def _batches(selection: Selection, operator: str, n: int) -> list[int]:
    """How many vectors, points or eigenvalues at once; there are no more eigenvalues than variables."""
    if not OPERATORS[operator].batched:
        return [1]
    if operator != TOP:
        return list(selection.batches or (BATCH,))
    return [k for k in selection.batches or (min(max(n - 1, 1), EIGENVALUES),) if k <= n]


def _texts(suite: str, problem: Problem, backend: str, asks: Asks, n: int) -> list[str]:
    """The texts of a problem that a backend can run, where the problem declares what an operator asks for."""
    name, declared = f"{suite}/{problem.name}", backends.load(backend)
    if asks == "model":
        model = problem.model or Model()
        portable, native = model.portable, backend in model.native or name in declared.native_models
    else:
        portable, native = problem.portable, backend in problem.native or name in declared.natives
    native = native or backend in problem.layers
    there = asks != "arrays" or len(problem.ends(n)) > 1
    return ([PORTABLE] * portable + [NATIVE] * native) * there


def _undeclared(selection: Selection, operators: Iterable[str]) -> list[str]:
    """Lines about operators that ask of every selected problem for what none declares."""
    problems, lines = problems_of(selection), []
    for name in sorted(set(operators) - {ALL}):
        asks = OPERATORS[name].asks
        if asks == "model" and not any(_has_model(suite, problem) for suite, problem in problems):
            lines.append(f"no outputs declared for ggn: no selected problem says of what outputs f is a loss ({name})")
        if asks == "arrays" and all(len(problem.ends(problem.sizes[0])) < 2 for _, problem in problems):
            lines.append(f"every selected problem takes one array, so that none has {name}")
    return lines


def _has_model(suite: str, problem: Problem) -> bool:
    return (
        problem.model is not None
        or bool(problem.layers)
        or any(f"{suite}/{problem.name}" in backends.load(name).native_models for name in backends.registry())
    )


def backends_of(selection: Selection) -> tuple[str, ...]:
    """The backends that are named, all that there are, or the usual ones."""
    if ALL in selection.backends:
        return tuple(backends.registry())
    return selection.backends or backends.usual()


def _check_words(selection: Selection, names: Iterable[str]) -> None:
    check("backend", names, backends.registry(), backends.broken())
    check("operator", selection.operators, (*OPERATORS, ALL))
    check("mode", selection.modes, {m.mode for name in names for m in backends.load(name).methods})
    check("execution", selection.executions, EXECUTIONS)
    check("dtype", selection.dtypes, DTYPES)
    check("precision", selection.precisions, PRECISIONS)
    check("text", selection.texts, TEXTS)
    for device in selection.devices:
        if device != devices.ALL:
            devices.canonical(device)
    for batch in selection.batches:
        if batch < 1:
            raise UsageError(f"batch {batch} is not a number of vectors or points; write 1 or more")


def devices_of(selection: Selection, backend: str, found: Mapping[str, Collection[str]] = NOTHING_FOUND) -> list[str]:
    """The devices of a selection that are of a kind that the backend can use, in the spelling of cells."""
    kinds = backends.load(backend).device_kinds
    asked = (found.get(backend, ("cpu",)) if word == devices.ALL else (word,) for word in selection.devices)
    return sorted({devices.canonical(word) for words in asked for word in words if devices.kind_of(word) in kinds})


def precisions_of(selection: Selection, backend: str, dtype: str, device: str) -> tuple[str, ...]:
    """Of a selection, where they make a difference; else one, so that a cell is planned once."""
    if dtype != "float32" or devices.kind_of(device) != "gpu":
        return (HIGHEST,)
    offered = backends.load(backend).precisions
    return tuple(precision for precision in selection.precisions if precision in offered) or (HIGHEST,)


def _kinds(selection: Selection) -> list[str]:
    """The kinds of devices that a selection may have cells on."""
    return [kind for kind in KINDS if any(word.startswith((kind, devices.ALL)) for word in selection.devices)]


def left_out(selection: Selection) -> list[str]:
    """Name what a selection asks for in vain.

    Returns:
        Lines about problems at a size that others take, chunks beyond n, operators that a backend lacks.
    """
    lines = [
        f"{suite}/{problem.name} is left out at n = {n}: it wants {problem.rule}"
        for suite, problem in problems_of(selection)
        for n in selection.sizes
        if not problem.takes(n)
    ]
    if TOP in selection.operators:
        lines += [
            f"{suite}/{problem.name} is left out at n = {n}: it has no {k} eigenvalues"
            for suite, problem, n in instances(selection)
            for k in selection.batches
            if k > n
        ]
    numbers = sorted(int(chunk) for chunk in selection.chunks if chunk != ALL_ROWS)
    small = sorted({n for _, _, n in instances(selection) if numbers and n < max(numbers)})
    lines += _undeclared(selection, selection.operators)
    for name in backends_of(selection):
        offered = {method.operator for method in backends.load(name).methods}
        lines += [f"{name} has no method for {o}" for o in selection.operators if o != ALL and o not in offered]
    return lines + [
        f"chunk size {chunk} is left out at n = {', '.join(str(n) for n in small if n < chunk)}: beyond n"
        for chunk in numbers
        if small and small[0] < chunk
    ]
