"""Gauss-Newton products and diagonals, the Hessian's blocks, and the biharmonic, by hyper-dual numbers.

Outputs of x + v e1 + w e2 are z + (Jv) e1 + (Jw) e2 + ... e12. Without that last part, which is what curves them, the
loss of it has v'J'LJw as its part e12.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.numeric import differences, hyper_dual
from hessbench.backends.numeric.differences import second_central
from hessbench.backends.numeric.extrapolation import richardson
from hessbench.backends.numpy.adapters import around, exact, looped, product

Function = Callable[..., Any]


def _straight(f: Bound) -> Function:
    """F of a hyper-dual number, its outputs made linear."""

    def value(x: Any, *data: Array) -> Any:
        z = f.outputs(x, *data)
        if isinstance(z, hyper_dual.HyperDual):
            z = hyper_dual.HyperDual(z.real, z.e1, z.e2, np.zeros_like(z.e12))
        return f.loss(z, *data)

    return value


def _of_straight(build: Callable[[Function], Function]) -> Callable[[Bound], Function]:
    return lambda f: build(_straight(f))


def _blocks(f: Bound) -> Function:
    def blocks(x: Array, *data: Array) -> Array:
        def block(start: int, end: int) -> Array:
            def of_one(y: Any) -> Any:
                return f(_within(x, y, start, end), *data)

            return hyper_dual.hessian(of_one, x[start:end]).ravel()

        return np.concatenate([block(*span) for span in f.spans])

    return blocks


def _within(x: Array, y: Any, start: int, end: int) -> Any:
    """X with a part of it replaced, which carries derivatives."""
    parts = [np.concatenate([np.zeros(start), part, np.zeros(x.size - end)], dtype=x.dtype) for part in y.parts]
    return hyper_dual.HyperDual(np.concatenate([x[:start], y.real, x[end:]]), *parts[1:])


def _blocks_richardson(f: Bound) -> Function:
    def blocks(x: Array, *data: Array) -> Array:
        def block(start: int, end: int) -> Array:
            def of_one(y: Array) -> Array:
                return f(np.concatenate([x[:start], y, x[end:]]), *data)

            part = x[start:end]
            return differences.hessian(around(of_one, (), part), part)[0].ravel()

        return np.concatenate([block(*span) for span in f.spans])

    return blocks


def _biharmonic(f: Function) -> Function:
    def biharmonic(points: Array, *data: Array) -> Array:
        def laplacian(x: Array) -> Array:
            return np.sum(hyper_dual.diagonal(lambda y: f(y, *data), x))

        return np.stack([richardson(second_central, looped(laplacian, ()), x)[0].sum() for x in points])

    return biharmonic


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "ggn-vp-hyper-dual",
        _EAGER,
        _of_straight(product(hyper_dual.hvp)),
        default=_EAGER,
        operator="ggn-vp",
        cost="4 n objectives",
        mode="forward-over-forward",
        assembly="loop",
        summary="Hyper-dual numbers of the outputs without their second-order part, for one entry after the other.",
    ),
    *declare(
        "ggn-diagonal-hyper-dual",
        _EAGER,
        _of_straight(exact(hyper_dual.diagonal)),
        default=_EAGER,
        operator="ggn-diagonal",
        cost="4 n objectives",
        mode="forward-over-forward",
        assembly="loop",
        summary="Hyper-dual numbers of the outputs without their second-order part, for one entry after the other.",
    ),
    *declare(
        "block-diagonal-hyper-dual",
        _EAGER,
        _blocks,
        default=_EAGER,
        operator="block-diagonal",
        cost="2 objectives for each entry",
        mode="forward-over-forward",
        assembly="loop",
        summary="One evaluation in hyper-dual numbers for each entry of a triangle of each block.",
    ),
    *declare(
        "block-diagonal-richardson",
        _EAGER,
        _blocks_richardson,
        operator="block-diagonal",
        accuracy=2 / 3,
        cost="5 objectives for each entry",
        mode="difference-over-difference",
        assembly="loop",
        summary="richardson by one array after the other.",
    ),
    *declare(
        "biharmonic-hyper-dual",
        _EAGER,
        _biharmonic,
        default=_EAGER,
        operator="biharmonic",
        accuracy=2 / 3,
        cost="20 b n^2 objectives",
        mode="difference-over-forward",
        assembly="loop",
        summary="Second differences, extrapolated to step zero, of the Laplacian in hyper-dual numbers.",
    ),
)
