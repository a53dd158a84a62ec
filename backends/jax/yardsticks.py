"""f and its gradient: what second derivatives are measured against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare

jax = Lazy("jax")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def _gradient(f: Function) -> Function:
    return jax.grad(f)


METHODS: tuple[Method, ...] = (
    *declare("objective", ("eager", "jit"), _objective, default=("jit",), operator="objective", summary="f itself."),
    *declare(
        "gradient",
        ("eager", "jit"),
        _gradient,
        default=("jit",),
        operator="gradient",
        mode="reverse",
        stock="jax.grad",
        summary="One reverse sweep.",
    ),
)
