"""Whether a closed form is false: differences of f contradict it, and find nothing wrong with the result it accuses.

A closed form is a person's own, too. Where it is right, differences of f say within their bound what it says, and
whoever differs from it stays wrong, however many do. Where they clearly say something else, results are judged once
more as if there were none; only who is right then is not accused. Closed forms of our own suites are not asked about:
tests hold them against differences, and where f has a kink, or its text loses digits, they are the definition.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging import random_products
from hessbench.harness.judging.accuracy import Verdict
from hessbench.harness.judging.evaluation.allowance import PRODUCTS_S, hasty
from hessbench.harness.judging.sparse.entries import Entries
from hessbench.suites import registry
from hessbench.suites.definition.problem import Instance

CLEARLY = 1e3
"""How much farther from what differences say than these may be off, and than a closed form in float64 may be."""

BY_NUMBERS = ("silently-wrong", "asymmetric", "pattern", "biased")
"""Faults of which a closed form can accuse."""


def may_be_false(suite: str, instance: Instance) -> bool:
    """Whether a problem has closed forms that no test of ours knows: its suite is in a file of a person's."""
    problem = instance.problem
    told = problem.gradient, problem.hessian, problem.sparse_hessian, problem.inertia
    return suite not in registry() and any(told)


def without(instance: Instance) -> Instance:
    """The instance as if its problem had no closed form."""
    bare = replace(instance.problem, gradient=None, hessian=None, sparse_hessian=None, inertia=None)
    return replace(instance, problem=bare)


def doubted(verdict: Verdict, name: str) -> Verdict:
    """The verdict where a closed form is in doubt, and not the result."""
    reason = f"the closed form of {name} disagrees with differences of f, which agree with this result"
    return replace(verdict, status="unverifiable", fault="", reason=f"{reason}: {verdict.reason}", nnz_missing=None)


def contradicted(operator: str, instance: Instance) -> bool:
    """Whether differences of f clearly contradict a closed form at one of the points.

    Args:
        operator: What was computed: an inertia in closed form is not compared here, what differences make of it tells.
        instance: The problem, drawn.

    Returns:
        Whether they do; not where they do not tell in time.
    """
    if operator == "inertia" and instance.problem.inertia is not None:
        return True
    return any(_contradicted_at(instance, index) for index in range(len(instance.points)))


def _contradicted_at(instance: Instance, index: int) -> bool:
    for operator in ("gradient", "hvp"):
        try:
            stated = _stated(operator, instance, instance.points[index])
            if stated is None:
                continue
            probes = random_products.probe(operator, hasty(instance, time.monotonic() + PRODUCTS_S), index)
        except Exception:  # f, and a closed form, can raise anything beside x
            continue
        value, size = stated
        rounding = float(np.finfo(np.float64).eps) * (np.abs(probes.left) @ size)
        if np.any(np.abs(probes.left @ value - probes.value) > CLEARLY * np.maximum(probes.bound, rounding)):
            return True
    return False


def _stated(operator: str, instance: Instance, x: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """What a closed form says at a point, (n,), and the size of the terms that were added; None where there is none."""
    problem, v = instance.problem, instance.direction
    if operator == "gradient":
        if problem.gradient is None:
            return None
        gradient = np.asarray(problem.gradient(x, *instance.data))
        return gradient, np.abs(gradient)
    if problem.sparse_hessian is not None:
        entries = Entries.of(instance.n, *problem.sparse_hessian(x, *instance.data))
        return entries.times(v), replace(entries, values=np.abs(entries.values)).times(np.abs(v))
    if problem.hessian is not None:
        matrix = np.asarray(problem.hessian(x, *instance.data))
        return matrix @ v, np.abs(matrix) @ np.abs(v)
    return None
