"""The biharmonic, the Laplacian of the Laplacian, at many points: plates, and phase fields.

Nested, every way to a Laplacian gives one to it: the n slopes and the sum of collapsed Taylor mode carry n slopes and a
sum each, (n + 2)^2 numbers for each one of f. In one sweep of fourth order it is a sum over directions: with
T(v) = d^4/dt^4 f(x + t v),

    12 f_iijj = T(e_i + e_j) + T(e_i - e_j) - 2 T(e_i) - 2 T(e_j),

so that the sum of f_iijj over all i, j takes the n^2 directions e_i and e_i +- e_j (Griewank, Utke, Walther 2000,
doi:10.1090/S0025-5718-00-01120-0).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.refusal import Refusal
from hessbench.backends.contract.words import Execution
from hessbench.backends.jax.curvature.laplacian import REVERSE_RULE
from hessbench.backends.jax.diagonal import JET, curvature
from hessbench.backends.jax.hvp import forward_over_reverse
from hessbench.backends.jax.taylor.collapsed import curvature_sum

jax = Lazy("jax")
jet = Lazy("jax.experimental.jet")

Function = Callable[..., Any]


def _summed(second_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The sum of v'Hv over all rows v of a basis, all at once."""

    def total_of(f: Function) -> Function:
        second = second_of(f)
        return lambda x, basis, *data: jax.vmap(lambda v: second(x, v, *data))(basis).sum()

    return total_of


def _product(f: Function) -> Function:
    hvp = forward_over_reverse(f)
    return lambda x, v, *data: jax.numpy.vdot(v, hvp(x, v, *data))


def _nested(total_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The Laplacian of the Laplacian."""

    def build(f: Function) -> Function:
        twice = total_of(total_of(f))

        def biharmonic(points: Array, basis: Array, *data: Array) -> Array:
            # The outer sum takes its own directions, and passes the inner one's on as data.
            return jax.vmap(lambda x: twice(x, basis, basis, *data))(points)

        return biharmonic

    return build


def _fourth(f: Function) -> Function:
    def biharmonic(points: Array, basis: Array, *data: Array) -> Array:
        directions, weights = _directions(basis)

        def along(x: Array, v: Array) -> Array:
            return jet.jet(lambda y: f(y, *data), (x,), ((v, 0 * v, 0 * v, 0 * v),))[1][3]

        return jax.vmap(lambda x: jax.vmap(lambda v: along(x, v))(directions) @ weights)(points)

    return biharmonic


def _directions(unit: Array) -> tuple[Array, Array]:
    """The directions (n^2, n) and what T counts along each."""
    xp, n = jax.numpy, len(unit)
    i, j = np.triu_indices(n, 1)
    weights = [xp.full(n, 1 - (n - 1) / 3, unit.dtype), xp.full(n * (n - 1), 1 / 6, unit.dtype)]
    return xp.concatenate([unit, unit[i] + unit[j], unit[i] - unit[j]]), xp.concatenate(weights)


_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "biharmonic-collapsed",
        _JIT,
        _nested(curvature_sum),
        default=_JIT,
        operator="biharmonic",
        mode="taylor",
        assembly="collapsed",
        needs_basis=True,
        cost="about b n^2 objectives",
        faults=REVERSE_RULE,
        summary="Collapsed Taylor mode of collapsed Taylor mode: n + 2 numbers for each of n + 2.",
    ),
    *declare(
        "biharmonic-forward-over-reverse",
        _JIT,
        _nested(_summed(_product)),
        default=_JIT,
        operator="biharmonic",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="The sum of e_i'He_i by the hvp jvp(grad), of the same: what people write.",
    ),
    *declare(
        "biharmonic-forward-over-forward",
        _JIT,
        _nested(_summed(curvature)),
        operator="biharmonic",
        mode="forward-over-forward",
        assembly="vmap",
        stock="jax.jvp",
        needs_basis=True,
        cost="9 b n^2 objectives",
        summary="Four jvp, one in the other, along every pair of coordinates: no reverse sweep.",
    ),
    *declare(
        "biharmonic-jet",
        _JIT,
        _fourth,
        operator="biharmonic",
        mode="taylor",
        assembly="vmap",
        stock="jax.experimental.jet",
        needs_basis=True,
        cost="about 5 b n^2 objectives",
        refusals=(*JET, Refusal("its n^2 directions would fill the memory", above=256)),
        pitfalls=("jax#2431, jax#26801: many operations have no rule",),
        summary="The fourth Taylor coefficient along e_i and e_i +- e_j for all i and j.",
    ),
)
