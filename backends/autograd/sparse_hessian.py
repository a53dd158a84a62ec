"""The Hessian's values at its sparsity pattern: one product per color, then a gather."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.autograd.faults import FAULTS, FORWARD, WIDENS
from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

autograd = Lazy("autograd")

Function = Callable[..., Any]


def _make_hvp(f: Function) -> Function:
    """The gradient evaluated once; one seed after the other is pulled back through it."""
    make = autograd.make_hvp(f)

    def values(x: Array, seeds: Array, indices: Array, *data: Array) -> Array:
        pull_back = make(x, *data)[0]
        return np.stack([pull_back(v) for v in seeds]).reshape(-1)[indices]

    return values


def _forward_over_reverse(f: Function) -> Function:
    make = autograd.make_jvp(autograd.grad(f))

    def values(x: Array, seeds: Array, indices: Array, *data: Array) -> Array:
        push = make(x, *data)
        return np.stack([push(v)[1] for v in seeds]).reshape(-1)[indices]

    return values


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "sparse-make-hvp",
        _EAGER,
        _make_hvp,
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
        _forward_over_reverse,
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
)
