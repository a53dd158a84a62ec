"""One Hessian for each of many points.

f takes one point, so it is mapped over the points first; `batch_jacobian` then differentiates the batch of
gradients, whose rows do not interact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.compositions import jacobian
from hessbench.backends.tensorflow.faults import VALUE_COMPILED

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def sum_gradient(f: Function) -> Function:
    """The gradient (b, n) of the sum of f over all points."""

    def gradient(points: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(points)
            total = tf.reduce_sum(tf.vectorized_map(lambda x: f(x, *data), points))
        return tf.convert_to_tensor(tape.gradient(total, points, unconnected_gradients=tf.UnconnectedGradients.ZERO))

    return gradient


def batch_jacobian(f: Function) -> Function:
    """The `batch_jacobian` of the gradient of the sum."""
    gradient = sum_gradient(f)

    def hessians(points: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(points)
            g = gradient(points, *data)
        return tape.batch_jacobian(g, points, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return hessians


def columns(f: Function) -> Callable[..., list[Array]]:
    """The gradient of the sum, differentiated once more for each coordinate: n arrays (b, n)."""
    gradient = sum_gradient(f)

    def rows(points: Array, *data: Array) -> list[Array]:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(points)
            entries = tf.unstack(gradient(points, *data), num=points.shape[1], axis=1)
        zero = tf.UnconnectedGradients.ZERO
        return [tf.convert_to_tensor(tape.gradient(entry, points, unconnected_gradients=zero)) for entry in entries]

    return rows


def _sum_loop(f: Function) -> Function:
    rows = columns(f)
    return lambda points, *data: tf.stack(rows(points, *data), axis=1)


def _vectorized(f: Function) -> Function:
    hessian = jacobian(f)
    return lambda points, *data: tf.vectorized_map(lambda x: hessian(x, *data), points)


def _map(f: Function) -> Function:
    hessian = jacobian(f)
    return lambda points, *data: tf.map_fn(lambda x: hessian(x, *data), points)


def _loop(f: Function) -> Function:
    hessian = jacobian(f)

    def hessians(points: Array, *data: Array) -> Array:
        return tf.stack([hessian(x, *data) for x in tf.unstack(points, num=points.shape[0])])

    return hessians


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "batched-batch-jacobian",
        _ALL,
        batch_jacobian,
        default=("eager", "graph"),
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.batch_jacobian",
        pitfalls=("tensorflow#45234: applied twice on one tape it gives zeros", *VALUE_COMPILED),
        summary="The gradient of the sum over all points, and its batch_jacobian.",
    ),
    *declare(
        "batched-sum",
        _ALL,
        _sum_loop,
        default=("graph",),
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.gradient",
        pitfalls=VALUE_COMPILED,
        summary="The gradient of the sum over all points, differentiated for one coordinate after the other.",
    ),
    *declare(
        "batched-jacobian",
        _COMPILED,
        _vectorized,
        default=("xla",),
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.vectorized_map",
        summary="Nested tapes at one point, vectorized over the points.",
    ),
    *declare(
        "batched-map",
        _COMPILED,
        _map,
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.map_fn",
        summary="Nested tapes at one point after the other: least memory.",
    ),
    *declare(
        "batched-loop",
        ("eager", "graph"),
        _loop,
        operator="batched-hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.jacobian",
        summary="A Python loop over the points: what people write.",
    ),
)
