"""The Hessian's values at its sparsity pattern: one product per color, then a gather."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from hessbench.backends.autograd.faults import FAULTS, FORWARD, WIDENS
from hessbench.backends.autograd.methods import linearized
from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.sparsity.compressed import by_substitution, directly

autograd = Lazy("autograd")

Function = Callable[..., Any]


def _forward_over_reverse(f: Function) -> Function:
    make = autograd.make_jvp(autograd.grad(f))

    def products(x: Array, seeds: Array, *data: Array) -> Array:
        push = make(x, *data)
        return np.stack([push(v)[1] for v in seeds])

    return products


def _recovered(products: Array, indices: Array) -> Array:
    return products.reshape(-1)[indices]


_substituted = partial(
    by_substitution,
    flat=lambda products: products.reshape(-1),
    take=lambda vector, places: vector[places],
    add=lambda vector, places, numbers: vector + np.bincount(places, numbers, vector.size),
)


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "sparse-make-hvp",
        _EAGER,
        directly(linearized, _recovered),
        default=_EAGER,
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="sparse",
        stock="autograd.make_hvp",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The gradient once, one seed after the other pulled back through it.",
    ),
    *declare(
        "sparse-forward-over-reverse",
        _EAGER,
        directly(_forward_over_reverse, _recovered),
        default=_EAGER,
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="autograd.make_jvp",
        cost="2 colors",
        refusals=FORWARD,
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="jvp of grad along one seed after the other.",
    ),
    *declare(
        "sparse-substitution-make-hvp",
        _EAGER,
        _substituted(linearized),
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="substitution",
        stock="autograd.make_hvp",
        cost="1 + acyclic colors",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The gradient once, fewer seeds pulled back, whose products are taken apart by substitution.",
    ),
)
