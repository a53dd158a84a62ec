"""The Laplacian (the trace of the Hessian) at many points: what physics-informed learning needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.batched_hessian import sum_gradient, vectorized
from hessbench.backends.torch.compositions import forward_over_reverse, jacrev_grad, vjp_grad
from hessbench.backends.torch.diagonal import curvature, product
from hessbench.backends.torch.faults import LINEAR_ALGEBRA, LINEAR_ALGEBRA_OF_POINTS, NO_BATCHED_BACKWARD

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
