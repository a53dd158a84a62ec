"""Control flow and rules of one's own: loops, branches, callbacks, and what a framework derives in its own way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.canaries.functions import POSITIVE, softplus
from hessbench.suites.canaries.losses import cross_entropy
from hessbench.suites.canaries.normalization import MOMENTS, batch_norm, group_norm, layer_norm
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import NONE_FOUND, canary, fixed, weights
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

custom_vjp = replace(
    softplus,
    name="custom_vjp",
    source="softplus with a rule of one's own by jax.custom_vjp",
    upstream={"jax": "jax#16049"},
)


def _betaln(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = -sum_i w_i log(x_i (x_i + 1)), the logarithms of beta functions B(x_i, 2).

    $$f(x) = \sum_i w_i \log B(x_i, 2) = -\sum_i w_i \log x_i (x_i + 1)$$
    """
    return -xp.sum(weights * xp.log(x * (x + 1)))


betaln = canary(
    "betaln",
    _betaln,
    POSITIVE,
    data=fixed(weights(3)),
    source="jax.scipy.special.betaln",
    hessian=lambda x, w: np.diag(w * (x**-2.0 + (x + 1) ** -2.0)),
    upstream={"jax": "jax#34353"},
)

keras_layer_normalization = replace(
    layer_norm, name="keras_layer_normalization", source="keras.layers.LayerNormalization", upstream=MOMENTS
)
keras_batch_normalization = replace(
    batch_norm, name="keras_batch_normalization", source="keras.layers.BatchNormalization, training", upstream=MOMENTS
)
keras_group_normalization = replace(
    group_norm, name="keras_group_normalization", source="keras.layers.GroupNormalization, two groups", upstream=MOMENTS
)
sparse_cross_entropy = replace(
    cross_entropy, name="sparse_cross_entropy", source="tf.nn.sparse_softmax_cross_entropy_with_logits", upstream={}
)


def _trace_of_cube(xp: Any, x: Any) -> Any:
    r"""f(x) = tr A^3 of the symmetric A = [[a, b], [b, c]] at the identity, whose eigenvalues are equal.

    $$f(a, b, c) = a^3 + c^3 + 3 b^2 (a + c)$$
    """
    del xp
    a, b, c = x[0], x[1], x[2]
    return a * a * a + c * c * c + 3 * b * b * (a + c)


eigvalsh_repeated = canary(
    "eigvalsh_repeated",
    _trace_of_cube,
    (1.0, 0.0, 1.0),
    spread=0.0,
    source="the sum of cubed eigvalsh of a matrix",
    gradient=lambda x: 3 * np.array([x[0] ** 2 + x[1] ** 2, 2 * x[1] * (x[0] + x[2]), x[2] ** 2 + x[1] ** 2]),
    hessian=lambda x: 6 * np.array([[x[0], x[1], 0], [x[1], x[0] + x[2], x[1]], [0, x[1], x[2]]]),
    upstream={"torch": "pytorch#47599", "jax": "jax#669", "tensorflow": NONE_FOUND},
)


PROBLEMS = (
    while_loop,
    fori_loop,
    scan,
    pure_callback,
    cond,
    map_fn,
    custom_vjp,
    betaln,
    keras_layer_normalization,
    keras_batch_normalization,
    keras_group_normalization,
    sparse_cross_entropy,
    eigvalsh_repeated,
)
