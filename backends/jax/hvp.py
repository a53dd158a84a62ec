"""One Hessian-vector product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

jax = Lazy("jax")

Function = Callable[..., Any]


def forward_over_reverse(f: Function) -> Function:
    """The tangent of the gradient along v."""

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return jax.jvp(lambda y: jax.grad(f)(y, *data), (x,), (v,))[1]

    return hvp


def reverse_over_reverse(f: Function) -> Function:
    """The cotangent v pulled back through the gradient."""

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        _, pull_back = jax.vjp(lambda y: jax.grad(f)(y, *data), x)
        return pull_back(v)[0]

    return hvp


def reverse_over_forward(f: Function) -> Function:
    """The gradient of the directional derivative along v."""

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return jax.grad(lambda y: jax.jvp(lambda z: f(z, *data), (y,), (v,))[1])(x)

    return hvp


def over_vectors(of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """What takes one vector, such as an hvp, mapped over several at once; along the basis an hvp gives the Hessian."""

    def build(f: Function) -> Function:
        along = of(f)
        return lambda x, vectors, *data: jax.vmap(lambda v: along(x, v, *data))(vectors)

    return build


def linearized(f: Function) -> Function:
    """The gradient linearized once, its tangent map applied to all vectors at once."""

    def products(x: Array, vectors: Array, *data: Array) -> Array:
        _, tangent_map = jax.linearize(lambda y: jax.grad(f)(y, *data), x)
        return jax.vmap(tangent_map)(vectors)

    return products


def _grad_vdot(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return jax.grad(lambda y: jax.numpy.vdot(jax.grad(f)(y, *data), v))(x)

    return hvp


def _remat(f: Function) -> Function:
    return forward_over_reverse(jax.checkpoint(f))


_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "hvp-forward-over-reverse",
        _BOTH,
        forward_over_reverse,
        default=_JIT,
        operator="hvp",
        mode="forward-over-reverse",
        stock="jax.jvp",
        summary="jvp of grad: one tangent through the gradient; the cookbook's choice.",
    ),
    *declare(
        "hvp-reverse-over-reverse",
        _BOTH,
        reverse_over_reverse,
        default=_JIT,
        operator="hvp",
        mode="reverse-over-reverse",
        stock="jax.vjp",
        summary="vjp of grad: one cotangent back through the gradient.",
    ),
    *declare(
        "hvp-grad-vdot",
        _BOTH,
        _grad_vdot,
        operator="hvp",
        mode="reverse-over-reverse",
        stock="jax.grad",
        summary="grad of the gradient's inner product with v: the textbook's reverse over reverse.",
    ),
    *declare(
        "hvp-reverse-over-forward",
        _BOTH,
        reverse_over_forward,
        operator="hvp",
        mode="reverse-over-forward",
        stock="jax.grad",
        summary="grad of jvp: the directional derivative pulled back.",
    ),
    *declare(
        "hvp-remat",
        _JIT,
        _remat,
        operator="hvp",
        mode="forward-over-reverse",
        stock="jax.checkpoint",
        cost="2 and one more objective",
        summary="jvp of grad with jax.checkpoint around f: intermediates are computed again instead of kept.",
    ),
)
