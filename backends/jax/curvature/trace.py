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
from hessbench.backends.jax.curvature.laplacian import REVERSE_RULE
from hessbench.backends.jax.hvp import forward_over_reverse
from hessbench.backends.jax.taylor.collapsed import curvature_sum

jax = Lazy("jax")

Function = Callable[..., Any]

PRODUCTS = 64


def _hessian(f: Function) -> Function:
    return lambda x, *data: jax.numpy.trace(jax.hessian(f)(x, *data))


def _sum(f: Function) -> Function:
    hvp = forward_over_reverse(f)
    return lambda x, basis, *data: jax.vmap(lambda v: jax.numpy.vdot(v, hvp(x, v, *data)))(basis).sum()


def _estimated(name: EstimatorName) -> Callable[[Function], Function]:
    """A formula over products that are computed all at once."""

    def build(f: Function) -> Function:
        formula, hvp = ESTIMATORS[name].formula, forward_over_reverse(f)
        assert formula

        def estimate(x: Array, probes: Array, *data: Array) -> Array:
            return formula(jax.numpy, jax.vmap(lambda v: hvp(x, v, *data)), probes)

        return estimate

    return build


def _estimator(operator: OperatorName, name: EstimatorName, summary: str) -> tuple[Method, ...]:
    return declare(
        f"{operator}-{name.removeprefix('diagonal-')}",
        _JIT,
        _estimated(name),
        operator=operator,
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        cost="2 for each product",
        estimate=Estimate(name, PRODUCTS),
        summary=summary,
    )


def _stde(f: Function) -> Function:
    total = curvature_sum(f)
    return lambda points, probes, *data: jax.vmap(lambda x: total(x, probes, *data))(points)


_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "trace-hessian",
        _BOTH,
        _hessian,
        default=_JIT,
        operator="trace",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.hessian",
        summary="The trace of the stock Hessian: what people write.",
    ),
    *declare(
        "trace-forward-over-reverse",
        _BOTH,
        _sum,
        default=_JIT,
        operator="trace",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="The sum of e_i'He_i by the hvp jvp(grad), for all i at once.",
    ),
    *declare(
        "trace-collapsed",
        _JIT,
        curvature_sum,
        default=_JIT,
        operator="trace",
        mode="taylor",
        assembly="collapsed",
        needs_basis=True,
        cost="about n objectives",
        faults=REVERSE_RULE,
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
        _JIT,
        _stde,
        operator="laplacian",
        mode="taylor",
        assembly="collapsed",
        cost="1 objective for each product and point",
        faults=REVERSE_RULE,
        estimate=Estimate("stde", 16),
        summary="Stochastic Taylor estimator: collapsed Taylor mode along some coordinates, drawn without replacement.",
    ),
)
