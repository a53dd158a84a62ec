"""The diagonal of the Hessian: n second derivatives, and no trick that needs fewer sweeps in general (jax#3801)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.refusal import Refusal
from hessbench.backends.contract.words import Execution
from hessbench.backends.jax.hvp import (
    forward_over_reverse,
    over_vectors,
    reverse_over_forward,
    reverse_over_reverse,
)

jax = Lazy("jax")
jet = Lazy("jax.experimental.jet")

Function = Callable[..., Any]


def _hessian(f: Function) -> Function:
    return lambda x, *data: jax.numpy.diagonal(jax.hessian(f)(x, *data))


def _by_hvp(hvp_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """Entry i of the hvp along e_i, mapped over the basis."""

    def build(f: Function) -> Function:
        hvp = hvp_of(f)
        return lambda x, basis, *data: jax.vmap(lambda v: jax.numpy.vdot(v, hvp(x, v, *data)))(basis)

    return build


def curvature(f: Function) -> Function:
    """The curvature v'Hv as the second derivative of t -> f(x + t v): jvp of jvp, without a reverse sweep."""

    def second(x: Array, v: Array, *data: Array) -> Array:
        def slope(y: Array) -> Array:
            return jax.jvp(lambda z: f(z, *data), (y,), (v,))[1]

        return jax.jvp(slope, (x,), (v,))[1]

    return second


def taylor(f: Function) -> Function:
    """The curvature v'Hv as the second Taylor coefficient along v."""

    def second(x: Array, v: Array, *data: Array) -> Array:
        _, (_, coefficient) = jet.jet(lambda z: f(z, *data), (x,), ((v, 0 * v),))
        return coefficient

    return second


def _map(f: Function, chunk: int | None) -> Function:
    second = curvature(f)

    def diagonal(x: Array, basis: Array, *data: Array) -> Array:
        return jax.lax.map(lambda v: second(x, v, *data), basis, batch_size=chunk or x.shape[0])

    return diagonal


JET = (
    Refusal(
        "jet has no rule for it (jax#2431, jax#26801)",
        (
            "acos",
            "asin",
            "atan",
            "tan",
            "prod",
            "linalg.cholesky",
            "linalg.diagonal",
            "linalg.eigvalsh",
            "linalg.inv",
            "linalg.solve",
        ),
    ),
    Refusal("jet leaks a tracer out of a custom_jvp (jax#30352)", ("logaddexp", "linalg.slogdet")),
)

_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "diagonal-forward-over-reverse",
        _BOTH,
        _by_hvp(forward_over_reverse),
        default=_JIT,
        operator="diagonal",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="Entry i of the hvp jvp(grad) along e_i, for all i at once.",
    ),
    *declare(
        "diagonal-forward-over-forward",
        _BOTH,
        over_vectors(curvature),
        default=_JIT,
        operator="diagonal",
        mode="forward-over-forward",
        assembly="vmap",
        stock="jax.jvp",
        needs_basis=True,
        cost="3 n objectives",
        summary="jvp of jvp along each e_i, for all i at once: no reverse sweep, nothing kept.",
    ),
    *declare(
        "diagonal-hessian",
        _BOTH,
        _hessian,
        default=_JIT,
        operator="diagonal",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.hessian",
        summary="The diagonal of the whole Hessian: what people write.",
    ),
    *declare(
        "diagonal-reverse-over-reverse",
        _BOTH,
        _by_hvp(reverse_over_reverse),
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="Entry i of the hvp vjp(grad) along e_i, for all i at once.",
    ),
    *declare(
        "diagonal-reverse-over-forward",
        _BOTH,
        _by_hvp(reverse_over_forward),
        operator="diagonal",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="Entry i of the hvp grad(jvp) along e_i, for all i at once.",
    ),
    *declare(
        "diagonal-map",
        _BOTH,
        _map,
        operator="diagonal",
        mode="forward-over-forward",
        chunk="16",
        assembly="chunked",
        stock="jax.lax.map",
        needs_basis=True,
        since="0.4.31",
        cost="3 n objectives",
        summary="jvp of jvp along some basis vectors at a time: least memory of all.",
    ),
    *declare(
        "diagonal-jet",
        _BOTH,
        over_vectors(taylor),
        operator="diagonal",
        mode="taylor",
        assembly="vmap",
        stock="jax.experimental.jet",
        needs_basis=True,
        cost="2 to 3 n objectives",
        refusals=JET,
        pitfalls=("jax#2431, jax#26801: many operations have no rule",),
        summary="The second Taylor coefficient along each e_i, for all i at once.",
    ),
)
