"""Where functions are special: zeros, signs, ties, integers, repeated eigenvalues, large and tiny numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LARGE, TINY = 30.0, 1e-9
"""Tails and cancellation show there, while most functions are still finite."""


def special_points(x: Sequence[float], call: Sequence[Any]) -> Mapping[str, tuple[float, ...]]:
    """The special points of a call's variable.

    Args:
        x: Its ordinary point.
        call: Function, arguments, keywords; see `backends.scripts.calls`.

    Returns:
        Points by name; none where few variables move many entries, since no entry is special there.
    """
    shape = _shape([*call[1], *call[2].values()])
    if shape is None:
        return {}
    n = len(x)
    found = {
        "zero": np.zeros(n),
        "signs": np.resize([0.0, 1.0, -1.0], n),
        "ties": np.full(n, 0.5),
        "integers": np.resize([1.0, 2.0, 3.0], n),
        "large": LARGE * np.resize([1.0, -0.71, 0.4], n),  # no negative integer: there are poles
        "tiny": TINY * np.asarray(x),
    }
    if len(shape) == 2 and shape[0] == shape[1]:
        found["identity"] = np.eye(shape[0]).ravel()
    return {name: tuple(map(float, point)) for name, point in found.items()}


def _shape(arguments: Sequence[Any]) -> tuple[int, ...] | None:
    """The shape of the variable where it is x itself."""
    for argument in arguments:
        for kind in ("variable", "symmetric-variable"):
            if isinstance(argument, Mapping) and kind in argument:
                return tuple(argument[kind])
        parts = (
            argument if isinstance(argument, list) else argument.get("tuple", ()) if isinstance(argument, dict) else ()
        )
        if (shape := _shape(parts)) is not None:
            return shape
    return None
