"""Whether the closed form of a sparse Hessian is false: w'Cv is not what differences of f say."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.evaluation.allowance import PRODUCTS_S, hasty
from hessbench.harness.judging.second_look.closed_form import side_with
from hessbench.harness.judging.sparse.entries import Entries
from hessbench.suites.definition.problem import Instance

DRAWN = 4
"""Vectors that are drawn beside the first."""


def is_false(
    products: Callable[..., tuple[FloatArray, FloatArray]], instance: Instance, index: int, *both: Entries
) -> bool:
    """Whether a closed form is clearly false at a point, and a result right as far as differences of f tell.

    Args:
        products: Contractions of the right Hessian, as `random_products.products`.
        instance: The problem, drawn.
        index: Index of the point.
        *both: What the closed form says there, and the result.

    Returns:
        Whether it is.
    """
    limited = hasty(instance, time.monotonic() + PRODUCTS_S)
    left = np.random.default_rng([instance.n, index]).standard_normal((DRAWN + 1, instance.n))
    try:
        value, bound = products(limited.problem.objective, instance.points[index], instance.data, left)
    except Exception:  # f can raise anything beside x
        return False
    stated, found = (left[1:] @ one.times(left[0]) for one in both)
    return side_with(found, stated, value[1:], bound[1:])
