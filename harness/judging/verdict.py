"""The one place where results are judged: the worker, `hb.check` and the pytest plugin ask here and nowhere else.

The judge is the problem's closed form, else finite differences of f, else random products (`references` says which).
Every point is judged on its own and the worst verdict counts. Before somebody is called wrong by differences, a second
opinion is heard; afterwards the kind of fault is named, as far as numbers tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hessbench.backends.contract.estimators import Estimate
from hessbench.backends.contract.interface import Compression, FloatArray, Objective, first_line
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging import accuracy, random_products
from hessbench.harness.judging.accuracy import NoJudge, TooSlow, Verdict
from hessbench.harness.judging.curvature import biharmonic, blocks, estimates, gauss_newton
from hessbench.harness.judging.derived import verdict as derived
from hessbench.harness.judging.diagnosis import diagnose
from hessbench.harness.judging.evaluation.narrow import HALF, SINGLE, narrow_noise
from hessbench.harness.judging.evaluation.values import Values
from hessbench.harness.judging.second_look import closed_form
from hessbench.harness.judging.second_look.second_opinion import second_opinion
from hessbench.harness.judging.second_look.second_witness import Asked, witnessed
from hessbench.harness.judging.sparse import verdict as sparse
from hessbench.harness.planning.grid import Cell
from hessbench.suites.definition.problem import Instance

if TYPE_CHECKING:
    from hessbench.harness.judging.references import References

DRAWN = 1
"""Index of the point that is drawn near the first one: nobody asked for it, and f may not be defined there."""

NUMBERS = ("silently-wrong", "asymmetric")
"""Faults whose numbers may tell more."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is judged.

    Attributes:
        cell: Operator, problem, size, dtype, precision and backend.
        accuracy: Expected relative error as a power of eps (`Method.accuracy`).
        instance: The problem as the judge computes it (`text.Text.judged`).
        value_is_finite: Tells whether the framework's own value of f is finite at a point (n,); asked only where a
            derivative is not.
        late: Why the clock stopped before a result was there, or the empty string.
        text: The text that was differentiated, as a judge evaluates it; None where it is the instance's.
        narrow: The dtype that f returns where it is less than the cell's ("float32"), or the empty string.
        needs: What the method asks of the Hessian (`Method.needs`).
        tolerance: The relative residual at which the method stops (`Method.tolerance`).
        compression: Of a sparse operator, where the values belong.
        estimate: Which estimator the method is, if any.
    """

    cell: Cell
    accuracy: float
    instance: Instance
    value_is_finite: Callable[[FloatArray], bool] = lambda x: True
    late: str = ""
    text: Objective | None = None
    narrow: str = ""
    needs: str = ""
    tolerance: float = 0.0
    compression: Compression | None = None
    estimate: Estimate | None = None


Judge = Callable[[Question, Sequence[FloatArray], "References"], Verdict]
"""Who says what results are."""


def judged(question: Question, results: Sequence[FloatArray], references: References) -> Verdict:
    """The verdict on the results of one method at the first points of its problem.

    Args:
        question: What is judged.
        results: One result for each point, from the start point on.
        references: The right values.

    Returns:
        The worst verdict over the points, with the judge's name and, where it is known, the problem's condition.
    """
    cell, instance = question.cell, question.instance
    try:
        with np.errstate(all="ignore"):
            references.begin()
            by = derived.judged if OPERATORS[cell.operator].derived else _by_whoever_can
            verdict = by(question, results, references)
            verdict = _unless_falsely(question, results, references, by, verdict)
            verdict = replace(verdict, condition=references.known_condition(cell, instance))
            if cause := _cast_inside(question, verdict, results):
                return replace(verdict, status="unverifiable", fault="", reason=cause)
    except NoJudge as error:
        return Verdict("unverifiable", str(error))
    except Exception as error:  # arithmetic of the judge, at the ends of the range: no fault of who is judged
        return Verdict("unverifiable", f"the judge failed: {first_line(error)}")
    if verdict.fault == accuracy.NAN and not question.value_is_finite(instance.points[0]):
        return replace(verdict, fault="value-nan")
    if question.late and verdict.status == "ok":
        return replace(verdict, status="wrong", fault="not-synchronized", reason=question.late)
    return verdict


def _unless_falsely(
    question: Question, results: Sequence[FloatArray], references: References, by: Judge, verdict: Verdict
) -> Verdict:
    """The verdict, but for an accusation by a closed form of a person's own that is clearly false."""
    operator, instance = question.cell.operator, question.instance
    if verdict.fault not in closed_form.BY_NUMBERS or not closed_form.may_be_false(question.cell.suite, instance):
        return verdict
    contradicted = closed_form.contradicted(operator, instance)
    if not contradicted and not (operator == "inertia" and instance.problem.inertia):
        return verdict
    try:
        bare = replace(question, instance=closed_form.without(instance))
        without = by(bare, results, references.without_closed_forms()).status
    except NoJudge:
        without = "unverifiable"
    if without == "ok" or (contradicted and without != "wrong"):
        return closed_form.doubted(verdict, instance.problem.name, without == "ok")
    return verdict


