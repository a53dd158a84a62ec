"""The Hessian's values at its sparsity pattern: one product per color, then a gather."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.sparsity.compressed import by_substitution, directly
from hessbench.backends.torch.compositions import (
    forward_over_reverse,
    over_vectors,
    pulled_back,
    pulled_back_in_turn,
)

torch = Lazy("torch")
func = Lazy("torch.func")

Function = Callable[..., Any]


def recovered(products: Array, indices: Array) -> Array:
    """The values at their places in the products (colors, n)."""
    return products.reshape(-1)[indices]


_substituted = partial(
    by_substitution,
    flat=lambda products: products.reshape(-1),
    take=lambda vector, places: vector[places],
    add=lambda vector, places, numbers: vector.index_add(0, places, numbers),
)


_EAGER: tuple[Execution, ...] = ("eager",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "sparse-loop",
        _EAGER,
        directly(pulled_back_in_turn, recovered),
        default=_EAGER,
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="sparse",
        stock="torch.autograd.grad",
        summary="Double backward, one seed after the other: what people write; least memory.",
    ),
    *declare(
        "sparse-vjp",
        _BOTH,
        directly(pulled_back, recovered),
        default=_EAGER,
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="sparse",
        stock="torch.func.vjp",
        since="2.0",
        summary="The gradient once, then all seeds pulled back through it at once.",
    ),
    *declare(
        "sparse-forward-over-reverse",
        _EAGER,
        directly(over_vectors(forward_over_reverse), recovered),
        default=_EAGER,
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="torch.func.vmap",
        since="2.0",
        cost="2 colors",
        summary="jvp of grad, mapped over the seeds.",
    ),
    *declare(
        "sparse-forward-over-reverse",
        _EAGER,
        directly(over_vectors(forward_over_reverse), recovered),
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="chunked",
        chunk="16",
        stock="torch.func.vmap",
        since="2.0",
        cost="2 colors",
        summary="jvp of grad, mapped over so many seeds at a time: less memory where there are many colors.",
    ),
    *declare(
        "sparse-substitution-vjp",
        _EAGER,
        _substituted(pulled_back),
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="substitution",
        stock="torch.func.vjp",
        since="2.0",
        cost="1 + acyclic colors",
        summary="The gradient once, fewer seeds pulled back at once, whose products are taken apart by substitution.",
    ),
)
