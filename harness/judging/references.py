"""The right values: the closed form, else finite differences of f, else random products; computed once per run.

Where there is no portable text, it is the native one of whatever backend comes first, so the others are held to it.

Finite differences at n = 100 take seconds in extended precision, so workers share them through a folder
inside the run. It never outlives the run, so it cannot be stale. In a person's own process they are kept in memory.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zipfile import BadZipFile

import numpy as np

from hessbench.backends.contract.interface import FloatArray, first_line
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference, reference
from hessbench.harness.judging import random_products
from hessbench.harness.judging.accuracy import CLOSED_FORM, ROUNDING, NoJudge, TooSlow
from hessbench.harness.judging.curvature import biharmonic, gauss_newton
from hessbench.harness.judging.derived import newton_path
from hessbench.harness.judging.evaluation.allowance import (
    DENSE,
    DIFFERENCES_S,
    PRODUCTS_S,
    REMEDY,
    OutOfTime,
    hasty,
    in_time,
)
from hessbench.harness.judging.evaluation.condition import condition
from hessbench.harness.judging.evaluation.terms import Terms
from hessbench.harness.judging.evaluation.values import Values
from hessbench.harness.judging.explain import explain
from hessbench.harness.judging.second_look import text_witness
from hessbench.harness.judging.sparse.known import SMALL
from hessbench.harness.planning.grid import Cell
from hessbench.harness.protocol import STARTED
from hessbench.suites.definition.problem import DERIVED, Instance, closed_form

WORKING_PRECISION = "richardson-53"
"""Finite differences in float64, where extended precision is not to be had: no better than NumPy's own method."""

SCANNED = {
    **{"hessian": 256, "multi-hvp": 256, "hvp": 1024, "gradient": 1024, "diagonal": 1024},
    **{"ggn-vp": 256, "ggn-diagonal": 256},
}
"""Up to so many the result is found by differences entry by entry; beyond, probes decide."""

SCANNED_BY_CALLS = 256
"""The same for a native text, which is called point by point and not for all points at once."""


T = TypeVar("T")


class _ConditionKey(NamedTuple):
    """What conditions differ by: the problem, whether many points are asked for, and whether it is the gradient's."""

    suite: str
    problem: str
    n: int
    batch: int | None
    of_gradient: bool


