"""Where functions are special: zeros, signs, ties, integers, repeated eigenvalues, large and tiny numbers, branches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

LARGE, TINY = 30.0, 1e-9
"""Tails and cancellation show there, while most functions are still finite."""
TAIL = 37.43
"""From there on 1 / (1 + exp(-x)) is rounded to 1: what subtracts it from 1 has lost a derivative that float64 has."""
FAR = 800.0
"""There exp(x) has overflowed, and what is computed with it is NaN where the function itself is flat."""
VARIABLE, ARRAY, COMPLEX, SLICE = "variable", "array", "complex-variable", "slice-of-variable"
REAL = (VARIABLE, "symmetric-variable")
"""The kinds of variables that have special points, in a call's words; see `backends.scripts.calls`."""
OF_ONE = ("signs", "integers", "identity", "singular", "equal")
"""The points of one argument while others vary with it: a mixed derivative is lost where one of both is special."""


def special_points(x: Sequence[float], call: Sequence[Any]) -> Mapping[str, tuple[float, ...]]:
    """The special points of a call's variable.

    Args:
        x: Its ordinary point.
        call: Function, arguments, keywords; see `backends.scripts.calls`.

    Returns:
        Points by name; none where few variables move many entries, since no entry is special there. Where several
        arguments vary, those of each, the others as they are: "integers of 1", counted from zero.
    """
    ordinary, arguments = np.asarray(x), [*call[1], *call[2].values()]
    slices = _slices(arguments)
    found = {} if slices else _of(arguments, ordinary)
    if len(arguments) == 1 and _variable(arguments) in ((VARIABLE, ()), (VARIABLE, ordinary.shape)):
        # Other entries, or y where it grows, would hide a tail: all are in the same one.
        sides = {"right tail": TAIL, "left tail": -TAIL, "far right": FAR, "far left": -FAR}
        found |= {name: np.full(ordinary.size, side) for name, side in sides.items()}
    if (other := _alike(arguments)) is not None:
        found["equal"] = np.ravel(other)
    for i, (first, last, argument) in enumerate(slices):
        special = _of([argument], ordinary[first:last])
        special |= {"equal": ordinary[: last - first]} if i and _of_one_shape(argument, slices[0][2]) else {}
        found |= {
            f"{name} of {i}": np.concatenate([ordinary[:first], special[name], ordinary[last:]])
            for name in OF_ONE
            if name in special
        }
    return {name: tuple(map(float, point)) for name, point in found.items()}


def _of(arguments: Sequence[Any], x: Any) -> dict[str, Any]:
    kind, shape = _variable(arguments) or ("", ())
    return _of_complex(x) if kind == COMPLEX else _of_real(x, shape) if kind else {}


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
        found["singular"] = np.diag([*np.ones(shape[0] - 1), 0.0]).ravel()  # a determinant still has curvature
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
    for argument in _each(arguments):
        for kind in (*REAL, COMPLEX):
            if isinstance(argument, Mapping) and kind in argument:
                return kind, tuple(argument[kind])
    return None


def _alike(arguments: Sequence[Any]) -> Any:
    """The first constant of floats in the shape of the variable; None where there is none."""
    kind, shape = _variable(arguments) or ("", ())
    constants = [one[ARRAY].get("float64") for one in _each(arguments) if isinstance(one, Mapping) and ARRAY in one]
    alike = [values for values in constants if values is not None and np.shape(values) == shape]
    return alike[0] if kind == VARIABLE and alike else None


def _of_one_shape(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two arguments that vary together are variables of one shape."""
    return VARIABLE in one and one == other


def _slices(arguments: Sequence[Any]) -> list[Any]:
    """First and last entry of each argument that varies with others, and what it is of them."""
    return [one[SLICE] for one in _each(arguments) if isinstance(one, Mapping) and SLICE in one]


def _each(arguments: Sequence[Any]) -> Iterator[Any]:
    """The arguments, and what is in lists and tuples among them."""
    for argument in arguments:
        yield argument
        if isinstance(argument, list):
            yield from _each(argument)
        elif isinstance(argument, Mapping):
            yield from _each(argument.get("tuple", ()))
