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
from hessbench.suites.definition.problem import Instance

NEARBY, SAME = 2.0**-30, 1e-6
"""How far beside x the way is gone once more, and how near it must end."""

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
    return found, int(steps)


def derivatives(instance: Instance) -> tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]:
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
