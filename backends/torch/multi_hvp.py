"""Several Hessian-vector products at one point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.compositions import (
    forward_over_reverse,
    grads_batched,
    jacrev_grad,
    over_vectors,
    pulled_back,
    pulled_back_in_turn,
    reverse_over_forward,
    vjp_grad,
)
from hessbench.backends.torch.limits import LINEAR_ALGEBRA

torch = Lazy("torch")
func = Lazy("torch.func")

Function = Callable[..., Any]


def _hessian(f: Function) -> Function:
    hessian = jacrev_grad(f)
    return lambda x, vectors, *data: vectors @ hessian(x, *data)


_EAGER: tuple[Execution, ...] = ("eager",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "multi-hvp-vjp",
        _BOTH,
        pulled_back,
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
        pulled_back_in_turn,
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
        over_vectors(forward_over_reverse),
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
        over_vectors(vjp_grad),
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
        over_vectors(reverse_over_forward),
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
        grads_batched,
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
