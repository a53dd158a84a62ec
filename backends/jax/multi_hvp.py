"""Several Hessian-vector products at one point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.jax.hvp import (
    forward_over_reverse,
    linearized,
    over_vectors,
    reverse_over_forward,
    reverse_over_reverse,
)

jax = Lazy("jax")

Function = Callable[..., Any]


def _map(f: Function) -> Function:
    def multi_hvp(x: Array, vectors: Array, *data: Array) -> Array:
        _, tangent_map = jax.linearize(lambda y: jax.grad(f)(y, *data), x)
        return jax.lax.map(tangent_map, vectors)

    return multi_hvp


def _loop(f: Function) -> Function:
    hvp = forward_over_reverse(f)

    def multi_hvp(x: Array, vectors: Array, *data: Array) -> Array:
        return jax.numpy.stack([hvp(x, vectors[i], *data) for i in range(vectors.shape[0])])

    return multi_hvp


def _hessian(f: Function) -> Function:
    return lambda x, vectors, *data: vectors @ jax.hessian(f)(x, *data)


_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "multi-hvp-forward-over-reverse",
        _BOTH,
        over_vectors(forward_over_reverse),
        default=_JIT,
        operator="multi-hvp",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        summary="jvp of grad, mapped over the vectors.",
    ),
    *declare(
        "multi-hvp-reverse-over-reverse",
        _BOTH,
        over_vectors(reverse_over_reverse),
        default=_JIT,
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        summary="vjp of grad, mapped over the vectors.",
    ),
    *declare(
        "multi-hvp-reverse-over-forward",
        _BOTH,
        over_vectors(reverse_over_forward),
        operator="multi-hvp",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="jax.vmap",
        summary="grad of jvp, mapped over the vectors.",
    ),
    *declare(
        "multi-hvp-linearize",
        _BOTH,
        linearized,
        default=_JIT,
        operator="multi-hvp",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.linearize",
        cost="1 + k",
        summary="The gradient is linearized once; its tangent map is applied to all vectors.",
    ),
    *declare(
        "multi-hvp-map",
        _JIT,
        _map,
        operator="multi-hvp",
        mode="forward-over-reverse",
        assembly="loop",
        stock="jax.lax.map",
        cost="1 + k",
        summary="The linearized gradient applied to one vector after the other: least memory.",
    ),
    *declare(
        "multi-hvp-loop",
        _BOTH,
        _loop,
        operator="multi-hvp",
        mode="forward-over-reverse",
        assembly="loop",
        summary="A Python loop over the vectors: what people write.",
    ),
    *declare(
        "multi-hvp-hessian",
        _JIT,
        _hessian,
        operator="multi-hvp",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.hessian",
        cost="n",
        summary="The whole Hessian, then a matrix product: pays only for k near n.",
    ),
)
