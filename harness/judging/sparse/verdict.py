"""The verdict on a sparse Hessian: first its pattern, then its values.

An entry that the pattern misses makes a result wrong, whatever its values are; one that is there in vain is a cost
(`nnz_extra`). The judge is the closed form at any n; where there is none, a small result is judged as a dense one by
differences, and a large one by random products, whose culprit is looked for by halving.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hessbench.backends.contract.compression import Compression
from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.accuracy import HEADROOM, ROUNDING, ROW_SLACK, USUAL, Verdict, malformed, worst
from hessbench.harness.judging.evaluation.first_look import no_number
from hessbench.harness.judging.sparse import known
from hessbench.harness.judging.sparse.entries import Entries, IntArray, union
from hessbench.harness.judging.sparse.locate import locate
from hessbench.harness.judging.sparse.signs import Found, looks_like

if TYPE_CHECKING:
    from hessbench.harness.judging.references import References
    from hessbench.harness.judging.verdict import Question
    from hessbench.suites.definition.problem import Instance

DENSE = 256
"""Up to so many variables a result without a closed form is judged as a dense one."""


ROUNDED = 2.0**-40
"""Of its row and column: so small an entry is none. An inverse leaves some 10^-14 where it has zeros."""

PLAIN = OPERATORS["hvp"]
"""How an array without a symmetry of its own is compared."""


@dataclass(frozen=True, slots=True)
class Others:
    """The judges of other results, who are asked here too.

    Attributes:
        dense: Of dense results: (question, results, references).
        by_products: Of a product by random contractions, as `random_products.judge`.
        products: Contractions of the right Hessian, as `random_products.products`.
        bend_at: Whether f bends at a point, as `random_products.bend_at`.
        closely: What short steps say for a result, as `random_products.closely`.
    """

    dense: Callable[[Question, Sequence[FloatArray], References], Verdict]
    by_products: Callable[..., Verdict]
    products: Callable[..., tuple[FloatArray, FloatArray]]
    bend_at: Callable[..., object]
    closely: Callable[..., str]


def judged(question: Question, results: Sequence[FloatArray], references: References, others: Others) -> Verdict:
    """The verdict on the values (nnz,) at the first points of a problem.

    Args:
        question: What is judged, with the pattern.
        results: One result for each point.
        references: The right values.
        others: The judges of other results.

    Returns:
        The worst verdict over the points, with what the pattern has too little and too much.
    """
    at, instance = question.compression, question.instance
    assert at is not None
    if reason := _misplaced(at):
        return Verdict("wrong", reason, "pattern")
    for index, result in enumerate(results):
        fault, reason = malformed(result, (at.nnz,), question.cell.dtype)
        if fault == accuracy.NAN and no_number(instance.problem.objective, instance.points[index], instance.data):
            results = results[:index]  # beside x, where nobody asked for it
            break
        if fault:
            return Verdict("wrong", reason, fault)
    if not results:
        return Verdict("unverifiable", accuracy.NOT_FINITE)
    found = [Entries.of(at.n, at.rows, at.cols, result) for result in results]
    allowed = known.structural(instance)
    extra = None if allowed is None else int(np.count_nonzero(~np.isin(found[0].keys, allowed, assume_unique=True)))
    if known.has_closed_form(instance):
        verdict = _by_closed_form(question, found, references)
    elif instance.n <= DENSE:
        verdict = _as_dense(question, found, references, others)
    else:
        verdict = _by_products(question, found, references, others)
    return replace(verdict, nnz_extra=extra)


def _misplaced(at: Compression) -> str:
    """Why these can be no places of entries; the empty string where they can."""
    outside = (at.rows < 0) | (at.rows >= at.n) | (at.cols < 0) | (at.cols >= at.n)
    if outside.any():
        first = int(np.flatnonzero(outside)[0])
        return f"entry ({at.rows[first]}, {at.cols[first]}) is outside a matrix of {at.n} rows; indices count from 0"
    keys = np.sort(np.asarray(at.rows, dtype=np.int64) * at.n + at.cols)
    twice = keys[1:][keys[1:] == keys[:-1]]
    if twice.size:
        return f"entry ({twice[0] // at.n}, {twice[0] % at.n}) is in the pattern twice"
    return ""


def _by_closed_form(question: Question, found: Sequence[Entries], references: References) -> Verdict:
    instance = question.instance
    truths = [known.closed(instance, x) for x in instance.points]
    verdict, index = _compared(question, found, truths[: len(found)], references)
    missing = _missing(found[0], truths)
    sign = looks_like(_evidence(question, found[index], truths, index, missing)) if verdict.status == "wrong" else ""
    if missing.size:
        sign = sign or looks_like(_evidence(question, found[index], truths, index, missing))
        reason = _misses(found[0], missing, truths)
        verdict = replace(verdict, status="wrong", fault="pattern", reason=reason)
    if sign and verdict.fault in ("pattern", "silently-wrong", "asymmetric"):
        verdict = replace(verdict, reason=f"{verdict.reason}; looks like: {sign}")
    return replace(verdict, judge=accuracy.CLOSED_FORM, nnz_missing=int(missing.size))


def _evidence(question: Question, result: Entries, truths: Sequence[Entries], index: int, missing: IntArray) -> Found:
    """What signs are looked for in."""
    assert question.compression is not None
    instance = question.instance
    special = {"x = 0": np.zeros(instance.n), "x = 1": np.ones(instance.n)}
    elsewhere = {"the start point": truths[0]}
    if missing.size:
        elsewhere |= {name: known.closed(instance, x) for name, x in special.items()}
    return Found(result, truths[index], missing, question.compression.color_of, elsewhere)


def _missing(result: Entries, truths: Sequence[Entries]) -> IntArray:
    """The keys that the pattern misses though they are not zero at some point, beyond rounding of their row."""
    keys = [truth.keys[np.abs(truth.values) > ROUNDED * truth.scales(truth.keys)] for truth in truths]
    needed = union(*keys)
    return needed[~result.has(needed)]


def _misses(result: Entries, missing: IntArray, truths: Sequence[Entries]) -> str:
    """What the pattern misses, the largest entry first."""
    sizes = np.max([np.abs(truth.at(missing)) for truth in truths], axis=0)
    worst_key = int(missing[int(np.argmax(sizes))])
    more = f" and {missing.size - 1} more" if missing.size > 1 else ""
    return f"pattern misses {result.where(worst_key)}{more}: that entry is up to {np.max(sizes):.6e}"


def _compared(
    question: Question, found: Sequence[Entries], truths: Sequence[Entries], references: References
) -> tuple[Verdict, int]:
    """The worst verdict on the values, and the point it was found at."""
    verdicts = [_at_point(question, *pair, references) for pair in zip(found, truths, strict=True)]
    verdict = worst(verdicts)
    index = next(i for i, one in enumerate(verdicts) if (one.status, one.reason) == (verdict.status, verdict.reason))
    return verdict, index


def _at_point(question: Question, result: Entries, truth: Entries, references: References) -> Verdict:
    cell = question.cell
    keys = union(result.keys, truth.keys)
    value, right = result.at(keys), truth.at(keys)
    condition = partial(references.condition, cell, question.instance)
    reference = Reference(right, np.zeros_like(right), accuracy.CLOSED_FORM)
    seen = value.astype(cell.dtype)
    verdict = accuracy.judge(seen, reference, cell.dtype, question.accuracy, PLAIN, condition, cell.precision)
    if verdict.fault == "silently-wrong":
        at = int(np.argmax(np.abs(value - right)))
        return replace(verdict, reason=verdict.reason.replace(f"entry ({at},)", f"entry {result.where(keys[at])}"))
    sure = _sure(verdict, question.accuracy)
    verdict = _symmetric(result, verdict, sure)
    if verdict.status != "ok" or question.accuracy < 1:  # differences err by the largest entry, as in `accuracy`
        return verdict
    return _small_rows(verdict, keys, value - right, truth, cell.dtype, sure)


def _sure(verdict: Verdict, method_accuracy: float) -> float:
    """The relative error beyond which a result is surely wrong, from that which is taken for rounding."""
    return (verdict.tolerance or 0.0) * (HEADROOM / USUAL if method_accuracy == 1 else 1.0)


def _symmetric(result: Entries, verdict: Verdict, sure: float) -> Verdict:
    """A verdict that also counts asymmetry; an entry without a mirror image is a fault of the pattern, not this one."""
    mirrored = result.mirrored()
    skew = np.where(result.has(mirrored), result.values - result.at(mirrored), 0.0)
    size, largest = float(np.linalg.norm(result.values)) or 1.0, float(np.max(np.abs(result.values), initial=0)) or 1.0
    verdict = replace(verdict, asymmetry=float(np.linalg.norm(skew)) / size)
    if verdict.status == "ok" and not float(np.max(np.abs(skew), initial=0)) <= sure * largest:
        at = int(np.argmax(np.abs(skew)))
        reason = f"not symmetric: entry {result.where(result.keys[at])} is off by {skew[at]:.3e} from its mirror image"
        return replace(verdict, status="wrong", reason=reason, fault="asymmetric")
    return verdict


def _small_rows(
    verdict: Verdict, keys: IntArray, error: FloatArray, truth: Entries, dtype: str, sure: float
) -> Verdict:
    """A verdict that also counts errors on the scale of a row and column, which a norm does not see."""
    largest = float(np.max(np.abs(truth.values), initial=0))
    slack = ROW_SLACK * sure * truth.scales(keys) + 64 * ROUNDING[dtype].eps * largest
    excess = np.where(np.abs(error) > slack, np.abs(error), 0.0)
    if not excess.any():
        return verdict
    at = int(np.argmax(excess))
    reason = (
        f"small row: entry {truth.where(keys[at])} is off by {error[at]:.3e} from {truth.at(keys[at : at + 1])[0]:.6e}"
    )
    return replace(verdict, status="wrong", reason=reason, fault="silently-wrong")


def _as_dense(question: Question, found: Sequence[Entries], references: References, others: Others) -> Verdict:
    """The verdict of the dense judge on small results, its accusation in words of the pattern."""
    cell, n = replace(question.cell, operator="hessian"), question.instance.n
    matrices = [np.zeros((n, n), dtype=cell.dtype) for _ in found]
    for matrix, entries in zip(matrices, found, strict=True):
        matrix[entries.rows, entries.cols] = entries.values
    verdict = others.dense(replace(question, cell=cell, compression=None), matrices, references)
    if verdict.fault not in ("silently-wrong", "asymmetric"):
        return replace(verdict, nnz_missing=0 if verdict.status == "ok" else None)
    right = [references.reference(cell, question.instance, index) for index in range(len(found))]
    largest = max(float(np.max(np.abs(one.value))) for one in right)
    truths = [Entries.of_matrix(_beyond(one, (verdict.tolerance or 0.0) * largest)) for one in right]
    missing = _missing(found[0], truths)
    if missing.size:
        sign = looks_like(Found(found[-1], truths[-1], missing, None, {"the start point": truths[0]}))
        reason = _misses(found[0], missing, truths) + (f"; looks like: {sign}" if sign else "")
        verdict = replace(verdict, fault="pattern", reason=reason)
    return replace(verdict, nnz_missing=int(missing.size))


def _beyond(reference: Reference, tolerance: float) -> FloatArray:
    """The entries of a reference that are surely not zero."""
    return np.where(np.abs(reference.value) > reference.bound + tolerance, reference.value, 0.0)


def _by_products(question: Question, found: Sequence[Entries], references: References, others: Others) -> Verdict:
    """The verdict by random products, and the entry that is to blame."""
    cell, instance = replace(question.cell, operator="hvp"), question.instance
    condition = partial(references.condition, question.cell, instance)
    verdicts = []
    for index, result in enumerate(found):
        probes = references.products(cell, instance, index)
        product = result.times(instance.direction).astype(cell.dtype)
        verdicts.append(
            others.by_products(product, probes, cell.dtype, question.accuracy, PLAIN, condition, cell.precision)
        )
    verdict = replace(worst(verdicts), judge=probes.judge)
    if verdict.fault == "silently-wrong":
        index = next(i for i, one in enumerate(verdicts) if one.fault == verdict.fault)
        probes = references.products(cell, instance, index)
        if bend := others.bend_at(instance, index, probes.left):
            return replace(verdict, status="unverifiable", fault="", reason=str(bend))
        seen, off = probes.contract(found[index].times(instance.direction)), verdict.tolerance or 0.0
        if cause := others.closely("hvp", instance, index, seen, probes, off):
            return replace(verdict, status="unverifiable", fault="", reason=f"{cause}: {verdict.reason}")
        return _blamed(verdict, instance, index, found[index], others)
    verdict = worst([_symmetric(result, verdict, _sure(verdict, question.accuracy)) for result in found])
    return replace(verdict, judge=probes.judge, nnz_missing=0 if verdict.status == "ok" else None)


def _blamed(verdict: Verdict, instance: Instance, index: int, result: Entries, others: Others) -> Verdict:
    """The verdict with the entry that is to blame, where it can be found."""
    place = locate(others.products, instance, index, result)
    if place is None:
        return verdict
    key = place.row * instance.n + place.col
    if not result.has(np.array([key]))[0]:
        reason = f"pattern misses ({place.row}, {place.col}): that entry is about {place.value:.6e}"
        return replace(verdict, reason=f"{reason}; {verdict.reason}", fault="pattern")
    off = float(result.at(np.array([key]))[0]) - place.value
    return replace(verdict, reason=f"entry ({place.row}, {place.col}) is off by about {off:.3e}; {verdict.reason}")
