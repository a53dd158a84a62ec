"""Control flow: loops, branches, maps and callbacks."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import canary
from hessbench.suites.definition.problem import Problem

FACTORS = (0.7, -1.2, 1.5)


def _exp_of_product(xp: Any, x: Any) -> Any:
    r"""f(x) = exp(x_1 x_2 x_3), multiplied one by one.

    $$f(x) = e^{x_1 x_2 x_3}$$
    """
    return xp.exp(x[0] * x[1] * x[2])


def _exp_of_product_hessian(x: FloatArray) -> FloatArray:
    """exp(p) (p_i p_j + p_ij)."""
    first = np.array([x[1] * x[2], x[0] * x[2], x[0] * x[1]])
    second = np.array([[0, x[2], x[1]], [x[2], 0, x[0]], [x[1], x[0], 0]])
    return np.exp(np.prod(x)) * (np.outer(first, first) + second)


def _of_a_product(name: str, source: str, upstream: dict[str, str]) -> Problem:
    return canary(name, _exp_of_product, FACTORS, hessian=_exp_of_product_hessian, source=source, upstream=upstream)


while_loop = _of_a_product("while_loop", "jax.lax.while_loop, tf.while_loop", {"jax": "jax#2956"})


fori_loop = _of_a_product("fori_loop", "jax.lax.fori_loop with a static number of steps", {})


scan = _of_a_product("scan", "jax.lax.scan", {})


pure_callback = _of_a_product("pure_callback", "jax.pure_callback", {"jax": "documented: callbacks have no derivative"})


def _exp_of_size(xp: Any, x: Any) -> Any:
    r"""f(x) = exp(|x_1 x_2 x_3|), where the product is negative.

    $$f(x) = e^{|x_1 x_2 x_3|}$$
    """
    return xp.exp(-(x[0] * x[1] * x[2]))


def _exp_of_size_hessian(x: FloatArray) -> FloatArray:
    return _exp_of_product_hessian(np.array([-x[0], x[1], x[2]])) * np.outer([-1, 1, 1], [-1, 1, 1])


cond = canary(
    "cond",
    _exp_of_size,
    FACTORS,
    hessian=_exp_of_size_hessian,
    source="tf.cond on a value",
    upstream={"tensorflow": "tensorflow#108936"},
)


def _exp_times(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i x_i exp(x_i).

    $$f(x) = \sum_i x_i e^{x_i}$$
    """
    return xp.sum(x * xp.exp(x))


map_fn = canary(
    "map_fn",
    _exp_times,
    (0.3, -0.8, 1.1),
    hessian=lambda x: np.diag((2 + x) * np.exp(x)),
    source="tf.map_fn",
    upstream={"tensorflow": "tensorflow#108936"},
)


PROBLEMS = (
    while_loop,
    fori_loop,
    scan,
    pure_callback,
    cond,
    map_fn,
)
