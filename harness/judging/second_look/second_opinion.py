"""Nobody is called wrong by one witness: the worst entry is measured once more, by other means.

**Exact differentiation of the text**, by hyper-dual numbers in extended precision, which no framework takes part in.
Where it says what the accused says, at x and a hair's breadth beside it, values of f have misled the judge. Where it
says what the judge says, two have found the same in ways of their own, and no third one is believed: Taylor's remainder
may be as far from both as the accused is, beside a pole or a peak that is narrower than its steps.

**Taylor's remainder near x.** With g(s, t) = f(x + s a + t b), a'Hb is [g(t, t) + g(-t, -t) - g(t, -t) - g(-t, t)] /
4 t^2, up to a remainder of order t^2, and the slope along a is [g(t, 0) - g(-t, 0)] / 2 t. For unit vectors that is one
entry of a Hessian or a gradient, for a = e_i and b = v one of a product Hv. It costs a dozen values of f at distances
of their own, so a judge whose steps have passed over something is contradicted instead of believed. (A judge in closed
form is none of those: where f has a kink, it is a definition.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hessbench.backends.contract.errors import told_apart
from hessbench.backends.contract.interface import FloatArray, Objective
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.evaluation import at_points, casts, most_precise
from hessbench.backends.numeric.noise import Scalar, heard, rounding
from hessbench.backends.numeric.reference import Reference
from hessbench.backends.numeric.tableau import Tableau
from hessbench.harness.judging.accuracy import Verdict

if TYPE_CHECKING:
    from hessbench.harness.judging.evaluation.terms import Terms

STEPS = (2.0**-10, 2.0**-11, 2.0**-12, 2.0**-16, 2.0**-17, 2.0**-18)
"""Relative to x: far smaller than where the reference begins to search, the last ones for what is narrow."""

WIDE = (2.0**-3, 2.0**-4, 2.0**-5, 2.0**-6)
"""Further ones where f computes in float32: its noise of 1e-7 hides every second derivative at smaller steps."""

FARTHER = 2.0**-26
"""Relative to x: where the rounding of a quotient of two derivatives is no longer all."""

CLEARLY = 4
"""How many times nearer one of two values must be to what was measured."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of a result as a derivative of f.

    Attributes:
        x: The point, (n,).
        first: The direction of the first derivative, (n,).
        second: That of the second one; None for an entry of a gradient.
    """

    x: FloatArray
    first: FloatArray
    second: FloatArray | None


def entry_of(operator: str, inputs: Sequence[FloatArray], index: tuple[int, ...]) -> Entry | None:
    """What an entry of an operator's result is, or None where it is no single derivative.

    Args:
        operator: What was computed.
        inputs: What the operator takes.
        index: The entry's.

    Returns:
        Point and directions.
    """
    if operator in ("objective", "laplacian", "trace", "biharmonic") or OPERATORS[operator].asks:
        return None
    x = inputs[0][index[0]] if operator == "batched-hessian" else inputs[0]
    unit = np.eye(x.size)
    if operator == "hvp":
        return Entry(x, unit[index[0]], inputs[1])
    if operator == "multi-hvp":
        return Entry(x, unit[index[1]], inputs[1][index[0]])
    if operator == "gradient":
        return Entry(x, unit[index[0]], None)
    return Entry(x, unit[index[-1]], unit[index[-2] if operator != "diagonal" else index[0]])


def second_opinion(
    verdict: Verdict,
    operator: str,
    inputs: Sequence[FloatArray],
    result: FloatArray,
    reference: Reference,
    terms: Terms,
) -> Verdict:
    """The verdict after a second opinion, where it was that numbers are wrong.

    Args:
        verdict: What the judge's value led to.
        operator: What was computed.
        inputs: What the operator takes.
        result: What a method returned, in the judge's shape.
        reference: The judge.
        terms: f with its data.

    Returns:
        The verdict with a word of confirmation in its reason; `unverifiable`, where a witness is with the accused; or
        the same.
    """
    if verdict.fault != "silently-wrong" or not reference.judge.startswith("richardson"):
        return verdict
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(result - reference.value))), result.shape))
    entry = entry_of(operator, inputs, index)
    if entry is None:
        return verdict
    accused, claimed = float(result[index]), float(reference.value[index])
    exact = terms.claim(entry.x, entry.first, entry.second)
    if _with(exact, accused, claimed) and (
        # A peak that the judge has stepped over makes a derivative larger. A smaller one may be that of x alone, as
        # where(x == 0, 1, sin(x) / x) has it, and so near x rounding hides the right one.
        abs(accused) > abs(claimed) or _with(terms.claim(entry.x, entry.first, entry.second, FARTHER), accused, claimed)
    ):
        assert exact
        return _in_doubt(verdict, index, claimed, "exact differentiation", exact[0])
    value, doubt = measured(terms.objective, terms.data, entry)
    if CLEARLY * (abs(value - claimed) + doubt) < abs(value - accused):
        return replace(verdict, reason=f"{verdict.reason}; Taylor's remainder agrees with the judge")
    if exact is not None and CLEARLY * (abs(exact[0] - claimed) + exact[1]) < abs(exact[0] - accused):
        return replace(verdict, reason=f"{verdict.reason}; exact differentiation of f's text agrees with the judge")
    if CLEARLY * (abs(value - accused) + doubt) < abs(value - claimed):
        return _in_doubt(verdict, index, claimed, "Taylor's remainder", value)
    return verdict


def _with(exact: tuple[float, float] | None, accused: float, claimed: float) -> bool:
    """Whether exact differentiation, at x and beside it, is clearly with the accused."""
    return exact is not None and CLEARLY * max(abs(exact[0] - accused), exact[1]) < abs(exact[0] - claimed)


def _in_doubt(verdict: Verdict, index: tuple[int, ...], claimed: float, witness: str, value: float) -> Verdict:
    says = f"it says {told_apart(claimed, value)}, {witness} {told_apart(value, claimed)}"
    reason = f"entry {index}: the judge is in doubt, {says} as the result does"
    return replace(verdict, status="unverifiable", reason=reason, fault="")


def measured(objective: Objective, data: Sequence[FloatArray], entry: Entry, least: float = 0.0) -> tuple[float, float]:
    """One entry of the right result by Taylor's remainder.

    Args:
        objective: f(xp, x, *data).
        data: Further arguments of f.
        entry: Which.
        least: Distances are relative to the size of x, but to this where x is smaller (an x of zero counts as one).

    Returns:
        The value and its estimated error; NaN where f is not finite near x.
    """

    def ask(dtype: str) -> FloatArray:
        narrow = casts(objective)
        f = heard(at_points(objective, data), entry.x.astype(dtype), narrow)
        return _derivative(f, entry, np.dtype(dtype), least, (*WIDE, *STEPS) if narrow else STEPS)

    try:
        value, doubt = most_precise(objective, ask)
    except Exception:  # f may raise anything beside x
        return np.nan, np.inf
    return float(value), float(doubt)


def _derivative(
    f: Scalar, entry: Entry, dtype: np.dtype[np.floating], least: float, steps: Sequence[float]
) -> FloatArray:
    """The derivative and its estimated error, (2,)."""
    x = entry.x.astype(dtype)
    size = np.where(x == 0, dtype.type(1), np.maximum(np.abs(x), dtype.type(least)))
    vectors = [v.astype(dtype) for v in (entry.first, entry.second) if v is not None]
    reach = [np.min(size[v != 0] / np.abs(v[v != 0]), initial=np.inf) for v in vectors]
    if not np.isfinite(reach).all():
        return np.zeros(2)  # a product with the zero vector
    scaled = [v * far for v, far in zip(vectors, reach, strict=True)]
    corners = np.array([(1, 1), (-1, -1), (1, -1), (-1, 1)] if len(scaled) == 2 else [(1,), (-1,)], dtype=dtype)
    weights = np.prod(corners, axis=1) / (2 * dtype.type(len(scaled)))
    tableau = Tableau()
    with np.errstate(all="ignore"):
        for t in steps:
            values = f(x + t * (corners @ np.stack(scaled)))
            noise = rounding(f, np.finfo(dtype).eps * np.max(np.abs(values)))
            tableau.add(t, np.atleast_1d(values @ weights / t ** len(scaled)), np.atleast_1d(noise / t ** len(scaled)))
    return np.concatenate([tableau.value, tableau.error]) / np.prod(reach)
