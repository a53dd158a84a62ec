"""Derivatives that methods of several operators are made of: `torch.func`, dual numbers, the graph of a gradient.

They are a file of their own so that no operator imports another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

torch = Lazy("torch")
func = Lazy("torch.func")
forward_ad = Lazy("torch.autograd.forward_ad")

Function = Callable[..., Any]


def differentiable_gradient(f: Function, x: Array, data: tuple[Array, ...]) -> tuple[Array, Array]:
    """The point as a leaf, and the gradient there with the graph that a second pass needs.

    A gradient without a graph does not depend on x: f is linear or constant (pytorch#32304).

    Returns:
        The leaf and the gradient there.
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


def dual_loop(f: Function) -> Function:
    """A Hessian by `dual` along one basis vector after the other."""
    hvp = dual(f)
    return lambda x, basis, *data: torch.stack([hvp(x, v, *data) for v in basis])


def _against(pull: Callable[[Array, Array, Array], Array]) -> Callable[[Function], Function]:
    """The gradient with its graph, pulled back against one vector or several: zero where it has no graph.

    Args:
        pull: From the gradient, the leaf and what is pulled back to the products.

    Returns:
        From f to `products(x, vectors, *data)`.
    """

    def build(f: Function) -> Function:
        def products(x: Array, vectors: Array, *data: Array) -> Array:
            x, gradient = differentiable_gradient(f, x, data)
            return pull(gradient, x, vectors) if gradient.requires_grad else torch.zeros_like(vectors)

        return products

    return build


double_backward = _against(lambda gradient, x, v: torch.autograd.grad(gradient, x, v, materialize_grads=True)[0])
"""The gradient differentiated once more against v."""


def jacrev_grad(f: Function) -> Function:
    """Reverse over reverse with a scalar inner gradient."""
    return func.jacrev(func.grad(f))


def row_loop(f: Function) -> Function:
    """The gradient with its graph, differentiated entry by entry."""

    def hessian(x: Array, *data: Array) -> Array:
        x, gradient = differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return x.new_zeros(len(x), len(x))
        keep = {"retain_graph": True, "materialize_grads": True}
        return torch.stack([torch.autograd.grad(entry, x, **keep)[0] for entry in gradient])

    return hessian


def replicated(f: Function) -> Function:
    """A copy of the point for each row; the sum over the copies is differentiated, row i against basis vector i."""
    # One backward pass gives all rows and no operation is asked for a batching rule (deepmd-kit#6035).

    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        copies = x.detach().expand(len(x), -1).clone().requires_grad_()
        y = torch.stack([f(copy, *data) for copy in copies]).sum()
        if not y.requires_grad:
            return torch.zeros_like(copies)
        gradient = torch.autograd.grad(y, copies, create_graph=True, materialize_grads=True)[0]
        if not gradient.requires_grad:
            return torch.zeros_like(copies)
        return torch.autograd.grad(gradient, copies, basis, materialize_grads=True)[0]

    return hessian


def _at_once(gradient: Array, x: Array, vectors: Array) -> Array:
    return torch.autograd.grad(gradient, x, vectors, is_grads_batched=True, materialize_grads=True)[0]


grads_batched = _against(_at_once)
"""The gradient with its graph, pulled back along several vectors at once; along the basis it is the Hessian."""


def pulled_back(f: Function) -> Function:
    """The gradient evaluated once, then every vector pulled back through it at once."""
    vjp, vmap, gradient = func.vjp, func.vmap, func.grad(f)

    def products(x: Array, vectors: Array, *data: Array) -> Array:
        pull_back = vjp(lambda y: gradient(y, *data), x)[1]
        return vmap(lambda v: pull_back(v)[0])(vectors)

    return products


def _in_turn(gradient: Array, x: Array, vectors: Array) -> Array:
    keep = {"retain_graph": True, "materialize_grads": True}
    return torch.stack([torch.autograd.grad(gradient, x, v, **keep)[0] for v in vectors])


pulled_back_in_turn = _against(_in_turn)
"""One gradient with its graph, differentiated once more against each vector."""


def over_vectors(of: Callable[[Function], Function]) -> Callable[..., Function]:
    """What takes one vector, such as an hvp, mapped over several, `chunk` at a time; along the basis: the Hessian."""

    def build(f: Function, chunk: int | None = None) -> Function:
        along, vmap = of(f), func.vmap
        return lambda x, vectors, *data: vmap(lambda v: along(x, v, *data), chunk_size=chunk)(vectors)

    return build
