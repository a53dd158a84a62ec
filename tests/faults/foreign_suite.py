"""A third party's suite: problems without a closed form, so that finite differences must judge them."""

import time

import numpy as np

from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _cosines(xp, x):
    """f(x) = sum cos(x_i x_{i+1})."""
    return xp.sum(xp.cos(x[:-1] * x[1:]))


def _slow_for_the_judge(xp, x):
    """f(x) = x'x, except that the judge, which alone asks in extended precision, has to wait."""
    if x.dtype == np.longdouble:
        time.sleep(60)
    return xp.sum(x * x)


def _raises_for_the_judge(xp, x):
    """f(x) = x'x, except that the judge, which alone asks in extended precision, meets an error."""
    if x.dtype == np.longdouble:
        raise ValueError("not for judges")
    return xp.sum(x * x)


def _simple(name, objective):
    return Problem(name, objective, (2,), lambda n, rng: np.ones(n), source="made for the tests")


PROBLEMS = (
    _simple("judged_slowly", _slow_for_the_judge),
    _simple("judged_never", _raises_for_the_judge),
    Problem(
        name="cosines",
        objective=_cosines,
        sizes=(3,),
        start=lambda n, rng: np.linspace(0.5, 1.5, n),
        source="made for the tests",
        allowed=Size.at_least(2),
    ),
)
