"""matfree's estimators of traces and diagonals, from the same probes as our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.estimators import Estimate, EstimatorName
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.operators import OperatorName
from hessbench.backends.contract.words import Execution
from hessbench.backends.jax.curvature.trace import PRODUCTS
from hessbench.backends.jax.hvp import forward_over_reverse

stochtrace = Lazy("matfree.stochtrace")

Function = Callable[..., Any]


def _estimated(estimator: str, integrand: str) -> Callable[[Function], Function]:
    def build(f: Function) -> Function:
        hvp = forward_over_reverse(f)

        def estimate(x: Array, probes: Array, *data: Array) -> Array:
            make = getattr(stochtrace, f"estimator_{estimator}")
            # A sampler draws from a key; this one has drawn already.
            found = make(getattr(stochtrace, integrand)(), sampler=lambda key: probes)
            return found(lambda v: hvp(x, v, *data), None)

        return estimate

    return build


_JIT: tuple[Execution, ...] = ("jit",)


def _one(operator: OperatorName, name: EstimatorName, estimator: str, integrand: str) -> tuple[Method, ...]:
    return declare(
        f"{operator}-matfree-{name.removeprefix('diagonal-')}",
        _JIT,
        _estimated(estimator, integrand),
        operator=operator,
        mode="forward-over-reverse",
        assembly="stock",
        stock=f"matfree.stochtrace.{integrand}",
        requires=("matfree",),
        cost="2 for each product",
        estimate=Estimate(name, PRODUCTS),
        summary=f"matfree's {integrand} on the hvp jvp(grad).",
    )


METHODS: tuple[Method, ...] = (
    *_one("trace", "hutchinson-rademacher", "monte_carlo", "monte_carlo_trace"),
    *_one("trace", "hutchinson-normal", "monte_carlo", "monte_carlo_trace"),
    *_one("trace", "xtrace", "leave_one_out", "leave_one_out_xtrace"),
    *_one("diagonal", "diagonal-rademacher", "monte_carlo", "monte_carlo_diagonal"),
    *_one("diagonal", "xdiag", "leave_one_out", "leave_one_out_xdiag"),
)