def _cast_inside(question: Question, verdict: Verdict, results: Sequence[FloatArray]) -> str:
    """Why a wrong result may be what a text leaves that computes in less than float64 inside, or the empty string."""
    cell, instance, name = question.cell, question.instance, question.instance.problem.name
    if verdict.fault == "dtype" and {str(result.dtype) for result in results} == {question.narrow}:
        return f"{name} returns {question.narrow} where x is {cell.dtype}, and so does its derivative"
    if verdict.fault not in NUMBERS or question.accuracy < 1 or cell.dtype != "float64":
        return ""
    off = max(number or 0.0 for number in (verdict.rel_error, verdict.max_error, verdict.asymmetry))
    forgiven = accuracy.HEADROOM * (verdict.condition or 1.0)
    if off > forgiven * HALF:
        return ""
    text = question.text or instance.problem.objective
    # The last one is an ordinary point, where a cast shows that does not at a special one: where f is flat, or zero.
    noise = max(narrow_noise(text, instance.points[which], instance.data) for which in (0, -1))
    if not noise or off > forgiven * max(SINGLE, noise):
        return ""
    return f"{name} computes in less than float64 inside (its values carry noise of {noise:.0e}): {verdict.reason}"


def _by_whoever_can(question: Question, results: Sequence[FloatArray], references: References) -> Verdict:
    """The verdict by references, or by random products where the result is too large for those or f too slow."""
    cell, instance = question.cell, question.instance
    if question.compression is not None:
        return sparse.judged(question, results, references, OTHERS)
    if question.estimate:
        return estimates.judged(cell, question.estimate, instance, results, references)
    if cell.operator == blocks.OPERATOR:
        return _by_blocks(question, results, references)
    if cell.operator in gauss_newton.LIKE and (cause := gauss_newton.undeclared(instance)):
        raise NoJudge(cause)
    if not references.too_large(cell, instance):
        try:
            return _by_references(question, results, references)
        except TooSlow:
            if not references.too_large(cell, instance):  # no random products of this operator
                raise
    return _by_random_products(question, results, references)


def _by_references(question: Question, results: Sequence[FloatArray], references: References) -> Verdict:
    """The verdict by the right values themselves: a closed form, or differences entry by entry."""
    known = [references.reference(question.cell, question.instance, index) for index in range(len(results))]
    return _by_known(question, results, known, references)


