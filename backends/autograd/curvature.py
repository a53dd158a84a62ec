"""Gauss-Newton products of f = loss(outputs(x)), the Hessian's blocks by the arrays of x, and the biharmonic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.autograd.faults import FAULTS, FORWARD, WIDENS
from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

autograd = Lazy("autograd")
anp = Lazy("autograd.numpy")

Function = Callable[..., Any]


def _reverse_over_forward(f: Bound) -> Function:
    push, pull, bend = autograd.make_jvp(f.outputs), autograd.make_vjp(f.outputs), autograd.make_hvp(f.loss)

    def product(x: Array, v: Array, *data: Array) -> Array:
        z, moved = push(x, *data)(v)
        return pull(x, *data)[0](bend(z, *data)[0](moved))

    return product


def _reverse_over_reverse(f: Bound) -> Function:
    make, bend = autograd.make_vjp(f.outputs), autograd.make_hvp(f.loss)

    def product(x: Array, v: Array, *data: Array) -> Array:
        pull, z = make(x, *data)
        # u -> J'u is linear, so that pulling v back through it gives Jv, whatever u is.
        moved = autograd.make_vjp(pull)(np.zeros_like(z))[0](v)
        return pull(bend(z, *data)[0](moved))

    return product


def _jacobian(f: Bound) -> Function:
    jacobian, hessian = autograd.jacobian(f.outputs), autograd.hessian(f.loss)

    def diagonal(x: Array, *data: Array) -> Array:
        z = f.outputs(x, *data)
        rows = np.reshape(jacobian(x, *data), (z.size, x.size))
        return np.sum(rows * (np.reshape(hessian(z, *data), (z.size, z.size)) @ rows), axis=0)

    return diagonal


def _blocks(f: Bound) -> Function:
    def blocks(x: Array, *data: Array) -> Array:
        def block(start: int, end: int) -> Array:
            return autograd.hessian(lambda y: f(anp.concatenate([x[:start], y, x[end:]]), *data))(x[start:end]).ravel()

        return np.concatenate([block(*span) for span in f.spans])

    return blocks


def _biharmonic(f: Function) -> Function:
    inner = autograd.hessian(f)
    twice = autograd.hessian(lambda x, *data: anp.trace(inner(x, *data)))
    return lambda points, *data: np.stack([np.trace(twice(x, *data)) for x in points])


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "ggn-vp-reverse-over-reverse",
        _EAGER,
        _reverse_over_reverse,
        default=_EAGER,
        operator="ggn-vp",
        mode="reverse-over-reverse",
        stock="autograd.make_vjp",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The outputs' vjp, which is linear, pulled back once more for Jv.",
    ),
    *declare(
        "ggn-vp-reverse-over-forward",
        _EAGER,
        _reverse_over_forward,
        operator="ggn-vp",
        mode="reverse-over-forward",
        stock="autograd.make_jvp",
        faults=FAULTS,
        pitfalls=WIDENS,
        refusals=FORWARD,
        summary="make_jvp of the outputs, make_hvp of the loss, make_vjp of the outputs.",
    ),
    *declare(
        "ggn-diagonal-jacobian",
        _EAGER,
        _jacobian,
        default=_EAGER,
        operator="ggn-diagonal",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="autograd.jacobian",
        cost="as many as there are outputs",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The whole J row by row and the whole L.",
    ),
    *declare(
        "block-diagonal-hessian",
        _EAGER,
        _blocks,
        default=_EAGER,
        operator="block-diagonal",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="autograd.hessian",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The stock Hessian by one array after the other, the others held fast.",
    ),
    *declare(
        "biharmonic-hessian",
        _EAGER,
        _biharmonic,
        default=_EAGER,
        operator="biharmonic",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="autograd.hessian",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The trace of the stock Hessian of the trace of the stock Hessian, one point after the other.",
    ),
)
