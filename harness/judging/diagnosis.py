"""What a wrong result looks like: a name for the kind of fault, as far as numbers can tell.

Nothing here decides whether a result is wrong; that is `judging.accuracy`'s business. Each sign is a few lines over the
result and the right value, and the first one that fits is named, the most specific first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hessbench.backends.contract.errors import told_apart

FloatArray = np.ndarray[Any, np.dtype[Any]]

CLOSE = 1e-3
"""A candidate explains a fault when what is left of the error is this much smaller."""

FLOAT32, TF32 = 2.0**-24, 2.0**-11
"""Unit roundoff of float32 and of TensorFloat-32 (10 bits of fraction)."""

SEVERAL = 4
"""Errors that are called rounding: fewer are any fault's."""


def diagnose(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    """What the fault looks like, or the empty string.

    Args:
        result: What a method returned; finite, of the right shape.
        truth: The right value.
        others: Further values by name that it may have been taken for ("the value at another point").

    Returns:
        The name of the first sign that fits, or the empty string.
    """
    result, truth = np.asarray(result, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    _, size = np.frexp(max(np.max(np.abs(truth), initial=0), np.max(np.abs(result), initial=0)))
    # By a power of two, which rounds nothing: norms of huge and of tiny numbers leave float64.
    result, truth = np.ldexp(result, -size), np.ldexp(truth, -size)
    others = {name: np.ldexp(np.asarray(value, dtype=np.float64), -size) for name, value in others.items()}
    for sign in (_another, _scaled, _zeros, _misplaced, _block, _rounded, _semidefinite, _few):
        if found := sign(result, truth, others):
            return found
    return ""


Sign = Callable[[FloatArray, FloatArray, Mapping[str, FloatArray]], str]


def explains(candidate: FloatArray, result: FloatArray, truth: FloatArray) -> bool:
    """Whether a result is much nearer to a candidate than to the right value."""
    return bool(np.linalg.norm(result - candidate) <= CLOSE * np.linalg.norm(result - truth))


def _another(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    return next(
        (name for name, value in others.items() if value.shape == result.shape and explains(value, result, truth)), ""
    )


def _scaled(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    if truth.size == 1:  # every number is a multiple
        return ""
    size = float(np.vdot(truth, truth))
    factor = float(np.vdot(truth, result)) / size if size else 0.0
    explained = factor and explains(factor * truth, result, truth)
    return f"{told_apart(factor, 1.0)} times the right one" if explained else ""


def _zeros(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    if not np.any(result):
        return "zero everywhere"
    if result.ndim != 2 or result.shape[0] != result.shape[1]:
        return ""
    lost = [i for i in range(len(result)) if not result[i].any() and not result[:, i].any() and truth[i].any()]
    return f"zero for {_variables(lost)}, as if f did not depend on that" if lost else ""


def _variables(indices: list[int]) -> str:
    shown = ", ".join(map(str, indices[:4])) + (", ..." if len(indices) > 4 else "")
    return f"variable{'s' if len(indices) > 1 else ''} {shown}"


def _misplaced(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    same = np.sort(result, axis=None) - np.sort(truth, axis=None)
    moved = np.linalg.norm(same) <= CLOSE * np.linalg.norm(result - truth)
    return "the right numbers in wrong places (a transposed or permuted block)" if moved else ""


def _block(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    """A triangle that is right, with the other one not its mirror image."""
    if result.ndim != 2 or result.shape[0] != result.shape[1] or np.allclose(result, result.T, rtol=0, atol=0):
        return ""
    for name, half in (("lower", np.tril), ("upper", np.triu)):
        mirrored = half(result) + half(result, -1 if name == "lower" else 1).T
        if explains(mirrored, truth, result):
            return f"right in the {name} triangle only"
    return ""


def _rounded(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    if np.array_equal(result, result.astype(np.float32)) and explains(truth.astype(np.float32), result, truth):
        return "every entry is a float32 number"
    nonzero = truth != 0
    relative = (result - truth)[nonzero] / np.abs(truth[nonzero])
    if np.unique(relative).size < SEVERAL or not np.min(relative) < 0 < np.max(relative) or np.any(result[~nonzero]):
        return ""  # rounding goes up and down, another time by another share
    relative = np.abs(relative)
    typical, largest = float(np.median(relative)), float(np.max(relative))
    for name, unit in (("float32", FLOAT32), ("TF32 or bfloat16 products", TF32)):
        if unit / 64 <= typical and largest <= 64 * unit:
            return f"rounding of {name} (relative errors of {typical:.0e} everywhere)"
    return ""


def _semidefinite(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    if result.ndim != 2 or result.shape[0] != result.shape[1] or not np.allclose(result, result.T):
        return ""
    lowest, least = np.linalg.eigvalsh(result)[0], np.linalg.eigvalsh(truth)[0]
    size = float(np.linalg.norm(result))
    if lowest >= -1e-10 * size and least < -1e-6 * size:
        return "positive semidefinite where the right one is not (a Gauss-Newton matrix, a second-order term dropped)"
    return ""


def _few(result: FloatArray, truth: FloatArray, others: Mapping[str, FloatArray]) -> str:
    if truth.size == 1:
        return ""
    error = np.abs(result - truth)
    wrong = error > CLOSE * np.max(error)
    count = int(np.count_nonzero(wrong))
    if result.ndim == 2 and result.shape[0] == result.shape[1] and not np.any(np.diagonal(wrong)):
        return f"right on the diagonal; {count} of {result.size} entries are off"
    return f"{count} of {result.size} entries are off" if count <= max(2, result.size // 10) else ""
