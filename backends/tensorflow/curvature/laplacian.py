"""The Laplacian (the trace of the Hessian) at many points: what physics-informed learning needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.batched_hessian import batch_jacobian, columns
from hessbench.backends.tensorflow.compositions import forward_over_reverse
from hessbench.backends.tensorflow.diagonal import curvature, product
from hessbench.backends.tensorflow.faults import VALUE_COMPILED

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _trace(f: Function) -> Function:
    hessians = batch_jacobian(f)
    return lambda points, *data: tf.linalg.trace(hessians(points, *data))


def _sum_loop(f: Function) -> Function:
    rows = columns(f)
    return lambda points, *data: tf.add_n([row[:, i] for i, row in enumerate(rows(points, *data))])


def _along_basis(second_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The sum of e_i'He_i, all coordinates and all points at once: one map over the pairs."""

    def build(f: Function) -> Function:
        second = second_of(f)

        def laplacian(points: Array, basis: Array, *data: Array) -> Array:
            b, n = points.shape
            pairs = (tf.repeat(points, n, axis=0), tf.tile(basis, (b, 1)))
            curvatures = tf.vectorized_map(lambda pair: second(pair[0], pair[1], *data), pairs)
            return tf.reduce_sum(tf.reshape(curvatures, (b, n)), axis=1)

        return laplacian

    return build


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "laplacian-sum",
        _ALL,
        _sum_loop,
        default=("eager", "graph"),
        operator="laplacian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.gradient",
        pitfalls=VALUE_COMPILED,
        summary="The gradient of the sum over all points, one coordinate after the other: what people write.",
    ),
    *declare(
        "laplacian-trace",
        _ALL,
        _trace,
        default=("graph",),
        operator="laplacian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.batch_jacobian",
        pitfalls=VALUE_COMPILED,
        summary="The traces of the batched Hessian.",
    ),
    *declare(
        "laplacian-forward-over-forward",
        _COMPILED,
        _along_basis(curvature),
        operator="laplacian",
        mode="forward-over-forward",
        assembly="vmap",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        needs_basis=True,
        cost="3 b n objectives",
        pitfalls=VALUE_COMPILED,
        summary="An accumulator around an accumulator for every coordinate and point at once: no reverse sweep.",
    ),
    *declare(
        "laplacian-forward-over-reverse",
        _COMPILED,
        _along_basis(product(forward_over_reverse)),
        default=_COMPILED,
        operator="laplacian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        needs_basis=True,
        summary="An accumulator around a tape for every coordinate and point at once.",
    ),
)
