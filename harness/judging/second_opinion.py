"""Nobody is called wrong by one witness: the worst entry is measured once more, by Taylor's remainder near x.

With g(s, t) = f(x + s a + t b), a'Hb is [g(t, t) + g(-t, -t) - g(t, -t) - g(-t, t)] / 4 t^2, up to a remainder of
order t^2. For unit vectors that is one entry of a Hessian, for a = e_i and b = v one of a product Hv. It costs a dozen
values of f at distances of their own, so a judge whose steps have passed over something is contradicted instead of
believed. (A judge in closed form is none of those: where f has a kink, it is a definition.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from hessbench.backends.contract.interface import FloatArray, Objective
from hessbench.backends.numeric.reference import Reference, precisions
from hessbench.backends.numeric.tableau import Tableau
from hessbench.harness.judging.accuracy import Verdict
from hessbench.harness.judging.in_numpy import plain

STEPS = (2.0**-10, 2.0**-11, 2.0**-12)
"""Relative to x: far smaller than where the reference begins to search."""

CLEARLY = 4
"""How many times nearer one of two values must be to what was measured."""

MEASURED = ("hessian", "hvp", "diagonal")


def second_opinion(
    verdict: Verdict,
    operator: str,
    objective: Objective,
    data: Sequence[FloatArray],
    inputs: Sequence[FloatArray],
    result: FloatArray,
    reference: Reference,
) -> Verdict:
    """The verdict after a second opinion, where it was that numbers are wrong.

    Args:
        verdict: What the judge's value led to.
        operator: What was computed.
        objective: f.
        data: Further arguments of f.
        inputs: The point, and the vector of an hvp.
        result: What a method returned, in the judge's shape.
        reference: The judge.

    Returns:
        The verdict with a word of confirmation in its reason; `unverifiable`, where f is with the accused; or the same.
    """
    if verdict.fault != "silently-wrong" or operator not in MEASURED or not reference.judge.startswith("richardson"):
        return verdict
    entry = np.unravel_index(int(np.argmax(np.abs(result - reference.value))), result.shape)
    value, doubt = _entry(operator, objective, data, inputs, int(entry[0]), int(entry[-1]))
    from_result, from_judge = abs(value - float(result[entry])), abs(value - float(reference.value[entry]))
    if CLEARLY * (from_judge + doubt) < from_result:
        return replace(verdict, reason=f"{verdict.reason}; Taylor's remainder agrees with the judge")
    if CLEARLY * (from_result + doubt) < from_judge:
        where, claimed = tuple(map(int, entry)), float(reference.value[entry])
        reason = f"entry {where}: the judge says {claimed:.6e}, Taylor's remainder {value:.6e} as the result does"
        return replace(verdict, status="unverifiable", reason=reason, fault="")
    return verdict


def _entry(
    operator: str, objective: Objective, data: Sequence[FloatArray], inputs: Sequence[FloatArray], i: int, j: int
) -> tuple[float, float]:
    """One entry of the right result and its estimated error; NaN where f is not finite near x."""
    x = inputs[0]
    first = np.eye(x.size)[i]
    second = inputs[1] if operator == "hvp" else np.eye(x.size)[j]
    for dtype in precisions(objective):
        try:
            f = plain(objective, data, np.dtype(dtype))
            value, doubt = _product(f, x.astype(dtype), first.astype(dtype), second.astype(dtype))
            return float(value), float(doubt)
        except TypeError:  # an objective that calls numpy.linalg past its xp
            continue
        except Exception:  # f may raise anything beside x
            break
    return np.nan, np.inf


def _product(f: Callable[[FloatArray], FloatArray], x: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """The product a'Hb and its estimated error, (2,)."""
    size = np.where(x == 0, x.dtype.type(1), np.abs(x))
    reach_a, reach_b = (np.min(size[v != 0] / np.abs(v[v != 0]), initial=np.inf) for v in (a, b))
    if not (np.isfinite(reach_a) and np.isfinite(reach_b)):
        return np.zeros(2)  # a product with the zero vector
    tableau, a, b = Tableau(), a * reach_a, b * reach_b
    with np.errstate(all="ignore"):
        for t in STEPS:
            values = np.array([f(x + t * (s * a + r * b)) for s, r in ((1, 1), (-1, -1), (1, -1), (-1, 1))])
            noise = np.finfo(x.dtype).eps * np.max(np.abs(values)) / t**2
            tableau.add(t, np.atleast_1d(values @ [1, 1, -1, -1] / (4 * t**2)), np.atleast_1d(noise))
    return np.concatenate([tableau.value, tableau.error]) / (reach_a * reach_b)
