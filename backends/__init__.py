"""The backends: one interface, one folder per framework, one line each in this registry.

Third parties add theirs under the entry-point group `hessbench.backends` (name -> module:Class).
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, entry_points, version
from types import MappingProxyType

from hessbench.backends.contract.errors import BackendBroken, BackendUnavailable, first_line
from hessbench.backends.contract.interface import Backend
from hessbench.backends.contract.method import Method
from hessbench.backends.contract.versions import older
from hessbench.backends.contract.words import HIGHEST

BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "numpy": "hessbench.backends.numpy:NumpyBackend",
        "jax": "hessbench.backends.jax:JaxBackend",
        "torch": "hessbench.backends.torch:TorchBackend",
        "tensorflow": "hessbench.backends.tensorflow:TensorflowBackend",
        "autograd": "hessbench.backends.autograd:AutogradBackend",
        "casadi": "hessbench.backends.casadi:CasadiBackend",
    }
)

ON_REQUEST = ("autograd", "casadi")
"""Backends that run only where they are named: a further comparison must not lengthen everybody's run."""


@cache
def registry() -> Mapping[str, str]:
    """Name -> "module:Class" of every backend that can be loaded, built in or from an entry point."""
    foreign = {entry.name: entry.value for entry in entry_points(group="hessbench.backends")}
    return MappingProxyType({name: value for name, value in {**foreign, **BUILT_IN}.items() if name not in broken()})


def usual() -> tuple[str, ...]:
    """The backends of a run that names none."""
    return tuple(name for name in registry() if name not in ON_REQUEST)


@cache
def broken() -> Mapping[str, str]:
    """Third parties' backends that cannot be loaded, with the reason."""
    reasons = {}
    for entry in entry_points(group="hessbench.backends"):
        if entry.name in BUILT_IN:
            continue
        try:
            entry.load()
        except Exception as error:  # a third party's module can raise anything
            reasons[entry.name] = f"{entry.value} cannot be loaded: {type(error).__name__}: {error}"
    return MappingProxyType(reasons)


@cache
def load(name: str) -> type[Backend]:
    """The class of a backend; a `KeyError` where nobody has that name. Imports its file, not its framework."""
    module, _, attribute = registry()[name].partition(":")
    backend: type[Backend] = getattr(importlib.import_module(module), attribute)
    return backend


def open(name: str, dtype: str = "float64", device: str = "cpu", precision: str = HIGHEST) -> Backend:
    """A backend that is ready to compute: its framework imported, its device tried.

    Args:
        name: Name of a backend in the registry.
        dtype: "float64" or "float32".
        device: "cpu", "gpu" or "gpu:<index>".
        precision: Precision of products, "highest" or "tf32".

    Returns:
        The backend, bound to the three of them.

    Raises:
        BackendUnavailable: The framework is not installed, or the device is not there.
        BackendBroken: The framework is installed and cannot be imported.
    """
    if reason := missing(name):
        raise BackendUnavailable(reason)
    # A backend need not know of precisions unless it offers more than one.
    switches = (dtype, device, *((precision,) if precision != HIGHEST else ()))
    try:
        backend = load(name)(*switches)
        backend.namespace()  # may import more: that is part of opening, not of the first cell
        backend.check_device()
    except BackendUnavailable:
        raise
    except Exception as error:  # a broken installation can raise anything
        raise BackendBroken(f"cannot import {name}: {first_line(error)}") from error
    return backend


def too_old(name: str, method: Method) -> str | None:
    """Why the installed version lacks a method ("needs torch 2.3 or newer; ..."), or None. Imports no framework."""
    framework = load(name).requires[0]
    try:
        installed = version(framework)
    except PackageNotFoundError:  # not installed, or under another name: then the worker will tell
        return None
    if older(installed, method.since):
        return f"needs {framework} {method.since} or newer; {installed} is installed"
    return None


def missing(name: str) -> str | None:
    """Why the backend cannot run here ("not installed: ..."), or None. Looks, but imports no framework."""
    backend = load(name)
    absent = [module for module in backend.requires if importlib.util.find_spec(module) is None]
    if absent:
        return f"not installed ({', '.join(absent)}): pip install 'hessbench[{backend.extra}]'"
    return None
