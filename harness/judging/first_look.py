"""A first look at a user's function with NumPy, before any framework meets it: what it uses and must not do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.contract.namespace import operations
from hessbench.backends.numeric.hyper_dual import HyperDual, namespace


@dataclass(frozen=True, slots=True)
class Probe:
    """What one evaluation of f has shown.

    Attributes:
        operations: Names of the vocabulary that f uses.
        changes: The argument that f changed in place ("x", "data 0"), or the empty string.
        drops: Whether f makes plain numbers of x: frameworks that compute eagerly lose their derivatives silently.
        is_nan: Whether f is NaN at x, so that no derivative of it means anything.
    """

    operations: frozenset[str]
    changes: str
    drops: bool
    is_nan: bool


def probe(f: Callable[..., Any], x: FloatArray, data: Sequence[FloatArray]) -> Probe:
    """Call f on copies of its arguments."""
    mine = [np.array(array) for array in (x, *data)]
    used = operations(f, mine[0], mine[1:])
    names = ["x", *(f"data {i}" for i in range(len(data)))]
    changed = (
        name
        for name, mine_, theirs in zip(names, mine, (x, *data), strict=True)
        if not np.array_equal(mine_, theirs, equal_nan=mine_.dtype.kind == "f")
    )
    return Probe(used, next(changed, ""), _drops(f, x, data), is_nan(f, x, data))


NAN = "{} in {}: is NaN at this x, so it has no derivatives there; choose another x"


def refusal(seen: Probe, name: str, backend: str) -> str:
    """Why a function is not differentiated anywhere, or the empty string: it changes its arguments, or is NaN."""
    if seen.changes:
        return (
            f"{name} in {backend}: changes its argument {seen.changes} in place; build a new array with xp.where, "
            "xp.stack or xp.concat"
        )
    return NAN.format(name, backend) if seen.is_nan else ""


def is_nan(f: Callable[..., Any], x: FloatArray, data: Sequence[FloatArray]) -> bool:
    """Whether f is NaN at x in NumPy; False where NumPy cannot tell."""
    try:
        with np.errstate(all="ignore"):
            return bool(np.isnan(f(np, np.array(x), *map(np.array, data))))
    except Exception:  # a user's function can raise anything
        return False


def _drops(f: Callable[..., Any], x: FloatArray, data: Sequence[FloatArray]) -> bool:
    """Hyper-dual numbers refuse to be plain numbers; with them f is evaluated once."""
    x = np.asarray(x, dtype=np.float64)
    try:
        with np.errstate(all="ignore"):
            f(namespace(), HyperDual(x, x, x, np.zeros_like(x)), *(np.array(array) for array in data))
    except TypeError as error:
        return "real number, not" in str(error)
    except Exception:  # a user's function can raise anything
        return False
    return False
