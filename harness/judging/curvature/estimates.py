"""Estimates are judged by their own theory: unbiased, and as near to the right value as so many products bring them.

With m products an estimate misses the right value by more than the bound at most once in a million times (`CHANCE`).
Bounds of traces are tail bounds of quadratic forms (Cortinovis and Kressner 2022, doi:10.1007/s10208-021-09525-9):
with F the Frobenius and S the spectral norm of H, and for signs of H without its diagonal,

    P(|estimate - trace| >= t) <= 2 exp(-m t^2 / (c (F^2 + S t))),  c = 4 for normal probes, 8 for signs.

Hutch++, XTrace and XDiag estimate what is left of H outside of a span of k products, whose squared norm is bounded for
each r by 1 + r / (k - r - 1) times that of the singular values beyond r (Halko, Martinsson, Tropp 2011, theorem 10.5).
An entry of a diagonal is a sum of signs times entries of its row (Hoeffding 1963). Coordinates drawn without
replacement are bounded by the range of the diagonal (Serfling 1974).

The probes are known (`Estimate.draw`), and so is H. So the same formula of the right matrix tells what this estimate
must be: whoever misses that computes something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from hessbench.backends.contract.estimators import ESTIMATORS, Estimate, EstimatorName
from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.accuracy import NoJudge, Verdict
from hessbench.harness.planning.grid import Cell
from hessbench.suites.definition.problem import Instance

if TYPE_CHECKING:
    from hessbench.harness.judging.references import References

CHANCE = 1e-6


def quadratic_forms(h: FloatArray, probes: int, factor: float) -> float:
    """By how much the mean of so many w'Hw misses the trace at most, but for that chance."""
    length = factor * np.log(2 / CHANCE) / probes
    frobenius, spectral = float(np.linalg.norm(h)), float(np.linalg.norm(h, 2))
    # The root of t^2 = length (F^2 + S t).
    return float(length * spectral + np.sqrt((length * spectral) ** 2 + 4 * length * frobenius**2)) / 2


def _off_diagonal(h: FloatArray) -> FloatArray:
    return np.asarray(h - np.diag(np.diagonal(h)))


def _signed_rows(h: FloatArray, probes: int) -> FloatArray:
    """For each entry of a diagonal; the chance is shared by all of them."""
    rows = np.linalg.norm(_off_diagonal(h), axis=1)
    return np.asarray(rows * np.sqrt(2 * np.log(2 * len(h) / CHANCE) / probes))


def _left(h: FloatArray, k: int) -> float:
    """Twice the root mean square of the Frobenius norm of H outside of a span of k products; at most that of H."""
    tails = np.cumsum(np.linalg.svd(h, compute_uv=False)[::-1] ** 2)[::-1]  # beyond 0, 1, ...
    r = np.arange(min(max(k - 1, 1), len(tails)))
    usual = np.min((1 + r / np.maximum(k - r - 1, 1)) * tails[r])
    return float(np.sqrt(min(4 * usual, tails[0])))


def _deflated(h: FloatArray, probes: int, factor: float) -> float:
    """The bound of a trace's estimate of what is left; the span of others has a probe less."""
    left = _left(h, probes - 1)
    return float(quadratic_forms(np.diag([left]), probes, factor))


def _deflated_rows(h: FloatArray, probes: int) -> FloatArray:
    """The projections mix rows, so that only the whole is bounded; the probes' estimates count as independent."""
    whole = _left(h, probes - 1) * np.sqrt(2 * np.log(2 / CHANCE) / probes)
    return np.full(len(h), whole / np.sqrt(len(h)))


def _coordinates(h: FloatArray, drawn: int) -> float:
    n, entries = len(h), np.diagonal(h)
    spread = float(np.max(entries) - np.min(entries))
    left = 1 - (drawn - 1) / n
    return float(n * spread * np.sqrt(left * np.log(2 / CHANCE) / (2 * drawn)))


