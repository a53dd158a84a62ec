"""Who has no text of f but the framework's own accuses nobody alone: a second witness must say what the judge says.

The judge is differences of the framework's own values, or of NumPy's function of the same name. Values may be another
function's than they seem: two libraries can part in a tail, at a pole or at a convention. And derivatives along the
axes may exist where f has none: the median of three equal numbers stays where it is when one of them moves, and moves
when all do. So before a number, a NaN or an asymmetry is called wrong, the framework's own values are heard once more,
about the accused entry and along random directions:

* by Taylor's remainder near x (`second_opinion`), at distances relative to x and, where x is tiny, to one;
* where that sees too little of the entry and NumPy was the judge, by extrapolated differences.

Where nobody clearly says what the judge says, the verdict is `unverifiable`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.numeric.reference import Reference, reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.accuracy import Verdict
from hessbench.harness.judging.evaluation.values import Values
from hessbench.harness.judging.second_look.second_opinion import CLEARLY, Entry, entry_of, measured

FAULTS = ("silently-wrong", "asymmetric", accuracy.NAN)
"""Accusations that rest on numbers."""
KNOWN = 0.05
"""Where a method returned NaN: as a part of the largest entry, by how much both witnesses may differ."""
NEARER = (2.0**-37, 2.0**-38, 2.0**-39)
"""Relative to x. Rounding hides all but a derivative that is huge beside f / x: that of a remainder by 1e-9, which
jumps at each of its multiples, so that judge and witness see the mean over many jumps."""
TINY = 1e-6
"""A number in x so small is next to zero, where many functions bend, and steps reach beyond it."""
AROUND, HARDLY = (2.0**-3, 2.0**-7, 2.0**-12), 1e-6
"""Relative to x, or to one: where f is asked whether it moves at all. What moves it by less than this over x
may be the rounding of terms that cancel to the last digit."""
DRAWS = 2
"""Random directions, and for a Hessian pairs of them."""
TAYLOR = "Taylor's remainder"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of witnesses.

    Attributes:
        operator: "hessian" or "gradient" or "hvp".
        inputs: What the operator takes.
        data: Further arguments of f.
        result: What a method returned, in the judge's shape.
        known: The judge.
        own: The framework's own values of f.
    """

    operator: str
    inputs: Sequence[FloatArray]
    data: Sequence[FloatArray]
    result: FloatArray
    known: Reference
    own: Values


def witnessed(verdict: Verdict, asked: Asked) -> Verdict:
    """The verdict, which stays an accusation only where a second witness says what the judge says.

    Args:
        verdict: What the judge's value led to.
        asked: About what.

    Returns:
        The verdict with the second witness in its reason; `unverifiable` where there is none. Operators whose entries
        are no single derivatives are left alone.
    """
    if verdict.fault not in FAULTS or entry_of(asked.operator, asked.inputs, (0, 0)) is None:
        return verdict
    heard = [_of_an_entry(asked, index) for index in dict.fromkeys(_worst(asked.result, asked.known))]
    confirming = next((name for name, said in heard if not said), "")
    doubt = "" if confirming else heard[0][1]
    for why in (_too_coarse, _unmoved, _nearer, _beside, _along_directions):
        doubt = doubt or why(asked)
    if doubt:
        return replace(verdict, status="unverifiable", fault="", reason=f"no second witness, {doubt}: {verdict.reason}")
    said = "" if TAYLOR in verdict.reason else f"; {confirming} agrees with the judge"
    return replace(verdict, reason=verdict.reason + said)


def _worst(result: FloatArray, known: Reference) -> Iterator[tuple[int, ...]]:
    """The entries that are asked for: a NaN, else the farthest off, as they stand and on the scale of their rows."""
    if not np.all(np.isfinite(result)):
        yield _at(np.where(np.isfinite(result), -np.inf, -known.bound))
        return
    error = np.abs(result - known.value)
    yield _at(error)
    if error.ndim == 2:
        rows = np.max(np.abs(known.value), axis=1)
        yield _at(error / np.maximum(np.sqrt(np.outer(rows, rows)), np.finfo(float).tiny))


def _at(size: FloatArray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), size.shape))


def _of_an_entry(asked: Asked, index: tuple[int, ...]) -> tuple[str, str]:
    """Who confirms an entry, and nothing; or what one says instead: the first, or who is with the accused."""
    entry = entry_of(asked.operator, asked.inputs, index)
    assert entry is not None
    accused, claimed = float(asked.result[index]), float(asked.known.value[index])
    told = ""
    taylor = [(TAYLOR, *found) for found in _taylor(asked, entry)]
    for name, value, doubt in taylor:
        # Beside zero x - tanh(x) is zero in all its digits, and so is what steps of the size of x see; others see more.
        if CLEARLY * (abs(value - accused) + doubt) < abs(value - claimed):
            return "", f"{name} says {value:.6e} of entry {index} as the result does"
    for name, value, doubt in chain(taylor, _by_own_values(asked, index)):
        if _agrees(value, doubt, accused, claimed, asked.known):
            return name, ""
        told = told or f"{name} says {value:.6e} of entry {index} where the judge says {claimed:.6e}"
    return "", told


def _by_own_values(asked: Asked, index: tuple[int, ...]) -> Iterator[tuple[str, float, float]]:
    """Name, value and doubt of differences of the framework's own values, where the judge did not go by those."""
    if asked.own.name in asked.known.judge:
        return
    try:
        theirs = reference(asked.operator, asked.own, asked.inputs[0], asked.data, *asked.inputs[1:])
    except Exception:  # f may raise anything beside x
        return
    yield f"{theirs.judge}-{asked.own.name}", float(theirs.value[index]), float(theirs.bound[index])


