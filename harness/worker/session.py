"""What a worker does with its task: load the framework, then for each cell prepare, check, measure.

The framework is imported here for the first time anywhere. Correctness comes before timing; a wrong
result is still timed, because its time belongs in the journal, but the verdict travels with it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from hessbench import backends, suites
from hessbench.backends.contract.interface import Backend, BackendBroken, BackendUnavailable
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.harness.judging.references import References
from hessbench.harness.machine import memory
from hessbench.harness.machine.environment import usable_cores
from hessbench.harness.machine.pace import Pace
from hessbench.harness.machine.witness import Witness
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.order import SAME_TEXT
from hessbench.harness.protocol import (
    CellEnd,
    CellStart,
    End,
    Message,
    Outcome,
    Phase,
    PhaseName,
    Ready,
    Task,
    Unavailable,
    Visit,
)
from hessbench.harness.worker.case import Case
from hessbench.harness.worker.device_clock import least_event_time
from hessbench.harness.worker.failures import spoiled, undrawn
from hessbench.harness.worker.samples import Stretch, figures, waited
from hessbench.suites.definition import files
from hessbench.suites.definition.problem import draw

Emit = Callable[[Message], None]


def serve(task: Task, emit: Emit) -> None:
    """Compute the task's cells and emit one `CellEnd` for each.

    Args:
        task: What to do.
        emit: Sends a message to the parent.
    """
    emit(Phase("import"))
    start = time.perf_counter()
    try:
        backend = backends.open(task.backend, task.dtype, task.device, task.precision)
    except BackendUnavailable as error:
        emit(Unavailable("unsupported", str(error)))
        return
    except BackendBroken as error:
        emit(Unavailable("error", str(error)))
        return
    import_s = time.perf_counter() - start
    evaluator = Evaluator(backend, task, emit, _attach(task.sources))
    with backend.scope():
        emit(_ready(backend, import_s))
        for visit in task.visits:
            if spoiled(evaluator.visit(visit), backend.device):
                break  # what is left goes on in a fresh worker
    emit(End())


def _ready(backend: Backend, import_s: float) -> Ready:
    refused = {method.name: backend.unsupported(method, ProblemFacts(1)) for method in backend.methods}
    return Ready(
        import_s,
        backend.versions(),
        backend.devices(),
        backend.switches(),
        {"cores": usable_cores(), **backend.threads()},
        {name: reason for name, reason in refused.items() if reason},
    )


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
        emit: Sends a message to the parent.
        broken: The user's own suites that cannot be loaded here, with the reason.
    """

    def __init__(
        self, backend: Backend, task: Task, emit: Emit, broken: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._backend = backend
        self._task = task
        self._references = References(Path(task.references))
        self._emit = emit
        self._broken = broken
        self._home = Path.cwd()
        self._last: Case | None = None

    @cached_property
    def _witness(self) -> Witness:
        """One for the launch, since what is usual is learned."""
        return Witness(pace=Pace(self._task.pace_s) if self._task.policy.times else None)

    def visit(self, visit: Visit) -> Outcome:
        """One cell: refuse, or prepare, check and measure; whatever happens, one `CellEnd`. Returns its outcome."""
        cell = visit.cell
        self._emit(CellStart(cell.key))
        self._phase(cell, "prepare")
        os.chdir(self._home)  # an earlier f may have gone elsewhere
        self._backend.clear_caches()
        outcome = self._outcome(visit)
        self._emit(CellEnd(cell.key, outcome))
        return outcome

    def _outcome(self, visit: Visit) -> Outcome:
        cell = visit.cell
        if cell.suite in self._broken:
            return Outcome("error", self._broken[cell.suite], "exception")
        problem = suites.load(cell.suite)[cell.problem]
        try:
            instance = draw(problem, cell.n, self._task.seed, batch=cell.batch)
        except Exception as error:  # x0 and data may be a person's own functions
            return undrawn(error, problem, cell)
        case = Case(
            self._backend,
            cell,
            instance,
            self._references,
            own=cell.suite in self._task.sources,
            earlier=self._earlier(cell),
        )
        self._last = None if self._task.policy.times else case
        if self._task.purpose == "memory":
            return case.outcome(lambda: self._memory_pass(case))
        return case.outcome(lambda: self._measure(case, visit.loops))

    def _earlier(self, cell: Cell) -> Case | None:
        """The last case, if it was of the same text of the same problem; only where nothing is timed."""
        last = self._last
        if last is None or OPERATORS[last.cell.operator].asks != OPERATORS[cell.operator].asks:
            return None  # a gradient differentiates f, a Gauss-Newton product the outputs and loss that f is made of
        same = all(getattr(last.cell, name) == getattr(cell, name) for name in SAME_TEXT)
        return last if same else None

    def _phase(self, cell: Cell, phase: PhaseName) -> None:
        self._emit(Phase(phase, cell.key))

    def _memory_pass(self, case: Case) -> Outcome:
        """How much memory a call takes beyond what is there once it is prepared."""
        prepared, inputs = case.prepare(), case.inputs(0)
        self._phase(case.cell, "first_call")
        before = memory.settle()
        self._backend.synchronize(prepared.call(*inputs))
        peak = memory.peak()
        extra = None if before is None or peak is None else max(0, peak - before)
        return Outcome("ok", facts={"extra_host_bytes": extra})

    def _measure(self, case: Case, loops: int | None) -> Outcome:
        backend, policy = self._backend, self._task.policy
        memory.reset_peak()
        backend.reset_device_peak()
        stretch = Stretch(self._witness)
        prepared = case.prepare()
        preparing = stretch.end()
        prepare_s = preparing.seconds
        phases = {"prepare_s": prepare_s, "prepare_waited": waited([preparing]), **prepared.phases}
        watch = case.stopwatch(prepared.call, self._task.slowdown, self._witness)
        self._phase(case.cell, "first_call")
        calls = case.first_calls(watch)
        earlier = [call.sample for call in calls]
        # The peaks are the method's own: the judge and the samples come later.
        peaks = {"peak_host_bytes": memory.peak(), "peak_device_bytes": backend.device_peak()}
        late = watch.late(calls[1:], backend.to_numpy)
        self._phase(case.cell, "check")
        start = time.perf_counter()
        checked = case.judged([call.value for call in calls], late)
        checked = checked.known(**phases, check_s=time.perf_counter() - start)
        first = {"first_call_s": earlier[0].seconds, "first_call_waited": waited(earlier[:1])}
        if not (policy.times and case.instance.problem.timed):
            spent_s = prepare_s + sum(sample.seconds for sample in earlier)
            return checked.known(**first, spent_s=spent_s)
        self._phase(case.cell, "measure")
        seen = watch.measure(policy, earlier, loops)
        found = figures(seen.samples, seen.first_call_s, seen.fresh_s)
        inputs = [case.inputs(index) for index in case.points]
        timed = checked.known(
            **peaks,
            **found.facts,
            **first,
            disturbed=found.disturbed,
            fresh_s=seen.fresh_s,
            burst_s=seen.burst_s,
            event_s=least_event_time(backend.event_seconds, prepared.call, inputs, policy.sampling_s),
            spent_s=prepare_s + seen.spent_s,
        )
        return replace(
            timed,
            sample_seconds=tuple(sample.seconds for sample in seen.samples),
            sample_witness=tuple(sample.raw for sample in seen.samples),
        )
