"""A third party's suite: one problem without a closed form, so that finite differences must judge it."""

import numpy as np

from suites.problem import Problem


def _cosines(xp, x):
    """f(x) = sum cos(x_i x_{i+1})."""
    return xp.sum(xp.cos(x[:-1] * x[1:]))


PROBLEMS = (
    Problem(
        name="cosines",
        objective=_cosines,
        sizes=(3,),
        start=lambda n, rng: np.linspace(0.5, 1.5, n),
        source="made for the tests",
        takes=lambda n: n >= 2,
        rule="n >= 2",
    ),
)
