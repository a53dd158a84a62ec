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
from hessbench.backends.torch.compositions import double_backward, forward_over_reverse, vjp_grad

torch = Lazy("torch")
func = Lazy("torch.func")

Function = Callable[..., Any]


def _reverse_over_forward(f: Bound) -> Function:
    jvp, vjp, outputs, bent = func.jvp, func.vjp, f.outputs, forward_over_reverse(f.loss)

    def product(x: Array, v: Array, *data: Array) -> Array:
        z, moved = jvp(lambda y: outputs(y, *data), (x,), (v,))
        return vjp(lambda y: outputs(y, *data), x)[1](bent(z, moved, *data))[0]

    return product


def _reverse_over_reverse(f: Bound) -> Function:
    vjp, zeros_like, outputs, bent = func.vjp, torch.zeros_like, f.outputs, vjp_grad(f.loss)

    def product(x: Array, v: Array, *data: Array) -> Array:
        z, pull = vjp(lambda y: outputs(y, *data), x)
        # u -> J'u is linear, so that pulling v back through it gives Jv, whatever u is.
        moved = vjp(lambda u: pull(u)[0], zeros_like(z))[1](v)[0]
        return pull(bent(z, moved, *data))[0]

    return product


def double_backward_product(f: Bound) -> Function:
    """The same by `torch.autograd.grad`, as libraries without `torch.func` do it."""
    outputs, bent = f.outputs, double_backward(f.loss)

    def product(x: Array, v: Array, *data: Array) -> Array:
        x = x.detach().requires_grad_()
        z = outputs(x, *data)
        if not z.requires_grad:
            return torch.zeros_like(x)
        u = torch.zeros_like(z, requires_grad=True)
        pulled = torch.autograd.grad(z, x, u, create_graph=True, materialize_grads=True)[0]
        moved = torch.autograd.grad(pulled, u, v, materialize_grads=True)[0]
        back = bent(z.detach(), moved, *data)
        return torch.autograd.grad(z, x, back, materialize_grads=True)[0].detach()

    return product


def _diagonal(f: Bound) -> Function:
    vmap, jvp, outputs, bent = func.vmap, func.jvp, f.outputs, vjp_grad(f.loss)

    def diagonal(x: Array, basis: Array, *data: Array) -> Array:
        def entry(v: Array) -> Array:
            z, moved = jvp(lambda y: outputs(y, *data), (x,), (v,))
            return (moved * bent(z, moved, *data)).sum()

        return vmap(entry)(basis)

    return diagonal


def _jacrev(f: Bound) -> Function:
    jacrev, hessian, outputs = func.jacrev, func.jacrev(func.grad(f.loss)), f.outputs

    def diagonal(x: Array, *data: Array) -> Array:
        z = outputs(x, *data)
        jacobian = jacrev(outputs)(x, *data).reshape(z.numel(), x.numel())
        curvature = hessian(z, *data).reshape(z.numel(), z.numel())
        return (jacobian * (curvature @ jacobian)).sum(0)

    return diagonal


_EAGER: tuple[Execution, ...] = ("eager",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "ggn-vp-reverse-over-forward",
        _EAGER,
        _reverse_over_forward,
        default=_EAGER,
        operator="ggn-vp",
        mode="reverse-over-forward",
        stock="torch.func.jvp and torch.func.vjp",
        since="2.0",
        summary="jvp of the outputs, the loss's Hessian by jvp of grad, vjp of the outputs.",
    ),
    *declare(
        "ggn-vp-reverse-over-reverse",
        _BOTH,
        _reverse_over_reverse,
        operator="ggn-vp",
        mode="reverse-over-reverse",
        stock="torch.func.vjp",
        since="2.0",
        summary="The outputs' vjp, which is linear, pulled back once more for Jv: no forward rules.",
    ),
    *declare(
        "ggn-vp-double-backward",
        _EAGER,
        double_backward_product,
        default=_EAGER,
        operator="ggn-vp",
        mode="reverse-over-reverse",
        stock="torch.autograd.grad",
        summary="The same by torch.autograd.grad: the double-backward trick for Jv, one graph for both.",
    ),
    *declare(
        "ggn-diagonal-forward-over-reverse",
        _EAGER,
        _diagonal,
        default=_EAGER,
        operator="ggn-diagonal",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        needs_basis=True,
        since="2.0",
        summary="u'Lu for u = J e_i by jvp, for all i at once, L by vjp of grad of the loss.",
    ),
    *declare(
        "ggn-diagonal-jacrev",
        _EAGER,
        _jacrev,
        default=_EAGER,
        operator="ggn-diagonal",
        mode="reverse-over-reverse",
        assembly="stock",
        stock="torch.func.jacrev",
        cost="as many as there are outputs",
        since="2.0",
        summary="The whole J row by row and the whole L: for few outputs.",
    ),
)
