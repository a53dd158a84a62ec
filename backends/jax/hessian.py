"""The dense Hessian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.refusal import Refusal
from hessbench.backends.contract.words import Execution
from hessbench.backends.jax.hvp import (
    forward_over_reverse,
    linearized,
    over_vectors,
    reverse_over_forward,
    reverse_over_reverse,
)

jax = Lazy("jax")
asdex = Lazy("asdex")
sparsejac = Lazy("sparsejac")

Function = Callable[..., Any]


def _hessian(f: Function) -> Function:
    return jax.hessian(f)


def _remat(f: Function) -> Function:
    return jax.hessian(jax.checkpoint(f))


def _jacrev_jacrev(f: Function) -> Function:
    return jax.jacrev(jax.jacrev(f))


def _jacrev_grad(f: Function) -> Function:
    return jax.jacrev(jax.grad(f))


def _jacfwd_grad(f: Function) -> Function:
    return jax.jacfwd(jax.grad(f))


def _jacfwd_jacfwd(f: Function) -> Function:
    return jax.jacfwd(jax.jacfwd(f))


def _jacrev_jacfwd(f: Function) -> Function:
    return jax.jacrev(jax.jacfwd(f))


def _map(f: Function, chunk: int | None = 1) -> Function:
    """The linearized gradient applied to the basis in turn, `chunk` vectors at a time."""

    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        _, tangent_map = jax.linearize(lambda y: jax.grad(f)(y, *data), x)
        if chunk == 1:  # batch_size=1 would add an axis of length 1 to every operation
            return jax.lax.map(tangent_map, basis)
        return jax.lax.map(tangent_map, basis, batch_size=chunk or x.shape[0])

    return hessian


def _row_loop(f: Function) -> Function:
    hvp = reverse_over_reverse(f)

    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        return jax.numpy.stack([hvp(x, basis[i], *data) for i in range(x.shape[0])])

    return hessian


def replicated(f: Function) -> Function:
    """A copy of the point for each row; the sum over the copies is differentiated, row i along basis vector i."""
    # One sweep gives all rows and no operation is asked for a batching rule (deepmd-kit#6035).

    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        def total(copies: Array) -> Array:
            return jax.numpy.sum(jax.numpy.stack([f(copies[i], *data) for i in range(len(x))]))

        copies = jax.numpy.broadcast_to(x, basis.shape)
        return jax.jvp(jax.grad(total), (copies,), (basis,))[1]

    return hessian


def _samples(arguments: tuple[Array, ...]) -> list[np.ndarray[Any, Any]]:
    """Arrays of the arguments' shapes: while tracing there are no values, and a pattern needs none."""
    return [np.ones(array.shape, array.dtype) for array in arguments]


def _asdex(mode: str) -> Callable[[Function], Function]:
    """The pattern is found and colored while tracing, so it counts as preparation."""

    def build(f: Function) -> Function:
        def hessian(x: Array, *data: Array) -> Array:
            sample, *constants = _samples((x, *data))
            coloring = asdex.hessian_coloring(lambda y: f(y, *constants), sample, mode=mode)
            return asdex.hessian_from_coloring(lambda y: f(y, *data), coloring, "dense")(x)

        return hessian

    return build


def _sparsejac(f: Function) -> Function:
    def hessian(x: Array, *data: Array) -> Array:
        sample, *constants = _samples((x, *data))
        with jax.ensure_compile_time_eval():
            pattern = asdex.hessian_sparsity(lambda y: f(y, *constants), sample).to_bcoo()
            rows = sparsejac.jacfwd(lambda y: jax.grad(f)(y, *data), pattern)
        return rows(x).todense()

    return hessian


NO_PATTERN = (
    Refusal("asdex 0.5 has no rule for it", ("linalg.cholesky", "linalg.inv", "linalg.slogdet", "linalg.solve")),
    Refusal("the pattern follows the indices, which have no values yet when the program is traced", ("take",)),
)
NO_PATTERN_TRACED = (*NO_PATTERN, Refusal("asdex 0.5 has no rule for it under jit", ("linalg.diagonal",)))

QUADRATIC_COST = (Refusal("n^2 tangents at once: 404 MB and 0.36 s for a two-layer network at n = 256", above=1024),)

