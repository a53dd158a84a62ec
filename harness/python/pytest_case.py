"""What the pytest plugin hands to tests; imported by the first test that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.backends.contract.interface import Array, Backend, BackendUnavailable, FloatArray
from hessbench.backends.contract.method import find
from hessbench.backends.contract.namespace import operations
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numeric.reference import Reference, reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.condition import condition
from hessbench.harness.judging.explain import name_of
from hessbench.harness.judging.native_text import objective as native_objective
from hessbench.harness.judging.second_opinion import second_opinion
from hessbench.harness.planning import user_files
from hessbench.harness.planning.cell import NATIVE, Cell
from hessbench.harness.planning.plan import plan
from hessbench.harness.planning.problems import find_problems
from hessbench.harness.planning.selection import Selection
from hessbench.harness.python.check import Row, rows
from hessbench.harness.usage import UsageError
from hessbench.suites.definition import files
from hessbench.suites.definition.problem import SMALLEST, Instance, Problem, closed_form, draw

ARGUMENTS = {field.name for field in fields(Selection)} - {"suites"}
"""What a mark takes beside suites."""

_FILES: dict[str, Path] = {}
"""Suites that are files, of which the collection knows an outline only."""


class Refused(Exception):
    """The case cannot be run here; the message says why."""


def parameters(mark: pytest.Mark, cases: bool) -> list[Any]:
    """The parameters of a marked test: cells, or (suite, problem, n).

    Raises:
        pytest.UsageError: A name does not exist.
    """
    _FILES.update((path.name, path) for path, _ in filter(None, map(user_files.split, mark.args)))
    try:
        return _cells(mark) if cases else _problems(mark)
    except UsageError as error:
        raise pytest.UsageError(f"@pytest.mark.hessbench: {error}") from None


def _cells(mark: pytest.Mark) -> list[Any]:
    if unknown := mark.kwargs.keys() - ARGUMENTS:
        raise UsageError(f"unknown argument {sorted(unknown)[0]!r}; known: {', '.join(sorted(ARGUMENTS))}")
    given = {name: (value,) if isinstance(value, str | int) else tuple(value) for name, value in mark.kwargs.items()}
    sizes = {} if "sizes" in given else {"ranges": (SMALLEST,)}
    chosen = Selection(**{"texts": ("portable",), "suites": mark.args or ("quick",), **sizes, **given})
    asked = set(chosen.operators) or {"hessian", "hvp"}
    cells = [cell for cell in plan(chosen) if cell.operator in asked]
    return [pytest.param(c, id=str(c).replace(" ", "-"), marks=pytest.mark.xdist_group(c.backend)) for c in cells]


def _problems(mark: pytest.Mark) -> list[Any]:
    sizes = mark.kwargs.get("sizes")
    found = [(suite, p) for name in mark.args or ("quick",) for suite, p in find_problems(name)]
    given = [sizes] if isinstance(sizes, int) else sizes
    return [
        pytest.param((suite, p.name, n), id=f"{suite}/{p.name}-n={n}")
        for suite, p in found
        for n in (given or p.sizes[:1])
        if p.takes(n)
    ]


def instance(parameter: tuple[str, str, int]) -> Instance:
    """A problem with data and points drawn, always the same."""
    suite, name, n = parameter
    return draw(_problem(suite, name), n)


@cache
def _problem(suite: str, name: str) -> Problem:
    """A problem itself; a user's file is imported here, where collecting has only looked at it."""
    if suite not in _FILES:
        return suites.load(suite)[name]
    try:
        return {problem.name: problem for problem in files.load(_FILES[suite])}[name]
    except files.CannotLoad as error:
        raise Refused(str(error)) from None


@cache
def _engine(name: str, dtype: str, device: str) -> Backend:
    if absent := backends.missing(name):
        raise Refused(f"{name} is {absent}")
    try:
        return backends.load(name)(dtype, device)
    except BackendUnavailable as error:
        raise Refused(str(error)) from None


