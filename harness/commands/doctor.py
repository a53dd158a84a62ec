"""`hessbench doctor`: what is installed, which devices each framework sees, and what will be unsupported and why."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hessbench import backends
from hessbench.harness.machine import environment
from hessbench.harness.planning.cell import Cell
from hessbench.harness.planning.settings import QUICK, Limits
from hessbench.harness.running.launch import Launch, WorkerDied

FALSE_CLOCK = 2.0
"""A busy neighbor can slow a burst by half; a clock that does not wait is off by orders of magnitude."""


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


def look(name: str) -> Finding:
    """Start a worker that loads the backend, and ask. GPUs are looked for, so nothing is hidden from it.

    The worker computes nothing on them: it may look while others compute.
    """
    absent = backends.missing(name)
    if absent:
        return Finding(name, absent)
    variables = backends.load(name).environment("float64", "gpu")
    with tempfile.TemporaryDirectory() as folder:
        task = {
            "backend": name,
            "dtype": "float64",
            "device": "cpu",
            "policy": asdict(QUICK),
            "seed": 0,
            "references": folder,
            "cells": [{"cell": _clocked(name).as_dict()}],
        }
        try:
            with Launch(task, variables, Limits(), Path(folder) / "log") as launch:
                events = {event["event"]: event for event in launch.events()}
        except WorkerDied as death:
            return Finding(name, death.reason)
    if "unavailable" in events:
        return Finding(name, events["unavailable"]["reason"])
    ready = events["ready"]
    return Finding(
        name,
        "",
        ready["versions"],
        tuple(ready["devices"]),
        ready["import_s"],
        ready["threads"],
        ready["unsupported"],
        *_clock(events["cell_end"]["outcome"]),
    )


def _clocked(name: str) -> Cell:
    """A Hessian on which the clock is tried."""
    method = next(m for m in backends.load(name).methods if m.default and m.operator == "hessian")
    return Cell("quick", "quadratic", 10, method.operator, name, method.name, "float64", "cpu")


def _clock(outcome: Mapping[str, Any]) -> tuple[float | None, str]:
    """The ratio of the finding, and what is wrong: a copy to the host waits in any case, a burst for its last call."""
    burst, sample = outcome.get("burst_s"), outcome.get("median_s")
    if outcome.get("fault") == "not-synchronized":
        return None, outcome["reason"]
    if not (burst and sample):
        return None, f"it could not be tried: {outcome.get('reason') or 'no time'}"
    ratio = burst / sample
    return ratio, "" if ratio < FALSE_CLOCK else "samples stop before their results are there"


def examine(options: Any) -> int:
    """The command. Returns its exit code."""
    machine = environment.machine()
    found = [look(name) for name in backends.registry()]
    if options.json:
        print(json.dumps({"machine": machine, "backends": [asdict(finding) for finding in found]}))
        return 0
    memory_gb = (machine["memory_bytes"] or 0) / 1e9
    print(
        f"{machine['cpu']}, {machine['usable_cores']} of {machine['cores']} cores, {memory_gb:.0f} GB, "
        f"{machine['system']}, Python {machine['python']}"
    )
    print(
        "threads: "
        + (", ".join(f"{k}={v}" for k, v in machine["threads"].items()) or "no variable set; frameworks choose")
    )
    for card in machine.get("gpus", ()):
        print(f"GPU: {card}")
    if not machine.get("gpus") and any(device.startswith("gpu") for f in found for device in f.devices):
        print("GPU: clocks, temperature and throttling are not known: pip install 'hessbench[gpu]'")
    for finding in found:
        print(_line(finding))
        for method, reason in finding.unsupported.items():
            print(f"  unsupported: {method}: {reason}")
    return 0


def _line(finding: Finding) -> str:
    if finding.problem:
        return f"{finding.backend}: {finding.problem}"
    versions = ", ".join(f"{name} {version}" for name, version in finding.versions.items())
    threads = ", ".join(f"{name} {count}" for name, count in finding.threads.items())
    devices = ", ".join(finding.devices)
    text = (
        f"{finding.backend}: {versions}; devices: {devices}; threads: {threads}; imported in {finding.import_s:.1f} s"
    )
    if finding.false_clock:
        return f"{text}; DO NOT TRUST ITS CLOCK: {finding.false_clock}"
    return f"{text}; clock: calls in a row take {finding.clock:.2f} of single ones"