class References:
    """References for results, computed once.

    Args:
        folder: Where references are kept for all workers of a run; None keeps them in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._kept: dict[str, Reference] = {}
        self._conditions: dict[_ConditionKey, float] = {}
        self._slow: set[str] = set()
        self.begin()
        self._ends: dict[tuple[str, str, int, int], FloatArray] = {}
        self._terms: dict[tuple[str, str, int, int], Terms] = {}
        self._without: References | None = None

    def reference(self, cell: Cell, instance: Instance, index: int, word: str = "") -> Reference:
        """The right result of a cell at the point of that index.

        Args:
            cell: The cell.
            instance: Its problem, as the judge computes it.
            index: Index of the point.
            word: What the point is called among those of the problem; its index where nothing is said.

        Returns:
            The value with a bound of every entry's error.

        Raises:
            NoJudge: The only judge would be the judged method itself, or the judge failed.
            TooSlow: Differences of f take too long.
        """  # noqa: DOC501 - `OutOfTime` stays inside
        if cell.operator == "objective" and cell.n > DENSE:
            return random_products.value(instance, index)
        inputs = instance.inputs(OPERATORS[cell.operator].takes, index)
        if closed := _asked(lambda: _closed(instance, cell.operator, inputs[0]), instance):
            return closed
        key = f"{cell.suite}-{cell.problem}-{cell.n}-{cell.operator}-{cell.batch}-{word or index}"
        f, problem = instance.problem.objective, hasty(instance, self._until()).problem

        def ask() -> Reference:
            if cell.operator in gauss_newton.LIKE:
                return gauss_newton.right(cell.operator, problem, inputs[0], instance.data, *inputs[1:])
            if cell.operator == biharmonic.OPERATOR:
                return biharmonic.right(problem, inputs[0], instance.data)
            found = reference(
                cell.operator, problem.objective, inputs[0], instance.data, *inputs[1:], slope=problem.gradient
            )
            if isinstance(f, Values):
                return replace(found, judge=f"{found.judge}-{f.name}")
            return replace(
                found, contradicted=text_witness.contradicted(cell.operator, problem, inputs, instance.data, found)
            )

        try:
            if self.is_slow(cell):
                raise OutOfTime
            found = self._shared(key, ask, instance)
        except OutOfTime:
            self._mark_slow(cell)
            raise TooSlow(f"differences of {problem.name} take longer than {DIFFERENCES_S:g} s; {REMEDY}") from None
        if cell.backend == "numpy" and found.judge == WORKING_PRECISION:
            raise NoJudge("no judge but the method itself: the same formula in the same precision")
        if found.contradicted:
            raise NoJudge(found.contradicted)
        return found

    def begin(self) -> None:
        """Start the time that differences have for one result at all points."""
        self._begun = time.monotonic()

    def without_closed_forms(self) -> References:
        """Those of problems that are taken as if they had no closed form, kept apart; their time starts."""
        self._without = self._without or References()
        self._without.begin()
        return self._without

    def _until(self) -> float:
        return self._begun + DIFFERENCES_S

    def _mark_slow(self, cell: Cell) -> None:
        """Remember that differences take too long, for all workers of the run."""
        self._slow.add(self._slow_key(cell))
        if self._folder is not None:
            (self._folder / self._slow_key(cell)).touch()

    def is_slow(self, cell: Cell) -> bool:
        """Whether differences have taken too long for this operator of the problem."""
        key = self._slow_key(cell)
        return key in self._slow or (self._folder is not None and (self._folder / key).exists())

    def _slow_key(self, cell: Cell) -> str:
        return f"{cell.suite}-{cell.problem}-{cell.n}-{cell.operator}.slow"

    def too_large(self, cell: Cell, instance: Instance) -> bool:
        """Whether a result is too large, or f too slow, for a reference of its own, so that random products decide."""
        if cell.operator not in random_products.FORMULAS:
            return False
        if self.is_slow(cell):
            return True
        if cell.operator == "gradient" and instance.problem.gradient is not None:
            return False
        if instance.problem.hessian is not None and cell.operator not in ("gradient", *gauss_newton.LIKE):
            return cell.n > DENSE
        by_calls = isinstance(instance.problem.objective, Values)
        return cell.n > (SCANNED_BY_CALLS if by_calls else SCANNED[cell.operator])

    def products(self, cell: Cell, instance: Instance, index: int) -> random_products.Probes:
        """What contractions of a cell's result must be at a point; `NoJudge` where f fails there.

        Args:
            cell: The cell.
            instance: Its problem, as the judge computes it.
            index: Index of the point.

        Returns:
            The probes with their values.
        """
        found: list[random_products.Probes] = []

        def ask() -> Reference:
            found.append(in_time(lambda one: _probe(cell.operator, one, index), instance, PRODUCTS_S))
            return Reference(found[0].value, found[0].bound, random_products.JUDGE)

        key = f"{cell.suite}-{cell.problem}-{cell.n}-{cell.operator}-{cell.batch}-{index}-{random_products.JUDGE}"
        known = self._shared(key, ask, instance)
        return found[0] if found else random_products.contractions(cell.operator, instance, index).of(known)

    def condition(self, cell: Cell, instance: Instance) -> float:
        """The condition of a cell's problem at the worse of its points, found once; `NoJudge` where f fails there."""
        key = self._condition_key(cell, instance)
        if key not in self._conditions:
            self._conditions[key] = self._condition(cell, instance, key)
        return self._conditions[key]

    @staticmethod
    def _condition_key(cell: Cell, instance: Instance) -> _ConditionKey:
        """What conditions differ by."""
        found = instance.problem.gradient is not None or cell.n <= SCANNED["gradient"]
        many = cell.batch if "X" in OPERATORS[cell.operator].takes else None
        return _ConditionKey(cell.suite, cell.problem, cell.n, many, cell.operator == "gradient" and found)

    def known_condition(self, cell: Cell, instance: Instance) -> float | None:
        """The condition where a closed form tells it, or somebody has asked; None where it would cost differences."""
        problem = instance.problem
        key = self._condition_key(cell, instance)
        told = problem.gradient if key.of_gradient else problem.hessian or problem.sparse_hessian
        return self.condition(cell, instance) if told else self._conditions.get(key)

    def terms(self, cell: Cell, instance: Instance, index: int) -> Terms:
        """The terms of f at the point of that index, measured once when somebody asks for their size."""
        key = (cell.suite, cell.problem, cell.n, index)
        if key not in self._terms:
            self._terms[key] = Terms(instance.problem.objective, instance.points[index], instance.data)
        return self._terms[key]

    def terms_at_end(self, cell: Cell, instance: Instance, index: int) -> Terms:
        """Those where Newton's method leads from that point."""
        return Terms(instance.problem.objective, self.end(cell, instance, index), instance.data)

    def end(self, cell: Cell, instance: Instance, index: int) -> FloatArray:
        """Where Newton's method leads from the point of that index, found once; `NoJudge` where nobody can tell."""
        key = (cell.suite, cell.problem, cell.n, index)
        if key not in self._ends:
            self._ends[key] = newton_path.end(instance, index)[0]
        return self._ends[key]

    def _condition(self, cell: Cell, instance: Instance, key: _ConditionKey) -> float:
        if key.of_gradient or (cell.n <= _by_points(cell, instance) and not self.is_slow(cell)):
            asked = instance if key.batch is None else _at_rows(instance)
            points, limited = range(len(asked.points) - 1), hasty(asked, self._until())
            with suppress(OutOfTime):
                return _asked(lambda: max(condition(limited, index, key.of_gradient) for index in points), instance)
        name = f"{cell.suite}-{cell.problem}-{cell.n}-condition"
        ask = lambda: Reference(  # noqa: E731
            np.asarray(in_time(random_products.condition, instance, PRODUCTS_S)), np.zeros(()), random_products.JUDGE
        )
        return float(self._shared(name, ask, instance).value)

    def _shared(self, key: str, ask: Callable[[], Reference], instance: Instance) -> Reference:
        """What a judge said, asked at most once per run."""
        if self._folder is None:
            if key not in self._kept:
                self._kept[key] = _asked(ask, instance)
            return self._kept[key]
        path, started = self._folder / f"{key}.npz", self._folder / f"{key}{STARTED}"
        if (kept := _read(path)) is not None:
            return kept
        if started.exists() and not _alive(started):
            raise NoJudge("the judge did not finish for another cell of this problem")
        started.write_text(str(os.getpid()))
        try:
            found = _asked(ask, instance)
        except (NoJudge, OutOfTime):
            started.unlink(missing_ok=True)
            raise
        temporary = path.with_suffix(f".{os.getpid()}.npz")
        fields: dict[str, Any] = asdict(found)
        np.savez(temporary, **fields)
        os.replace(temporary, path)
        started.unlink(missing_ok=True)
        return found


