"""One Hessian for each of many points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

jax = Lazy("jax")

Function = Callable[..., Any]


def _hessian(f: Function) -> Function:
    return jax.hessian(f)


def _jacrev_grad(f: Function) -> Function:
    return jax.jacrev(jax.grad(f))


def _jacfwd_jacfwd(f: Function) -> Function:
    return jax.jacfwd(jax.jacfwd(f))


def _vectorized(hessian_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The Hessian mapped over the points, the data held."""

    def build(f: Function) -> Function:
        hessian = hessian_of(f)
        return lambda points, *data: jax.vmap(lambda x: hessian(x, *data))(points)

    return build


def _map(f: Function) -> Function:
    return lambda points, *data: jax.lax.map(lambda x: jax.hessian(f)(x, *data), points)


def _loop(f: Function) -> Function:
    def hessians(points: Array, *data: Array) -> Array:
        return jax.numpy.stack([jax.hessian(f)(points[i], *data) for i in range(points.shape[0])])

    return hessians


def _sum(f: Function) -> Function:
    """The points do not interact in the sum of all f, so one tangent per coordinate serves all of them."""

    def hessians(points: Array, basis: Array, *data: Array) -> Array:
        def total(rows: Array) -> Array:
            return jax.numpy.sum(jax.vmap(lambda x: f(x, *data))(rows))

        _, tangent_map = jax.linearize(jax.grad(total), points)
        rows = jax.vmap(lambda v: tangent_map(jax.numpy.broadcast_to(v, points.shape)))(basis)
        return jax.numpy.transpose(rows, (1, 0, 2))

    return hessians


_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "batched-hessian",
        _BOTH,
        _vectorized(_hessian),
        default=_JIT,
        operator="batched-hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.hessian",
        summary="The stock Hessian, mapped over the points.",
    ),
    *declare(
        "batched-jacrev-grad",
        _BOTH,
        _vectorized(_jacrev_grad),
        default=_JIT,
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="jax.jacrev",
        summary="Reverse over reverse, mapped over the points.",
    ),
    *declare(
        "batched-sum",
        _BOTH,
        _sum,
        default=_JIT,
        operator="batched-hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.linearize",
        needs_basis=True,
        summary="The gradient of the sum over all points, linearized: one tangent per coordinate.",
    ),
    *declare(
        "batched-forward-over-forward",
        _JIT,
        _vectorized(_jacfwd_jacfwd),
        operator="batched-hessian",
        mode="forward-over-forward",
        assembly="vmap",
        stock="jax.jacfwd",
        cost="b n^2 objectives",
        summary="Forward over forward, mapped over the points: good for few variables only.",
    ),
    *declare(
        "batched-map",
        _JIT,
        _map,
        operator="batched-hessian",
        mode="forward-over-reverse",
        assembly="loop",
        stock="jax.lax.map",
        summary="The stock Hessian at one point after the other: least memory.",
    ),
    *declare(
        "batched-loop",
        _BOTH,
        _loop,
        operator="batched-hessian",
        mode="forward-over-reverse",
        assembly="loop",
        summary="A Python loop over the points: what people write.",
    ),
)
