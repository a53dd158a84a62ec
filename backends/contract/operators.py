"""What can be asked for: the operators, each with what it takes, what it gives and what it usually costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

OperatorName = Literal[
    "objective",
    "gradient",
    "hessian",
    "hvp",
    "multi-hvp",
    "diagonal",
    "batched-hessian",
    "laplacian",
    "newton-step",
    "spectrum",
    "top-eigenvalues",
    "inertia",
    "stationary-point",
    "sparse-hessian",
    "trace",
    "ggn-vp",
    "ggn-diagonal",
    "block-diagonal",
    "biharmonic",
]

Asks = Literal["", "model", "arrays"]
ASKS: Mapping[str, str] = MappingProxyType(
    {
        "": "nothing beside f",
        "model": "outputs and loss, of which f is made",
        "arrays": "the named arrays of which x is made, more than one",
    }
)
"""What a problem must declare for an operator, in words."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One thing that a method can compute.

    Attributes:
        meaning: What it is, with its shape.
        takes: The arrays before the data, out of "x" (n,), "v" (n,), "V" (k, n) and "X" (b, n).
        cost: What a method that does nothing foolish costs, in gradients.
        symmetric: Whether the last two axes of the result are those of a symmetric matrix.
        stacked: Whether the first axis counts results that are right or wrong each on its own.
        order: Of the derivative.
        derived: Whether it is what a Hessian is for, and judged from the right Hessian (`judging.derived`).
        sparse: Whether the result is the values at a pattern, which the prepared method says (`Prepared.compression`).
        asks: What a problem must declare beside f, a key of `ASKS`; others are not planned.
    """

    meaning: str
    takes: tuple[str, ...] = ("x",)
    cost: str = "n"
    symmetric: bool = False
    stacked: bool = False
    order: int = 2
    derived: bool = False
    sparse: bool = False
    asks: Asks = ""

    @property
    def batched(self) -> bool:
        """Whether one call takes several vectors or points."""
        return bool({"V", "X"} & set(self.takes))


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "objective": Operator("f(x), a scalar: a yardstick", cost="less than 1", order=0),
        "gradient": Operator("the gradient of f at x, shape (n,): a yardstick", cost="1", order=1),
        "hessian": Operator("the dense Hessian of f at x, shape (n, n)", symmetric=True),
        "hvp": Operator("the Hessian of f at x times a vector v, shape (n,)", ("x", "v"), "2"),
        "multi-hvp": Operator(
            "the Hessian of f at x times k vectors, the rows of V, shape (k, n)",
            ("x", "V"),
            "2 k",
            stacked=True,
        ),
        "diagonal": Operator("the diagonal of the Hessian of f at x, shape (n,)"),
        "batched-hessian": Operator(
            "the Hessian of f at each of b points, the rows of X, shape (b, n, n)",
            ("X",),
            "b n",
            symmetric=True,
            stacked=True,
        ),
        "laplacian": Operator(
            "the trace of the Hessian of f at each of b points, the rows of X, shape (b,)",
            ("X",),
            "b n",
        ),
        "newton-step": Operator("the step -H^-1 g of Newton's method at x, shape (n,)", cost="n + 1", derived=True),
        "spectrum": Operator("the eigenvalues of the Hessian of f at x, ascending, shape (n,)", derived=True),
        "top-eigenvalues": Operator(
            "the k largest eigenvalues of the Hessian of f at x, descending, for k start vectors, shape (k,)",
            ("x", "V"),
            derived=True,
        ),
        "inertia": Operator(
            "the numbers of positive, zero and negative eigenvalues of the Hessian of f at x, shape (3,)", derived=True
        ),
        "stationary-point": Operator(
            "the point to which full steps of Newton's method lead from x, shape (n,)",
            cost="n + 1 for each step",
            derived=True,
        ),
        "sparse-hessian": Operator(
            "the values of the Hessian of f at x at the entries of its sparsity pattern, shape (nnz,)",
            cost="1 + colors",
            sparse=True,
        ),
        "trace": Operator("the trace of the Hessian of f at x, shape ()"),
        "ggn-vp": Operator(
            "the generalized Gauss-Newton matrix J'LJ of f = loss(outputs(x)) times a vector v, shape (n,): J of the "
            "outputs, L the Hessian of the loss",
            ("x", "v"),
            "about 2",
            asks="model",
        ),
        "ggn-diagonal": Operator(
            "the diagonal of the generalized Gauss-Newton matrix of f at x, shape (n,)", asks="model"
        ),
        "block-diagonal": Operator(
            "the diagonal blocks of the Hessian of f at x that belong to the arrays of x, one raveled block after the "
            "other, shape (sum of n_i^2,)",
            asks="arrays",
        ),
        "biharmonic": Operator(
            "the Laplacian of the Laplacian of f at each of b points, the rows of X, shape (b,)",
            ("X",),
            "b n^2",
            order=4,
        ),
    }
)

YARDSTICKS = ("objective", "gradient")

CORE = ("hessian", "hvp")
"""What a run computes unless told otherwise; the yardsticks come along."""
