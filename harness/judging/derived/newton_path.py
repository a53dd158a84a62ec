"""Newton's method with full steps as the judge goes it: where it leads from a point, and in how many steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray, first_line
from hessbench.backends.derived.algebra import Derivatives, numpy_algebra
from hessbench.backends.derived.newton import MOST_STEPS, lu, stationary_point
from hessbench.backends.numeric import hyper_dual
from hessbench.harness.judging.accuracy import NoJudge
from hessbench.harness.judging.derived.local import EPS
from hessbench.suites.definition.problem import Instance

NEARBY, SAME = 2.0**-30, 1e-6
"""How far beside x the way is gone once more, and how near it must end."""

Function = Callable[[FloatArray], FloatArray]

DIVERGES = "full steps of Newton's method do not converge from x"


class Diverges(NoJudge):
    """Newton's method has no end here."""


def end(instance: Instance, index: int) -> tuple[FloatArray, int]:
    """The point and the number of steps, by the closed forms, else by hyper-dual numbers.

    Args:
        instance: The problem, drawn.
        index: Index of the point where it starts.

    Returns:
        Both.

    Raises:
        Diverges: It leads nowhere.
        NoJudge: Hyper-dual numbers have no rule for f.
    """
    slope, curvature = derivatives(instance)
    f, x = Derivatives(slope, curvature, _unused), instance.points[index]
    try:
        with np.errstate(all="ignore"):
            (found, steps), (beside, _) = (
                stationary_point(lu)(numpy_algebra(), f, start) for start in (x, x * (1 + NEARBY))
            )
    except np.linalg.LinAlgError:
        raise Diverges(f"{DIVERGES}: a Hessian on the way is singular") from None
    except Exception as error:  # f may raise anything on numbers that it was not written for
        raise NoJudge(f"the judge cannot go Newton's way: {first_line(error)}") from error
    if not (steps < MOST_STEPS and np.all(np.isfinite(found))):
        raise Diverges(DIVERGES)
    if not np.linalg.norm(beside - found) <= SAME * (np.linalg.norm(found) + np.linalg.norm(x)):
        raise Diverges("from a hair's breadth beside x Newton's method leads elsewhere, so rounding decides where")
    if _slow(slope, curvature, found, float(np.hypot(np.linalg.norm(found), np.linalg.norm(x)))):
        raise Diverges("the Hessian is singular at the stationary point: each full step only goes a share of the way")
    return found, int(steps)


def _slow(slope: Function, curvature: Function, x: FloatArray, size: float) -> bool:
    """Whether further steps from the end are shares of one another in one direction, not below its rounding.

    Each step towards a point with a singular Hessian is about half of the one before or more (Decker and Kelley 1980,
    Newton's method at singular points I). So the first further one is a quarter at least of what ended the steps.

    Args:
        slope: The gradient.
        curvature: The Hessian.
        x: Where the steps ended, (n,).
        size: What their last one was small beside.

    Returns:
        Whether the Hessian is singular at the stationary point, as far as steps tell.
    """
    steps = []
    try:
        with np.errstate(all="ignore"):
            for _ in range(2):
                steps.append(-np.linalg.solve(curvature(x), slope(x)))
                x = x + steps[-1]
    except np.linalg.LinAlgError:
        return True
    (first, second), length = steps, float(np.linalg.norm(steps[0]))
    share = float(first @ second) / length**2 if length > np.sqrt(EPS) * size / 8 else 0.0
    return 0.25 < share < 1


def derivatives(instance: Instance) -> tuple[Function, Function]:
    """The gradient and the Hessian as functions of x alone."""
    problem, data = instance.problem, instance.data
    f: Callable[[Any], Any] = lambda y: problem.objective(hyper_dual.namespace(), y, *data)  # noqa: E731
    slope, curvature = problem.gradient, problem.hessian
    return (
        (lambda x: np.asarray(slope(x, *data))) if slope else (lambda x: hyper_dual.gradient(f, x)),
        (lambda x: np.asarray(curvature(x, *data))) if curvature else (lambda x: hyper_dual.hessian(f, x)),
    )


def _unused(x: FloatArray) -> Any:
    raise AssertionError("elimination takes no products")
