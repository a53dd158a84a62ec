"""What a worker does with its task: load the framework, then for each cell prepare, check, measure.

The framework is imported here for the first time anywhere. Correctness comes before timing; a wrong
result is still timed, because its time belongs in the journal, but the verdict travels with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench import backends, suites
from hessbench.backends.contract.interface import (
    Backend,
    BackendUnavailable,
    FloatArray,
    Objective,
    Unsupported,
    first_line,
)
from hessbench.backends.contract.method import Method, find
from hessbench.backends.contract.namespace import operations
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging import accuracy, native_text, random_products
from hessbench.harness.judging.diagnosis import diagnose
from hessbench.harness.judging.explain import explain
from hessbench.harness.judging.first_look import probe, refusal
from hessbench.harness.judging.native_text import Values
from hessbench.harness.judging.references import Judges, NoJudge
from hessbench.harness.judging.second_opinion import second_opinion
from hessbench.harness.judging.sketch import sketch
from hessbench.harness.machine import memory
from hessbench.harness.machine.environment import usable_cores
from hessbench.harness.planning.cell import NATIVE, Cell, from_dict, group_of
from hessbench.harness.planning.settings import Policy
from hessbench.harness.worker.device_clock import least_event_time
from hessbench.harness.worker.failures import failure, spoiled
from hessbench.harness.worker.stopwatch import Stopwatch
from hessbench.suites.definition import files
from hessbench.suites.definition.problem import Instance, draw

Emit = Callable[..., None]
Work = Callable[[Method, Instance, Objective], dict[str, Any]]
"""What is done with a method, a problem at a size, and the text of its objective; gives record fields."""

VALUE_ENTRIES = 16
LONGEST = 300
"""Characters of a reason."""
NUMBERS = ("silently-wrong", "asymmetric")
"""Faults whose numbers may tell more."""


def serve(task: Mapping[str, Any], emit: Emit) -> None:
    """Compute the task's cells and emit one `cell_end` for each.

    Events: `phase` whenever another deadline applies, `ready` or `unavailable` once, `cell_start` and
    `cell_end` per cell, `end`.
    """
    emit("phase", phase="import")
    start = time.perf_counter()
    try:
        backend = backends.load(task["backend"])(*group_of(task).switches)
        backend.namespace()  # may import more: that is import time, not the first cell's
        backend.check_device()
    except BackendUnavailable as error:
        emit("unavailable", status="unsupported", reason=str(error))
        return
    except Exception as error:  # a broken installation can raise anything
        emit("unavailable", status="error", reason=f"cannot import {task['backend']}: {first_line(error)}")
        return
    import_s = time.perf_counter() - start
    desk = Evaluator(backend, task, emit, _attach(task.get("sources", {})))
    with backend.scope():
        emit(
            "ready",
            import_s=import_s,
            versions=backend.versions(),
            devices=backend.devices(),
            switches=backend.switches(),
            threads={"cores": usable_cores(), **backend.threads()},
            unsupported=_refused(backend),
        )
        for entry in task["cells"]:
            cell = from_dict(entry["cell"])
            outcome = desk.memory_pass(cell) if task.get("weigh") else desk.compute(cell, entry.get("loops"))
            if spoiled(outcome, backend.device):
                break  # what is left goes on in a fresh worker
    emit("end")


def _attach(sources: Mapping[str, str]) -> dict[str, str]:
    """Load the user's own suites; those that fail here, with the reason."""
    broken = {}
    for name, path in sources.items():
        try:
            suites.attach(name, files.load(Path(path)))
        except files.CannotLoad as error:
            broken[name] = f"cannot load {name} here: {str(error).splitlines()[-1]}"
    return broken


