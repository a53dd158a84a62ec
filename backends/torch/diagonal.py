"""The diagonal of the Hessian; PyTorch has no call for it (pytorch#100628)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.compositions import (
    differentiable_gradient,
    forward_over_reverse,
    jacrev_grad,
    over_vectors,
    reverse_over_forward,
    vjp_grad,
)
from hessbench.backends.torch.limits import LINEAR_ALGEBRA

torch = Lazy("torch")
func = Lazy("torch.func")

Function = Callable[..., Any]


def _hessian(f: Function) -> Function:
    hessian = jacrev_grad(f)
    return lambda x, *data: torch.diagonal(hessian(x, *data))


def _pull_back(f: Function) -> Function:
    """The gradient evaluated once, every basis vector pulled back through it, one entry kept of each."""
    vjp, vmap, gradient = func.vjp, func.vmap, func.grad(f)

    def diagonal(x: Array, basis: Array, *data: Array) -> Array:
        pull_back = vjp(lambda y: gradient(y, *data), x)[1]
        return vmap(lambda v: (v * pull_back(v)[0]).sum())(basis)

    return diagonal


def product(hvp_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The curvature v'Hv by an hvp."""

    def build(f: Function) -> Function:
        hvp = hvp_of(f)
        return lambda x, v, *data: (v * hvp(x, v, *data)).sum()

    return build


def curvature(f: Function) -> Function:
    """The curvature v'Hv as the second derivative of t -> f(x + t v): jvp of jvp, without a reverse sweep."""
    jvp = func.jvp

    def second(x: Array, v: Array, *data: Array) -> Array:
        return jvp(lambda y: jvp(lambda z: f(z, *data), (y,), (v,))[1], (x,), (v,))[1]

    return second


def _loop(f: Function) -> Function:
    def diagonal(x: Array, *data: Array) -> Array:
        x, gradient = differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return torch.zeros_like(x)
        keep = {"retain_graph": True, "materialize_grads": True}
        return torch.stack([torch.autograd.grad(entry, x, **keep)[0][i] for i, entry in enumerate(gradient)])

    return diagonal


_EAGER: tuple[Execution, ...] = ("eager",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "diagonal-vjp",
        _BOTH,
        _pull_back,
        default=_EAGER,
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.vjp",
        since="2.0",
        needs_basis=True,
        summary="The gradient once, every e_i pulled back through it at once, entry i kept of each.",
    ),
    *declare(
        "diagonal-hessian",
        _EAGER,
        _hessian,
        default=_EAGER,
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.0",
        summary="The diagonal of jacrev(grad): what people write.",
    ),
    *declare(
        "diagonal-forward-over-reverse",
        _EAGER,
        over_vectors(product(forward_over_reverse)),
        default=_EAGER,
        operator="diagonal",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        summary="Entry i of the hvp jvp(grad) along e_i, for all i at once.",
    ),
    *declare(
        "diagonal-reverse-over-reverse",
        _EAGER,
        over_vectors(product(vjp_grad)),
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="chunked",
        chunk="16",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        summary="Entry i of the hvp vjp(grad) along e_i, for some i at a time.",
    ),
    *declare(
        "diagonal-reverse-over-forward",
        _EAGER,
        over_vectors(product(reverse_over_forward)),
        operator="diagonal",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        faults=LINEAR_ALGEBRA,
        summary="Entry i of the hvp grad(jvp) along e_i, for all i at once.",
    ),
    *declare(
        "diagonal-forward-over-forward",
        _EAGER,
        over_vectors(curvature),
        operator="diagonal",
        mode="forward-over-forward",
        assembly="vmap",
        stock="torch.func.jvp",
        since="2.0",
        needs_basis=True,
        cost="3 n objectives",
        faults=LINEAR_ALGEBRA,
        summary="jvp of jvp along each e_i, for all i at once: no reverse sweep, nothing kept.",
    ),
    *declare(
        "diagonal-loop",
        _EAGER,
        _loop,
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.grad",
        summary="Double backward of one entry after the other; least memory.",
    ),
)
