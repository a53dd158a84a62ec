"""Is it right? Errors against a judge, and the verdict.

Errors are relative to the judge's value as a whole (Frobenius norm, and the worst entry relative to the
largest one), and for matrices also to the largest entry of the same row and column: never scaled by
max(1, |x|), which accepts 1e-5 for 9e-5. Wrong shape, NaN, infinity and asymmetry are failures of their own.

The tolerance for automatic differentiation is `USUAL` times eps of the dtype times the problem's condition
(`evaluation.condition`), plus the judge's own relative bound; what is beyond `HEADROOM` instead of `USUAL` is wrong,
and what lies between is `unverifiable`: too much for rounding as it was seen, too little to accuse anybody. A method
whose expected relative error is eps**p with p < 1 is given `DIFFERENCES` times that. Where the tolerance is above
`USELESS` nobody can tell right from wrong, and the verdict is `unverifiable` too. Products in TF32 have an eps, a
headroom and a limit of their own (`ROUNDING`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from hessbench.backends.contract.interface import HIGHEST, TF32
from hessbench.backends.contract.operators import Operator
from hessbench.results.stored.record import Fault, MaybeFault, Status

if TYPE_CHECKING:
    from hessbench.backends.numeric.reference import Reference

FloatArray = np.ndarray[Any, np.dtype[Any]]

USUAL = 1e2
"""Rounding grows with the length of the computation. Seen over all suites, frameworks and modes: 57 eps times the
condition at most in float64 (half of all cells below 0.3), 33 in float32 (99.6 % below 8)."""

HEADROOM = 1e3
"""Faults of frameworks that were met begin at 2e5 eps times the condition, in both dtypes."""

DIFFERENCES = 1e4
"""What it is where the expected error is eps**p with p < 1: differences divide rounding errors of f by steps, so |f| /
|H| counts and not the condition."""

ROW_SLACK = 1e3
"""How much wider the tolerance is on the scale of a single row, where cancellation costs more."""

USELESS = 0.01


@dataclass(frozen=True, slots=True)
class Rounding:
    """What is expected of results in one kind of arithmetic.

    Attributes:
        eps: Relative rounding error.
        usual: How many of them, times the condition, are taken for rounding.
        headroom: Beyond how many, times the condition, a result is wrong.
        useless: From which tolerance on nobody can tell.
    """

    eps: float
    usual: float = USUAL
    headroom: float = HEADROOM
    useless: float = USELESS


ROUNDING: Mapping[str, Rounding] = MappingProxyType(
    {
        "float64": Rounding(float(np.finfo(np.float64).eps)),
        "float32": Rounding(float(np.finfo(np.float32).eps)),
        TF32: Rounding(2.0**-11, usual=16, headroom=16, useless=0.1),
    }
)
"""By dtype, and for TF32, which rounds the factors of products to ten bits and adds in float32: an error of one eps for
each product that lies between x and the result, so a headroom that covers rounding of a long computation in float32
would forgive everything. A tenth still tells a dropped term, a wrong factor or a wrong sign."""

NAN: Fault = "derivative-nan"

NOT_FINITE = "objective is not finite near x, or its derivative leaves float64"
FORM_NOT_FINITE = "the closed form gives NaN or infinity at x"
NO_VALUE = (NOT_FINITE, FORM_NOT_FINITE)
CLOSED_FORM = "closed_form"
"""The judge's name where a formula tells."""

JUDGE_FLOOR = 64 * float(np.finfo(np.float64).eps)
"""A closed form in float64 is itself rounded."""


class NoJudge(Exception):
    """Nobody can tell right from wrong here; the message says why."""


class TooSlow(NoJudge):
    """f is too slow for differences; random products may be had."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A comparison; `status` is ok, wrong or unverifiable, `fault` the kind of what is wrong.

    The names are columns of the record. `judge` and `condition` are filled in where all points are known (`verdict`).
    """

    status: Status
    reason: str
    fault: MaybeFault = ""
    rel_error: float | None = None
    max_error: float | None = None
    asymmetry: float | None = None
    tolerance: float | None = None
    judge_bound: float | None = None
    condition: float | None = None
    judge: str = ""
    by_point: str = ""
    nnz_missing: int | None = None
    nnz_extra: int | None = None


