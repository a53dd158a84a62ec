"""What differences of f tell in a person's own process, where f does what no exact method of NumPy has a rule for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from hessbench.backends.contract.interface import FloatArray, Objective
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference, reference
from hessbench.harness.judging import text
from hessbench.harness.judging.curvature import gauss_newton
from hessbench.harness.judging.derived import local as known
from hessbench.harness.judging.derived.local import EPS, Expected, Local
from hessbench.harness.python.reading.halves import in_halves
from hessbench.harness.python.session.opened import opened
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Problem


def _step(local: Local) -> Expected:
    if local.singular:
        raise UsageError(
            f"the Hessian may be singular, so there is no Newton step: {local.singular}, by differences of f"
        )
    return known.step(local, "regular", 0.0, 1.0, EPS)


FOLLOWS: Mapping[str, Callable[[Local], Expected]] = MappingProxyType(
    {"spectrum": lambda local: known.eigenvalues(local, None, 0.0, 1.0), "newton-step": _step}
)
"""What is computed from a Hessian and a gradient."""


def by_differences(
    operator: str, problem: Problem, inputs: tuple[FloatArray, ...], data: tuple[FloatArray, ...], dtype: str
) -> Reference:
    """The result of an operator by differences of f, or of its outputs and its loss.

    Args:
        operator: As in `computing.compute`.
        problem: The person's function at their point.
        inputs: The point, (n,), and the vector of a product.
        data: Further arguments of f.
        dtype: In which NumPy's backend is opened, for a text that is written for it.

    Returns:
        Value and bound.

    Raises:
        UsageError: There is no Newton step as far as differences tell.
    """
    engine = opened("numpy", dtype)
    if OPERATORS[operator].asks == "model":
        halves = in_halves(engine, problem)
        whole = replace(problem, objective=halves, model=Model(halves.outputs, halves.loss))
        return gauss_newton.right(operator, whole, inputs[0], data, *inputs[1:])
    objective: Objective = problem.objective if problem.portable else text.native(engine, problem)
    if operator not in FOLLOWS:
        return reference(operator, objective, inputs[0], data, *inputs[1:])
    hessian, gradient = (reference(name, objective, inputs[0], data) for name in ("hessian", "gradient"))
    with np.errstate(all="ignore"):
        return FOLLOWS[operator](Local(inputs[0], hessian, gradient)).reference
