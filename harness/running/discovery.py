"""`--device all`: which devices each framework sees, asked of one small worker per framework."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from hessbench import backends
from hessbench.harness.machine.devices import ALL, canonical
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.plan import backends_of
from hessbench.harness.running.inspection import inspect_backend
from hessbench.harness.usage import check

NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def discover(selection: Selection) -> Mapping[str, tuple[str, ...]]:
    """The devices of each backend of a selection that asks for all of them; nothing is started otherwise.

    A framework that cannot be loaded gets the CPU, where its cells say why.

    Returns:
        Devices by backend. A `UsageError` names a backend that does not exist.
    """
    if ALL not in selection.devices:
        return NOTHING
    names = backends_of(selection)
    check("backend", names, backends.registry(), backends.broken())
    found = {name: seen_by(name) for name in names}
    print("note: devices: " + "; ".join(_words(found)), file=sys.stderr)
    return found


def seen_by(name: str) -> tuple[str, ...]:
    """The devices that a backend sees, in the spelling of cells; the CPU where nobody can tell."""
    if backends.load(name).device_kinds == ("cpu",):  # nothing to find out, and a framework takes seconds to import
        return ("cpu",)
    return tuple(dict.fromkeys(map(canonical, inspect_backend(name).devices))) or ("cpu",)


def _words(found: Mapping[str, Iterable[str]]) -> list[str]:
    return [f"{name} {', '.join(devices)}" for name, devices in found.items()]
