"""f and its gradient: what second derivatives are measured against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

torch = Lazy("torch")
func = Lazy("torch.func")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def _backward(f: Function) -> Function:
    def gradient(x: Array, *data: Array) -> Array:
        x = x.detach().requires_grad_()
        y = f(x, *data)
        return torch.autograd.grad(y, x, materialize_grads=True)[0] if y.requires_grad else torch.zeros_like(x)

    return gradient


def _func_grad(f: Function) -> Function:
    return func.grad(f)


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare("objective", ("eager", "inductor"), _objective, default=_EAGER, operator="objective", summary="f itself."),
    *declare(
        "gradient",
        _EAGER,
        _backward,
        default=_EAGER,
        operator="gradient",
        mode="reverse",
        stock="torch.autograd.grad",
        summary="One backward pass.",
    ),
    *declare(
        "gradient",
        ("inductor",),
        _func_grad,
        operator="gradient",
        mode="reverse",
        stock="torch.func.grad",
        since="2.3",
        summary="torch.func.grad, compiled.",
    ),
)
