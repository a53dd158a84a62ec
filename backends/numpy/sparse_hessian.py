"""The Hessian's values at its sparsity pattern without automatic differentiation.

A value stands at one place (c, i) of the products H s_c with the seeds s_c, so it is the second derivative of f along
e_i and s_c. Only those places are computed, each once: a star coloring reads (i, j) and (j, i) at the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array, FloatArray
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.numeric import complex_step, hyper_dual
from hessbench.backends.numeric.scales import steps

Function = Callable[..., Any]
Mixed = Callable[[Function, FloatArray, FloatArray, FloatArray], Any]
"""The second derivative of f of x along two directions."""


def _by_places(mixed: Mixed) -> Callable[[Function], Function]:
    """The values by a formula for one of them."""

    def build(f: Function) -> Function:
        def values(x: Array, seeds: Array, indices: Array, *data: Array) -> Array:
            places, where = np.unique(indices, return_inverse=True)
            of_x = lambda y: f(y, *data)  # noqa: E731
            found = [mixed(of_x, x, hyper_dual.unit(x, place % x.size), seeds[place // x.size]) for place in places]
            return np.array(found, dtype=x.dtype)[where]

        return values

    return build


def _hyper_dual(f: Function, x: FloatArray, u: FloatArray, v: FloatArray) -> Any:
    return hyper_dual.along(f, x, u, v).e12


def _complex_step(f: Function, x: FloatArray, u: FloatArray, v: FloatArray) -> Any:
    t = _length(x, v, 1 / 3)
    return (complex_step.slope(f, x + t * v, u) - complex_step.slope(f, x - t * v, u)) / (2 * t)


def _central(f: Function, x: FloatArray, u: FloatArray, v: FloatArray) -> Any:
    s, t = _length(x, u, 1 / 4), _length(x, v, 1 / 4)
    su, tv = s * u, t * v
    return (f(x + su + tv) - f(x + su - tv) - f(x - su + tv) + f(x - su - tv)) / (4 * s * t)


def _length(x: FloatArray, v: FloatArray, power: float) -> Any:
    """How far along v no coordinate exceeds its own step, and one reaches it."""
    with np.errstate(divide="ignore"):
        return np.min(steps(x, power) / np.abs(v))


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "sparse-hyper-dual",
        _EAGER,
        _by_places(_hyper_dual),
        default=_EAGER,
        operator="sparse-hessian",
        cost="2 nnz objectives",
        mode="forward-over-forward",
        assembly="sparse",
        summary="One evaluation in hyper-dual numbers per entry of a triangle: exact.",
    ),
    *declare(
        "sparse-complex-step",
        _EAGER,
        _by_places(_complex_step),
        operator="sparse-hessian",
        accuracy=2 / 3,
        cost="nnz complex objectives",
        mode="difference-over-complex",
        assembly="sparse",
        summary="Central differences of a gradient by complex steps, along the seeds.",
    ),
    *declare(
        "sparse-central",
        _EAGER,
        _by_places(_central),
        default=_EAGER,
        operator="sparse-hessian",
        accuracy=1 / 2,
        cost="2 nnz objectives",
        mode="difference-over-difference",
        assembly="sparse",
        summary="The 4-point formula of f at one step size, along the seeds.",
    ),
)
