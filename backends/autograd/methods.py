"""Every method of HIPS autograd: compositions of its `grad`, `jacobian`, `make_hvp` and forward-mode `make_jvp`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.autograd.faults import FAULTS, FORWARD, WIDENS
from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

autograd = Lazy("autograd")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def _gradient(f: Function) -> Function:
    return autograd.grad(f)


def _hessian(f: Function) -> Function:
    return autograd.hessian(f)


def _jacobian_grad(f: Function) -> Function:
    return autograd.jacobian(autograd.grad(f))


def _inner_product(f: Function) -> Function:
    product = autograd.hessian_vector_product(f)
    return lambda x, v, *data: product(x, *data, v)


def _make_hvp(f: Function) -> Function:
    make = autograd.make_hvp(f)
    return lambda x, v, *data: make(x, *data)[0](v)


def _forward_over_reverse(f: Function) -> Function:
    make = autograd.make_jvp(autograd.grad(f))
    return lambda x, v, *data: make(x, *data)(v)[1]


def _reverse_over_forward(f: Function) -> Function:
    make = autograd.make_jvp(f)
    return autograd.grad(lambda x, v, *data: make(x, *data)(v)[1])


def _curvature(f: Function) -> Function:
    """The curvature v'Hv as the second derivative of t -> f(x + t v): jvp of jvp, without a reverse sweep."""
    inner = autograd.make_jvp(f)

    def second(x: Array, v: Array, *data: Array) -> Array:
        return autograd.make_jvp(lambda y: inner(y, *data)(v)[1])(x)(v)[1]

    return second


