"""The Laplacian (the trace of the Hessian) at many points: what physics-informed learning needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.batched_hessian import sum_gradient, vectorized
from hessbench.backends.torch.compositions import (
    double_backward,
    forward_over_reverse,
    jacrev_grad,
    replicated,
    vjp_grad,
)
from hessbench.backends.torch.diagonal import curvature, product
from hessbench.backends.torch.limits import LINEAR_ALGEBRA, LINEAR_ALGEBRA_OF_POINTS, NO_BATCHED_BACKWARD
from hessbench.backends.torch.taylor.collapsed import curvature_sums

torch = Lazy("torch")
func = Lazy("torch.func")

Function = Callable[..., Any]


def _trace(f: Function) -> Function:
    hessians = vectorized(jacrev_grad)(f)
    return lambda points, *data: torch.einsum("bii->b", hessians(points, *data))


def _along_basis(second_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The sum of e_i'He_i, all coordinates and all points at once."""

    def build(f: Function) -> Function:
        second, vmap = second_of(f), func.vmap

        def laplacian(points: Array, basis: Array, *data: Array) -> Array:
            return vmap(lambda x: vmap(lambda v: second(x, v, *data))(basis).sum())(points)

        return laplacian

    return build


def _sum(f: Function) -> Function:
    gradient_at = sum_gradient(f)

    def laplacian(points: Array, *data: Array) -> Array:
        total = points.new_zeros(points.shape[0])
        found = gradient_at(points, *data)
        if found is None:
            return total
        leaf, gradient = found
        keep = {"retain_graph": True, "materialize_grads": True}
        for i in range(points.shape[1]):
            total = total + torch.autograd.grad(gradient[:, i].sum(), leaf, **keep)[0][:, i]
        return total

    return laplacian


def _row_loop(f: Function) -> Function:
    """Coordinates inside points, one after the other: asks no operation for a batching rule."""
    second = product(double_backward)(f)

    def laplacian(points: Array, basis: Array, *data: Array) -> Array:
        return torch.stack([torch.stack([second(x, v, *data) for v in basis]).sum() for x in points])

    return laplacian


def _replicated(f: Function) -> Function:
    """The trace of the Hessian whose rows come from so many copies of the point, one point after the other."""
    hessian = replicated(f)
    return lambda points, basis, *data: torch.stack([torch.trace(hessian(x, basis, *data)) for x in points])


_EAGER: tuple[Execution, ...] = ("eager",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "laplacian-sum",
        _EAGER,
        _sum,
        default=_EAGER,
        operator="laplacian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.grad",
        since="2.0",
        refusals=NO_BATCHED_BACKWARD,
        summary="Double backward of the sum over all points, one coordinate after the other: what people write.",
    ),
    *declare(
        "laplacian-trace",
        _EAGER,
        _trace,
        default=_EAGER,
        operator="laplacian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.0",
        summary="The traces of jacrev(grad), mapped over the points.",
    ),
    *declare(
        "laplacian-forward-over-forward",
        _EAGER,
        _along_basis(curvature),
        operator="laplacian",
        mode="forward-over-forward",
        assembly="vmap",
        stock="torch.func.jvp",
        since="2.0",
        needs_basis=True,
        cost="3 b n objectives",
        faults=LINEAR_ALGEBRA,
        summary="jvp of jvp along every coordinate at every point, all at once: no reverse sweep.",
    ),
    *declare(
        "laplacian-forward-over-reverse",
        _EAGER,
        _along_basis(product(forward_over_reverse)),
        operator="laplacian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        faults=LINEAR_ALGEBRA_OF_POINTS,
        summary="The sum of e_i'He_i by the hvp jvp(grad), all coordinates and points at once.",
    ),
    *declare(
        "laplacian-collapsed",
        _EAGER,
        curvature_sums,
        default=_EAGER,
        operator="laplacian",
        mode="taylor",
        assembly="collapsed",
        stock="torch.fx.experimental.proxy_tensor.make_fx",
        since="2.5",
        needs_basis=True,
        cost="about b n objectives",
        pitfalls=(
            "a block under torch.no_grad() is refused: a trace does not show it",
            "y[1:] = ... raises, y[1:3] = ... does not: slice_scatter under vmap (2.13)",
        ),
        summary="Collapsed Taylor mode: value, n slopes and one sum of second derivatives pass through f in one sweep.",
    ),
    *declare(
        "laplacian-row-loop",
        _EAGER,
        _row_loop,
        operator="laplacian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.grad",
        needs_basis=True,
        summary="The sum of e_i'He_i by double backward, one coordinate and point after the other: no vmap.",
    ),
    *declare(
        "laplacian-replicated",
        _EAGER,
        _replicated,
        operator="laplacian",
        mode="reverse-over-reverse",
        assembly="replicated",
        stock="torch.autograd.grad",
        needs_basis=True,
        summary="A copy of the point for each coordinate, double backward of the sum over the copies: no vmap.",
    ),
    *declare(
        "laplacian-reverse-over-reverse",
        _BOTH,
        _along_basis(product(vjp_grad)),
        default=_EAGER,
        operator="laplacian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        summary="The sum of e_i'He_i by the hvp vjp(grad), all coordinates and points at once.",
    ),
)
