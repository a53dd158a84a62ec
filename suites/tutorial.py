"""The function that TensorFlow's guide starts from, small enough to check by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _tutorial(xp: Any, x: Any) -> Any:
    """f(x) = x0^2 + 3 x0 x1 + x1^2 at (1, 2).

    $$f(x) = x_0^2 + 3 x_0 x_1 + x_1^2$$
    """
    del xp
    return x[0] * x[0] + 3 * x[0] * x[1] + x[1] * x[1]


def _gradient(x: FloatArray) -> FloatArray:
    return np.array([2 * x[0] + 3 * x[1], 3 * x[0] + 2 * x[1]])


def _hessian(x: FloatArray) -> FloatArray:
    del x
    return np.array([[2.0, 3.0], [3.0, 2.0]])


tutorial = Problem(
    name="tutorial",
    objective=_tutorial,
    sizes=(2,),
    start=lambda n, rng: np.array([1.0, 2.0]),
    gradient=_gradient,
    hessian=_hessian,
    allowed=Size.exactly(2),
    source="TensorFlow guide, Advanced automatic differentiation (the setting of tf.hessians)",
    tags=("polynomial", "constant-hessian"),
)

PROBLEMS = (tutorial,)
