"""Modules of PyTorch that a function reads: in train mode each evaluation changes their buffers."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterator
from typing import Any

from hessbench.harness.judging.explain import CHANGE, in_own_words
from hessbench.harness.python.reading.closed_over import read_by
from hessbench.suites.definition.problem import Problem

BUFFERS = (
    "changes the buffers of a module in train mode, such as BatchNorm's running mean; call .eval() on it, or make it "
    "with track_running_stats=False"
)


def buffers_in_training(f: Any) -> list[Any]:
    """The buffers of modules in train mode that f reads, as far as they can be found.

    Args:
        f: A function, or a problem.

    Returns:
        Tensors; none where PyTorch has not been imported.
    """
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "nn"):
        return []
    found, seen, waiting = [], set(), [f]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, torch.nn.Module):
            found += [
                buffer for module in value.modules() if module.training for buffer in module.buffers(recurse=False)
            ]
        else:
            waiting += _parts(value)
    return found


def of_buffers(told: str, f: Any, backend: str) -> str:
    """What is said of a change in place, where those are changed: not f's own text is to be mended then.

    Args:
        told: What a rule says.
        f: The function, or the problem.
        backend: The backend's name.

    Returns:
        The same, with the right advice.
    """
    advice = in_own_words(CHANGE, backend)
    return told.replace(advice, BUFFERS) if advice in told and buffers_in_training(f) else told


def _parts(value: Any) -> Iterator[Any]:
    """What one looks into on the way to a module."""
    if isinstance(value, types.FunctionType):
        yield from read_by(value)
    elif isinstance(value, Problem):
        yield from (value.objective, *value.native.values())
    elif isinstance(value, functools.partial):
        yield from (value.func, *value.args, *value.keywords.values())
    elif isinstance(value, types.MethodType):
        yield from (value.__func__, value.__self__, *getattr(value.__self__, "__dict__", {}).values())
    elif isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
    elif callable(value) and not isinstance(value, type):  # an object with __call__, which may hold a module
        yield from getattr(value, "__dict__", {}).values()
