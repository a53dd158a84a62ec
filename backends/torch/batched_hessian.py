"""One Hessian for each of many points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.compositions import jacrev_grad
from hessbench.backends.torch.limits import (
    BATCHED_NORMALIZATION,
    COMPILED_BY_A_PERSON,
    LINEAR_ALGEBRA_OF_POINTS,
    NO_BATCHED_BACKWARD,
)

torch = Lazy("torch")
func = Lazy("torch.func")
functional = Lazy("torch.autograd.functional")

Function = Callable[..., Any]


def _func_hessian(f: Function) -> Function:
    return func.hessian(f)


def vectorized(hessian_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The Hessian mapped over the points, the data held."""

    def build(f: Function) -> Function:
        hessian, vmap = hessian_of(f), func.vmap
        return lambda points, *data: vmap(lambda x: hessian(x, *data))(points)

    return build


def sum_gradient(f: Function) -> Callable[..., tuple[Array, Array] | None]:
    """The points as a leaf and the gradient (b, n) of the sum of all f, in which they do not interact.

    None where nothing depends on the points twice.

    Returns:
        A function of the points and the data.
    """

    def at(points: Array, *data: Array) -> tuple[Array, Array] | None:
        leaf = points.detach().requires_grad_()
        total = func.vmap(lambda x: f(x, *data))(leaf).sum()
        if not total.requires_grad:
            return None
        gradient = torch.autograd.grad(total, leaf, create_graph=True, materialize_grads=True)[0]
        return (leaf, gradient) if gradient.requires_grad else None

    return at


def _sum(f: Function) -> Function:
    gradient_at = sum_gradient(f)

    def hessians(points: Array, *data: Array) -> Array:
        b, n = points.shape
        found = gradient_at(points, *data)
        if found is None:
            return points.new_zeros(b, n, n)
        leaf, gradient = found
        keep = {"retain_graph": True, "materialize_grads": True}
        rows = [torch.autograd.grad(gradient[:, i].sum(), leaf, **keep)[0] for i in range(n)]
        return torch.stack(rows, dim=1)

    return hessians


def _loop(f: Function) -> Function:
    hessian = jacrev_grad(f)
    return lambda points, *data: torch.stack([hessian(x, *data) for x in points])


def _autograd_loop(f: Function) -> Function:
    return lambda points, *data: torch.stack([functional.hessian(lambda y: f(y, *data), x) for x in points])


_EAGER: tuple[Execution, ...] = ("eager",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "batched-jacrev-grad",
        _BOTH,
        vectorized(jacrev_grad),
        default=_EAGER,
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.0",
        summary="jacrev(grad), mapped over the points.",
    ),
    *declare(
        "batched-func-hessian",
        _EAGER,
        vectorized(_func_hessian),
        operator="batched-hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.hessian",
        since="2.0",
        faults=(*LINEAR_ALGEBRA_OF_POINTS, *BATCHED_NORMALIZATION),
        summary="The stock call, mapped over the points.",
    ),
    *declare(
        "batched-sum",
        _EAGER,
        _sum,
        default=_EAGER,
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.grad",
        since="2.0",
        refusals=NO_BATCHED_BACKWARD,
        summary="Double backward of the sum over all points: one pass per coordinate serves all of them.",
    ),
    *declare(
        "batched-loop",
        _EAGER,
        _loop,
        default=_EAGER,
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.func.jacrev",
        since="2.0",
        summary="A Python loop of jacrev(grad).",
    ),
    *declare(
        "batched-autograd-loop",
        _EAGER,
        _autograd_loop,
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.functional.hessian",
        since="1.5",
        faults=COMPILED_BY_A_PERSON,
        summary="A Python loop of the older stock call: what people write.",
    ),
)
