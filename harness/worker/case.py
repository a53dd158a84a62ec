"""One cell on an opened backend, from the choice of its text to the verdict.

Whoever gives a verdict goes this way: the measuring worker, `hb.check`, and the pytest plugin. So a function that is
refused, fails or is wrong in one of them is so in all of them, with the same words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any

import numpy as np

from hessbench.backends.contract.compression import Positions
from hessbench.backends.contract.interface import Array, Backend, Compression, FloatArray, Prepared, Unsupported
from hessbench.backends.contract.method import Method, find
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.sparsity.detection import global_pattern
from hessbench.harness.judging import text
from hessbench.harness.judging.by_point import by_point
from hessbench.harness.judging.derived.verdict import no_answer
from hessbench.harness.judging.evaluation import first_look
from hessbench.harness.judging.evaluation.values import Values
from hessbench.harness.judging.explain import in_own_words
from hessbench.harness.judging.references import References
from hessbench.harness.judging.sketch import sketch, sketch_of_entries
from hessbench.harness.judging.verdict import NUMBERS, Question, judged
from hessbench.harness.machine.witness import Witness
from hessbench.harness.planning.grid import NATIVE, Cell
from hessbench.harness.protocol import Outcome
from hessbench.harness.worker.failures import failure
from hessbench.harness.worker.patterns import known_of
from hessbench.harness.worker.room import no_room
from hessbench.harness.worker.stopwatch import Delivery, Stopwatch
from hessbench.suites.definition.problem import Instance

VALUE_ENTRIES = 16
"""Up to so many entries a result is kept as a whole."""


class Case:
    """One method on one drawn problem. Every call is made in the backend's scope, which the caller holds.

    Args:
        backend: The backend, opened.
        cell: The cell.
        instance: The cell's problem, drawn.
        references: The right values.
        own: Whether f is a person's own, which is looked at with NumPy before any framework meets it; ours are tested.
        pattern: Rows and columns of a sparse Hessian, from a person who knows them.
        earlier: A case of the same problem and text, by another method: what f is has been found out.
    """

    def __init__(
        self,
        backend: Backend,
        cell: Cell,
        instance: Instance,
        references: References,
        own: bool = False,
        pattern: Positions | None = None,
        earlier: Case | None = None,
    ) -> None:
        self.backend = backend
        self.cell = cell
        self._drawn = instance
        self._references = references
        self._own = own
        self._pattern = pattern
        self._earlier = earlier
        self._raised: dict[str, str] = {}
        self.compression: Compression | None = None
        """Where the values of a sparse result belong, once it is prepared."""

    @cached_property
    def instance(self) -> Instance:
        """The drawn problem, without those of its special points at which nobody is asked."""
        return self._drawn.without(self._left_out)

    @cached_property
    def _left_out(self) -> list[str]:
        """The special points at which f has no value: nobody can be right there; of a batched operator all.

        A batch has other points beside a special one, at which f often has no value, and what `vmap` makes of f shows
        anywhere.
        """
        if self._batched:
            return list(self._drawn.special)
        if self._earlier and not self._earlier._batched:
            return self._earlier._left_out
        points = self._drawn.points
        return [name for name, index in self._drawn.special.items() if not self._value_is_finite(points[index])]

    @property
    def _batched(self) -> bool:
        return OPERATORS[self.cell.operator].batched

    @cached_property
    def method(self) -> Method:
        """The declaration of the cell's method."""
        return find(self.backend.methods, self.cell.method)

    @cached_property
    def text(self) -> text.Text:
        """The text of f that is differentiated, and the one that the judge computes with."""
        return self._earlier.text if self._earlier else text.choose(self.backend, self.cell, self._drawn)

    @cached_property
    def seen(self) -> first_look.Probe | None:
        """What a first look at a person's own function has shown."""
        problem, x, data = self.instance.problem, self.instance.points[0], self.instance.data
        if not self._own:
            return None
        if problem.portable:
            return first_look.probe(problem.objective, x, data)
        return first_look.probe_native(self.backend, self.text.objective, x, data)

    @property
    def points(self) -> range:
        """The points that are measured and judged; the last one is only for preparing."""
        return range(len(self.instance.points) - 1)

    def outcome(self, work: Callable[[], Outcome]) -> Outcome:
        """What becomes of the cell: refused, failed, or what the work says of it.

        Args:
            work: Prepares, computes, has the results judged, and may time them.

        Returns:
            The outcome; no exception of f or of a framework passes through.
        """
        try:
            found = self.refused() or work()
        except Unsupported as limit:
            return Outcome("unsupported", str(limit))
        except Exception as error:  # frameworks and a person's f can raise anything
            found = failure(error, self.instance.problem, self.backend.name)
            found = self._without_answer() or found if found.status == "error" else found
        return replace(found, reason=found.reason + self._known(found))

    def _without_answer(self) -> Outcome | None:
        """Why nobody could give a derived result here, f having no second derivative: who raises is not at fault."""
        with suppress(Exception):  # the text itself may be what failed
            if OPERATORS[self.cell.operator].derived:
                limit = no_answer(self.method, self.cell, self.text.judged, self._references)
                return Outcome(*limit) if limit else None
        return None

    def _known(self, found: Outcome) -> str:
        """What is known of such a failure, as the end of a reason."""
        if found.status not in ("wrong", "error") or not self.method.faults:
            return ""
        operations: frozenset[str] = frozenset()
        with suppress(Exception):  # the text itself may be what failed, here or in the framework
            operations = self.text.facts.operations
            operations |= self._called()
        return self.method.known(found.status, found.reason, operations)

    def _called(self) -> frozenset[str]:
        """What the text calls, by the framework's own names."""
        arguments = [self.backend.asarray(array) for array in (self.instance.points[0], *self.instance.data)]
        return self.backend.calls(self.backend.bind(self.text.objective), arguments)

    def refused(self) -> Outcome | None:
        """Why nothing is computed: f does what cannot be differentiated, or the method is known not to do this."""
        problem = self.instance.problem
        if self.seen and (reason := first_look.refusal(self.seen, problem.name, self.backend.name)):
            reason = reason if problem.portable else in_own_words(reason, self.backend.name)
            return Outcome("error", reason, "value-nan" if self.seen.value == "NaN" else "exception")
        cell = self.cell
        limit = self.backend.unsupported(self.method, self.text.facts)
        limit = limit or no_room(self.method, cell.n, cell.batch)
        if limit:
            return Outcome("unsupported", limit)
        if self.method.needs and (found := no_answer(self.method, cell, self.text.judged, self._references)):
            return Outcome(*found)
        return None

    def prepare(self) -> Prepared:
        """Make the method ready at another point, so that nothing of the measured ones can be baked in."""
        operator, data = OPERATORS[self.cell.operator], self.instance.data
        inputs = self.instance.inputs(operator.takes, -1)
        given = {"pattern": self._given()} if operator.sparse else {}
        prepared = self.backend.prepare(self.method, self.text.objective, data, *inputs, **given)
        self.compression = prepared.compression
        return prepared

    def _given(self) -> Positions | None:
        """The pattern of a person, or that of the portable text where a framework's own is differentiated."""
        problem = self.instance.problem
        if self._pattern is not None or self.cell.text != NATIVE or not problem.portable:
            return self._pattern
        found = global_pattern(problem.objective, self.instance.points[-1], self.instance.data)
        return found.rows, found.cols

    def inputs(self, index: int) -> tuple[Array, ...]:
        """What the operator takes at the point of that index, on the device."""
        arrays = self.instance.inputs(OPERATORS[self.cell.operator].takes, index)
        return tuple(self.backend.asarray(array) for array in arrays)

    def stopwatch(self, call: Callable[..., Array], slowdown: float = 1.0, witness: Witness | None = None) -> Stopwatch:
        """A stopwatch for a prepared call, with the points to be measured and those that are seen once."""
        fresh = [
            tuple(self.backend.asarray(array) for array in arrays)
            for arrays in self.instance.fresh_inputs(OPERATORS[self.cell.operator].takes)
        ]
        inputs = [self.inputs(index) for index in self.points]
        return Stopwatch(call, self.backend.synchronize, inputs, fresh, slowdown, witness)

    def first_calls(self, watch: Stopwatch) -> list[Delivery]:
        """One call at each point, and its result on the host; what raises at a special point only misses that one."""
        special = {index: name for name, index in self.instance.special.items()}
        deliveries = []
        for index in self.points:
            try:
                deliveries.append(watch.delivered(index, self.backend.to_numpy))
            except Exception as error:  # frameworks can raise anything
                if index not in special:
                    raise
                self._raised[special[index]] = failure(error, self.instance.problem, self.backend.name).reason
        return deliveries

    def judged(self, results: list[FloatArray], late: str = "") -> Outcome:
        """The verdict over all points, and what is kept of the result at the start point.

        Args:
            results: One result for each of `points`.
            late: Why the clock stopped before a result was there, or the empty string.

        Returns:
            The outcome, with no times in it.
        """
        method, at = self.method, self.compression
        narrow = self.seen.narrow if self.seen and self.cell.dtype == "float64" else ""
        question = Question(
            self.cell,
            method.accuracy,
            self.text.judged.without([*self._left_out, *self._raised]),
            value_is_finite=self._value_is_finite,
            late=late,
            text=self.text.evaluated,
            narrow=narrow,
            needs=method.needs,
            tolerance=method.tolerance,
            compression=at,
            estimate=method.estimate,
        )
        verdict = by_point(judged, question, results, self._references, self._raised)
        if verdict.fault in NUMBERS and self.method.accuracy == 1 and self.seen and self.seen.drops:
            hint = f"; {self.instance.problem.name} makes plain numbers of x: use xp's functions"
            verdict = replace(verdict, reason=verdict.reason + hint)
        if narrow and verdict.status != "ok" and narrow not in verdict.reason:
            hint = f"; {self.instance.problem.name} returns {narrow} where x is float64"
            verdict = replace(verdict, reason=verdict.reason + hint)
        facts = {name: value for name, value in asdict(verdict).items() if name not in ("status", "reason", "fault")}
        facts |= {"iterations": self._iterations()} if method.counting and verdict.status == "ok" else {}
        return Outcome(
            verdict.status, verdict.reason, verdict.fault, {**facts, **known_of(at), **_shown(results[0], at)}
        )

    def _iterations(self) -> int:
        """How often a method iterates at the start point; it is prepared once more, as what tells that."""
        assert self.method.counting
        inputs = self.instance.inputs(OPERATORS[self.cell.operator].takes, -1)
        counting = self.backend.prepare(self.method.counting, self.text.objective, self.instance.data, *inputs)
        return int(counting.call(*self.inputs(0)))

    def check(self, call: Callable[..., Array] | None = None) -> Outcome:
        """Compute at every point, and have the results judged; nothing is timed.

        Args:
            call: What `prepare` gave, where the method is prepared already.

        Returns:
            The outcome.
        """
        watch = self.stopwatch(call or self.prepare().call)
        calls = self.first_calls(watch)
        late = watch.late(calls[1:], self.backend.to_numpy)
        return self.judged([call.value for call in calls], late)

    def _value_is_finite(self, x: FloatArray) -> bool:
        """Whether the framework's own value of f is finite at a point."""
        backend = self.backend
        try:
            if isinstance(self.text.evaluated, Values):  # compiled once, where eagerly each operation would be
                return bool(np.isfinite(self.text.evaluated(None, x, *self._drawn.data)))
            method = next((method for method in backend.methods if method.operator == "objective"), None)
            if method:  # of symbols the bound objective is a symbol, too
                value = backend.prepare(method, self.text.objective, self._drawn.data, x).call(backend.asarray(x))
            else:
                arguments = [backend.asarray(array) for array in (x, *self._drawn.data)]
                value = backend.bind(self.text.objective)(*arguments)
            return bool(np.isfinite(backend.to_numpy(value)))
        except Exception:  # a function may refuse what it is not defined for
            return False


def _shown(result: FloatArray, at: Compression | None) -> dict[str, Any]:
    if not np.all(np.isfinite(result)):
        numbers = None
    elif at is None or result.shape != (at.nnz,):
        numbers = sketch(result)
    else:
        numbers = sketch_of_entries(at.n, at.rows, at.cols, result)
    return {
        "value": json.dumps(result.tolist()) if result.size <= VALUE_ENTRIES else "",
        "sketch": json.dumps(numbers) if numbers else "",
    }
