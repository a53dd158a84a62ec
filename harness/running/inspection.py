"""What a backend is like on this machine, asked of a worker: versions, devices, and whether its clock is honest."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hessbench import backends
from hessbench.backends.contract.interface import HIGHEST
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import QUICK, Limits
from hessbench.harness.protocol import CellEnd, Message, Outcome, Ready, Task, Unavailable, Visit
from hessbench.harness.running.launch import Launch, WorkerDied

FALSE_CLOCK = 2.0
"""A busy neighbor can slow a burst by half; a clock that does not wait is off by orders of magnitude."""
UNTRIED = "it took no time, as on a machine that is too busy"
TRIES = 3
"""Workers that must find a clock false before it is called so: a neighbor that begins between sample and burst makes
one look so, and a clock that does not wait always does."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a worker found out about a backend.

    Attributes:
        backend: Its name.
        problem: Why it cannot run, or the empty string.
        versions: Of the framework and its libraries.
        devices: In hessbench's words.
        import_s: Seconds to import it.
        threads: Cores that the worker may use, and the framework's own thread counts.
        unsupported: Methods that will be refused for every problem, with the reason.
        clock: Time of calls in a row of which only the last is waited for, over that of calls waited for one by one.
            Queued calls may overlap, so it may be below 1; far above 1 the samples stop before their results are there.
        false_clock: Why its times cannot be trusted, or the empty string.
        untried_clock: Why nobody knows, or the empty string.
    """

    backend: str
    problem: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    import_s: float | None = None
    threads: dict[str, int] = field(default_factory=dict)
    unsupported: dict[str, str] = field(default_factory=dict)
    clock: float | None = None
    false_clock: str = ""
    untried_clock: str = ""


def inspect_backend(name: str, inherited: Mapping[str, str] | None = None) -> Finding:
    """Start a worker that loads the backend, and ask.

    GPUs are looked for, so nothing is hidden from the worker; it computes nothing on them, so it may look while others
    compute.

    Args:
        name: The backend.
        inherited: Variables that the worker inherits (default: those of this process).

    Returns:
        What was found out, or why nothing could be.
    """
    absent = backends.missing(name)
    if absent:
        return Finding(name, absent)
    found = _inspected(name, inherited)
    for _ in range(TRIES - 1):
        if not (found.false_clock or found.untried_clock):
            break
        found = _inspected(name, inherited)
    return found


def _inspected(name: str, inherited: Mapping[str, str] | None) -> Finding:
    """What one worker finds out."""
    # The environment of a GPU's worker: that of a CPU's hides the devices that are to be found.
    variables = backends.load(name).environment("float64", "gpu")
    with tempfile.TemporaryDirectory() as folder:
        task = Task(name, "float64", "cpu", HIGHEST, QUICK, 0, folder, (Visit(_clocked(name)),))
        try:
            with Launch(task, variables, Limits(), Path(folder) / "log", inherited=inherited) as launch:
                return _found(name, list(launch.messages()))
        except WorkerDied as death:
            return Finding(name, death.reason)


def _found(name: str, messages: list[Message]) -> Finding:
    """What the worker has said."""
    ready = Ready(0.0)
    clock: tuple[float | None, str, str] = (None, "", UNTRIED)
    for message in messages:
        match message:
            case Unavailable(_, reason):
                return Finding(name, reason)
            case Ready():
                ready = message
            case CellEnd(_, outcome):
                clock = _clock(outcome)
    return Finding(
        name,
        "",
        dict(ready.versions),
        tuple(ready.devices),
        ready.import_s,
        dict(ready.threads),
        dict(ready.unsupported),
        *clock,
    )


def _clocked(name: str) -> Cell:
    """A Hessian on which the clock is tried."""
    offered = [m for m in backends.load(name).methods if m.default and m.operator == "hessian"]
    method = max(offered, key=lambda m: m.accuracy)  # the first exact one: differences take their time
    return Cell("quick", "quadratic", 10, method.operator, name, method.name, "float64", "cpu")


def _clock(outcome: Outcome) -> tuple[float | None, str, str]:
    """The ratio of the finding, what is wrong, and why nobody knows.

    A copy to the host waits in any case, a burst for its last call.

    Returns:
        As in `Finding`: clock, false_clock, untried_clock.
    """
    burst, sample = outcome.facts.get("burst_s"), outcome.facts.get("median_s")
    if outcome.fault == "not-synchronized":
        return None, outcome.reason, ""
    if not (burst and sample):
        return None, "", outcome.reason or UNTRIED
    ratio = burst / sample
    return ratio, "" if ratio < FALSE_CLOCK else "samples stop before their results are there", ""
