"""The verdict on a step, a spectrum, an inertia or a stationary point, at every point, the worst one first.

The right Hessian and gradient come from the same references as everybody's; what follows from them, with its condition
and bound, is in `local`. A method that asks something of the Hessian which it has not is not tried: that is no fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.contract.method import Method
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric import hyper_dual
from hessbench.backends.numeric.bounded import Reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.accuracy import HEADROOM, ROUNDING, NoJudge, Verdict
from hessbench.harness.judging.derived import local as known
from hessbench.harness.judging.derived import newton_path, signs
from hessbench.harness.judging.derived.local import Expected, Local
from hessbench.harness.planning.grid import Cell
from hessbench.results.stored.record import Status
from hessbench.suites.definition.problem import Instance

if TYPE_CHECKING:
    from hessbench.harness.judging.evaluation.terms import Terms
    from hessbench.harness.judging.references import References
    from hessbench.harness.judging.verdict import Question

LARGEST = 2048
"""Variables up to which eigenvalues of the right Hessian are computed: some seconds."""

EXACT = 48
"""Up to so many a Hessian in hyper-dual numbers is a second opinion: n^2 values of f."""

NOT_KNOWN = "derivatives of f are not known near x"


def judged(question: Question, results: Sequence[FloatArray], references: References) -> Verdict:
    """The verdict on results at the first points of a problem; as `judging.verdict.judged`."""
    cell, instance = question.cell, question.instance
    points = [at(cell, instance, index, references) for index in range(len(results))]
    verdicts = [
        _on_one(question, index, result, local, references)
        for index, (result, local) in enumerate(zip(results, points, strict=True))
    ]
    return replace(accuracy.worst(verdicts), judge=points[0].hessian.judge)


def no_answer(method: Method, cell: Cell, instance: Instance, references: References) -> tuple[Status, str] | None:
    """Why a method can give nothing here, by mathematics; None where it can, or nobody knows.

    Args:
        method: The method.
        cell: Its cell.
        instance: The problem, as the judge computes it.
        references: The right values.

    Returns:
        The status and the reason.
    """
    try:
        with np.errstate(all="ignore"):
            references.begin()
            for index in range(len(instance.points) - 1):
                local = at(cell, instance, index, references)
                if found := _unfit(method, local, _terms(cell, instance, index, local, references)):
                    return found
            return None
    except newton_path.Diverges as error:
        return "unverifiable", str(error)
    except Exception:  # nobody can tell, or arithmetic of the judge at the ends of the range
        return None


def _unfit(method: Method, local: Local, terms: Terms) -> tuple[Status, str] | None:
    if reason := _undefined(local, terms):
        return "unverifiable", reason
    if not method.needs:
        return None
    lowest = float(local.eigen[0][0])
    if method.needs == "definite" and lowest < -local.off:
        return "unsupported", f"for positive definite Hessians; at x the Hessian has the eigenvalue {lowest:.3g}"
    if local.singular:
        advice = "; newton-least-norm gives the shortest one" if method.operator == "newton-step" else ""
        return "unverifiable", f"the Hessian may be singular, so there is no Newton step: {local.singular}{advice}"
    return None


def _terms(cell: Cell, instance: Instance, index: int, local: Local, references: References) -> Terms:
    """The terms of f where a cell's result is about."""
    if local.start is None:
        return references.terms(cell, instance, index)
    return references.terms_at_end(cell, instance, index)


def _undefined(local: Local, terms: Terms) -> str:
    """Why f has no second derivative, as far as anybody can tell, or the empty string."""
    if local.bend:
        return local.bend
    if not local.finite:
        return NOT_KNOWN
    if not local.singular or local.nearest[1] <= np.sqrt(known.EPS) * max(local.largest, terms.size(2, exact=True)):
        return ""
    v, w = np.random.default_rng(len(local.x)).choice((-1.0, 1.0), (2, len(local.x)))
    exact = terms.exact(2, local.x, v, w, np.float64)
    if exact is None or np.isfinite(float(exact)):
        return ""
    least_known = int(np.argmax(local.hessian.bound))
    entry, off = (array.flat[least_known] for array in (local.hessian.value, local.hessian.bound))
    return f"f has no second derivative at x: differences find {entry:.1e}, which may be off by {off:.1e}"


def at(cell: Cell, instance: Instance, index: int, references: References) -> Local:
    """What is known of f where a cell's result is about: at the point, or where Newton's method leads from it.

    Args:
        cell: The cell.
        instance: Its problem, as the judge computes it.
        index: Index of the point.
        references: The right values.

    Returns:
        Point, Hessian and gradient.

    Raises:
        NoJudge: n is beyond what the judge computes, or Newton's method leads nowhere.
    """
    if cell.n > LARGEST or (instance.problem.hessian is None and references.too_large(_as(cell, "hessian"), instance)):
        raise NoJudge(f"no right Hessian of {cell.n} variables is known, so nobody can tell what follows from it")
    moved, word, start = instance, str(index), index
    if cell.operator == "stationary-point":
        moved, word = replace(instance, points=(references.end(cell, instance, index),)), f"end{index}"
        index = 0
    hessian, gradient = (
        references.reference(_as(cell, operator), moved, index, word) for operator in ("hessian", "gradient")
    )
    return Local(moved.points[index], hessian, gradient, None if moved is instance else instance.points[start])


def _as(cell: Cell, operator: str) -> Cell:
    return replace(cell, operator=operator, batch=1)


