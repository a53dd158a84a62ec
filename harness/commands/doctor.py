"""`hessbench doctor`: what is installed, which devices each framework sees, and what will be unsupported and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hessbench import backends
from hessbench.harness.machine import environment
from hessbench.harness.running.inspection import Finding, inspect_backend


def examine(*, as_json: bool = False) -> int:
    """The command.

    Args:
        as_json: Print JSON instead of lines.

    Returns:
        Its exit code.
    """
    machine = environment.machine()
    found = [inspect_backend(name) for name in backends.registry()]
    if as_json:
        print(json.dumps({"machine": machine, "backends": [asdict(finding) for finding in found]}))
        return 0
    print("\n".join(_about_machine(machine, found)))
    for finding in found:
        print(line(finding))
        for method, reason in finding.unsupported.items():
            print(f"  unsupported: {method}: {reason}")
    return 0


def _about_machine(machine: Mapping[str, Any], found: Sequence[Finding]) -> list[str]:
    threads = ", ".join(f"{name}={value}" for name, value in machine["threads"].items())
    cards = machine.get("gpus", ())
    lines = [
        f"{machine['cpu']}, {machine['usable_cores']} of {machine['cores']} cores, "
        f"{(machine['memory_bytes'] or 0) / 1e9:.0f} GB, {machine['system']}, Python {machine['python']}",
        f"threads: {threads or 'no variable set; frameworks choose'}",
        *(f"GPU: {card}" for card in cards),
    ]
    if not cards and any(device.startswith("gpu") for finding in found for device in finding.devices):
        lines.append("GPU: clocks, temperature and throttling are not known: pip install 'hessbench[gpu]'")
    return lines


def line(finding: Finding) -> str:
    """What is known of a backend, in one line."""
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