def _taylor(asked: Asked, entry: Entry) -> Iterator[tuple[float, float]]:
    for least in (0.0, 1.0) if np.any(np.abs(entry.x) < 1) else (0.0,):
        yield measured(asked.own, asked.data, entry, least)


def _nearer(asked: Asked) -> str:
    """What is seen next to x, where that is what the accused says; else empty."""
    index = next(_worst(asked.result, asked.known))
    accused = float(asked.result[index])
    if asked.operator not in ("hessian", "gradient") or not np.isfinite(accused):
        return ""
    seen = [_next_to(asked, index, step) for step in NEARER]
    value, doubt = seen[0][0], max(abs(other - seen[0][0]) for other, _ in seen) + max(noise for _, noise in seen)
    if CLEARLY * (abs(value - accused) + doubt) < abs(value - float(asked.known.value[index])):
        return f"differences next to x say {value:.6e} of entry {index} as the result does"
    return ""


def _too_coarse(asked: Asked) -> str:
    """That f computes in float32, and x is zero or next to it; empty where not, or where a NaN is accused."""
    # Steps that see anything in its noise reach past zero, and miss that many functions bend there.
    if asked.own.casts and np.isfinite(asked.result).all() and np.any(np.abs(asked.inputs[0]) < TINY):
        return "f computes in float32, which hides what it does at zero"
    return ""


def _unmoved(asked: Asked) -> str:
    """That f stays where it is around x, and the accused hardly moves it; empty where not."""
    # Where 1 + tanh(x) has become zero, no value tells how large its terms were, and derivatives keep their rounding.
    index, x = next(_worst(asked.result, asked.known)), asked.inputs[0]
    if asked.operator not in ("hessian", "gradient") or not np.isfinite(asked.result).all():
        return ""
    size = np.maximum(np.abs(x), 1.0)
    if abs(float(asked.result[index] - asked.known.value[index])) * float(np.prod(size[list(index)])) > HARDLY:
        return ""
    moves = [sign * step * size[i] * np.eye(x.size)[i] for i in set(index) for step in AROUND for sign in (1, -1)]
    try:
        seen = {float(asked.own(None, x + move, *asked.data)) for move in (0.0, *moves)}
    except Exception:  # f may raise anything beside x
        return ""
    return "f does not move near x" if len(seen) == 1 else ""


def _beside(asked: Asked) -> str:
    """Where x is next to zero, what f does at zero; empty where that is nothing special."""
    x, order = asked.inputs[0], 2 if asked.operator == "hessian" else 1
    zeroed = np.where(np.abs(x) < TINY, 0.0, x)
    if asked.operator not in ("hessian", "gradient") or np.array_equal(zeroed, x):
        return ""
    try:
        there = reference(asked.operator, asked.own, zeroed, asked.data)
    except Exception:  # f may raise anything there
        return "f has no value at zero, next to x"
    return f"next to x {there.bend}" if there.bent and there.bent <= order else ""


def _next_to(asked: Asked, index: tuple[int, ...], step: float) -> tuple[float, float]:
    """An entry by one central difference, and what rounding of f makes of it."""
    x = asked.inputs[0]
    moves = [step * (abs(x[i]) or 1.0) * unit for i, unit in zip(index, np.eye(x.size)[list(index)], strict=True)]
    signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)] if len(moves) == 2 else [(1,), (-1,)]
    values = []
    for corner in signs:
        moved = x + sum(sign * move for sign, move in zip(corner, moves, strict=True))
        try:
            values.append(float(asked.own(None, moved, *asked.data)) * float(np.prod(corner)))
        except Exception:  # f may raise anything beside x
            return np.nan, np.inf
    scale = float(np.prod([2 * np.max(np.abs(move)) for move in moves]))
    return sum(values) / scale, float(np.finfo(np.float64).eps) * float(np.sum(np.abs(values))) / scale


def _along_directions(asked: Asked) -> str:
    """What derivatives along random directions say that the judge does not; empty where nothing speaks against it."""
    if asked.operator not in ("hessian", "gradient"):
        return ""
    n, value = asked.inputs[0].size, asked.known.value
    rng = np.random.default_rng(n)
    for _ in range(DRAWS):
        v, w = rng.choice((-1.0, 1.0), (2, n)) * rng.uniform(0.5, 1, (2, n))
        entry = Entry(asked.inputs[0], v, w if value.ndim == 2 else None)
        claimed = float(v @ value @ w if value.ndim == 2 else v @ value)
        accused = float(v @ asked.result @ w if value.ndim == 2 else v @ asked.result)
        matters = abs(accused - claimed) if np.isfinite(accused) else float(np.sum(np.abs(value)))
        found = list(_taylor(asked, entry))
        if found and all(abs(told - claimed) > KNOWN * matters + CLEARLY * doubt for told, doubt in found):
            return f"{TAYLOR} says {found[0][0]:.6e} along a random direction where the judge says {claimed:.6e}"
    return ""


def _agrees(value: float, doubt: float, accused: float, claimed: float, known: Reference) -> bool:
    """Whether a witness is clearly with the judge."""
    off = abs(value - claimed) + doubt
    if np.isfinite(accused):
        return CLEARLY * off < abs(value - accused)
    return off <= KNOWN * float(np.max(np.abs(known.value), initial=0) or 1.0)
