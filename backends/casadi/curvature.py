"""Gauss-Newton products and diagonals, the Hessian's blocks, and the biharmonic, as expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.casadi.declaring import in_both
from hessbench.backends.casadi.limits import check_hessian, check_operations
from hessbench.backends.casadi.symbols import Symbols, symbols, traced
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method

ca = Lazy("casadi")

Function = Callable[..., Any]


def _halves(f: Bound, x: Symbols, data: tuple[Symbols, ...]) -> tuple[Any, Any]:
    """The outputs as a column, and the Hessian of the loss there, sparse."""
    z = traced(f.outputs, x, *data)
    check_operations(z.entries, 1)
    inner = symbols(type(x.entries), z)
    value = traced(f.loss, inner, *data).entries
    check_hessian(value, inner.entries, symmetric=True)
    curvature = ca.hessian(value, inner.entries)[0]
    return z.entries, ca.substitute([curvature], [inner.entries], [z.entries])[0]


def _product(f: Bound) -> Function:
    """A forward sweep through the outputs, the loss's sparse Hessian, and a reverse sweep."""

    def vp(x: Symbols, v: Symbols, *data: Symbols) -> Symbols:
        z, curvature = _halves(f, x, data)
        moved = ca.jtimes(z, x.entries, v.entries)
        return Symbols(ca.jtimes(z, x.entries, ca.mtimes(curvature, moved), True), x.shape)

    return vp


def _diagonal(f: Bound) -> Function:
    """The sparse Jacobian of the outputs, and the loss's sparse Hessian."""

    def entries(x: Symbols, *data: Symbols) -> Symbols:
        z, curvature = _halves(f, x, data)
        check_hessian(z, x.entries, symmetric=False)
        jacobian = ca.jacobian(z, x.entries)
        return Symbols(ca.sum1(jacobian * ca.mtimes(curvature, jacobian)).T, x.shape)

    return entries


def _blocks(f: Bound) -> Function:
    """Cut out of the sparse Hessian."""

    def cut(x: Symbols, *data: Symbols) -> Symbols:
        value = traced(f, x, *data).entries
        check_operations(value, 1)
        check_hessian(value, x.entries, symmetric=True)
        whole = ca.hessian(value, x.entries)[0]
        parts = [ca.densify(ca.vec(whole[start:end, start:end])) for start, end in f.spans]
        return Symbols(ca.vertcat(*parts), (sum((end - start) ** 2 for start, end in f.spans),))

    return cut


def twice(f: Function) -> Function:
    """The Laplacian of the Laplacian at one point."""

    def biharmonic(x: Symbols, *data: Symbols) -> Symbols:
        value = traced(f, x, *data).entries
        for _ in range(2):
            check_operations(value, 1)
            check_hessian(value, x.entries, symmetric=True)
            value = ca.sum1(ca.diag(ca.hessian(value, x.entries)[0]))
        return Symbols(value, ())

    return biharmonic


METHODS: tuple[Method, ...] = (
    *in_both(
        "ggn-vp-reverse-over-forward",
        _product,
        operator="ggn-vp",
        mode="reverse-over-forward",
        stock="casadi.jtimes",
        summary="A forward sweep through the outputs, the loss's sparse Hessian, a reverse sweep",
    ),
    *in_both(
        "ggn-diagonal-jacobian",
        _diagonal,
        operator="ggn-diagonal",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="casadi.jacobian",
        cost="one per color",
        summary="The sparse Jacobian of the outputs and the loss's sparse Hessian",
    ),
    *in_both(
        "block-diagonal-hessian",
        _blocks,
        operator="block-diagonal",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="casadi.hessian",
        cost="one per color",
        summary="Cut out of the sparse Hessian",
    ),
)