def _closed(instance: Instance, operator: str, x: FloatArray) -> Reference | None:
    """What a closed form says, which errs by its own rounding; more in a trace, whose terms may cancel."""
    if operator not in ("trace", "laplacian"):
        exact = closed_form(instance, operator, x)
        return None if exact is None else Reference(exact, np.zeros_like(exact), CLOSED_FORM)
    hessians = closed_form(instance, "batched-hessian", x)
    if hessians is None:
        return None
    exact = np.asarray(DERIVED[operator](hessians, instance))
    terms = np.sum(np.abs(np.diagonal(hessians, axis1=1, axis2=2)), axis=1).reshape(exact.shape)
    return Reference(exact, instance.n * ROUNDING["float64"].eps * terms, CLOSED_FORM)


def _at_rows(instance: Instance) -> Instance:
    """The problem at each point of its batches: one of them may be nearer to a pole than x is."""
    rows = [row for batch in instance.batches[:-1] for row in batch]
    return replace(instance, points=(*rows, instance.points[-1]))


def _probe(operator: str, instance: Instance, index: int) -> random_products.Probes:
    """The probes of an operator; of Gauss-Newton products those of the objective with linear outputs."""
    if operator not in gauss_newton.LIKE:
        return random_products.probe(operator, instance, index)
    asked = random_products.contractions(operator, instance, index)
    phi = gauss_newton.Linearized(instance.problem, instance.points[index], instance.data, asked.left)
    formula, directions = random_products.FORMULAS[operator], np.eye(len(asked.left))
    value, bound = random_products.products(phi, phi.origin, phi.arguments, directions, formula)
    return replace(asked, value=value, bound=bound + phi.doubt(value))


def _by_points(cell: Cell, instance: Instance) -> float:
    """Up to how many variables the condition is found from the Hessian at all points."""
    if instance.problem.sparse_hessian is not None:
        return np.inf
    if OPERATORS[cell.operator].sparse and instance.problem.hessian is not None:
        return SMALL
    return SCANNED["hvp"] if instance.problem.hessian is None else DENSE


def _read(path: Path) -> Reference | None:
    """A reference as it was written; None where there is none, or it was damaged since and is asked for anew."""
    try:
        with path.open("rb") as stream, np.load(stream) as stored:
            words = {name: stored[name].item() for name in ("judge", "noise", "bend", "bent", "contradicted")}
            return Reference(stored["value"], stored["bound"], **words)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile, zlib.error):
        return None


def _asked(ask: Callable[[], T], instance: Instance) -> T:
    """What a judge says, its failure in one line: a person's f can raise anything."""
    try:
        return ask()
    except NoJudge:
        raise
    except Exception as error:
        f = instance.problem
        computed_by = f.objective.name if isinstance(f.objective, Values) else "numpy"
        said = explain(error, f, computed_by) or first_line(error)
        raise NoJudge(f"the judge failed: {said}") from error


def _alive(started: Path) -> bool:
    """Whether the worker that began a reference still lives: another one of the same run, that is at it now."""
    try:
        os.kill(int(started.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True
