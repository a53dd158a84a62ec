"""`hessbench hosts`: the machines of a scheduler, what each of them can run, how quiet it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hessbench import backends as registered
from hessbench.harness.commands.doctor import line
from hessbench.harness.machine import busy, fingerprint
from hessbench.harness.running.hosts.connect import connected
from hessbench.harness.running.hosts.host import Host
from hessbench.harness.running.inspection import Finding
from hessbench.harness.usage import check


def show(
    *,
    scheduler: str,
    within_s: float | None = None,
    backends: Sequence[str] | None = None,
    as_json: bool = False,
) -> int:
    """The command.

    Args:
        scheduler: Address of the scheduler.
        within_s: Seconds to wait for machines at most.
        backends: Look at these frameworks only.
        as_json: Print JSON instead of lines.

    Returns:
        Its exit code.
    """
    names = list(backends or registered.registry())
    check("backend", names, registered.registry(), registered.broken())
    with connected(scheduler, within_s) as machines:
        assert machines is not None
        hosts = machines.ready()
        used = machines.cores_in_use(hosts)
        found = machines.inspected(hosts, names)
    if as_json:
        print(json.dumps({"hosts": [_plain(host, used[host.name], found[host.name]) for host in hosts]}))
        return 0
    for host in hosts:
        print("\n".join(_lines(host, used[host.name], found[host.name])))
    print("\n".join(_kinds(hosts)))
    return 0


def _plain(host: Host, used: float | None, found: Mapping[str, Finding | str]) -> dict[str, Any]:
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


def _kinds(hosts: Sequence[Host]) -> list[str]:
    """Which machines are alike, and in what the others differ from the first."""
    kinds: dict[str, list[Host]] = {}
    for host in hosts:
        kinds.setdefault(host.fingerprint, []).append(host)
    first = hosts[0]
    said = [f"{len(hosts)} machines of {len(kinds)} kind{'s' if len(kinds) > 1 else ''}"]
    for mine in kinds.values():
        if mine[0].fingerprint != first.fingerprint:
            differ = "; ".join(fingerprint.differences(first.facts, mine[0].facts))
            said.append(f"{', '.join(host.name for host in mine)} beside {first.name}: {differ}")
    return said
