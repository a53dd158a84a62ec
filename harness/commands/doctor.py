"""`hessbench doctor`: what is installed, which devices each framework sees, and what will be unsupported and why.

`hessbench hosts`: the same of the machines of a scheduler, and how quiet they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hessbench import backends as backend_registry
from hessbench.harness.machine import busy, environment, fingerprint
from hessbench.harness.running.hosts.connect import connected
from hessbench.harness.running.hosts.host import Host
from hessbench.harness.running.inspection import Finding, inspect_backend
from hessbench.harness.usage import check


def examine(backends: Sequence[str] | None = None, *, as_json: bool = False) -> int:
    """The command.

    Args:
        backends: The frameworks to look at; None for all.
        as_json: Print JSON instead of lines.

    Returns:
        Its exit code; a `UsageError` names a backend that does not exist.
    """
    check("backend", backends or (), backend_registry.registry())
    machine = environment.machine()
    found = [inspect_backend(name) for name in backends or backend_registry.registry()]
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
    if finding.untried_clock:
        return f"{text}; its clock could not be tried: {finding.untried_clock}"
    return f"{text}; clock: calls in a row take {finding.clock:.2f} of single ones"


def hosts(
    *,
    scheduler: str,
    within_s: float | None = None,
    backends: Sequence[str] | None = None,
    as_json: bool = False,
) -> int:
    """The command `hosts`.

    Args:
        scheduler: Address of the scheduler.
        within_s: Seconds to wait for machines at most.
        backends: Look at these frameworks only.
        as_json: Print JSON instead of lines.

    Returns:
        Its exit code.
    """
    names = list(backends or backend_registry.registry())
    check("backend", names, backend_registry.registry(), backend_registry.broken())
    with connected(scheduler, within_s) as machines:
        assert machines is not None
        there = machines.ready()
        used = machines.cores_in_use(there)
        found = machines.inspected(there, names)
    if as_json:
        print(json.dumps({"hosts": [_plain(host, used[host.name], found[host.name]) for host in there]}))
        return 0
    for host in there:
        print("\n".join(_lines(host, used[host.name], found[host.name])))
    print("\n".join(_kinds(there)))
    return 0


def _plain(host: Host, used: float | None, found: Mapping[str, Finding | str]) -> Mapping[str, object]:
    can = {name: said if isinstance(said, str) else said.problem or line(said) for name, said in found.items()}
    fixed = {"name": host.name, "node": host.node, "address": host.address, "fingerprint": host.fingerprint}
    return {**fixed, "facts": dict(host.facts), "cores_in_use": used, "backends": can}


def _lines(host: Host, used: float | None, found: Mapping[str, Finding | str]) -> list[str]:
    facts = host.facts
    gpus = "".join(f", {card}" for card in facts["gpus"])
    quiet = "not known" if used is None else f"{used:.1f} cores in use"
    state = "" if used is None or used < busy.NOTICEABLE else ": busy, what others disturb is measured again"
    return [
        f"{host.name} (fingerprint {host.fingerprint}): {facts['cpu']}, {facts['usable_cores']} of {facts['cores']} "
        f"cores, {facts['memory_gb']} GB{gpus}, {facts['blas']}, Python {facts['python']}; {quiet}{state}",
        *(f"  {name}: {said}" if isinstance(said, str) else f"  {line(said)}" for name, said in found.items()),
    ]


def _kinds(there: Sequence[Host]) -> list[str]:
    """Which machines are alike, and in what the others differ from the first."""
    kinds: dict[str, list[Host]] = {}
    for host in there:
        kinds.setdefault(host.fingerprint, []).append(host)
    first = there[0]
    said = [f"{len(there)} machines of {len(kinds)} kind{'s' if len(kinds) > 1 else ''}"]
    for mine in kinds.values():
        if mine[0].fingerprint != first.fingerprint:
            differ = "; ".join(fingerprint.differences(first.facts, mine[0].facts))
            said.append(f"{', '.join(host.name for host in mine)} beside {first.name}: {differ}")
    return said
