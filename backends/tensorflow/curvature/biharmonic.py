"""The biharmonic, the Laplacian of the Laplacian, at many points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.compositions import jacobian, reverse_over_reverse
from hessbench.backends.tensorflow.diagonal import product

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _traces(f: Function) -> Function:
    hessian = jacobian(f)
    twice = jacobian(lambda x, *data: tf.linalg.trace(hessian(x, *data)))

    def biharmonic(points: Array, *data: Array) -> Array:
        return tf.stack([tf.linalg.trace(twice(x, *data)) for x in tf.unstack(points)])

    return biharmonic


def _pairs(f: Function) -> Function:
    """Along each pair of coordinates at each point, all at once: one map over the pairs."""
    second = product(reverse_over_reverse)

    def biharmonic(points: Array, basis: Array, *data: Array) -> Array:
        b, n = points.shape
        inner, outer = tf.repeat(basis, n, axis=0), tf.tile(basis, (n, 1))
        every = (tf.repeat(points, n * n, axis=0), tf.tile(inner, (b, 1)), tf.tile(outer, (b, 1)))

        def along(one: tuple[Array, Array, Array]) -> Array:
            x, v, w = one
            return second(lambda y: second(f)(y, v, *data))(x, w)

        return tf.reduce_sum(tf.reshape(tf.vectorized_map(along, every), (b, n * n)), axis=1)

    return biharmonic


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "biharmonic-trace",
        ("eager", "graph"),
        _traces,
        default=("graph",),
        operator="biharmonic",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.jacobian",
        summary="The trace of the Hessian of the trace of the Hessian, one point after the other: what people write.",
    ),
    *declare(
        "biharmonic-reverse-over-reverse",
        _COMPILED,
        _pairs,
        operator="biharmonic",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.vectorized_map",
        needs_basis=True,
        cost="16 b n^2",
        summary="Four tapes, one in the other, along every pair of coordinates at every point at once.",
    ),
)
