"""Products with the generalized Gauss-Newton matrix J'LJ of f = loss(outputs(x)), and its diagonal.

J of the outputs is pushed forward and pulled back, L of the loss acts between: n outputs cost no more than one
(Schraudolph 2002, doi:10.1162/08997660260028683).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.jax.hvp import forward_over_reverse

jax = Lazy("jax")

Function = Callable[..., Any]


def _reverse_over_forward(f: Bound) -> Function:
    bent = forward_over_reverse(f.loss)

    def product(x: Array, v: Array, *data: Array) -> Array:
        def outputs(y: Array) -> Array:
            return f.outputs(y, *data)

        z, moved = jax.jvp(outputs, (x,), (v,))
        return jax.vjp(outputs, x)[1](bent(z, moved, *data))[0]

    return product


def _linearized(f: Bound) -> Function:
    bent = forward_over_reverse(f.loss)

    def product(x: Array, v: Array, *data: Array) -> Array:
        z, push = jax.linearize(lambda y: f.outputs(y, *data), x)
        return jax.linear_transpose(push, x)(bent(z, push(v), *data))[0]

    return product


def _reverse_over_reverse(f: Bound) -> Function:
    bent = forward_over_reverse(f.loss)

    def product(x: Array, v: Array, *data: Array) -> Array:
        z, pull = jax.vjp(lambda y: f.outputs(y, *data), x)
        # u -> J'u is linear, so that pulling v back through it gives Jv, whatever u is.
        moved = jax.vjp(lambda u: pull(u)[0], z)[1](v)[0]
        return pull(bent(z, moved, *data))[0]

    return product


def _linear_outputs(f: Bound) -> Function:
    """The hvp of the loss of linear outputs, as people write it: what curves the outputs is cut off."""

    def product(x: Array, v: Array, *data: Array) -> Array:
        z, push = jax.linearize(lambda y: f.outputs(y, *data), x)
        return forward_over_reverse(lambda y: f.loss(z + push(y - x), *data))(x, v)

    return product


def _diagonal(f: Bound) -> Function:
    bent = forward_over_reverse(f.loss)

    def diagonal(x: Array, basis: Array, *data: Array) -> Array:
        z, push = jax.linearize(lambda y: f.outputs(y, *data), x)

        def entry(v: Array) -> Array:
            moved = push(v)
            return jax.numpy.vdot(moved, bent(z, moved, *data))

        return jax.vmap(entry)(basis)

    return diagonal


def _jacobian(jacobian_of: Callable[[], Any]) -> Callable[[Bound], Function]:
    def build(f: Bound) -> Function:
        def diagonal(x: Array, *data: Array) -> Array:
            z = f.outputs(x, *data)
            jacobian = jacobian_of()(f.outputs)(x, *data).reshape(z.size, x.size)
            curvature = jax.hessian(f.loss)(z, *data).reshape(z.size, z.size)
            return (jacobian * (curvature @ jacobian)).sum(0)

        return diagonal

    return build


_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "ggn-vp-reverse-over-forward",
        _BOTH,
        _reverse_over_forward,
        default=_JIT,
        operator="ggn-vp",
        mode="reverse-over-forward",
        stock="jax.jvp and jax.vjp",
        summary="jvp of the outputs, the loss's Hessian by jvp of grad, vjp of the outputs.",
    ),
    *declare(
        "ggn-vp-linearize",
        _JIT,
        _linearized,
        default=_JIT,
        operator="ggn-vp",
        mode="reverse-over-forward",
        stock="jax.linearize",
        summary="The outputs linearized once, and that transposed: one evaluation of the outputs for both.",
    ),
    *declare(
        "ggn-vp-reverse-over-reverse",
        _JIT,
        _reverse_over_reverse,
        operator="ggn-vp",
        mode="reverse-over-reverse",
        stock="jax.vjp",
        summary="The outputs' vjp, which is linear, pulled back once more for Jv: no forward rules.",
    ),
    *declare(
        "ggn-vp-linear-outputs",
        _JIT,
        _linear_outputs,
        operator="ggn-vp",
        mode="forward-over-reverse",
        stock="jax.linearize",
        summary="jvp of grad of the loss of linearized outputs: what has no curvature leaves no second term.",
    ),
    *declare(
        "ggn-diagonal-forward-over-reverse",
        _JIT,
        _diagonal,
        default=_JIT,
        operator="ggn-diagonal",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="u'Lu for u = J e_i, for all i at once, L by jvp of grad of the loss.",
    ),
    *declare(
        "ggn-diagonal-jacrev",
        _JIT,
        _jacobian(lambda: jax.jacrev),
        default=_JIT,
        operator="ggn-diagonal",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.jacrev and jax.hessian",
        cost="as many as there are outputs",
        summary="The whole J row by row and the whole L: for few outputs.",
    ),
    *declare(
        "ggn-diagonal-jacfwd",
        _JIT,
        _jacobian(lambda: jax.jacfwd),
        operator="ggn-diagonal",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.jacfwd and jax.hessian",
        summary="The whole J column by column and the whole L: what people write.",
    ),
)
