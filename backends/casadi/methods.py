"""Every method of CasADi, each in both of its expression types: SX, a graph of scalars, and MX, one of matrices.

A builder here takes and returns arrays of symbols, once, while tracing; `CasadiBackend.build` makes a function of
numbers of what it returns. CasADi's matrices are the transposes of ours (see `backends.casadi.symbols`), so the rows
V of vectors and X of points are columns there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.casadi import curvature, sparse_hessian
from hessbench.backends.casadi.declaring import Builder, in_both
from hessbench.backends.casadi.limits import check_hessian, check_operations
from hessbench.backends.casadi.symbols import Symbols, symbols, traced
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method
from hessbench.backends.contract.refusal import Refusal

ca = Lazy("casadi")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return lambda x, *data: traced(f, x, *data)


def _value(f: Function, x: Symbols, data: tuple[Symbols, ...]) -> Any:
    """CasADi's expression of f."""
    value = traced(f, x, *data).entries
    check_operations(value, 1)
    return value


def _slope(f: Function, x: Symbols, data: tuple[Symbols, ...]) -> Any:
    """CasADi's column of first derivatives."""
    return ca.gradient(_value(f, x, data), x.entries)


def _matrix(f: Function, x: Symbols, data: tuple[Symbols, ...]) -> Any:
    """CasADi's sparse Hessian."""
    value = _value(f, x, data)
    check_hessian(value, x.entries, symmetric=True)
    return ca.hessian(value, x.entries)[0]


def _along(f: Function, x: Symbols, directions: Any, data: tuple[Symbols, ...], *, transposed: bool = False) -> Any:
    """The Hessian times CasADi's columns: one forward (transposed: reverse) sweep over the gradient for each."""
    slope = _slope(f, x, data)
    check_operations(slope, directions.shape[1])
    return ca.jtimes(slope, x.entries, directions, transposed)


def _square(matrix: Any) -> Symbols:
    """A Hessian as an array."""
    return Symbols(ca.vec(matrix), tuple(matrix.shape))


def _gradient(f: Function) -> Function:
    return lambda x, *data: Symbols(_slope(f, x, data), x.shape)


def _hessian(f: Function) -> Function:
    return lambda x, *data: _square(_matrix(f, x, data))


def _jacobian_gradient(f: Function) -> Function:
    def hessian(x: Symbols, *data: Symbols) -> Symbols:
        value = _value(f, x, data)
        check_hessian(value, x.entries, symmetric=False)
        return _square(ca.jacobian(ca.gradient(value, x.entries), x.entries))

    return hessian


def _uncolored(f: Function) -> Function:
    return lambda x, *data: _square(_along(f, x, ca.DM.eye(x.size), data))


