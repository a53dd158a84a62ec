"""What makes two machines the same for times and results, as a few facts and their hash.

Never anything that is measured: a clock or a load differs from one look to the next, and machines would be strangers to
themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from hessbench.harness.machine import environment

GB = 1 << 30
LENGTH = 8


def facts(machine: Mapping[str, Any], versions: Mapping[str, str]) -> Mapping[str, Any]:
    """What a fingerprint is made of.

    Args:
        machine: As `environment.machine` says it.
        versions: Of packages.

    Returns:
        Plain JSON data. Memory is in GB: what a system keeps for itself differs by some pages from start to start.
    """
    return {
        "cpu": machine["cpu"],
        "cores": machine["cores"],
        "usable_cores": machine["usable_cores"],
        "memory_gb": round((machine["memory_bytes"] or 0) / GB),
        "gpus": list(machine.get("gpus", ())),
        "blas": machine["blas"],
        "python": machine["python"],
        "versions": dict(sorted(versions.items())),
    }


def of(found: Mapping[str, Any]) -> str:
    """The hash of `facts`."""
    canonical = json.dumps(found, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:LENGTH]


def here() -> Mapping[str, Any]:
    """The facts of this machine."""
    return facts(environment.machine(), environment.versions())


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """In what two machines differ, in words, one phrase for each."""
    flat = [{**found, **found["versions"]} for found in (first, second)]
    names = [name for name in dict.fromkeys([*flat[0], *flat[1]]) if name != "versions"]
    return [
        f"{name} {flat[0].get(name, 'absent')} and {flat[1].get(name, 'absent')}"
        for name in names
        if flat[0].get(name) != flat[1].get(name)
    ]
