"""The trace of the Hessian at one point: exact in n directions, or an estimate from a few products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.estimators import ESTIMATORS, Estimate, EstimatorName
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.operators import OperatorName
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.compositions import jacrev_grad, vjp_grad
from hessbench.backends.torch.taylor.collapsed import curvature_sums

torch = Lazy("torch")
func = Lazy("torch.func")
namespace = Lazy("array_api_compat.torch")

Function = Callable[..., Any]

PRODUCTS = 64


def _hessian(f: Function) -> Function:
    hessian = jacrev_grad(f)
    return lambda x, *data: torch.diagonal(hessian(x, *data)).sum()


def _sum(f: Function) -> Function:
    hvp, vmap = vjp_grad(f), func.vmap
    return lambda x, basis, *data: vmap(lambda v: (v * hvp(x, v, *data)).sum())(basis).sum()


def _collapsed(f: Function) -> Function:
    laplacian = curvature_sums(f)
    return lambda x, basis, *data: laplacian(x[None], basis, *data)[0]


def _estimated(name: EstimatorName) -> Callable[[Function], Function]:
    """A formula over products that are computed all at once."""

    def build(f: Function) -> Function:
        formula, hvp = ESTIMATORS[name].formula, vjp_grad(f)
        assert formula

        def estimate(x: Array, probes: Array, *data: Array) -> Array:
            return formula(namespace, func.vmap(lambda v: hvp(x, v, *data)), probes)

        return estimate

    return build


def _estimator(operator: OperatorName, name: EstimatorName, summary: str) -> tuple[Method, ...]:
    return declare(
        f"{operator}-{name.removeprefix('diagonal-')}",
        _EAGER,
        _estimated(name),
        operator=operator,
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        cost="2 for each product",
        estimate=Estimate(name, PRODUCTS),
        since="2.0",
        summary=summary,
    )


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "trace-hessian",
        _EAGER,
        _hessian,
        default=_EAGER,
        operator="trace",
        mode="reverse-over-reverse",
        assembly="stock",
        stock="torch.func.jacrev",
        since="2.0",
        summary="The trace of jacrev(grad): what people write.",
    ),
    *declare(
        "trace-reverse-over-reverse",
        _EAGER,
        _sum,
        default=_EAGER,
        operator="trace",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        needs_basis=True,
        since="2.0",
        summary="The sum of e_i'He_i by the hvp vjp(grad), for all i at once.",
    ),
    *declare(
        "trace-collapsed",
        _EAGER,
        _collapsed,
        default=_EAGER,
        operator="trace",
        mode="taylor",
        assembly="collapsed",
        needs_basis=True,
        cost="about n objectives",
        since="2.0",
        summary="Collapsed Taylor mode: value, n slopes and one sum of second derivatives in one sweep.",
    ),
    *_estimator("trace", "hutchinson-rademacher", "Hutchinson's estimate, the mean of w'Hw, with random signs."),
    *_estimator("trace", "hutchinson-normal", "Hutchinson's estimate, the mean of w'Hw, with normal numbers."),
    *_estimator("trace", "hutch++", "Exact on the span of a third of the products, Hutchinson's estimate on the rest."),
    *_estimator(
        "trace", "xtrace", "Exact on the span of all probes but one, that one on the rest, and the mean of all."
    ),
    *_estimator("diagonal", "diagonal-rademacher", "The mean of w * Hw with random signs."),
    *_estimator(
        "diagonal", "xdiag", "Exact on the span of all probes but one, that one on the rest, and the mean of all."
    ),
    *declare(
        "laplacian-stde",
        _EAGER,
        curvature_sums,
        operator="laplacian",
        mode="taylor",
        assembly="collapsed",
        cost="1 objective for each product and point",
        estimate=Estimate("stde", 16),
        since="2.0",
        summary="Stochastic Taylor estimator: collapsed Taylor mode along some coordinates, drawn without replacement.",
    ),
)