class Case:
    """One method on one problem: callable, each call waits until the result is there.

    Args:
        cell: Which.

    Attributes:
        cell: Which.
        instance: The problem with its data and points.
        group: What it competes in, as pytest-benchmark shows it.

    Raises:
        Refused: The framework is not there, or the method does not do this.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.engine = _engine(cell.backend, cell.dtype, cell.device)
        self.method = find(self.engine.methods, cell.method)
        self.instance = draw(_problem(cell.suite, cell.problem), cell.n, batch=cell.batch)
        self.group = f"{cell.operator} {cell.suite}/{cell.problem} n={cell.n}"
        problem = self.instance.problem
        used = operations(problem.objective, self.instance.points[-1], self.instance.data)
        if refusal := self.engine.unsupported(self.method, ProblemFacts(cell.n, used)):
            raise Refused(refusal)
        self._call: Callable[..., Array] | None = None
        self._inputs: tuple[Array, ...] = ()

    @contextmanager
    def ready(self) -> Iterator[None]:
        """A block in which it is prepared, and the framework's switches hold."""
        takes, engine, problem = OPERATORS[self.cell.operator].takes, self.engine, self.instance.problem
        text = problem.objective
        if self.cell.text == NATIVE:
            own = self.cell.backend in problem.native
            text = native_objective(engine, problem) if own else engine.native(f"{self.cell.suite}/{problem.name}")
        with engine.scope():
            engine.clear_caches()
            like = self.instance.inputs(takes, -1)
            self._call = engine.prepare(self.method, text, self.instance.data, *like).call
            self._inputs = tuple(map(engine.asarray, self.instance.inputs(takes, 0)))
            yield

    def __call__(self) -> Array:
        """One call at the start point; returns when the result is there."""
        assert self._call is not None, "a case is called in its ready() block"
        result = self._call(*self._inputs)
        self.engine.synchronize(result)
        return result

    def result(self) -> FloatArray:
        """The result at the start point as a NumPy array."""
        return self.engine.to_numpy(self())

    def verify(self) -> None:
        """Fail where the result disagrees with the judge: the closed form, else finite differences."""
        operator = self.cell.operator
        inputs = self.instance.inputs(OPERATORS[operator].takes, 0)
        exact = closed_form(self.instance, operator, inputs[0])
        if exact is not None:
            judge = Reference(exact, np.zeros_like(exact), "closed_form")
        else:
            judge = reference(operator, self.instance.problem.objective, inputs[0], self.instance.data, *inputs[1:])
        result, f, data = self.result(), self.instance.problem.objective, self.instance.data
        found = accuracy.judge(
            result, judge, self.cell.dtype, self.method.accuracy, OPERATORS[operator], condition(self.instance, 0)
        )
        found = second_opinion(found, operator, f, data, inputs, result, judge)
        if found.status == "unverifiable":
            pytest.skip(f"no judge can tell: {found.reason}")
        if found.status != "ok":
            pytest.fail(f"{self.cell}: {found.fault}: {found.reason}; judge {judge.judge}", pytrace=False)


def assert_agreement(f: Callable[..., Any], x: Any, *data: Any, **options: Any) -> None:
    """Fail unless every installed method of the choice agrees with the judge.

    Args:
        f: As in `hessbench.hessian`.
        x: The point.
        *data: Further arguments of f.
        **options: backends, methods, operator, dtype, as in `hessbench.check`.
    """
    __tracebackhide__ = True
    found = rows(f, x, *data, **options)
    tried = [row for row in found if row.status != "unsupported"]
    if not tried:
        pytest.skip("; ".join(dict.fromkeys(row.reason for row in found)))
    bad = [row for row in tried if row.status in ("wrong", "error")]
    if bad or not any(row.status == "ok" for row in tried):
        operator = options.get("operator", "hessian")
        pytest.fail(_failure(name_of(f), operator, tried, bad), pytrace=False)


def _failure(name: str, operator: str, tried: list[Row], bad: list[Row]) -> str:
    """Who disagrees, where, and who agrees."""
    right = sorted({row.backend for row in tried if row.status == "ok"} - {row.backend for row in bad})
    judge = next((row.judge for row in tried if row.judge), "none")
    lines = [f"{operator} of {name}: {len(bad)} of {len(tried)} methods fail; judge: {judge}"]
    lines += [f"  {row.backend} {row.method}: {row.status}: {row.reason}" for row in bad or tried]
    lines.append(f"  agree with the judge: {', '.join(right) or 'no backend in all its methods'}")
    return "\n".join(lines)
