"""What second derivatives are for, in PyTorch: `torch.linalg`; loops are Python's, so what iterates is eager."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, find
from hessbench.backends.derived.algebra import Algebra, python_loop
from hessbench.backends.derived.declaring import Bases, by_arpack, derived
from hessbench.backends.torch import hessian, hvp
from hessbench.backends.torch.compositions import differentiable_gradient

torch = Lazy("torch")
func = Lazy("torch.func")

Function = Callable[..., Any]


def _algebra() -> Algebra:
    import array_api_compat.torch as xp

    cholesky_solve = torch.cholesky_solve
    return Algebra(
        xp=xp,
        cholesky_solve=lambda lower, b: cholesky_solve(b[:, None], lower)[:, 0],
        loop=python_loop,
        counter=lambda: 0,
        with_row=_with_row,
    )


def _with_row(matrix: Array, j: int, row: Array) -> Array:
    matrix[j] = row  # nobody else holds what a loop carries
    return matrix


def _gradient(f: Function) -> Function:
    return func.grad(f)


def _linearized(f: Function) -> Function:
    """The gradient once with its graph, which is differentiated against one vector after the other."""

    def at(x: Array, *data: Array) -> tuple[Array, Function]:
        x, gradient = differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return gradient, torch.zeros_like
        keep = {"retain_graph": True, "materialize_grads": True}
        return gradient.detach(), lambda v: torch.autograd.grad(gradient, x, grad_outputs=v, **keep)[0]

    return at


METHODS: tuple[Method, ...] = (
    *derived(
        Bases(
            algebra=_algebra,
            gradient=_gradient,
            linearized=_linearized,
            by="double backward",
            mode="reverse-over-reverse",
            executions=("eager",),
            methods=hessian.METHODS,
            hessians=("func-hessian", "jacrev-grad"),
        ),
        default=("eager",),
    ),
    by_arpack(find(hvp.METHODS, "hvp-forward-over-reverse-eager")),
)