def _by_blocks(question: Question, results: Sequence[FloatArray], references: References) -> Verdict:
    """The verdict on a Hessian's diagonal blocks: as on the Hessian with zeros outside, or by products in each."""
    cell, problem = question.cell, question.instance.problem
    ends, called = problem.ends(cell.n), blocks.names(problem, cell.n)
    for result in results:
        fault, reason = accuracy.malformed(result, (blocks.count(ends),), cell.dtype)
        if fault:
            cause = blocks.left_out(result.size, ends, called) if fault == "shape" else ""
            return Verdict("wrong", f"{reason}; {cause}" if cause else reason, fault)
    whole = replace(question, cell=replace(cell, operator="hessian"))
    if references.too_large(whole.cell, question.instance):
        return blocks.by_products(question, results, references)
    try:
        known = [references.reference(whole.cell, question.instance, index) for index in range(len(results))]
    except TooSlow:
        return blocks.by_products(question, results, references)
    known = [blocks.only(one, ends) for one in known]
    matrices = [blocks.as_matrix(result, ends) for result in results]
    verdict = _by_known(whole, matrices, known, references)
    lost = blocks.dropped(matrices[0], known[0].value, ends, called) if verdict.fault else ""
    return replace(verdict, reason=f"{verdict.reason}; {lost}") if lost else verdict


def _by_known(
    question: Question, results: Sequence[FloatArray], known: Sequence[Reference], references: References
) -> Verdict:
    """The verdict by right values that are known."""
    verdicts = [
        _on_one(question, index, *pair, references) for index, pair in enumerate(zip(results, known, strict=True))
    ]
    verdict = replace(
        _named(accuracy.worst(_told(question, verdicts)), verdicts, question.instance), judge=known[0].judge
    )
    if verdict.fault in NUMBERS and question.accuracy == 1:  # differences are inexact in ways of their own
        index = next(i for i, other in enumerate(verdicts) if other.fault == verdict.fault)
        return replace(verdict, reason=verdict.reason + _looks_like(question, results[index], known, references, index))
    return verdict


