"""Is it right? Errors against a judge, and the verdict.

Errors are relative to the judge's value as a whole (Frobenius norm, and the worst entry relative to the
largest one): never scaled by max(1, |x|), which accepts 1e-5 for 9e-5. Wrong shape, NaN, infinity
and asymmetry are failures of their own kind.

The tolerance for a method whose expected relative error is eps**p (p = 1 for automatic differentiation)
is `HEADROOM` * eps**p of the dtype plus the judge's own relative bound. Where that is above `USELESS`
nobody can tell right from wrong, and the verdict is `unverifiable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.reference import Reference

FloatArray = np.ndarray[Any, np.dtype[Any]]

HEADROOM = 1e4
"""Rounding grows with the length of the computation and the problem's condition; 4 digits for both."""

USELESS = 0.01

JUDGE_FLOOR = 64 * float(np.finfo(np.float64).eps)
"""A closed form in float64 is itself rounded."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The comparison at one point; `status` is ok, wrong or unverifiable."""

    status: str
    reason: str
    rel_error: float | None = None
    max_error: float | None = None
    asymmetry: float | None = None
    tolerance: float | None = None
    judge_bound: float | None = None


def judge(result: FloatArray, reference: Reference, dtype: str, accuracy: float) -> Verdict:
    """The verdict on one result at one point.

    Args:
        result: What a method returned, as a NumPy array.
        reference: The judge's value with its bound.
        dtype: The floating-point type that was asked for.
        accuracy: `Method.accuracy`.
    """
    value = reference.value
    if not np.all(np.isfinite(value)):
        return Verdict("unverifiable", "the judge found no finite value near this point")
    fault = _malformed(result, value.shape, dtype)
    if fault:
        return Verdict("wrong", fault)
    scale, largest = _or_one(np.linalg.norm(value)), _or_one(np.max(np.abs(value)))
    error = np.asarray(result, dtype=np.float64) - value
    rel_error, max_error = float(np.linalg.norm(error)) / scale, float(np.max(np.abs(error))) / largest
    bound = max(float(np.linalg.norm(reference.bound)) / scale, JUDGE_FLOOR)
    tolerance = HEADROOM * float(np.finfo(dtype).eps) ** accuracy + bound
    skew = result - result.T if value.ndim == 2 else np.zeros(1)
    asymmetry = float(np.linalg.norm(skew)) / scale if value.ndim == 2 else None
    status, reason = "ok", ""
    if tolerance > USELESS:
        status, reason = "unverifiable", f"tolerance {tolerance:.1g} is too wide to tell right from wrong"
    elif float(np.max(np.abs(skew))) / largest > tolerance:
        status, reason = "wrong", _where(skew, value, tolerance, "not symmetric: ")
    elif max(rel_error, max_error) > tolerance:
        status, reason = "wrong", _where(error, value, tolerance)
    return Verdict(status, reason, rel_error, max_error, asymmetry, tolerance, bound)


def _or_one(norm: Any) -> float:
    """The scale of a relative error; 1 for a value of zero, so that its error is absolute."""
    return float(norm) or 1.0


def _malformed(result: FloatArray, shape: tuple[int, ...], dtype: str) -> str:
    if result.shape != shape:
        return f"shape {result.shape}, expected {shape}"
    if str(result.dtype) != dtype:
        return f"dtype {result.dtype}, expected {dtype}"
    if not np.all(np.isfinite(result)):
        return f"{np.count_nonzero(~np.isfinite(result))} of {result.size} entries are NaN or infinite"
    return ""


def _where(error: FloatArray, value: FloatArray, tolerance: float, prefix: str = "") -> str:
    if error.ndim == 0:
        return f"off by {float(error):.3e} from {float(value):.6e}; tolerance {tolerance:.1e}"
    entry = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(error))), error.shape))
    return f"{prefix}entry {entry} is off by {error[entry]:.3e} from {value[entry]:.6e}; tolerance {tolerance:.1e}"


_ORDER = ("wrong", "unverifiable", "ok")


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict over several points: the worst status, and the largest of each number."""
    first = min(verdicts, key=lambda verdict: _ORDER.index(verdict.status))
    numbers = {
        name: max((x for v in verdicts if (x := getattr(v, name)) is not None), default=None)
        for name in ("rel_error", "max_error", "asymmetry", "tolerance", "judge_bound")
    }
    return Verdict(first.status, first.reason, **numbers)