class Evaluator:
    """Computes cells one after the other on one backend.

    Args:
        backend: The backend, its framework loaded.
        task: The task: policy, seed, folder of shared references.
        emit: Sends an event.
        broken: The user's own suites that cannot be loaded here, with the reason.
    """

    def __init__(
        self, backend: Backend, task: Mapping[str, Any], emit: Emit, broken: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._backend = backend
        self._policy = Policy(**task["policy"])
        self._seed: int = task["seed"]
        self._slowdown: float = task.get("slowdown", 1.0)
        self._judges = Judges(Path(task["references"]))
        self._emit = emit
        self._broken = broken
        self._own = task.get("sources", {})

    def compute(self, cell: Cell, loops: int | None) -> Mapping[str, Any]:
        """One cell: refuse, or prepare, check and measure; whatever happens, one `cell_end`. Returns its outcome."""
        return self._visit(cell, lambda method, instance, f: self._measure(cell, method, instance, f, loops))

    def memory_pass(self, cell: Cell) -> Mapping[str, Any]:
        """One cell: how much memory a call takes beyond what is there once it is prepared. Returns its outcome."""
        return self._visit(cell, lambda method, instance, f: self._memory_pass(cell, method, instance, f))

    def _visit(self, cell: Cell, work: Work) -> Mapping[str, Any]:
        self._emit("cell_start", key=cell.key)
        self._phase(cell, "prepare")
        self._backend.clear_caches()
        try:
            outcome = self._outcome(cell, work)
        except Unsupported as limit:
            outcome = {"status": "unsupported", "reason": str(limit)}
        except Exception as error:
            outcome = failure(error)
            if told := explain(error, suites.load(cell.suite)[cell.problem], cell.backend):
                outcome["reason"] = told[:LONGEST]
        self._emit("cell_end", key=cell.key, outcome=outcome)
        return outcome

    def _outcome(self, cell: Cell, work: Work) -> dict[str, Any]:
        if cell.suite in self._broken:
            return {"status": "error", "fault": "exception", "reason": self._broken[cell.suite]}
        method = find(self._backend.methods, cell.method)
        instance = draw(suites.load(cell.suite)[cell.problem], cell.n, self._seed, batch=cell.batch)
        if told := self._refusal(cell, instance):
            return {"status": "error", "fault": "exception", "reason": told}
        objective, facts = self._objective(cell, instance)
        if not instance.problem.portable:
            values = Values(self._backend, objective)
            instance = replace(instance, problem=replace(instance.problem, objective=values))
        if reason := self._backend.unsupported(method, facts) or memory.too_large(cell.operator, cell.n, cell.batch):
            return {"status": "unsupported", "reason": reason}
        return work(method, instance, objective)

    def _memory_pass(self, cell: Cell, method: Method, instance: Instance, objective: Objective) -> dict[str, Any]:
        takes = OPERATORS[method.operator].takes
        prepared = self._backend.prepare(method, objective, instance.data, *instance.inputs(takes, -1))
        inputs = [self._backend.asarray(array) for array in instance.inputs(takes, 0)]
        self._phase(cell, "first_call")
        before = memory.settle()
        self._backend.synchronize(prepared.call(*inputs))
        peak = memory.peak()
        extra = None if before is None or peak is None else max(0, peak - before)
        return {"status": "ok", "extra_host_bytes": extra}

    def _refusal(self, cell: Cell, instance: Instance) -> str:
        """What a user's own function must not do, found by calling it with NumPy; ours are tested."""
        if cell.suite not in self._own or not instance.problem.portable:
            return ""
        seen = probe(instance.problem.objective, instance.points[0], instance.data)
        return refusal(seen, cell.problem, cell.backend)

    def _phase(self, cell: Cell, phase: str) -> None:
        self._emit("phase", key=cell.key, phase=phase)

    def _objective(self, cell: Cell, instance: Instance) -> tuple[Objective, ProblemFacts]:
        """The text that the cell asks for, and what is known of it: of a native one only its size."""
        if cell.text == NATIVE:
            if cell.backend in instance.problem.native:
                return native_text.objective(self._backend, instance.problem), ProblemFacts(cell.n)
            return self._backend.native(f"{cell.suite}/{cell.problem}"), ProblemFacts(cell.n)
        objective = instance.problem.objective
        return objective, ProblemFacts(cell.n, operations(objective, instance.points[-1], instance.data))

    def _measure(
        self, cell: Cell, method: Method, instance: Instance, objective: Objective, loops: int | None
    ) -> dict[str, Any]:
        backend, data = self._backend, instance.data
        memory.reset_peak()
        backend.reset_device_peak()
        start = time.perf_counter()
        takes = OPERATORS[method.operator].takes
        prepared = backend.prepare(method, objective, data, *instance.inputs(takes, -1))
        prepare_s = time.perf_counter() - start
        points = range(len(instance.points) - 1)
        inputs = [tuple(backend.asarray(array) for array in instance.inputs(takes, i)) for i in points]
        fresh = [tuple(backend.asarray(array) for array in arrays) for arrays in instance.fresh_inputs(takes)]
        watch = Stopwatch(prepared.call, backend.synchronize, inputs, fresh, self._slowdown)
        self._phase(cell, "first_call")
        calls = [watch.delivered(i, backend.to_numpy) for i in points]
        peak, device_peak = memory.peak(), backend.device_peak()  # of the method: judge and samples come later
        results, earlier = [call.value for call in calls], [call.seconds for call in calls]
        late = watch.late(calls[1:], backend.to_numpy)
        self._phase(cell, "check")
        start = time.perf_counter()
        checked = self._check(cell, method, instance, results)
        if checked.get("fault") == accuracy.NAN and not self._finite(objective, instance):
            checked["fault"] = "value-nan"
        if late and checked["status"] == "ok":
            checked |= {"status": "wrong", "fault": "not-synchronized", "reason": late}
        check_s = time.perf_counter() - start
        if not (self._policy.times and instance.problem.timed):
            return {
                **checked,
                "prepare_s": prepare_s,
                "first_call_s": earlier[0],
                "spent_s": prepare_s + sum(earlier),
                "check_s": check_s,
            }
        self._phase(cell, "measure")
        seen = watch.measure(self._policy, earlier, loops)
        event_s = least_event_time(backend.event_seconds, prepared.call, inputs, self._policy.sampling_s)
        return {
            **checked,
            "prepare_s": prepare_s,
            **prepared.phases,
            "first_call_s": seen.first_call_s,
            **summarize(seen.samples),
            "loops": seen.loops,
            "fresh_s": seen.fresh_s,
            "burst_s": seen.burst_s,
            "event_s": event_s,
            "sample_seconds": seen.samples,
            "spent_s": prepare_s + seen.spent_s,
            "check_s": check_s,
            "peak_host_bytes": peak,
            "peak_device_bytes": device_peak,
        }

    def _finite(self, objective: Objective, instance: Instance) -> bool:
        """Whether the framework's own value of f is finite at the start point."""
        backend = self._backend
        arguments = [backend.asarray(array) for array in (instance.points[0], *instance.data)]
        return bool(np.isfinite(backend.to_numpy(backend.bind(objective)(*arguments))))

    def _check(self, cell: Cell, method: Method, instance: Instance, results: list[FloatArray]) -> dict[str, Any]:
        """The verdict over all points as record fields."""
        first = results[0]
        shown = {
            "value": json.dumps(first.tolist()) if first.size <= VALUE_ENTRIES else "",
            "sketch": json.dumps(sketch(first)) if np.all(np.isfinite(first)) else "",
        }
        try:
            if self._judges.probed(cell, instance):
                return {**self._probed(cell, method, instance, results), **shown}
            references = [self._judges.reference(cell, instance, i) for i in range(len(results))]
        except NoJudge as error:
            return {"status": "unverifiable", "reason": str(error), **shown}
        operator, condition = OPERATORS[cell.operator], self._judges.condition(cell, instance)
        verdicts = []
        for i, (result, known) in enumerate(zip(results, references, strict=True)):
            found = accuracy.judge(result, known, cell.dtype, method.accuracy, operator, condition, cell.precision)
            inputs = instance.inputs(operator.takes, i)
            f, data = instance.problem.objective, instance.data
            verdicts.append(second_opinion(found, cell.operator, f, data, inputs, result, known))
        verdict = accuracy.worst(verdicts)
        fields = {name: getattr(verdict, name) for name in verdict.__dataclass_fields__}
        if verdict.fault in NUMBERS and method.accuracy == 1:  # differences are inexact in ways of their own
            index = next(i for i, other in enumerate(verdicts) if other.fault == verdict.fault)
            fields["reason"] += self._looks_like(cell, instance, results, references, index)
        return {**fields, "judge": references[0].judge, "condition": condition, **shown}

    def _probed(self, cell: Cell, method: Method, instance: Instance, results: list[FloatArray]) -> dict[str, Any]:
        """The verdict over all points by contractions with random vectors."""
        operator, condition = OPERATORS[cell.operator], self._judges.condition(cell, instance)
        verdict = accuracy.worst(
            [
                random_products.judge(
                    result,
                    self._judges.probes(cell, instance, i),
                    cell.dtype,
                    method.accuracy,
                    operator,
                    condition,
                    cell.precision,
                )
                for i, result in enumerate(results)
            ]
        )
        fields = {name: getattr(verdict, name) for name in verdict.__dataclass_fields__}
        return {**fields, "judge": random_products.JUDGE, "condition": condition}

    def _looks_like(
        self, cell: Cell, instance: Instance, results: list[FloatArray], references: list[Reference], index: int
    ) -> str:
        """What kind of fault the wrong result at a point may be, as the end of a reason."""
        elsewhere = [i for i in range(len(references)) if i != index]
        others = {f"the value at point {i} instead of point {index}": references[i].value for i in elsewhere}
        if instance.problem.hessian is not None:  # where it is cheap, the point of the preparation too
            prepared = self._judges.reference(cell, instance, len(instance.points) - 1)
            others["the value at the point that it was prepared with"] = prepared.value
        found = diagnose(results[index], references[index].value, others)
        return f"; looks like: {found}" if found else ""


def summarize(samples: list[float]) -> dict[str, Any]:
    """Order statistics of the samples, as record fields."""
    q1, median, q3 = (float(q) for q in np.quantile(samples, (0.25, 0.5, 0.75)))
    return {"min_s": min(samples), "q1_s": q1, "median_s": median, "q3_s": q3, "samples": len(samples)}


def _refused(backend: Backend) -> dict[str, str]:
    """Methods that are refused even for the smallest problem, with the reason."""
    reasons = {method.name: backend.unsupported(method, ProblemFacts(1)) for method in backend.methods}
    return {name: reason for name, reason in reasons.items() if reason}
