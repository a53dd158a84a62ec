"""Whether differences of f have passed over something at x, as exact differentiation of its text tells.

A kink at a distance of 1e-12 is nearer than any step that tells a derivative: differences give the mean of both sides,
each time the same one, and their bound is false. Hyper-dual numbers in extended precision stay at x. They are no judge:
a text may be another one at x alone, as where(x == 0, 1, sin(x) / x) is. But where they say the same at x and on both
sides of it, a hair's breadth away, and rounding has not lost it there, and differences say something else, then nobody
knows what is right.

One number of the result is compared, a contraction with random signs; of a diagonal and its sum each entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging.evaluation.terms import Terms
from hessbench.harness.judging.evaluation.values import NumpyText, Values
from hessbench.suites.definition.problem import Problem

CLEARLY = 4.0
"""How many times the bound, and what exact differentiation is another one by beside x, both must be apart."""

VISIBLE = 1e-6
"""Of what the number is summed from: less is no business of a result as a whole."""

FEW = 64
"""Variables, up to which every entry of a diagonal is compared."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a reference tells, as derivatives of f along directions.

    Attributes:
        value: What it is by differences.
        bound: Of its error.
        size: The sum of its terms' sizes.
        along: Pairs of directions, whose second derivatives add up to it; None in the place of the second is a slope.
    """

    value: float
    bound: float
    size: float
    along: tuple[tuple[FloatArray, FloatArray | None], ...]


def contradicted(
    operator: str, problem: Problem, inputs: Sequence[FloatArray], data: Sequence[FloatArray], known: Reference
) -> str:
    """Why differences of f cannot be believed at x, or the empty string.

    Args:
        operator: What was computed.
        problem: Of which; one whose text is a framework's own, into which nobody can look, is believed.
        inputs: What the operator takes.
        data: Further arguments of f.
        known: The result by differences.

    Returns:
        The reason.
    """
    if isinstance(problem.objective, Values | NumpyText) or problem.gradient is not None:
        return ""
    several = operator in ("batched-hessian", "laplacian")
    values, bounds = (known.value, known.bound) if several else (known.value[None], known.bound[None])
    for x, value, bound in zip(inputs[0] if several else inputs[:1], values, bounds, strict=True):
        terms = Terms(problem.objective, x, data)
        for number in _numbers(operator, x, inputs[1:], value, bound):
            if told := _unlike(number, terms, x):
                return told
    return ""


def _numbers(
    operator: str, x: FloatArray, vectors: Sequence[FloatArray], value: FloatArray, bound: FloatArray
) -> Iterator[Number]:
    """What is compared of a result at one point."""
    v, w = np.random.default_rng(x.size).choice((-1.0, 1.0), (2, x.size))
    if operator == "gradient":
        yield _contracted(value, bound, v, (v, None))
    elif operator in ("hessian", "batched-hessian"):
        yield _contracted(value, bound, np.outer(v, w), (v, w))
    elif operator in ("hvp", "multi-hvp"):
        for row, its_bound, u in zip(*map(np.atleast_2d, (value, bound, vectors[0])), strict=True):
            yield _contracted(row, its_bound, v, (v, u))
    elif x.size <= FEW and operator == "diagonal":
        for unit, one, its_bound in zip(np.eye(x.size), value, bound, strict=True):
            yield Number(float(one), float(its_bound), float(np.max(np.abs(value))), ((unit, unit),))
    elif x.size <= FEW and operator in ("trace", "laplacian"):
        yield Number(float(value), float(bound), abs(float(value)), tuple((unit, unit) for unit in np.eye(x.size)))


def _contracted(
    value: FloatArray, bound: FloatArray, signs: FloatArray, along: tuple[FloatArray, FloatArray | None]
) -> Number:
    return Number(float(np.sum(signs * value)), float(np.sum(bound)), float(np.sum(np.abs(value))), (along,))


def _unlike(number: Number, terms: Terms, x: FloatArray) -> str:
    claims = [terms.claim(x, *pair) for pair in number.along]
    if None in claims:
        return ""
    told, doubt = (float(np.sum(part)) for part in zip(*filter(None, claims), strict=True))
    apart = abs(told - number.value)
    if not apart > CLEARLY * (number.bound + doubt) + VISIBLE * (number.size + abs(told)):
        return ""
    if not apart > CLEARLY * sum(terms.lost_beside(x, *pair) for pair in number.along):
        return ""
    return (
        f"the judge is in doubt: differences of f say {number.value:.6g} where exact differentiation of its text says "
        f"{told:.6g}, at x and beside it: f may bend nearer to x than any step"
    )
