"""Whether a closed form is false: differences of f contradict it, and agree with the result that it accuses.

A closed form is a person's own, too. Where it is right, w'Cv is what differences of f say, within their bound, and
whoever differs from it stays wrong, however many do. Only a result that differences clearly side with is not accused.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.evaluation.allowance import PRODUCTS_S, OutOfTime, hasty
from hessbench.harness.judging.sparse.entries import Entries
from hessbench.suites.definition.problem import Instance

CLEARLY, DRAWN = 1e3, 4
"""How much nearer to what differences say, and how much better known that must be; and vectors that are drawn."""


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
    except (OutOfTime, Exception):  # f can raise anything beside x
        return False
    stated, found = (np.abs(left[1:] @ one.times(left[0]) - value[1:]) for one in both)
    clearly = float(np.max(stated, initial=0)) / CLEARLY
    return bool(np.all(found <= clearly) and np.all(bound[1:] <= clearly))
