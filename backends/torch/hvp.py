"""One Hessian-vector product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.interface import Array, Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.torch.faults import COMPILED_FORWARD, LINEAR_ALGEBRA

torch = Lazy("torch")
func = Lazy("torch.func")
functional = Lazy("torch.autograd.functional")
forward_ad = Lazy("torch.autograd.forward_ad")

Function = Callable[..., Any]


def differentiable_gradient(f: Function, x: Array, data: tuple[Array, ...]) -> tuple[Array, Array]:
    """The point as a leaf, and the gradient there with the graph that a second pass needs.

    A gradient without a graph does not depend on x: f is linear or constant (pytorch#32304).
    """
    x = x.detach().requires_grad_()
    y = f(x, *data)
    if not y.requires_grad:
        return x, torch.zeros_like(x)
    return x, torch.autograd.grad(y, x, create_graph=True, materialize_grads=True)[0]


def forward_over_reverse(f: Function) -> Function:
    """The tangent of the gradient along v."""
    jvp, gradient = func.jvp, func.grad(f)

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return jvp(lambda y: gradient(y, *data), (x,), (v,))[1]

    return hvp


def vjp_grad(f: Function) -> Function:
    """The cotangent v pulled back through the gradient."""
    vjp, gradient = func.vjp, func.grad(f)

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return vjp(lambda y: gradient(y, *data), x)[1](v)[0]

    return hvp


def reverse_over_forward(f: Function) -> Function:
    """The gradient of the directional derivative along v."""
    jvp, grad = func.jvp, func.grad

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return grad(lambda y: jvp(lambda z: f(z, *data), (y,), (v,))[1])(x)

    return hvp


def dual(f: Function) -> Function:
    """The backward pass of a dual number x + v: `forward_ad` by hand."""

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        with forward_ad.dual_level():
            number = forward_ad.make_dual(x.detach(), v).requires_grad_()
            y = f(number, *data)
            if not y.requires_grad:
                return torch.zeros_like(x)
            gradient = torch.autograd.grad(y, number, create_graph=True, materialize_grads=True)[0]
            tangent = forward_ad.unpack_dual(gradient).tangent
        return torch.zeros_like(x) if tangent is None else tangent.detach()

    return hvp


def _autograd_vhp(f: Function) -> Function:
    return lambda x, v, *data: functional.vhp(lambda y: f(y, *data), x, v)[1]


def _autograd_hvp(f: Function) -> Function:
    return lambda x, v, *data: functional.hvp(lambda y: f(y, *data), x, v)[1]


def double_backward(f: Function) -> Function:
    """The gradient differentiated once more against v."""

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        x, gradient = differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return torch.zeros_like(x)
        return torch.autograd.grad(gradient, x, grad_outputs=v, materialize_grads=True)[0]

    return hvp


_EAGER = ("eager",)
_BOTH = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "hvp-forward-over-reverse",
        _EAGER,
        forward_over_reverse,
        default=_EAGER,
        operator="hvp",
        outer="forward",
        inner="reverse",
        stock="torch.func.jvp",
        since="2.0",
        summary="jvp of grad: one tangent through the gradient.",
    ),
    *declare(
        "hvp-forward-over-reverse",
        ("inductor",),
        forward_over_reverse,
        operator="hvp",
        outer="forward",
        inner="reverse",
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
        outer="reverse",
        inner="reverse",
        stock="torch.autograd.grad",
        summary="Double backward: the gradient is differentiated once more against v.",
    ),
    *declare(
        "hvp-vjp-grad",
        _BOTH,
        vjp_grad,
        operator="hvp",
        outer="reverse",
        inner="reverse",
        stock="torch.func.vjp",
        since="2.0",
        summary="vjp of grad: one cotangent back through the gradient.",
    ),
    *declare(
        "hvp-reverse-over-forward",
        _EAGER,
        reverse_over_forward,
        operator="hvp",
        outer="reverse",
        inner="forward",
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
        outer="reverse",
        inner="forward",
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
        outer="forward",
        inner="reverse",
        stock="torch.autograd.forward_ad",
        since="1.11",
        pitfalls=("pytorch#187284: compiled, it dropped tangents silently",),
        summary="Dual numbers by hand, make_dual around a backward pass: the layer under torch.func.jvp.",
    ),
    *declare(
        "autograd-vhp",
        _EAGER,
        _autograd_vhp,
        default=_EAGER,
        operator="hvp",
        outer="reverse",
        inner="reverse",
        stock="torch.autograd.functional.vhp",
        since="1.5",
        summary="The older stock call for v'H, which is Hv: two backward passes.",
    ),
    *declare(
        "autograd-hvp",
        _EAGER,
        _autograd_hvp,
        operator="hvp",
        outer="reverse",
        inner="reverse",
        cost="3",
        stock="torch.autograd.functional.hvp",
        since="1.5",
        summary="The older stock call for Hv: three backward passes (the double-back trick).",
    ),
)
