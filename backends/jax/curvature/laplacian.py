"""The Laplacian (the trace of the Hessian) at many points, for physics-informed learning and quantum chemistry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.refusal import KnownFault, Refusal
from hessbench.backends.contract.words import Execution
from hessbench.backends.jax.diagonal import JET, curvature, taylor
from hessbench.backends.jax.hessian import replicated
from hessbench.backends.jax.hvp import forward_over_reverse
from hessbench.backends.jax.taylor.collapsed import curvature_sum

jax = Lazy("jax")
folx = Lazy("folx")

Function = Callable[..., Any]


def _trace(f: Function) -> Function:
    return lambda points, *data: jax.vmap(lambda x: jax.numpy.trace(jax.hessian(f)(x, *data)))(points)


def _product(f: Function) -> Function:
    """The curvature v'Hv by the hvp."""
    hvp = forward_over_reverse(f)
    return lambda x, v, *data: jax.numpy.vdot(v, hvp(x, v, *data))


def _along_basis(second_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The sum of e_i'He_i, all coordinates and all points at once."""

    def build(f: Function) -> Function:
        second = second_of(f)

        def laplacian(points: Array, basis: Array, *data: Array) -> Array:
            def one(x: Array) -> Array:
                return jax.numpy.sum(jax.vmap(lambda v: second(x, v, *data))(basis))

            return jax.vmap(one)(points)

        return laplacian

    return build


def _accumulated(f: Function) -> Function:
    """The sum of e_i'He_i, one coordinate after the other, all points at once."""
    second = curvature(f)

    def laplacian(points: Array, basis: Array, *data: Array) -> Array:
        def step(total: Array, v: Array) -> tuple[Array, None]:
            return total + jax.vmap(lambda x: second(x, v, *data))(points), None

        return jax.lax.scan(step, jax.numpy.zeros(points.shape[0], points.dtype), basis)[0]

    return laplacian


def _row_loop(f: Function) -> Function:
    """Coordinates inside points, one after the other: asks no operation for a batching rule."""
    second = _product(f)

    def laplacian(points: Array, basis: Array, *data: Array) -> Array:
        def one(x: Array) -> Array:
            return jax.numpy.sum(jax.lax.map(lambda v: second(x, v, *data), basis))

        return jax.lax.map(one, points)

    return laplacian


def _replicated(f: Function) -> Function:
    """The trace of the Hessian whose rows come from so many copies of the point, one point after the other."""
    hessian = replicated(f)
    return lambda points, basis, *data: jax.lax.map(lambda x: jax.numpy.trace(hessian(x, basis, *data)), points)


def _collapsed(f: Function) -> Function:
    total = curvature_sum(f)
    return lambda points, basis, *data: jax.vmap(lambda x: total(x, basis, *data))(points)


def _folx(f: Function) -> Function:
    def laplacian(points: Array, *data: Array) -> Array:
        def one(x: Array) -> Array:
            passed = folx.forward_laplacian(lambda y: f(y, *data))(x)
            # Where f ignores x, folx returns the plain value, which knows of no Laplacian.
            return getattr(passed, "laplacian", jax.numpy.zeros((), x.dtype))

        return jax.vmap(one)(points)

    return laplacian


REVERSE_RULE = (
    KnownFault("jax#16049: raises through a jax.custom_vjp", outcomes=("error",), says="forward-mode .* custom_vjp"),
)

_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "laplacian-forward-over-forward",
        _BOTH,
        _along_basis(curvature),
        default=_JIT,
        operator="laplacian",
        mode="forward-over-forward",
        assembly="vmap",
        stock="jax.jvp",
        needs_basis=True,
        cost="3 b n objectives",
        summary="jvp of jvp along every coordinate at every point, all at once: no reverse sweep.",
    ),
    *declare(
        "laplacian-forward-over-reverse",
        _BOTH,
        _along_basis(_product),
        default=_JIT,
        operator="laplacian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="The sum of e_i'He_i by the hvp jvp(grad), all coordinates and points at once.",
    ),
    *declare(
        "laplacian-trace",
        _BOTH,
        _trace,
        default=_JIT,
        operator="laplacian",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.hessian",
        summary="The trace of the stock Hessian: what people write.",
    ),
    *declare(
        "laplacian-scan",
        _JIT,
        _accumulated,
        operator="laplacian",
        mode="forward-over-forward",
        assembly="loop",
        stock="jax.lax.scan",
        needs_basis=True,
        cost="3 b n objectives",
        summary="jvp of jvp along one coordinate after the other, all points at once: least memory.",
    ),
    *declare(
        "laplacian-jet",
        _BOTH,
        _along_basis(taylor),
        operator="laplacian",
        mode="taylor",
        assembly="vmap",
        stock="jax.experimental.jet",
        needs_basis=True,
        cost="2 to 3 b n objectives",
        refusals=JET,
        pitfalls=("jax#2431, jax#26801: many operations have no rule",),
        summary="The second Taylor coefficient along every coordinate at every point.",
    ),
    *declare(
        "laplacian-row-loop",
        _JIT,
        _row_loop,
        operator="laplacian",
        mode="forward-over-reverse",
        assembly="loop",
        stock="jax.lax.map",
        needs_basis=True,
        summary="The sum of e_i'He_i by the hvp jvp(grad), one coordinate and point after the other: no vmap.",
    ),
    *declare(
        "laplacian-replicated",
        _JIT,
        _replicated,
        operator="laplacian",
        mode="forward-over-reverse",
        assembly="replicated",
        stock="jax.jvp",
        needs_basis=True,
        refusals=(Refusal("unrolls n copies of f into one program; compiling takes minutes", above=512),),
        summary="A copy of the point for each coordinate, the hvp of the sum over the copies: no vmap.",
    ),
    *declare(
        "laplacian-collapsed",
        _JIT,
        _collapsed,
        default=_JIT,
        operator="laplacian",
        mode="taylor",
        assembly="collapsed",
        needs_basis=True,
        cost="about b n objectives",
        faults=REVERSE_RULE,
        summary="Collapsed Taylor mode: value, n slopes and one sum of second derivatives pass through f in one sweep.",
    ),
    *declare(
        "laplacian-folx",
        _JIT,
        _folx,
        operator="laplacian",
        mode="forward-over-forward",
        assembly="stock",
        stock="folx.forward_laplacian",
        requires=("folx",),
        cost="about b n objectives",
        summary="The forward Laplacian: value, Jacobian and Laplacian go through f together in one pass.",
    ),
)
