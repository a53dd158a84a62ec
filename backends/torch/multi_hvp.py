"""Several Hessian-vector products at one point."""

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
    reverse_over_forward,
    vjp_grad,
)
from hessbench.backends.torch.limits import LINEAR_ALGEBRA

torch = Lazy("torch")
func = Lazy("torch.func")

Function = Callable[..., Any]


def _vectorized(hvp_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    def build(f: Function) -> Function:
        hvp, vmap = hvp_of(f), func.vmap
        return lambda x, vectors, *data: vmap(lambda v: hvp(x, v, *data))(vectors)

    return build


def _pull_back(f: Function) -> Function:
    """The gradient evaluated once, then every vector pulled back through it at once."""
    vjp, vmap, gradient = func.vjp, func.vmap, func.grad(f)

    def multi_hvp(x: Array, vectors: Array, *data: Array) -> Array:
        pull_back = vjp(lambda y: gradient(y, *data), x)[1]
        return vmap(lambda v: pull_back(v)[0])(vectors)

    return multi_hvp


def _grads_batched(f: Function) -> Function:
    def multi_hvp(x: Array, vectors: Array, *data: Array) -> Array:
        x, gradient = differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return torch.zeros_like(vectors)
        return torch.autograd.grad(gradient, x, vectors, is_grads_batched=True, materialize_grads=True)[0]

    return multi_hvp


def _loop(f: Function) -> Function:
    """One gradient with its graph, differentiated once more against each vector."""

    def multi_hvp(x: Array, vectors: Array, *data: Array) -> Array:
        x, gradient = differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return torch.zeros_like(vectors)
        keep = {"retain_graph": True, "materialize_grads": True}
        return torch.stack([torch.autograd.grad(gradient, x, v, **keep)[0] for v in vectors])

    return multi_hvp


def _hessian(f: Function) -> Function:
    hessian = jacrev_grad(f)
    return lambda x, vectors, *data: vectors @ hessian(x, *data)


_EAGER: tuple[Execution, ...] = ("eager",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "multi-hvp-vjp",
        _BOTH,
        _pull_back,
        default=_EAGER,
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.vjp",
        since="2.0",
        cost="1 + k",
        summary="The gradient once, then all vectors pulled back through it at once.",
    ),
    *declare(
        "multi-hvp-loop",
        _EAGER,
        _loop,
        default=_EAGER,
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.grad",
        cost="1 + k",
        summary="Double backward, one vector after the other: what people write; least memory.",
    ),
    *declare(
        "multi-hvp-forward-over-reverse",
        _EAGER,
        _vectorized(forward_over_reverse),
        default=_EAGER,
        operator="multi-hvp",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        summary="jvp of grad, mapped over the vectors.",
    ),
    *declare(
        "multi-hvp-reverse-over-reverse",
        _EAGER,
        _vectorized(vjp_grad),
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        summary="vjp of grad, mapped over the vectors.",
    ),
    *declare(
        "multi-hvp-reverse-over-forward",
        _EAGER,
        _vectorized(reverse_over_forward),
        operator="multi-hvp",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        faults=LINEAR_ALGEBRA,
        summary="grad of jvp, mapped over the vectors.",
    ),
    *declare(
        "multi-hvp-grads-batched",
        _EAGER,
        _grads_batched,
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.autograd.grad",
        since="1.11",
        cost="1 + k",
        summary="Double backward of all vectors at once, is_grads_batched=True.",
    ),
    *declare(
        "multi-hvp-hessian",
        _EAGER,
        _hessian,
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.0",
        cost="n",
        summary="The whole Hessian, then a matrix product: pays only for k near n.",
    ),
)
