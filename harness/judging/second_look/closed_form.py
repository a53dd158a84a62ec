"""Whether a closed form is false: differences of f contradict it. Then results are judged as if there were none.

A closed form is a person's own, too. Where it is right, differences of f say within their bound what it says, and
whoever differs from it stays wrong, however many do. Where they clearly say something else, it accuses nobody: who is
wrong without it stays wrong, and of others it is said that it is in doubt. Closed forms of our own suites are not asked
about: tests hold them against differences, and where f has a kink, or its text loses digits, they are the definition.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import numpy as np

from hessbench import suites
from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.contract.operators import OPERATORS
from hessbench.harness.judging import random_products
from hessbench.harness.judging.accuracy import Verdict
from hessbench.harness.judging.evaluation.allowance import DENSE, PRODUCTS_S, OutOfTime, hasty
from hessbench.harness.judging.sparse.entries import Entries
from hessbench.suites.definition.problem import Instance

CLEARLY, ROUNDED = 10, 1e3
"""How much farther a closed form is from what differences say than their bound, and than its own rounding."""

BY_NUMBERS = ("silently-wrong", "asymmetric", "pattern", "biased")
"""Faults of which a closed form can accuse."""

OF_BOTH = ("newton-step", "stationary-point")
"""What follows from the gradient and the Hessian."""


def may_be_false(suite: str, instance: Instance) -> bool:
    """Whether a problem has closed forms that no test of ours knows: its suite is a person's."""
    problem = instance.problem
    told = problem.gradient, problem.hessian, problem.sparse_hessian, problem.inertia
    return suite not in suites.BUILT_IN and suite not in suites.BY_NAME and any(told)


def without(instance: Instance) -> Instance:
    """The instance as if its problem had no closed form."""
    bare = replace(instance.problem, gradient=None, hessian=None, sparse_hessian=None, inertia=None)
    return replace(instance, problem=bare)


def doubted(verdict: Verdict, name: str, agrees: bool) -> Verdict:
    """The verdict where a closed form is in doubt, and not the result."""
    others = "which agree with this result" if agrees else "which cannot tell of this result"
    reason = f"the closed form of {name} disagrees with differences of f, {others}: {verdict.reason}"
    return replace(verdict, status="unverifiable", fault="", reason=reason, nnz_missing=None)


def contradicted(operator: str, instance: Instance) -> bool:
    """Whether differences of f clearly contradict a closed form that an operator rests on, at one of the points.

    Args:
        operator: What was computed; an inertia in closed form is not compared: only an inertia without it can tell.
        instance: The problem, drawn.

    Returns:
        Whether they do; not where they do not tell in time, and not across a bend of f, where they tell the mean.
    """
    limited = hasty(instance, time.monotonic() + PRODUCTS_S)
    asked = itertools.product(_forms(operator, instance), range(len(instance.points)))
    return any(_contradicted_at(form, operator, instance, limited, index) for form, index in asked)


def _forms(operator: str, instance: Instance) -> list[str]:
    """The closed forms that an operator's right result follows from: "gradient", and "hvp" for that of the Hessian."""
    problem = instance.problem
    second = problem.hessian is not None or (OPERATORS[operator].sparse and problem.sparse_hessian is not None)
    forms = ["hvp"] if second and operator != "gradient" else []
    # Where there is no closed Hessian, differences of the gradient are the judge.
    return ["gradient", *forms] if problem.gradient and (not forms or operator in OF_BOTH) else forms


def _contradicted_at(form: str, operator: str, instance: Instance, limited: Instance, index: int) -> bool:
    try:
        stated = _stated(form, operator, instance, instance.points[index])
        if stated is None:
            return False
        probes = random_products.probe(form, limited, index)
        value, size = stated
        rounding = float(np.finfo(np.float64).eps) * (np.abs(probes.left) @ size)
        off = np.abs(probes.left @ value - probes.value)
        clearly = bool(np.any(off > np.maximum(CLEARLY * probes.bound, ROUNDED * rounding)))
        return clearly and not random_products.bend_at(limited, index, probes.left)
    except (Exception, OutOfTime):  # f, and a closed form, can raise anything beside x
        return False


def _stated(form: str, operator: str, instance: Instance, x: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """What a closed form says at a point, (n,), and the size of the terms added; None where it is too large."""
    problem, v = instance.problem, instance.direction
    if form == "gradient":
        assert problem.gradient is not None
        gradient = np.asarray(problem.gradient(x, *instance.data))
        return gradient, np.abs(gradient)
    if OPERATORS[operator].sparse and problem.sparse_hessian is not None:
        entries = Entries.of(instance.n, *problem.sparse_hessian(x, *instance.data))
        return entries.times(v), replace(entries, values=np.abs(entries.values)).times(np.abs(v))
    if problem.hessian is None or instance.n > DENSE:
        return None
    matrix = np.asarray(problem.hessian(x, *instance.data))
    return matrix @ v, np.abs(matrix) @ np.abs(v)