BOUNDS: Mapping[EstimatorName, Callable[[FloatArray, int], FloatArray | float]] = MappingProxyType(
    {
        "hutchinson-rademacher": lambda h, m: quadratic_forms(_off_diagonal(h), m, 8),
        "hutchinson-normal": lambda h, m: quadratic_forms(h, m, 4),
        "hutch++": lambda h, m: _deflated(h, m // 3, 8),
        "xtrace": lambda h, m: _deflated(h, m // 2, 4),
        "diagonal-rademacher": _signed_rows,
        "xdiag": lambda h, m: _deflated_rows(h, m // 2),
        "stde": _coordinates,
    }
)
"""By how much an estimate from so many products misses the right value at most, but for a chance of `CHANCE`."""

ONLY_AS_A_WHOLE = ("xdiag",)
"""Whose error is bounded in norm and not entry by entry."""


def judged(
    cell: Cell, estimate: Estimate, instance: Instance, results: Sequence[FloatArray], references: References
) -> Verdict:
    """The verdict on estimates at the first points of a problem.

    Args:
        cell: The cell.
        estimate: Which estimator, with how many products, from which seed.
        instance: The problem, as the judge computes it.
        results: One estimate for each point.
        references: The right values.

    Returns:
        The worst verdict; its errors are those of the estimates, its tolerance is the bound's.

    Raises:
        NoJudge: The bound needs the Hessian, and that is too large to be found.
    """
    if references.too_large(replace(cell, operator="hessian"), instance):
        raise NoJudge(f"the bound of an estimate needs the Hessian, which nobody finds at n = {cell.n}")
    whole = replace(cell, operator="batched-hessian" if cell.operator == "laplacian" else "hessian")
    verdicts = []
    for index, result in enumerate(results):
        known = references.reference(whole, instance, index)
        condition = references.condition(cell, instance)
        verdicts.append(verdict(cell, estimate, result, known, condition))
    return replace(accuracy.worst(verdicts), judge=known.judge)


def verdict(cell: Cell, estimate: Estimate, result: FloatArray, known: Reference, condition: float) -> Verdict:
    """The verdict on one estimate, from the right Hessian, or Hessians (b, n, n)."""
    hessians = known.value.reshape(-1, *known.value.shape[-2:])
    shape = (cell.n,) if cell.operator == "diagonal" else known.value.shape[:-2]
    fault, reason = accuracy.malformed(result, shape, cell.dtype)
    if fault:
        return Verdict("wrong", reason, fault)
    if 0 < known.bent <= 2:
        return Verdict("unverifiable", known.bend)
    diagonals = np.diagonal(hessians, axis1=1, axis2=2)
    truth = (diagonals if cell.operator == "diagonal" else diagonals.sum(axis=1)).reshape(shape)
    bound = np.asarray([BOUNDS[estimate.estimator](h, estimate.products) for h in hessians]).reshape(shape)
    size = float(np.linalg.norm(truth)) or float(np.linalg.norm(hessians)) or 1.0
    error, allowed = np.abs(result - truth), float(np.linalg.norm(bound)) / size
    found = Verdict(
        "ok",
        "",
        rel_error=float(np.linalg.norm(error)) / size,
        max_error=float(np.max(error)) / size,
        tolerance=allowed,
    )
    rounding = accuracy.ROUNDING[cell.dtype].headroom * accuracy.ROUNDING[cell.dtype].eps * condition * size
    # Terms of a trace cancel where f is harmonic.
    rounding += cell.n * accuracy.ROUNDING["float64"].eps * float(np.sum(np.abs(diagonals)))
    whole = estimate.estimator in ONLY_AS_A_WHOLE
    missed, bounded = (np.linalg.norm(error), np.linalg.norm(bound)) if whole else (error, bound)
    if np.any(missed > bounded + rounding + np.abs(known.bound).sum()):
        reason = (
            f"off by {found.rel_error:.1e}; {estimate.products} products allow {allowed:.1e}, but for one in a million"
        )
        return replace(found, status="wrong", fault="biased", reason=reason)
    same = _same_probes(cell, estimate, result, hessians, replace(known, value=truth), condition)
    if same.status != "ok":
        return replace(found, status=same.status, fault=same.fault, reason=f"{same.reason} (of the same probes)")
    if not allowed < 1:
        return replace(
            found, status="unverifiable", reason=f"{estimate.products} products are too few: {_few(allowed)}"
        )
    return found


def _few(allowed: float) -> str:
    return f"the bound of the error is {allowed:.1f} times the right value"


def _same_probes(
    cell: Cell, estimate: Estimate, result: FloatArray, hessians: FloatArray, known: Reference, condition: float
) -> Verdict:
    """The verdict on a result beside the same formula of the right matrix."""
    probes, formula = estimate.draw(cell.n), ESTIMATORS[estimate.estimator].formula
    if formula is None:
        value = np.asarray([np.sum((probes @ h) * probes) for h in hessians])
    else:
        value = np.asarray([formula(np, partial(_rows_times, h), probes) for h in hessians])
    value = value.reshape(known.value.shape)
    terms = np.abs(known.value).max(initial=0) + np.abs(np.diagonal(hessians, axis1=1, axis2=2)).sum()
    slack = np.full(value.shape, np.abs(known.bound).sum() + accuracy.JUDGE_FLOOR * terms)
    same = replace(known, value=value, bound=slack)
    return accuracy.judge(result, same, cell.dtype, 1, OPERATORS["hvp"], lambda: condition)


def _rows_times(h: FloatArray, rows: FloatArray) -> FloatArray:
    return np.asarray(rows @ h)
