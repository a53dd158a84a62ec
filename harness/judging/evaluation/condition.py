"""How sensitive a problem is at a point: the condition that a tolerance must allow for.

Nobody computes better than from data that are rounded. So x and the data are changed by a relative `CHANGE` with random
signs, twice, as is what f gives to linear algebra, and the larger change of the Hessian is compared with it (Higham
2002, Accuracy and Stability of Numerical Algorithms, section 1.6, doi:10.1137/1.9780898718027). Of a gradient in closed
form it is the change of that: beside a critical point the gradient is what rounding of x leaves, while the Hessian
stays as it is. Digits that the text of f loses by itself, say by cancellation, are not forgiven: who asks for a second
derivative gets a wrong one.
"""

from __future__ import annotations

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.numeric.reference import reference
from hessbench.harness.judging.evaluation.perturbation import CHANGE, changed, roughly
from hessbench.suites.definition.problem import Instance

JUMP, FINE, FINER = 2.0**-8, 2.0**12, 2.0**24
"""What moves by so much of the largest entry may have jumped; then it moves as far by a change so much `FINER`. Beside
a pole it does not, and a change between both tells, too."""


def condition(instance: Instance, index: int, of_gradient: bool = False) -> float:
    """By how much relative errors of x and the data are amplified in the result at a point of an instance.

    Args:
        instance: The problem, drawn.
        index: Index of the point.
        of_gradient: In the gradient, and not in the Hessian.

    Returns:
        The factor, at least 1; it is 1, too, where the result is zero or not finite.
    """
    x, data = instance.points[index], instance.data
    result = _gradient if of_gradient else _hessian
    with np.errstate(all="ignore"):
        here, off = result(instance, x, data)

        def moved(turned: bool, change: float = CHANGE, whole: bool = True) -> FloatArray:
            """How much of the result moves; what the judge cannot tell is no change."""
            rng = np.random.default_rng(len(x))
            other = [changed(array, rng, change, turned) for array in (x, *(data if whole else ()))]
            near, far = result(roughly(instance, change, turned), other[0], tuple(other[1:]) if whole else data)
            return np.maximum(np.abs(near - here) - far - off, 0)

        largest = np.max(np.abs(here), initial=0)  # divided by first: norms of huge matrices overflow

        def amplified(far_moved: FloatArray, change: float) -> float:
            return float(np.linalg.norm(far_moved / largest) / (change * np.linalg.norm(here / largest)))

        ratio = 0.0
        for turned in (False, True):
            far_moved = moved(turned)
            jumped = ~(far_moved <= JUMP * largest)
            if not np.any(jumped):
                ratio = np.fmax(ratio, amplified(far_moved, CHANGE))
                continue
            # So much is no longer in proportion: a pole is beside x, which a finer change does not reach, or f jumps.
            finer = {change: moved(turned, change) for change in (CHANGE / FINE, CHANGE / FINER)}
            if np.any((finer[CHANGE / FINER] > far_moved / 4)[jumped]):
                far_moved = moved(turned, whole=False) if data else far_moved  # labels, say, are not rounded
            else:
                ratio = np.fmax.reduce([ratio, *(amplified(far, change) for change, far in finer.items())])
            ratio = np.fmax(ratio, amplified(far_moved, CHANGE))
    return max(1.0, float(ratio)) if np.isfinite(ratio) else 1.0


def _gradient(instance: Instance, x: FloatArray, data: tuple[FloatArray, ...]) -> tuple[FloatArray, FloatArray]:
    """The gradient by the closed form, else by differences, and the bound."""
    if instance.problem.gradient is None:
        known = reference("gradient", instance.problem.objective, x, data)
        return known.value, known.bound
    found = np.asarray(instance.problem.gradient(x, *data))
    return found, np.zeros_like(found)


def _hessian(instance: Instance, x: FloatArray, data: tuple[FloatArray, ...]) -> tuple[FloatArray, FloatArray]:
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
