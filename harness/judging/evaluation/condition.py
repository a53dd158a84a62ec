"""How sensitive a problem is at a point: the condition that a tolerance must allow for.

Nobody computes better than from data that are rounded. So x and the data are changed by a relative `CHANGE` with random
signs, and the change of the Hessian is compared with it (Higham 2002, Accuracy and Stability of Numerical Algorithms,
section 1.6, doi:10.1137/1.9780898718027). Digits that the text of f loses by itself, say by cancellation, are not
forgiven: who asks for a second derivative gets a wrong one.
"""

from __future__ import annotations

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.numeric.reference import reference
from hessbench.harness.judging.evaluation.perturbation import CHANGE, changed
from hessbench.suites.definition.problem import Instance


def condition(instance: Instance, index: int) -> float:
    """By how much relative errors of x and the data are amplified in the Hessian at a point of an instance.

    Args:
        instance: The problem, drawn.
        index: Index of the point.

    Returns:
        The factor, at least 1; it is 1, too, where the Hessian is zero or not finite.
    """
    x, data = instance.points[index], instance.data
    rng = np.random.default_rng(len(x))
    with np.errstate(all="ignore"):
        near, far = _result(instance, changed(x, rng), tuple(changed(array, rng) for array in data))
        here, off = _result(instance, x, data)
        largest = np.max(np.abs(here), initial=0)  # divided by first: norms of huge matrices overflow
        moved = np.maximum(np.abs(near - here) - far - off, 0)  # what the judge cannot tell is no change
        ratio = np.linalg.norm(moved / largest) / (CHANGE * np.linalg.norm(here / largest))
    return max(1.0, float(ratio)) if np.isfinite(ratio) else 1.0


def _result(instance: Instance, x: FloatArray, data: tuple[FloatArray, ...]) -> tuple[FloatArray, FloatArray]:
    """The Hessian, or its entries, by the closed form, else a product with it by differences, and the bound."""
    problem = instance.problem
    if problem.sparse_hessian is not None:
        values = np.asarray(problem.sparse_hessian(x, *data)[2])
        return values, np.zeros_like(values)
    if problem.hessian is not None:
        found = np.asarray(problem.hessian(x, *data))
        return found, np.zeros_like(found)
    known = reference("hvp", problem.objective, x, data, instance.direction, slope=problem.gradient)
    return known.value, known.bound