def _on_one(question: Question, index: int, result: FloatArray, local: Local, references: References) -> Verdict:
    """The verdict at one point, with a name for what is wrong."""
    cell, instance = question.cell, question.instance
    if not local.finite:
        return Verdict("unverifiable", NOT_KNOWN)
    expected = _expected(question, local, references)
    terms = _terms(cell, instance, index, local, references)
    if expected.reason:
        return Verdict("unverifiable", _undefined(local, terms) or expected.reason)
    found = _compared(question, result, expected, local)
    if found.fault == accuracy.NAN and (cause := _undefined(local, terms)):
        return Verdict("unverifiable", cause)
    if found.fault != "silently-wrong":
        return found
    if expected.doubt:
        return replace(found, status="unverifiable", fault="", reason=f"{expected.doubt}: {found.reason}")
    truth = expected.reference.value
    if local.hessian.judge != accuracy.CLOSED_FORM and (doubt := _in_doubt(question, index, result, local, references)):
        return replace(found, status="unverifiable", fault="", reason=f"{doubt}: {found.reason}")
    looks = signs.name(cell.operator, result, truth, local)
    if cell.operator == "stationary-point" and _is_stationary(question, result, instance):
        return replace(
            found, status="unverifiable", fault="", reason="another stationary point; rounding decides which"
        )
    return replace(found, reason=f"{found.reason}; looks like: {looks}") if looks else found


def _expected(question: Question, local: Local, references: References) -> Expected:
    cell, method, instance = question.cell, question, question.instance
    condition, rounding = references.condition(cell, instance), ROUNDING[cell.dtype]
    if cell.operator == "inertia":
        closed = instance.problem.inertia
        counts = closed(local.x, *instance.data) if closed else None
        return known.inertia(local, counts, condition, rounding.eps, rounding.usual, float(np.finfo(cell.dtype).tiny))
    if cell.operator == "newton-step":
        return known.step(local, method.needs, method.tolerance, condition, rounding.eps)
    if cell.operator == "stationary-point":
        return known.stationary(local, condition, rounding.eps)
    count = cell.batch if cell.operator == "top-eigenvalues" else None
    return known.eigenvalues(local, count, method.tolerance, condition)


def _compared(question: Question, result: FloatArray, expected: Expected, local: Local) -> Verdict:
    cell = question.cell
    if cell.operator == "inertia":
        return _counted(result, expected.reference.value, cell.dtype)
    return accuracy.judge(
        result,
        expected.reference,
        cell.dtype,
        1.0,
        OPERATORS[cell.operator],
        lambda: expected.condition,
        cell.precision,
        lambda exact: float(max(np.max(np.abs(x)) for x in (local.x, local.start) if x is not None)) or 1.0,
    )


def _counted(result: FloatArray, truth: FloatArray, dtype: str) -> Verdict:
    """Counts are right or wrong."""
    fault, reason = accuracy.malformed(result, truth.shape, dtype)
    if fault:
        return Verdict("wrong", reason, fault)
    if np.array_equal(result, truth):
        return Verdict("ok", "", "", 0.0, 0.0, None, 0.0, 0.0)
    said, right = ([int(count) for count in array] for array in (result, truth))
    return Verdict("wrong", f"{said} eigenvalues are positive, zero, negative; {right} are", "silently-wrong")


def _in_doubt(question: Question, index: int, result: FloatArray, local: Local, references: References) -> str:
    """Why a result that differs from what differences of f lead to may be right, or the empty string."""
    cell, instance = question.cell, question.instance
    terms = references.terms(cell, instance, index)
    first, second = (terms.of_derivative(order) or 0.0 for order in (1, 2))
    least = float(np.min(np.abs(local.eigen[0]), initial=np.inf))
    size = {"newton-step": (first + second * float(np.linalg.norm(result))) / (least or 1.0), "inertia": 0.0}
    truth = _expected(question, local, references).reference.value
    off = float(np.max(np.abs(result - truth)))
    if off <= HEADROOM * ROUNDING[cell.dtype].eps * size.get(cell.operator, second):
        return f"terms of size {max(first, second):.1g} cancel in f"
    exact = _exactly(instance, local) if cell.n <= EXACT else None
    if exact is not None:
        other = _expected(question, exact, references)
        if not other.reason and _compared(question, result, other, exact).status == "ok":
            return "the judge is in doubt, exact differentiation says as the result does"
    return ""


def _exactly(instance: Instance, local: Local) -> Local | None:
    """The same by hyper-dual numbers; None where f has no rule."""
    f = lambda y: instance.problem.objective(hyper_dual.namespace(), y, *instance.data)  # noqa: E731
    try:
        values = hyper_dual.hessian(f, local.x), hyper_dual.gradient(f, local.x)
    except Exception:  # f may raise anything on numbers that it was not written for
        return None
    parts = [Reference(value, 64 * known.EPS * np.abs(value), "hyper-dual") for value in values]
    return replace(local, hessian=parts[0], gradient=parts[1])


def _is_stationary(question: Question, result: FloatArray, instance: Instance) -> bool:
    """Whether one more step of Newton's method from a result is rounding."""
    slope, curvature = newton_path.derivatives(instance)
    x = np.asarray(result, dtype=np.float64)
    try:
        step = np.linalg.solve(curvature(x), slope(x))
    except np.linalg.LinAlgError:
        return False
    eps = ROUNDING[question.cell.dtype].eps
    return bool(np.linalg.norm(step) <= np.sqrt(eps) * max(float(np.linalg.norm(x)), eps))