_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "hessian",
        _BOTH,
        _hessian,
        default=_JIT,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.hessian",
        pitfalls=("jax#787: all n tangents of every intermediate are alive at once, so memory is n times f's",),
        summary="The stock call, jacfwd(jacrev(f)): n tangents pushed through the gradient at once.",
    ),
    *declare(
        "jacrev-jacrev",
        _BOTH,
        _jacrev_jacrev,
        default=_JIT,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="jax.jacrev",
        summary="Reverse over reverse: n cotangents pulled back through the gradient at once.",
    ),
    *declare(
        "linearize-vmap",
        _BOTH,
        linearized,
        default=_JIT,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.linearize",
        needs_basis=True,
        summary="The gradient is linearized once; its tangent map is applied to all n basis vectors.",
    ),
    *declare(
        "jacrev-grad",
        _BOTH,
        _jacrev_grad,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="jax.jacrev",
        summary="Reverse over reverse with a scalar inner gradient.",
    ),
    *declare(
        "jacfwd-grad",
        _BOTH,
        _jacfwd_grad,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.jacfwd",
        summary="Forward over reverse with a scalar inner gradient.",
    ),
    *declare(
        "remat",
        _JIT,
        _remat,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.checkpoint",
        cost="n and one more objective",
        summary="The stock call with jax.checkpoint around f: intermediates are computed again instead of kept.",
    ),
    *declare(
        "jacfwd-jacfwd",
        _BOTH,
        _jacfwd_jacfwd,
        operator="hessian",
        mode="forward-over-forward",
        assembly="vmap",
        stock="jax.jacfwd",
        cost="n^2 objectives",
        refusals=QUADRATIC_COST,
        summary="Forward over forward: n^2 tangents, the only mode that passes a dynamic while_loop.",
    ),
    *declare(
        "jacrev-jacfwd",
        _BOTH,
        _jacrev_jacfwd,
        operator="hessian",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="jax.jacrev",
        cost="n^2 objectives",
        refusals=QUADRATIC_COST,
        summary="Reverse over forward on the whole Jacobian: n^2 work; see vmap-reverse-over-forward for O(n).",
    ),
    *declare(
        "vmap-forward-over-reverse",
        _BOTH,
        over_vectors(forward_over_reverse),
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="The hvp jvp(grad) mapped over the basis.",
    ),
    *declare(
        "vmap-reverse-over-reverse",
        _BOTH,
        over_vectors(reverse_over_reverse),
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="The hvp vjp(grad) mapped over the basis.",
    ),
    *declare(
        "vmap-reverse-over-forward",
        _BOTH,
        over_vectors(reverse_over_forward),
        operator="hessian",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="jax.vmap",
        needs_basis=True,
        summary="The hvp grad(jvp) mapped over the basis: reverse over forward at O(n).",
    ),
    *declare(
        "map",
        _BOTH,
        _map,
        default=_JIT,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="loop",
        stock="jax.lax.map",
        needs_basis=True,
        summary="The linearized gradient applied to one basis vector after the other: least memory.",
    ),
    *declare(
        "map",
        _BOTH,
        _map,
        operator="hessian",
        mode="forward-over-reverse",
        chunk="16",
        assembly="chunked",
        stock="jax.lax.map",
        needs_basis=True,
        since="0.4.31",
        summary="The linearized gradient applied to some basis vectors at a time: nearly vmap's speed.",
    ),
    *declare(
        "row-loop",
        _BOTH,
        _row_loop,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        needs_basis=True,
        refusals=(Refusal("unrolls n hvps into one program; compiling takes minutes", above=512),),
        summary="A Python loop over the rows, unrolled into the program: what people write; long compiles.",
    ),
    *declare(
        "replicated",
        _JIT,
        replicated,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="replicated",
        stock="jax.jvp",
        needs_basis=True,
        refusals=(Refusal("unrolls n copies of f into one program; compiling takes minutes", above=512),),
        summary="A copy of the point for each row, the hvp of the sum over the copies in one sweep: no vmap.",
    ),
    *declare(
        "asdex-forward-over-reverse",
        _JIT,
        _asdex("fwd_over_rev"),
        operator="hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="asdex.hessian_from_coloring",
        requires=("asdex",),
        cost="1 per color",
        refusals=NO_PATTERN_TRACED,
        summary="asdex finds the sparsity pattern, colors it and needs one hvp per color; as a dense matrix.",
    ),
    *declare(
        "asdex-reverse-over-reverse",
        _JIT,
        _asdex("rev_over_rev"),
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="sparse",
        stock="asdex.hessian_from_coloring",
        requires=("asdex",),
        cost="1 per color",
        refusals=NO_PATTERN_TRACED,
        summary="asdex with reverse over reverse: one hvp per color; as a dense matrix.",
    ),
    *declare(
        "sparsejac",
        _JIT,
        _sparsejac,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="sparsejac.jacfwd",
        requires=("sparsejac", "asdex"),
        cost="1 per color",
        refusals=NO_PATTERN,
        summary="sparsejac over grad with the pattern that asdex found; as a dense matrix.",
    ),
)
