"""The suites: one module or package each, named in this registry; its tuple `PROBLEMS` is the suite.

Third parties add theirs under the entry-point group `hessbench.suites` (name -> module with PROBLEMS).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from hessbench.suites.definition.problem import Problem

BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "tutorial": "hessbench.suites.tutorial",
        "quick": "hessbench.suites.selections.quick",
        "classic": "hessbench.suites.classic",
        "nist": "hessbench.suites.published.nist",
        "physics": "hessbench.suites.physics",
        "ml": "hessbench.suites.ml",
        "statistics": "hessbench.suites.statistics",
        "sparse": "hessbench.suites.sparse",
        "linalg": "hessbench.suites.linalg",
        "applications": "hessbench.suites.applications",
        "traps": "hessbench.suites.traps",
        "canaries": "hessbench.suites.canaries",
        "scaling": "hessbench.suites.selections.scaling",
        "gpu": "hessbench.suites.selections.gpu",
        "models": "hessbench.suites.models",
    }
)

BY_NAME: Mapping[str, str] = MappingProxyType({"functions": "hessbench.suites.functions"})
"""Suites of thousands of problems: they are imported, listed and verified where somebody names them."""


@cache
def registry() -> Mapping[str, str]:
    """Name -> module of every suite that can be loaded, built in or from an entry point."""
    foreign = {entry.name: entry.value for entry in entry_points(group="hessbench.suites")}
    loaded = {name: value for name, value in foreign.items() if name not in broken()}
    return MappingProxyType({**loaded, **BY_NAME, **BUILT_IN})


@cache
def broken() -> Mapping[str, str]:
    """Third parties' suites that cannot be loaded, with the reason."""
    reasons = {}
    for entry in entry_points(group="hessbench.suites"):
        if entry.name in BUILT_IN or entry.name in BY_NAME:
            continue
        try:
            tuple(entry.load().PROBLEMS)
        except Exception as error:  # a third party's module can raise anything
            reasons[entry.name] = f"{entry.value} cannot be loaded: {type(error).__name__}: {error}"
    return MappingProxyType(reasons)


_ATTACHED: dict[str, Mapping[str, Problem]] = {}


def attach(name: str, problems: Iterable[Problem]) -> None:
    """Make a user's own problems a suite of this process, in the place of an earlier one of that name."""
    _ATTACHED[name] = MappingProxyType({problem.name: problem for problem in problems})
    load.cache_clear()


def attached() -> tuple[str, ...]:
    """The names of the suites that were attached."""
    return tuple(_ATTACHED)


@cache
def load(name: str) -> Mapping[str, Problem]:
    """The problems of a suite by name, in the suite's order; an unknown suite is a `KeyError`."""
    if name in _ATTACHED:
        return _ATTACHED[name]
    module = importlib.import_module(registry()[name])
    return MappingProxyType({problem.name: problem for problem in module.PROBLEMS})


def operators(name: str) -> tuple[str, ...]:
    """What a run computes of a suite unless told otherwise: its module's `OPERATORS`; empty where it says nothing."""
    if name in _ATTACHED:
        return ()
    return tuple(getattr(importlib.import_module(registry()[name]), "OPERATORS", ()))
