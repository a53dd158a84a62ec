"""Who has no text of f but the framework's own accuses nobody alone: a second witness must say what the judge says.

The judge is differences of the framework's own values, or of NumPy's function of the same name. Values may be another
function's than they seem: two libraries can part in a tail, at a pole or at a convention. So before a number, a NaN or
an asymmetry is called wrong, an entry of it is measured from the framework's own values once more:

* by Taylor's remainder near x (`second_opinion`), at distances relative to x and, where x is tiny, to one;
* where that sees too little and NumPy was the judge, by extrapolated differences of the framework's own values.

Where neither says clearly what the judge says, the verdict is `unverifiable`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.numeric.reference import Reference, reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.accuracy import Verdict
from hessbench.harness.judging.evaluation.values import Values
from hessbench.harness.judging.second_opinion import CLEARLY, Entry, entry_of, measured

FAULTS = ("silently-wrong", "asymmetric", accuracy.NAN)
"""Accusations that rest on numbers."""
KNOWN = 0.05
"""Where a method returned NaN: as a part of the largest entry, by how much both witnesses may differ."""

Index = tuple[int, ...]


def witnessed(
    verdict: Verdict,
    operator: str,
    inputs: Sequence[FloatArray],
    data: Sequence[FloatArray],
    result: FloatArray,
    known: Reference,
    own: Values,
) -> Verdict:
    """The verdict, which stays an accusation only where a second witness says what the judge says.

    Args:
        verdict: What the judge's value led to.
        operator: What was computed.
        inputs: What the operator takes.
        data: Further arguments of f.
        result: What a method returned, in the judge's shape.
        known: The judge.
        own: The framework's own values of f.

    Returns:
        The verdict with the second witness in its reason; `unverifiable` where there is none.
    """
    if verdict.fault not in FAULTS:
        return verdict
    named: list[str] = []
    for index in dict.fromkeys(_worst(result, known)):
        entry = entry_of(operator, inputs, index)
        if entry is None:
            return verdict
        for name, value, doubt in _said(operator, inputs, data, index, entry, known, own):
            if _agrees(value, doubt, index, result, known):
                return (
                    verdict if name in verdict.reason else replace(verdict, reason=f"{verdict.reason}; {name} agrees")
                )
            named.append(f"{name} says {value:.6e} of entry {index}, the judge {known.value[index]:.6e}")
    reason = f"no second witness: {named[0]}: {verdict.reason}"
    return replace(verdict, status="unverifiable", fault="", reason=reason)


def _worst(result: FloatArray, known: Reference) -> Iterator[Index]:
    """The entries that are asked for: a NaN, else the farthest off, as they stand and on the scale of their rows."""
    if not np.all(np.isfinite(result)):
        sure = np.where(np.isfinite(result), np.inf, known.bound)
        yield _at(-sure)
        return
    error = np.abs(result - known.value)
    yield _at(error)
    if error.ndim == 2:
        rows = np.max(np.abs(known.value), axis=1)
        yield _at(error / np.maximum(np.sqrt(np.outer(rows, rows)), np.finfo(float).tiny))


def _at(size: FloatArray) -> Index:
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), size.shape))


def _said(
    operator: str,
    inputs: Sequence[FloatArray],
    data: Sequence[FloatArray],
    index: Index,
    entry: Entry,
    known: Reference,
    own: Values,
) -> Iterator[tuple[str, float, float]]:
    """Name, value and doubt of each witness."""
    for least in (0.0, 1.0) if np.any(np.abs(entry.x) < 1) else (0.0,):
        yield "Taylor's remainder", *measured(own, data, entry, least)
    if own.name not in known.judge:
        try:
            theirs = reference(operator, own, inputs[0], data, *inputs[1:])
        except Exception:  # f may raise anything beside x
            return
        yield f"{theirs.judge}-{own.name}", float(theirs.value[index]), float(theirs.bound[index])


def _agrees(value: float, doubt: float, index: Index, result: FloatArray, known: Reference) -> bool:
    """Whether a witness is clearly with the judge."""
    accused, claimed = float(result[index]), float(known.value[index])
    off = abs(value - claimed) + doubt
    if np.isfinite(accused):
        return CLEARLY * off < abs(value - accused)
    return off <= KNOWN * float(np.max(np.abs(known.value), initial=0) or 1.0)