def judge(
    result: FloatArray,
    reference: Reference,
    dtype: str,
    accuracy: float,
    operator: Operator,
    condition: Callable[[], float] = lambda: 1.0,
    precision: str = HIGHEST,
    size: Callable[[bool], float] = lambda exact: 1.0,
) -> Verdict:
    """The verdict on one result at one point; of a stacked operator every part is judged on its own scale.

    Args:
        result: What a method returned, as a NumPy array.
        reference: The judge's value with its bound.
        dtype: The floating-point type that was asked for.
        accuracy: `Method.accuracy`.
        operator: What was computed: whether it is symmetric, and whether stacked.
        condition: How sensitive the problem is to rounded data, at least 1. It can cost as much as the reference, so it
            is asked only about what would not be right in the best conditioned of problems.
        precision: Precision of products, "highest" or "tf32".
        size: The size of what a result is computed from, by exact methods or by differences, asked for where the right
            one is zero as far as is known.

    Returns:
        The verdict; of a stack the worst one, its reason naming the part.
    """
    rounding = ROUNDING[TF32 if precision == TF32 else dtype]

    def held_to(factor: float) -> Verdict:
        usual, headroom = (
            (limit * factor if accuracy == 1 else DIFFERENCES) * rounding.eps**accuracy
            for limit in (rounding.usual, rounding.headroom)
        )
        scale = Scale(rounding, (usual, headroom), operator.symmetric, size, reference.noise, accuracy == 1)
        return _judge(result, reference, dtype, operator, scale)

    strictest = held_to(1.0)
    if strictest.status == "ok" or accuracy < 1:
        return strictest
    factor = condition()
    return held_to(factor) if factor > 1 else strictest


def _judge(result: FloatArray, reference: Reference, dtype: str, operator: Operator, scale: Scale) -> Verdict:
    """The verdict on one result at one point, for tolerances that are known."""
    rounding = scale.rounding
    if not np.all(np.isfinite(reference.value)):
        return Verdict("unverifiable", FORM_NOT_FINITE if reference.judge == CLOSED_FORM else NOT_FINITE)
    fault, reason = malformed(result, reference.value.shape, dtype)
    undefined = reference.bent and (reference.bent <= operator.order or not scale.exact)
    if undefined and fault in ("", NAN):
        return Verdict("unverifiable", reference.bend)
    if fault == NAN and not _size(reference.bound) <= rounding.useless * (_size(reference.value) or 1.0):
        return Verdict("unverifiable", f"{reason}, and the judge cannot tell what they should be")
    if fault == NAN and _beyond_range(result, reference.value):
        others = _judge(np.where(np.isfinite(result), result, reference.value), reference, "float64", operator, scale)
        beyond = Verdict("unverifiable", f"{reason}, for the right values are beyond the range of {dtype}")
        return others if others.status == "wrong" else beyond
    if fault:
        return Verdict("wrong", reason, fault)
    if not operator.stacked:
        return _compare(result, reference.value, reference.bound, scale)
    parts = zip(result, reference.value, reference.bound, strict=True)
    return worst([_at(index, _compare(*part, scale)) for index, part in enumerate(parts)])


@dataclass(frozen=True, slots=True)
class Scale:
    """What an error is compared with.

    Attributes:
        rounding: What is expected of the arithmetic.
        limits: Relative errors that are taken for rounding, and beyond which a result is wrong.
        symmetric: Whether the result is a symmetric matrix.
        size: As in `judge`.
        noise: `Reference.noise`.
        exact: Whether the method is, but for rounding.
    """

    rounding: Rounding
    limits: tuple[float, ...]
    symmetric: bool
    size: Callable[[bool], float]
    noise: float
    exact: bool


def _size(array: FloatArray) -> float:
    return float(np.max(np.abs(array), initial=0))


def _at(index: int, verdict: Verdict) -> Verdict:
    """A verdict on one part of a stack, its reason naming the part."""
    return replace(verdict, reason=f"[{index}] {verdict.reason}") if verdict.reason else verdict


def _widened(against: Scale, judge_bound: float) -> str:
    """What has made a tolerance wide: noise in the judge's bound, or the problem's condition; the empty string else."""
    usual = against.limits[0]
    if against.noise and judge_bound > usual:
        return f"f carries noise of {against.noise:.1g}: "
    condition = usual / (against.rounding.usual * against.rounding.eps)
    return f"the problem's condition is {condition:.1g}: " if against.exact and condition > 1 else ""


