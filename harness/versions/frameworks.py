"""What to install for a backend at one version, and beside it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from types import MappingProxyType

from hessbench import backends
from hessbench.harness.usage import check

BESIDE: Mapping[str, str] = MappingProxyType(
    {"numpy": "numpy>=2.1", "array-api-compat": "array-api-compat", "packaging": "packaging"}
)
"""What the worker's side of hessbench needs, by package; `packaging` puts versions in order."""

CPU_ONLY: Mapping[str, str] = MappingProxyType({"tensorflow": "tensorflow-cpu"})
"""Packages of the same versions without code for GPUs: a half of the size, on Linux."""


def package(backend: str) -> str:
    """The package whose versions are a backend's versions.

    Returns:
        Its name. A `UsageError` says that there is no such backend.
    """
    check("framework", [backend], backends.registry(), backends.broken())
    name = backends.load(backend).requires[0]
    return CPU_ONLY.get(name, name) if sys.platform == "linux" else name.replace("_", "-")


def requirements(backend: str, version: str) -> tuple[str, ...]:
    """What an environment of one version holds, as lines of a requirements file."""
    framework = f"{package(backend)}=={version}"
    beside = [line for name, line in BESIDE.items() if name != package(backend)]
    return (framework, *beside, *_third_party(backend))


def _third_party(backend: str) -> list[str]:
    """The package that brings a backend that is not ours, where it is an installed one."""
    if backend in backends.BUILT_IN:
        return []
    found = (entry.dist for entry in entry_points(group="hessbench.backends") if entry.name == backend)
    return [f"{dist.name}=={dist.version}" for dist in found if dist and (dist.read_text("INSTALLER") or "").strip()]
