"""One Hessian-vector product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.compositions import (
    double_backward,
    dual,
    forward_over_reverse,
    reverse_over_forward,
    vjp_grad,
)
from hessbench.backends.torch.limits import COMPILED_FORWARD, LINEAR_ALGEBRA, NO_NESTED_DUAL

torch = Lazy("torch")
func = Lazy("torch.func")
functional = Lazy("torch.autograd.functional")
forward_ad = Lazy("torch.autograd.forward_ad")

Function = Callable[..., Any]


def _autograd_vhp(f: Function) -> Function:
    return lambda x, v, *data: functional.vhp(lambda y: f(y, *data), x, v)[1]


def _autograd_hvp(f: Function) -> Function:
    return lambda x, v, *data: functional.hvp(lambda y: f(y, *data), x, v)[1]


_EAGER: tuple[Execution, ...] = ("eager",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "hvp-forward-over-reverse",
        _EAGER,
        forward_over_reverse,
        default=_EAGER,
        operator="hvp",
        mode="forward-over-reverse",
        stock="torch.func.jvp",
        since="2.0",
        summary="jvp of grad: one tangent through the gradient.",
    ),
    *declare(
        "hvp-forward-over-reverse",
        ("inductor",),
        forward_over_reverse,
        operator="hvp",
        mode="forward-over-reverse",
        stock="torch.func.jvp",
        since="2.3",
        faults=COMPILED_FORWARD,
        summary="jvp of grad, compiled.",
    ),
    *declare(
        "hvp-reverse-over-reverse",
        _EAGER,
        double_backward,
        default=_EAGER,
        operator="hvp",
        mode="reverse-over-reverse",
        stock="torch.autograd.grad",
        summary="Double backward: the gradient is differentiated once more against v.",
    ),
    *declare(
        "hvp-vjp-grad",
        _BOTH,
        vjp_grad,
        operator="hvp",
        mode="reverse-over-reverse",
        stock="torch.func.vjp",
        since="2.0",
        summary="vjp of grad: one cotangent back through the gradient.",
    ),
    *declare(
        "hvp-reverse-over-forward",
        _EAGER,
        reverse_over_forward,
        operator="hvp",
        mode="reverse-over-forward",
        stock="torch.func.grad",
        since="2.0",
        faults=LINEAR_ALGEBRA,
        summary="grad of jvp: the directional derivative pulled back.",
    ),
    *declare(
        "hvp-reverse-over-forward",
        ("inductor",),
        reverse_over_forward,
        operator="hvp",
        mode="reverse-over-forward",
        stock="torch.func.grad",
        since="2.3",
        faults=(*LINEAR_ALGEBRA, *COMPILED_FORWARD),
        summary="grad of jvp, compiled.",
    ),
    *declare(
        "hvp-dual",
        _EAGER,
        dual,
        operator="hvp",
        mode="forward-over-reverse",
        stock="torch.autograd.forward_ad",
        since="1.11",
        faults=NO_NESTED_DUAL,
        pitfalls=("pytorch#187284: compiled, it dropped tangents silently",),
        summary="Dual numbers by hand, make_dual around a backward pass: the layer under torch.func.jvp.",
    ),
    *declare(
        "autograd-vhp",
        _EAGER,
        _autograd_vhp,
        default=_EAGER,
        operator="hvp",
        mode="reverse-over-reverse",
        stock="torch.autograd.functional.vhp",
        since="1.5",
        summary="The older stock call for v'H, which is Hv: two backward passes.",
    ),
    *declare(
        "autograd-hvp",
        _EAGER,
        _autograd_hvp,
        operator="hvp",
        mode="reverse-over-reverse",
        cost="3",
        stock="torch.autograd.functional.hvp",
        since="1.5",
        summary="The older stock call for Hv: three backward passes (the double-back trick).",
    ),
)
