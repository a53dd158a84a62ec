"""A host: what it says of itself, what it is called, and whether it can take part."""

from __future__ import annotations

import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from hessbench.harness.machine import fingerprint
from hessbench.results.units import printable

RESOURCE = "hessbench"
"""What a Dask worker must offer, once: it has one launch at a time."""
HOW = "dask worker ADDRESS --nworkers 1 --nthreads 1 --resources hessbench=1"


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of a scheduler.

    Attributes:
        name: Stable and unique: that of its Dask worker where it was given one, else of the machine.
        address: Of its Dask worker; another one after every start.
        node: The machine's own name; Dask workers of one machine disturb each other.
        facts: What its fingerprint is made of.
        missing: Backends that cannot be loaded there, with the reason.
        memory_bytes: What all its processes may use; None where that is not known.
    """

    name: str
    address: str
    node: str
    facts: Mapping[str, Any]
    missing: Mapping[str, str] = field(default_factory=dict)
    memory_bytes: int | None = None

    @property
    def fingerprint(self) -> str:
        """The hash of its facts."""
        return fingerprint.of(self.facts)

    def event(self) -> dict[str, object]:
        """What the journal keeps of it."""
        facts = dict(self.facts)
        return {"event": "host", "name": self.name, "node": self.node, "fingerprint": self.fingerprint, "facts": facts}


def own_versions() -> dict[str, str]:
    """What must be the same on all sides: what one sends, the others must understand."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, "hessbench": version("hessbench"), "distributed": version("distributed")}


def stranger(said: Mapping[str, str]) -> str:
    """Why a host cannot take part, by its `own_versions`; empty where it can."""
    differ = [(name, own) for name, own in own_versions().items() if said.get(name) != own]
    return ", ".join(f"{name} {said.get(name)} there, {own} here" for name, own in differ)


def named(given: object, node: str, taken: Collection[str]) -> str:
    """What a host is called.

    Args:
        given: The name of its Dask worker: text that a person chose, a number, or its address.
        node: The machine's own name.
        taken: Names of others.

    Returns:
        A name that nobody else has.
    """
    text = printable(str(given))
    name = text if text and "://" not in text and not text.isdigit() else f"{node}-{text}" if text.isdigit() else node
    others = (f"{name}-{count}" for count in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in others if other not in taken)