def _columns(vectors: Symbols) -> Any:
    """CasADi's matrix with the rows of an array as its columns; a vector is one column."""
    return ca.reshape(vectors.entries, vectors.shape[-1], vectors.size // vectors.shape[-1])


def _forward_over_reverse(f: Function) -> Function:
    return lambda x, v, *data: Symbols(ca.vec(_along(f, x, _columns(v), data)), v.shape)


def _reverse_over_reverse(f: Function) -> Function:
    return lambda x, v, *data: Symbols(ca.vec(_along(f, x, _columns(v), data, transposed=True)), v.shape)


def _reverse_over_forward(f: Function) -> Function:
    def hvp(x: Symbols, v: Symbols, *data: Symbols) -> Symbols:
        slope = ca.jtimes(_value(f, x, data), x.entries, v.entries)
        return Symbols(ca.gradient(slope, x.entries), x.shape)

    return hvp


def _product(f: Function) -> Function:
    return lambda x, vectors, *data: Symbols(ca.vec(ca.mtimes(_matrix(f, x, data), _columns(vectors))), vectors.shape)


def _diagonal_hessian(f: Function) -> Function:
    return lambda x, *data: Symbols(ca.diag(_matrix(f, x, data)), x.shape)


def _diagonal_uncolored(f: Function) -> Function:
    return lambda x, *data: Symbols(ca.diag(_along(f, x, ca.DM.eye(x.size), data)), x.shape)


def _sum_of(diagonal_of: Builder) -> Builder:
    def build(f: Function) -> Function:
        diagonal = diagonal_of(f)
        return lambda x, *data: Symbols(ca.sum1(diagonal(x, *data).entries), ())

    return build


def _mapped(one_of: Builder) -> Builder:
    """A function of one point, called for one point after the other by `Function.map`."""

    def build(f: Function) -> Function:
        one = one_of(f)

        def mapped(points: Symbols, *data: Symbols) -> Symbols:
            inner = [symbols(type(points.entries), like) for like in (points[0], *data)]
            result = one(*inner)
            function = ca.Function("one", [a.entries for a in inner], [result.entries])
            shared = list(range(1, len(inner)))  # the data are not repeated
            many = function.map("many", "serial", points.shape[0], shared, [])
            values = many(_columns(points), *(a.entries for a in data))
            return Symbols(ca.vec(values), (points.shape[0], *result.shape))

        return mapped

    return build


NO_EIGENVALUES = (
    Refusal(
        "CasADi has no eigenvalues but the roots of the characteristic polynomial, up to 4 x 4 and NaN for the "
        "identity (casadi#2815)",
        ("linalg.eigvalsh",),
    ),
)


METHODS: tuple[Method, ...] = (
    *in_both("objective", _objective, operator="objective", summary="f itself"),
    *in_both(
        "gradient",
        _gradient,
        operator="gradient",
        mode="reverse",
        stock="casadi.gradient",
        summary="One reverse sweep",
    ),
    *in_both(
        "hessian",
        _hessian,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="casadi.hessian",
        cost="one per color",
        summary="The stock Hessian: star coloring of its pattern, one forward sweep over the gradient per color",
    ),
    *in_both(
        "jacobian-gradient",
        _jacobian_gradient,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="casadi.jacobian",
        cost="one per color",
        summary="The Jacobian of the gradient, colored without knowledge of its symmetry",
    ),
    *in_both(
        "uncolored",
        _uncolored,
        default=False,
        operator="hessian",
        assembly="vmap",
        stock="casadi.jtimes",
        mode="forward-over-reverse",
        summary="One forward sweep over the gradient along every e_i, which is part of the graph",
    ),
    *in_both(
        "hvp-forward-over-reverse",
        _forward_over_reverse,
        operator="hvp",
        stock="casadi.jtimes",
        mode="forward-over-reverse",
        summary="A forward sweep over the gradient",
    ),
    *in_both(
        "hvp-reverse-over-reverse",
        _reverse_over_reverse,
        operator="hvp",
        stock="casadi.jtimes",
        mode="reverse-over-reverse",
        summary="A reverse sweep over the gradient",
    ),
    *in_both(
        "hvp-reverse-over-forward",
        _reverse_over_forward,
        default=False,
        operator="hvp",
        mode="reverse-over-forward",
        stock="casadi.jtimes",
        summary="The gradient of the derivative along v",
    ),
    *in_both(
        "multi-hvp-forward-over-reverse",
        _forward_over_reverse,
        operator="multi-hvp",
        assembly="vmap",
        stock="casadi.jtimes",
        cost="1 + k",
        mode="forward-over-reverse",
        summary="The gradient once, a forward sweep over it along every vector",
    ),
    *in_both(
        "multi-hvp-reverse-over-reverse",
        _reverse_over_reverse,
        default=False,
        operator="multi-hvp",
        assembly="vmap",
        stock="casadi.jtimes",
        cost="1 + k",
        mode="reverse-over-reverse",
        summary="The gradient once, a reverse sweep over it along every vector",
    ),
    *in_both(
        "multi-hvp-hessian",
        _product,
        operator="multi-hvp",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="casadi.hessian",
        cost="one per color",
        summary="The whole sparse Hessian, then a matrix product",
    ),
    *in_both(
        "diagonal-hessian",
        _diagonal_hessian,
        operator="diagonal",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="casadi.hessian",
        cost="one per color",
        summary="The diagonal of the sparse Hessian",
    ),
    *in_both(
        "diagonal-uncolored",
        _diagonal_uncolored,
        default=False,
        operator="diagonal",
        assembly="vmap",
        stock="casadi.jtimes",
        mode="forward-over-reverse",
        summary="Entry i of a forward sweep over the gradient along e_i",
    ),
    *in_both(
        "batched-hessian",
        _mapped(_hessian),
        assembly="loop",
        operator="batched-hessian",
        mode="forward-over-reverse",
        stock="casadi.hessian",
        cost="one per color and point",
        summary="The stock Hessian at one point after the other",
    ),
    *in_both(
        "batched-uncolored",
        _mapped(_uncolored),
        default=False,
        assembly="loop",
        operator="batched-hessian",
        mode="forward-over-reverse",
        stock="casadi.jtimes",
        summary="uncolored at one point after the other",
    ),
    *in_both(
        "trace-hessian",
        _sum_of(_diagonal_hessian),
        operator="trace",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="casadi.hessian",
        cost="one per color",
        summary="The trace of the sparse Hessian",
    ),
    *in_both(
        "laplacian-hessian",
        _mapped(_sum_of(_diagonal_hessian)),
        assembly="loop",
        operator="laplacian",
        mode="forward-over-reverse",
        stock="casadi.hessian",
        cost="one per color and point",
        summary="The trace of the sparse Hessian at one point after the other",
    ),
    *in_both(
        "laplacian-uncolored",
        _mapped(_sum_of(_diagonal_uncolored)),
        default=False,
        assembly="loop",
        operator="laplacian",
        mode="forward-over-reverse",
        stock="casadi.jtimes",
        summary="The sum of diagonal-uncolored at one point after the other",
    ),
    *in_both(
        "biharmonic-hessian",
        _mapped(curvature.twice),
        assembly="loop",
        operator="biharmonic",
        mode="forward-over-reverse",
        stock="casadi.hessian",
        cost="two per color and point",
        summary="The trace of the sparse Hessian of the trace of the sparse Hessian at one point after the other",
    ),
    *curvature.METHODS,
    *sparse_hessian.METHODS,
)
