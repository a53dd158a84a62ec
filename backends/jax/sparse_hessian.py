"""The Hessian's values at its sparsity pattern: one product per color, then a gather."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array, FloatArray
from hessbench.backends.contract.compression import Compression, Phases, Positions
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.refusal import Refusal
from hessbench.backends.contract.words import Execution
from hessbench.backends.jax.hessian import NO_PATTERN
from hessbench.backends.sparsity.compressed import by_substitution, directly

jax = Lazy("jax")
asdex = Lazy("asdex")
sparsejac = Lazy("sparsejac")

Function = Callable[..., Any]


def in_pairs(compression: Compression) -> Compression:
    """The same with places as pairs of color and row, (nnz, 2), in 32 bits.

    Measured for chained Rosenbrock at n = 10^5: 0.99 ms a call, and 1.24 ms with one 64-bit index into the flattened
    products.

    Returns:
        The compression that the methods of this file take.
    """
    seeds, indices = compression.arrays
    pairs = np.stack(np.divmod(indices, compression.n), axis=1).astype(np.int32)
    return replace(compression, arrays=(seeds, pairs))


def recovered(products: Array, places: Array) -> Array:
    """The values at their places in the products (colors, n), which are known to be within."""
    numbers = jax.lax.GatherDimensionNumbers(offset_dims=(), collapsed_slice_dims=(0, 1), start_index_map=(0, 1))
    return jax.lax.gather(
        products, places, numbers, slice_sizes=(1, 1), mode=jax.lax.GatherScatterMode.PROMISE_IN_BOUNDS
    )


def _forward_over_reverse(f: Function, chunk: int | None = None) -> Function:
    """The gradient linearized once, its tangent map applied to `chunk` seeds at a time."""

    def products(x: Array, seeds: Array, *data: Array) -> Array:
        _, tangent_map = jax.linearize(lambda y: jax.grad(f)(y, *data), x)
        return _mapped(tangent_map, seeds, chunk)

    return products


def _reverse_over_reverse(f: Function, chunk: int | None = None) -> Function:
    """The gradient evaluated once; `chunk` seeds at a time are pulled back through it."""

    def products(x: Array, seeds: Array, *data: Array) -> Array:
        _, pull_back = jax.vjp(lambda y: jax.grad(f)(y, *data), x)
        return _mapped(lambda v: pull_back(v)[0], seeds, chunk)

    return products


def _added(vector: Array, places: Array, numbers: Array) -> Array:
    return vector.at[places].add(numbers, mode="promise_in_bounds")


_substituted = partial(
    by_substitution,
    flat=lambda products: products.reshape(-1),
    take=lambda vector, places: vector.at[places].get(mode="promise_in_bounds"),
    add=_added,
)


def _mapped(product: Function, seeds: Array, chunk: int | None) -> Array:
    if chunk is None or len(seeds) <= chunk:
        return jax.vmap(product)(seeds)
    return jax.lax.map(product, seeds, batch_size=chunk)


def _sample(f: Function, x: FloatArray, data: Sequence[FloatArray]) -> tuple[Function, FloatArray]:
    """F of x alone and a point without special values: a pattern needs no values of x."""
    return lambda y: f(y, *(jax.numpy.asarray(array) for array in data)), np.ones(x.shape, x.dtype)


def _pattern(phases: Phases, f: Function, x: FloatArray, data: Sequence[FloatArray], given: Positions | None) -> Any:
    if given is not None:
        return asdex.SparsityPattern.from_coo(*given, (x.size, x.size))
    of_x, sample = _sample(f, x, data)
    return phases.timed("detect_s", lambda: asdex.hessian_sparsity(of_x, sample))


def _by_asdex(
    f: Function, x: FloatArray, data: Sequence[FloatArray], given: Positions | None, *, mode: str
) -> Compression:
    """Asdex's own pattern and star coloring."""
    phases = Phases()
    pattern = _pattern(phases, f, x, data, given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", asdex.DenseColoringWarning)  # a density is a column, not a line on stderr
        found = phases.colored("asdex", lambda: asdex.hessian_coloring_from_sparsity(pattern, mode=mode))
    return Compression(
        n=x.size,
        rows=np.asarray(pattern.rows),
        cols=np.asarray(pattern.cols),
        colors=int(found.num_colors),
        color_of=np.asarray(found.colors),
        plan=found,
        phases=phases.seconds,
    )


def _asdex(f: Function, *, plan: Any) -> Function:
    """Asdex writes seeds and indices into the program."""

    def values(x: Array, *data: Array) -> Array:
        return asdex.hessian_from_coloring(lambda y: f(y, *data), plan, "bcoo")(x).data

    return values


def _by_sparsejac(f: Function, x: FloatArray, data: Sequence[FloatArray], given: Positions | None) -> Compression:
    """The pattern that asdex finds; sparsejac colors its columns where the program is made."""
    phases = Phases()
    pattern = _pattern(phases, f, x, data, given)
    matrix = pattern.to_bcoo()
    maker: list[Function] = []

    def gradient(y: Array, *constants: Array) -> Array:
        return jax.grad(f)(y, *constants)

    phases.colored("sparsejac", lambda: maker.append(sparsejac.jacfwd(gradient, matrix)))
    rows, cols = np.asarray(matrix.indices).T
    return Compression(n=x.size, rows=rows, cols=cols, plan=maker[-1], phases=phases.seconds)


def _sparsejac(f: Function, *, plan: Function) -> Function:
    return lambda x, *data: plan(x, *data).data


NO_RULE = (NO_PATTERN[0], Refusal("asdex 0.5 has no rule for it under jit", ("linalg.diagonal",)))
"""Indices in the data are known when the pattern is found, so `take` is no hindrance here."""

_BOTH: tuple[Execution, ...] = ("eager", "jit")
_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "sparse-forward-over-reverse",
        _BOTH,
        directly(_forward_over_reverse, recovered),
        default=_JIT,
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="jax.linearize",
        summary="The gradient is linearized once; its tangent map is applied to all seeds at once.",
    ),
    *declare(
        "sparse-reverse-over-reverse",
        _BOTH,
        directly(_reverse_over_reverse, recovered),
        default=_JIT,
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="sparse",
        stock="jax.vjp",
        summary="The gradient once, then all seeds pulled back through it at once.",
    ),
    *declare(
        "sparse-forward-over-reverse",
        _JIT,
        directly(_forward_over_reverse, recovered),
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="chunked",
        chunk="16",
        stock="jax.lax.map",
        summary="The linearized gradient applied to so many seeds at a time: less memory where there are many colors.",
    ),
    *declare(
        "sparse-substitution-forward-over-reverse",
        _BOTH,
        _substituted(_forward_over_reverse),
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="substitution",
        stock="jax.linearize",
        cost="1 + acyclic colors",
        summary="The linearized gradient applied to fewer seeds, whose products are taken apart by substitution.",
    ),
    *declare(
        "sparse-asdex-forward-over-reverse",
        _JIT,
        _asdex,
        default=_JIT,
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="asdex.hessian_from_coloring",
        requires=("asdex",),
        refusals=NO_RULE,
        analyze=partial(_by_asdex, mode="fwd_over_rev"),
        summary="asdex finds the pattern, colors it and needs one hvp per color.",
    ),
    *declare(
        "sparse-asdex-reverse-over-reverse",
        _JIT,
        _asdex,
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="sparse",
        stock="asdex.hessian_from_coloring",
        requires=("asdex",),
        refusals=NO_RULE,
        analyze=partial(_by_asdex, mode="rev_over_rev"),
        summary="asdex with reverse over reverse: one hvp per color.",
    ),
    *declare(
        "sparse-sparsejac",
        _JIT,
        _sparsejac,
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="sparsejac.jacfwd",
        requires=("sparsejac", "asdex"),
        cost="1 + column colors",
        refusals=NO_RULE,
        analyze=_by_sparsejac,
        summary="sparsejac over grad with the pattern that asdex found; a column coloring, which needs more colors.",
    ),
)
