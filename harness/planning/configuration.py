"""The configuration of a run: plain data in the manifest, made from options, compared when a run is resumed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from hessbench.harness.machine import memory
from hessbench.harness.planning import user_files
from hessbench.harness.planning.selection import ALL, Selection
from hessbench.harness.planning.settings import DEFAULT, QUICK, Limits, Policy, Settings
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.problem import QUICK as QUICK_TIER

LISTS = {
    "tag": "tags",
    "backend": "backends",
    "method": "methods",
    "operator": "operators",
    "mode": "modes",
    "execution": "executions",
    "chunk": "chunks",
    "size": "sizes",
    "batch": "batches",
    "dtype": "dtypes",
    "device": "devices",
    "precision": "precisions",
    "text": "texts",
}
FACETS = ("modes", "executions", "chunks")
"""Filters over the catalogue: who names one and no method means all methods that have it."""
MEMORY_SHARE = 0.9
DEFAULT_ROUNDS = (3, 6)
PRECISION = 0.05
"""Six launches are the least that enclose a median with 95 % (`results.statistics.median_interval`)."""


def from_options(options: Any, base: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The configuration that the options ask for.

    Args:
        options: The parsed command line.
        base: What holds unless an option says otherwise, where a command differs from `run`.

    Raises:
        UsageError: A number is out of range.
    """
    given = _given(options)
    quick = bool(given.pop("quick", False))
    defaults = asdict(Selection())
    configuration: dict[str, Any] = {name: list(value) for name, value in defaults.items()}
    rounds, max_rounds = given.pop("rounds", (1, 1) if quick else DEFAULT_ROUNDS)
    configuration |= {"rounds": rounds, "max_rounds": max_rounds, "precision": PRECISION}
    configuration |= {"memory": False, "seed": 0, "timeout_s": 60.0, "memory_limit_bytes": None}
    configuration |= {"policy": asdict(QUICK if quick else DEFAULT), "ranges": [QUICK_TIER] if quick else []}
    configuration |= dict(base) | given
    configuration["sources"] = user_files.sources(configuration["suites"])
    if configuration["seed"] < 0:
        raise UsageError(f"--seed {configuration['seed']} is negative; write 0 or more")
    if not configuration["timeout_s"] > 0:
        raise UsageError(f"--timeout {configuration['timeout_s']} is no time; write seconds, such as 60")
    return configuration


def _given(options: Any) -> dict[str, Any]:
    """What was said on the command line, under the configuration's names; order and repetition do not count."""
    given: dict[str, Any] = {}
    if options.suites:
        given["suites"] = sorted(set(options.suites))
    for option, name in LISTS.items():
        if getattr(options, option, None) is not None:
            given[name] = sorted(set(getattr(options, option)), key=lambda value: (str(type(value)), value))
    if "sizes" in given:
        given["ranges"] = [size for size in given["sizes"] if isinstance(size, str)]
        given["sizes"] = [size for size in given["sizes"] if not isinstance(size, str)]
    if "methods" not in given and any(name in given for name in FACETS):
        given["methods"] = [ALL]
    if getattr(options, "rounds", None) is not None:
        given["rounds"] = parse_rounds(options.rounds)
    for option, name in (("seed", "seed"), ("timeout", "timeout_s"), ("quick", "quick"), ("memory", "memory")):
        if getattr(options, option, None) is not None:
            given[name] = getattr(options, option)
    if options.memory_limit is not None:
        given["memory_limit_bytes"] = parse_size(options.memory_limit)
    return given


def parse_rounds(text: str) -> tuple[int, int]:
    """Least and most launches of "5" or "3..10".

    Raises:
        UsageError: It is neither.
    """
    match = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", text)
    least, most = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= least <= most:
        raise UsageError(f"--rounds {text} is no number of launches; write for example 5, or 3..10 for at least 3")
    return least, most


def parse_size(text: str) -> int:
    """Bytes of a size such as "4GB", "512M" (powers of 1000) or "4GiB" (of 1024).

    Raises:
        UsageError: It is not a size.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)(I?)B?\s*", text.upper())
    if not match or float(match[1]) == 0:
        raise UsageError(f"memory limit {text!r} is not a size; write for example 4GB")
    power = " KMGT".index(match[2] or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def contradicts(options: Any, stored: Mapping[str, Any]) -> str | None:
    """Which option asks for something else than the stored configuration, or None."""
    given = _given(options)
    if given.pop("quick", False):
        given["policy"] = asdict(QUICK)
    if "rounds" in given:
        given["rounds"], given["max_rounds"] = given["rounds"]
    for name, value in given.items():
        if stored.get(name) != value:
            return f"{name} is {stored.get(name)} there, {value} here"
    return None


def selection(configuration: Mapping[str, Any]) -> Selection:
    """What to run; a run of an earlier version may lack an option, which then had no effect."""
    return Selection(**{name: tuple(configuration[name]) for name in asdict(Selection()) if name in configuration})


def settings(configuration: Mapping[str, Any]) -> Settings:
    """How to measure it."""
    limit = configuration["memory_limit_bytes"]
    machine = memory.machine_limit()
    if limit is None and machine is not None:
        limit = int(MEMORY_SHARE * machine)
    own = {name: source["path"] for name, source in configuration.get("sources", {}).items()}
    limits = Limits(phase_s=configuration["timeout_s"], memory_bytes=limit)
    rounds = configuration["rounds"]
    return Settings(
        Policy(**configuration["policy"]),
        rounds,
        configuration.get("max_rounds", rounds),
        configuration["seed"],
        limits,
        configuration.get("precision", PRECISION),
        sources=own,
        workers=configuration.get("workers", 1),
    )
