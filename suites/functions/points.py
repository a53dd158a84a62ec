"""Where functions are special: zeros, signs, ties, integers, repeated eigenvalues, large and tiny numbers, branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LARGE, TINY = 30.0, 1e-9
"""Tails and cancellation show there, while most functions are still finite."""
REAL, COMPLEX = ("variable", "symmetric-variable"), "complex-variable"
"""The kinds of variables that have special points, in a call's words; see `backends.scripts.calls`."""


def special_points(x: Sequence[float], call: Sequence[Any]) -> Mapping[str, tuple[float, ...]]:
    """The special points of a call's variable.

    Args:
        x: Its ordinary point.
        call: Function, arguments, keywords; see `backends.scripts.calls`.

    Returns:
        Points by name; none where few variables move many entries, since no entry is special there.
    """
    kind, shape = _variable([*call[1], *call[2].values()]) or ("", ())
    found = _of_complex(np.asarray(x)) if kind == COMPLEX else _of_real(np.asarray(x), shape) if kind else {}
    return {name: tuple(map(float, point)) for name, point in found.items()}


def _of_real(x: Any, shape: Sequence[int]) -> dict[str, Any]:
    n = x.size
    found = {
        "zero": np.zeros(n),
        "signs": np.resize([0.0, 1.0, -1.0], n),
        "ties": np.full(n, 0.5),
        "integers": np.resize([1.0, 2.0, 3.0], n),
        "large": LARGE * np.resize([1.0, -0.71, 0.4], n),  # no negative integer: there are poles
        "tiny": TINY * x,
    }
    if len(shape) == 2 and shape[0] == shape[1]:
        found["identity"] = np.eye(shape[0]).ravel()
    return found


def _of_complex(x: Any) -> dict[str, Any]:
    """Of real parts and imaginary parts: a branch that a derivative takes wrongly shows in the other quadrants."""
    real, imaginary = np.split(x, 2)
    parts = {
        "zero": (0 * real, 0 * imaginary),
        "left": (-np.abs(real), np.resize([1.0, -1.0], real.size) * imaginary),
        "real": (real, 0 * imaginary),
        "imaginary": (0 * real, imaginary),
    }
    return {name: np.concatenate(both) for name, both in parts.items()}


def _variable(arguments: Sequence[Any]) -> tuple[str, tuple[int, ...]] | None:
    """Kind and shape of the variable where it is x itself, or both its parts."""
    for argument in arguments:
        for kind in (*REAL, COMPLEX):
            if isinstance(argument, Mapping) and kind in argument:
                return kind, tuple(argument[kind])
        parts = (
            argument if isinstance(argument, list) else argument.get("tuple", ()) if isinstance(argument, dict) else ()
        )
        if (found := _variable(parts)) is not None:
            return found
    return None
