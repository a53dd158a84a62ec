"""What the pytest plugin hands to tests; imported by the first test that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hessbench import suites
from hessbench.backends.contract.interface import Array, BackendBroken, BackendUnavailable, FloatArray
from hessbench.harness.judging.references import References
from hessbench.harness.machine.witness import Witness
from hessbench.harness.planning import user_files, words
from hessbench.harness.planning.grid import Cell, Selection
from hessbench.harness.planning.plan import plan
from hessbench.harness.planning.problems import instances
from hessbench.harness.protocol import Outcome
from hessbench.harness.python.session.opened import opened
from hessbench.harness.usage import UsageError
from hessbench.harness.worker.case import Case
from hessbench.harness.worker.samples import Stretch, held_up, waited
from hessbench.suites.definition import files
from hessbench.suites.definition.problem import SMALLEST, Instance, Problem, draw

ARGUMENTS = {field.name for field in fields(Selection)} - {"suites"}
"""What a mark takes beside suites."""

_FILES: dict[str, Path] = {}
"""Suites that are files, of which the collection knows an outline only."""


class Refused(Exception):
    """The case cannot be run here; the message says why."""


def parameters(mark: pytest.Mark, cases: bool) -> list[Any]:
    """The parameters of a marked test: cells, or (suite, problem, n).

    Args:
        mark: The mark, with suites and what is selected of them.
        cases: Whether the test wants cells.

    Returns:
        Parameters for `metafunc.parametrize`.

    Raises:
        pytest.UsageError: A name does not exist.
    """
    _FILES.update((path.name, path) for path, _ in filter(None, map(user_files.split, mark.args)))
    try:
        return _cells(mark) if cases else _problems(mark)
    except UsageError as error:
        raise pytest.UsageError(f"@pytest.mark.hessbench: {error}") from None


def _cells(mark: pytest.Mark) -> list[Any]:
    chosen = _selection(mark)
    asked = set(chosen.operators) or {"hessian", "hvp"}
    cells = [cell for cell in plan(chosen) if cell.operator in asked]
    return [pytest.param(c, id=str(c).replace(" ", "-"), marks=pytest.mark.xdist_group(c.backend)) for c in cells]


def _problems(mark: pytest.Mark) -> list[Any]:
    return [
        pytest.param((suite, problem.name, n), id=f"{suite}/{problem.name}-n={n}")
        for suite, problem, n in instances(_selection(mark))
    ]


def _selection(mark: pytest.Mark) -> Selection:
    """What a mark selects: of each problem the smallest size, unless it says more."""
    if unknown := mark.kwargs.keys() - ARGUMENTS:
        raise UsageError(f"unknown argument {sorted(unknown)[0]!r}; known: {', '.join(sorted(ARGUMENTS))}")
    given = {name: (value,) if isinstance(value, str | int) else tuple(value) for name, value in mark.kwargs.items()}
    if "ranges" not in given or "sizes" in given:
        sizes = words.sizes(words.line(given.pop("sizes", (SMALLEST,))))
        given["ranges"] = (*given.get("ranges", ()), *(size for size in sizes if isinstance(size, str)))
        given["sizes"] = tuple(size for size in sizes if isinstance(size, int))
    return Selection(**{"texts": ("portable",), "suites": mark.args or ("quick",), **given})


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


class MarkedCase:
    """One method on one problem: callable, each call waits until the result is there.

    Args:
        cell: The cell.

    Attributes:
        cell: The cell.
        instance: The problem with its data and points.
        group: What it competes in, as pytest-benchmark shows it.

    Raises:
        Refused: The framework is not there, or the method does not do this.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        try:
            backend = opened(cell.backend, cell.dtype, cell.device, cell.precision)
        except (BackendUnavailable, BackendBroken) as error:
            raise Refused(f"{cell.backend}: {error}") from None
        self.instance = draw(_problem(cell.suite, cell.problem), cell.n, batch=cell.batch)
        self.group = f"{cell.operator} {cell.suite}/{cell.problem} n={cell.n}"
        self._case = Case(
            backend, cell, self.instance, References(), own=cell.suite in _FILES or cell.suite in suites.attached()
        )
        refused = self._case.refused()
        if refused and refused.status == "unsupported":
            raise Refused(refused.reason)
        self._prepared = Outcome("error", "a case is used in its ready() block", "exception")
        self._call: Callable[..., Array]
        self._inputs: tuple[Array, ...]

    @contextmanager
    def ready(self) -> Iterator[None]:
        """A block in which it is prepared, and the framework's switches hold."""
        backend = self._case.backend
        with backend.scope():
            backend.clear_caches()
            self._prepared = self._case.outcome(self._prepare)
            yield

    def _prepare(self) -> Outcome:
        self._call, self._inputs = self._case.prepare().call, self._case.inputs(0)
        return Outcome("ok")

    def __call__(self) -> Array:
        """One call at the start point; returns when the result is there."""
        self._conclude(self._prepared)
        result = self._call(*self._inputs)
        self._case.backend.synchronize(result)
        return result

    def result(self) -> FloatArray:
        """The result at the start point as a NumPy array."""
        return self._case.backend.to_numpy(self())

    def verify(self) -> None:
        """Fail where the result disagrees with the judge, at the start point or near it, as `hessbench run` says."""
        __tracebackhide__ = True
        self._conclude(self.outcome())

    def outcome(self) -> Outcome:
        """What `hessbench run` would say of it: status, fault, reason, judge, errors."""
        if self._prepared.status != "ok":
            return self._prepared
        return self._case.outcome(lambda: self._case.check(self._call))

    def _conclude(self, found: Outcome) -> None:
        """Go on, skip or fail, in one line."""
        __tracebackhide__ = True
        if found.status in ("unverifiable", "unsupported"):
            pytest.skip(f"no judge can tell: {found.reason}" if found.status == "unverifiable" else found.reason)
        if found.status != "ok":
            judge = f"; judge {found.facts['judge']}" if found.facts.get("judge") else ""
            pytest.fail(f"{self.cell}: {found.fault or found.status}: {found.reason}{judge}", pytrace=False)


def begin() -> Stretch:
    """The time of a benchmark begins; it is seen as a whole, since pytest-benchmark holds the clock."""
    return Stretch(Witness())


def seen_of(benchmark: Stretch) -> dict[str, float | str | None]:
    """For `extra_info`: the share of the time that threads waited for a core, and why it is disturbed, if it is."""
    whole = benchmark.end()
    return {"waited": waited([whole]), "disturbed": "" if whole.clean else held_up([whole])}