def _compare(result: FloatArray, truth: FloatArray, error_bound: FloatArray, against: Scale) -> Verdict:
    rounding, symmetric = against.rounding, against.symmetric
    # Everything is divided by the largest entry first: norms of huge matrices overflow to inf / inf = NaN.
    largest = _size(truth)
    zero = largest <= _size(error_bound)
    if zero:  # as far as is known; so errors are small or large beside what the result is computed from
        largest = max(largest, against.size(against.exact))
        if not np.isfinite(largest):
            return Verdict("unverifiable", "f's derivatives are others at every step beside x: nobody can tell them")
        if not against.exact and _size(error_bound) > rounding.useless * max(_size(truth), against.size(True)):
            return Verdict("unverifiable", f"f is of size {largest:.1g}, beside which differences see no derivative")
    largest = largest or 1.0
    value, bound = truth / largest, error_bound / largest
    scaled = np.asarray(result, dtype=np.float64) / largest
    error, scale = scaled - value, 1.0 if zero else float(np.linalg.norm(value))
    skew = scaled - scaled.T if symmetric else np.zeros(value.shape)
    judge_bound = max(float(np.linalg.norm(bound)) / scale, JUDGE_FLOOR)
    tolerance, sure = (limit + judge_bound for limit in against.limits)
    rel_error, max_error = float(np.linalg.norm(error)) / scale, float(np.max(np.abs(error)))
    asymmetry = float(np.linalg.norm(skew)) / scale if symmetric else None
    fine = Verdict("ok", "", "", rel_error, max_error, asymmetry, tolerance, judge_bound)
    if not tolerance <= rounding.useless:
        reason = f"{_widened(against, judge_bound)}tolerance {tolerance:.1g} is too wide to tell right from wrong"
        return replace(fine, status="unverifiable", reason=reason)

    if zero and against.noise and not against.exact:
        reason = f"f carries noise of {against.noise:.1g}, beyond which differences see no derivative"
        return replace(fine, status="unverifiable", reason=reason)

    def beyond(limit: float) -> tuple[MaybeFault, str]:
        """Kind and worst entry of a fault, where errors up to the limit are forgiven; empty where there is none."""
        if not float(np.max(np.abs(skew))) <= limit:
            return "asymmetric", _where(skew * largest, truth, limit, "not symmetric: ")
        if not max(rel_error, max_error) <= limit:
            return "silently-wrong", _where(error * largest, truth, limit)
        # Differences divide what f is rounded by, so their errors are of the size of the largest entry in any row.
        by_rows = symmetric and against.exact and not zero
        if by_rows and np.any(excess := _beyond_rows(error, value, bound, sure, rounding.eps)):
            return "silently-wrong", _where(excess * error * largest, truth, sure, "small row: ")
        return "", ""

    # Below the smallest normal number all are as far apart as the smallest one is large, or are made zero.
    least, off = np.finfo(result.dtype), max(_size(error), _size(skew)) * largest
    if off <= float(least.tiny) * float(least.eps):
        return fine
    fault, reason = beyond(sure)
    if fault and off > least.tiny:
        return replace(fine, status="wrong", reason=reason, fault=fault)
    _, reason = beyond(tolerance)
    if reason and off <= least.tiny:
        reason = f"below {least.tiny:.2g} {result.dtype} loses its digits: {reason}"
        return replace(fine, status="unverifiable", reason=reason)
    if reason:
        reason = f"{reason}; too much for rounding, but surely wrong only beyond {sure:.1e}"
        return replace(fine, status="unverifiable", reason=reason)
    return fine


def _beyond_rows(
    error: FloatArray, value: FloatArray, bound: FloatArray, tolerance: float, eps: float
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Entries of a matrix that are wrong on the scale of their own row and column, which a norm does not see."""
    # Rounding of the size of the largest entry is allowed anywhere: a small entry may be a difference of large ones.
    rows = np.max(np.abs(value), axis=1)
    allowed = ROW_SLACK * tolerance * np.sqrt(np.outer(rows, rows)) + bound + 64 * eps
    return np.abs(error) > allowed


def malformed(result: FloatArray, shape: tuple[int, ...], dtype: str) -> tuple[MaybeFault, str]:
    """The fault and reason of a result of another shape or dtype, or with NaN; empty where it is well formed."""
    if result.shape != shape:
        return "shape", f"shape {result.shape}, expected {shape}"
    if str(result.dtype) != dtype:
        return "dtype", f"dtype {result.dtype}, expected {dtype}"
    if not np.all(np.isfinite(result)):
        count = np.count_nonzero(~np.isfinite(result))
        return NAN, f"{count} of {result.size} entries are NaN or infinite"
    return "", ""


def _beyond_range(result: FloatArray, truth: FloatArray) -> bool:
    """Whether whatever is not finite is infinite because the right value rounds to that: 1e39 in float32."""
    lost = ~np.isfinite(result)
    with np.errstate(over="ignore"):
        rounded = truth[lost].astype(result.dtype)
    return bool(np.all(np.isinf(rounded)) and np.array_equal(rounded, result[lost]))


def _where(error: FloatArray, value: FloatArray, tolerance: float, prefix: str = "") -> str:
    if error.ndim == 0:
        return f"off by {float(error):.3e} from {float(value):.6e}; tolerance {tolerance:.1e}"
    entry = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(error))), error.shape))
    return f"{prefix}entry {entry} is off by {error[entry]:.3e} from {value[entry]:.6e}; tolerance {tolerance:.1e}"


_ORDER = ("wrong", "error", "unverifiable", "ok")


def worst_of(verdicts: Sequence[Verdict]) -> Verdict:
    """The first one of the worst status, with its own numbers: of points that have nothing to do with each other."""
    return min(verdicts, key=lambda verdict: _ORDER.index(verdict.status))


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict over several points: the worst status, and the largest of each number."""
    first = worst_of(verdicts)
    numbers: dict[str, Any] = {
        name: max((x for v in verdicts if (x := getattr(v, name)) is not None), default=None)
        for name in ("rel_error", "max_error", "asymmetry", "tolerance", "judge_bound")
    }
    return Verdict(first.status, first.reason, first.fault, **numbers)