def _each_vector(hvp_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The hvp along one vector after the other; for a Hessian, along the basis."""

    def build(f: Function) -> Function:
        hvp = hvp_of(f)
        return lambda x, vectors, *data: np.stack([hvp(x, v, *data) for v in vectors])

    return build


def linearized(f: Function) -> Function:
    """The gradient evaluated once; one vector after the other is pulled back through it."""
    make = autograd.make_hvp(f)

    def products(x: Array, vectors: Array, *data: Array) -> Array:
        pull_back = make(x, *data)[0]
        return np.stack([pull_back(v) for v in vectors])

    return products


def _diagonal_hessian(f: Function) -> Function:
    hessian = autograd.hessian(f)
    return lambda x, *data: np.diagonal(hessian(x, *data))


def diagonal_make_hvp(f: Function) -> Function:
    """Entry i of the stock hvp along e_i, one after the other."""
    make = autograd.make_hvp(f)

    def diagonal(x: Array, basis: Array, *data: Array) -> Array:
        pull_back = make(x, *data)[0]
        return np.stack([pull_back(v)[i] for i, v in enumerate(basis)])

    return diagonal


def _each_point(one_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """What a method gives at one point, at one point after the other."""

    def build(f: Function) -> Function:
        one = one_of(f)
        return lambda points, *data: np.stack([one(x, *data) for x in points])

    return build


def _trace(f: Function) -> Function:
    hessian = autograd.hessian(f)
    return lambda x, *data: np.trace(hessian(x, *data))


def sum_of(diagonal_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """A diagonal as its sum."""

    def build(f: Function) -> Function:
        diagonal = diagonal_of(f)
        return lambda x, *constants: np.sum(diagonal(x, *constants))

    return build


_along_basis = _each_vector(_curvature)

_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare("objective", _EAGER, _objective, default=_EAGER, operator="objective", summary="f itself."),
    *declare(
        "gradient",
        _EAGER,
        _gradient,
        default=_EAGER,
        operator="gradient",
        mode="reverse",
        stock="autograd.grad",
        summary="One reverse sweep.",
        faults=FAULTS,
        pitfalls=WIDENS,
    ),
    *declare(
        "hessian",
        _EAGER,
        _hessian,
        default=_EAGER,
        operator="hessian",
        assembly="stock",
        stock="autograd.hessian",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The stock Hessian: jacobian(jacobian), one row after the other.",
    ),
    *declare(
        "jacobian-grad",
        _EAGER,
        _jacobian_grad,
        default=_EAGER,
        operator="hessian",
        assembly="loop",
        stock="autograd.jacobian",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="Every e_i pulled back through the gradient, which is evaluated once.",
    ),
    *declare(
        "row-loop",
        _EAGER,
        _each_vector(_inner_product),
        operator="hessian",
        assembly="loop",
        stock="autograd.hessian_vector_product",
        needs_basis=True,
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="An hvp along every e_i, each with a gradient of its own: what people write.",
    ),
    *declare(
        "forward-over-reverse",
        _EAGER,
        _each_vector(_forward_over_reverse),
        default=_EAGER,
        operator="hessian",
        assembly="loop",
        stock="autograd.make_jvp",
        needs_basis=True,
        mode="forward-over-reverse",
        refusals=FORWARD,
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="jvp of grad along one e_i after the other.",
    ),
    *declare(
        "hvp-inner-product",
        _EAGER,
        _inner_product,
        default=_EAGER,
        operator="hvp",
        stock="autograd.hessian_vector_product",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The gradient of v'grad f.",
    ),
    *declare(
        "hvp-make-hvp",
        _EAGER,
        _make_hvp,
        default=_EAGER,
        operator="hvp",
        stock="autograd.make_hvp",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="v pulled back through the gradient.",
    ),
    *declare(
        "hvp-forward-over-reverse",
        _EAGER,
        _forward_over_reverse,
        default=_EAGER,
        operator="hvp",
        stock="autograd.make_jvp",
        mode="forward-over-reverse",
        refusals=FORWARD,
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="jvp of grad: one sweep, no second tape.",
    ),
    *declare(
        "hvp-reverse-over-forward",
        _EAGER,
        _reverse_over_forward,
        operator="hvp",
        mode="reverse-over-forward",
        stock="autograd.make_jvp",
        refusals=FORWARD,
        summary="grad of jvp.",
        faults=FAULTS,
        pitfalls=WIDENS,
    ),
    *declare(
        "multi-hvp-make-hvp",
        _EAGER,
        linearized,
        default=_EAGER,
        operator="multi-hvp",
        assembly="loop",
        stock="autograd.make_hvp",
        cost="1 + k",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The gradient once, one vector after the other pulled back through it.",
    ),
    *declare(
        "multi-hvp-loop",
        _EAGER,
        _each_vector(_inner_product),
        operator="multi-hvp",
        assembly="loop",
        stock="autograd.hessian_vector_product",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="One hvp after the other, each with a gradient of its own: what people write.",
    ),
    *declare(
        "multi-hvp-forward-over-reverse",
        _EAGER,
        _each_vector(_forward_over_reverse),
        default=_EAGER,
        operator="multi-hvp",
        assembly="loop",
        stock="autograd.make_jvp",
        mode="forward-over-reverse",
        refusals=FORWARD,
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="jvp of grad along one vector after the other.",
    ),
    *declare(
        "diagonal-hessian",
        _EAGER,
        _diagonal_hessian,
        default=_EAGER,
        operator="diagonal",
        assembly="stock",
        stock="autograd.hessian",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The diagonal of the stock Hessian: what people write.",
    ),
    *declare(
        "diagonal-make-hvp",
        _EAGER,
        diagonal_make_hvp,
        default=_EAGER,
        operator="diagonal",
        assembly="loop",
        stock="autograd.make_hvp",
        needs_basis=True,
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The gradient once, every e_i pulled back through it, entry i kept of each.",
    ),
    *declare(
        "diagonal-forward-over-forward",
        _EAGER,
        _along_basis,
        operator="diagonal",
        assembly="loop",
        stock="autograd.make_jvp",
        needs_basis=True,
        cost="3 n objectives",
        mode="forward-over-forward",
        refusals=FORWARD,
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="jvp of jvp along one e_i after the other: no reverse sweep, nothing kept.",
    ),
    *declare(
        "batched-hessian",
        _EAGER,
        _each_point(_hessian),
        default=_EAGER,
        operator="batched-hessian",
        assembly="loop",
        stock="autograd.hessian",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The stock Hessian at one point after the other.",
    ),
    *declare(
        "batched-jacobian-grad",
        _EAGER,
        _each_point(_jacobian_grad),
        default=_EAGER,
        operator="batched-hessian",
        assembly="loop",
        stock="autograd.jacobian",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="jacobian-grad at one point after the other.",
    ),
    *declare(
        "laplacian-hessian",
        _EAGER,
        _each_point(_trace),
        default=_EAGER,
        operator="laplacian",
        assembly="loop",
        stock="autograd.hessian",
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The trace of the stock Hessian at one point after the other: what people write.",
    ),
    *declare(
        "laplacian-make-hvp",
        _EAGER,
        _each_point(sum_of(diagonal_make_hvp)),
        default=_EAGER,
        operator="laplacian",
        assembly="loop",
        stock="autograd.make_hvp",
        needs_basis=True,
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The sum of diagonal-make-hvp at one point after the other.",
    ),
    *declare(
        "laplacian-forward-over-forward",
        _EAGER,
        _each_point(sum_of(_along_basis)),
        operator="laplacian",
        assembly="loop",
        stock="autograd.make_jvp",
        needs_basis=True,
        cost="3 b n objectives",
        mode="forward-over-forward",
        refusals=FORWARD,
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The sum of diagonal-forward-over-forward at one point after the other.",
    ),
)