def _told(question: Question, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that count: of all points, but not of the drawn one where f has no value there."""
    return [verdict for i, verdict in enumerate(verdicts) if i != DRAWN or not _has_no_value(question, verdict)]


def _has_no_value(question: Question, verdict: Verdict) -> bool:
    """Whether f has none at the point that was drawn beside x, for which nobody asked."""
    if verdict.reason in accuracy.NO_VALUE:
        return True
    return verdict.fault == accuracy.NAN and not question.value_is_finite(question.instance.points[DRAWN])


def _named(verdict: Verdict, verdicts: Sequence[Verdict], instance: Instance) -> Verdict:
    """The worst verdict with a word in its reason where it is of another point than the one that was asked for."""
    index = next(i for i, other in enumerate(verdicts) if other.reason == verdict.reason)
    if not verdict.reason or np.array_equal(instance.points[index], instance.points[0]):
        return verdict
    return replace(verdict, reason=f"at a point beside x: {verdict.reason}")


def _on_one(
    question: Question, index: int, result: FloatArray, reference: Reference, references: References
) -> Verdict:
    """The verdict on the result at one point; where f is the framework's own text, with a second witness."""
    cell, problem = question.cell, question.instance.problem
    found = _by_one_judge(question, index, result, reference, references)
    if not isinstance(question.text, Values) or not (problem.judge_text or isinstance(problem.objective, Values)):
        return found
    inputs = question.instance.inputs(OPERATORS[cell.operator].takes, index)
    return witnessed(found, Asked(cell.operator, inputs, question.instance.data, result, reference, question.text))


def _by_one_judge(
    question: Question, index: int, result: FloatArray, reference: Reference, references: References
) -> Verdict:
    """The verdict on the result at one point, after a second opinion where it is an accusation."""
    cell, instance, operator = question.cell, question.instance, OPERATORS[question.cell.operator]
    inputs, exact = instance.inputs(operator.takes, index), question.accuracy == 1
    terms = references.terms(cell, instance, index)
    condition, size = partial(references.condition, cell, instance), partial(terms.size, operator.order)
    found = accuracy.judge(result, reference, cell.dtype, question.accuracy, operator, condition, cell.precision, size)
    if found.fault not in NUMBERS:
        return found
    if reference.judge == accuracy.CLOSED_FORM and exact:
        return found  # digits that the text loses and a closed form does not are wrong, whoever loses them
    error = result - reference.value
    if operator.order > 2:
        cause = biharmonic.excuse(instance.problem, inputs[0], instance.data, cell.dtype, error)
    else:
        cause = terms.excuse(operator.order, question.accuracy, cell.dtype, float(np.max(np.abs(error))))
    if cause:
        return replace(found, status="unverifiable", fault="", reason=f"{cause}: {found.reason}")
    return second_opinion(found, cell.operator, inputs, result, reference, terms)


def _by_random_products(question: Question, results: Sequence[FloatArray], references: References) -> Verdict:
    """The verdict by contractions with random vectors, where a result is too large for a reference of its own."""
    cell, instance = question.cell, question.instance
    asked = [references.products(cell, instance, index) for index in range(len(results))]
    operator, condition = OPERATORS[cell.operator], partial(references.condition, cell, instance)
    verdicts = [
        random_products.judge(result, probes, cell.dtype, question.accuracy, operator, condition, cell.precision)
        for result, probes in zip(results, asked, strict=True)
    ]
    verdict = replace(accuracy.worst(_told(question, verdicts)), judge=asked[0].judge)
    if verdict.fault != "silently-wrong" or cell.operator in gauss_newton.LIKE:
        return verdict
    index = next(index for index, other in enumerate(verdicts) if other.fault == verdict.fault)
    bend = random_products.bend_at(instance, index, asked[index].left)
    if bend and bend.order <= operator.order:
        return replace(verdict, status="unverifiable", fault="", reason=str(bend))
    seen, off = asked[index].contract(results[index]), verdict.tolerance or 0.0
    if cause := random_products.closely(cell.operator, instance, index, seen, asked[index], off):
        return replace(verdict, status="unverifiable", fault="", reason=f"{cause}: {verdict.reason}")
    return verdict


def _looks_like(
    question: Question, result: FloatArray, known: Sequence[Reference], references: References, index: int
) -> str:
    """What kind of fault the wrong result at a point may be, as the end of a reason."""
    instance = question.instance
    elsewhere = [i for i in range(len(known)) if i != index]
    others = {f"the value at point {i} instead of point {index}": known[i].value for i in elsewhere}
    if instance.problem.hessian is not None:  # where it is cheap, the point of the preparation too
        prepared = references.reference(question.cell, instance, len(instance.points) - 1)
        others["the value at the point that it was prepared with"] = prepared.value
    with suppress(Exception):  # a person's outputs can raise anything
        others |= _forgotten(question, references, index)
    found = diagnose(result, known[index].value, others)
    return f"; looks like: {found}" if found else ""


def _forgotten(question: Question, references: References, index: int) -> dict[str, FloatArray]:
    """What is left where a term is forgotten: the Hessian's for the Gauss-Newton matrix, the reverse, mixed ones."""
    cell, instance = question.cell, question.instance
    if cell.operator == biharmonic.OPERATOR:
        found = biharmonic.without_mixed_terms(instance.problem, instance.batches[index], instance.data)
        return {"the sum of pure fourth derivatives, without mixed terms": found}
    if like := gauss_newton.LIKE.get(cell.operator):
        other = references.reference(replace(cell, operator=like), instance, index)
        return {"the Hessian in the place of the Gauss-Newton matrix": other.value}
    if cell.operator not in ("hessian", *gauss_newton.LIKE.values()) or instance.problem.model is None:
        return {}
    inputs = instance.inputs(OPERATORS[cell.operator].takes, index)
    other = gauss_newton.right(cell.operator, instance.problem, inputs[0], instance.data, *inputs[1:])
    return {"the Gauss-Newton matrix in the place of the Hessian": other.value}


OTHERS = sparse.Others(
    _by_whoever_can,
    random_products.judge,
    random_products.products,
    random_products.bend_at,
    random_products.closely,
)
