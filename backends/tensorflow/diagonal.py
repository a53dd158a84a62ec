"""The diagonal of the Hessian; TensorFlow has no call for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.compositions import (
    forward_over_reverse,
    in_turn,
    jacobian,
    over_vectors,
    reverse_over_forward,
    reverse_over_reverse,
)
from hessbench.backends.tensorflow.compositions import gradient as gradient_of
from hessbench.backends.tensorflow.faults import VALUE_COMPILED

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _hessian(f: Function) -> Function:
    hessian = jacobian(f)
    return lambda x, *data: tf.linalg.diag_part(hessian(x, *data))


def product(hvp_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The curvature v'Hv by an hvp."""

    def build(f: Function) -> Function:
        hvp = hvp_of(f)
        return lambda x, v, *data: tf.reduce_sum(v * hvp(x, v, *data))

    return build


def curvature(f: Function) -> Function:
    """The curvature v'Hv as the second derivative of t -> f(x + t v): an accumulator around an accumulator."""

    def second(x: Array, v: Array, *data: Array) -> Array:
        zero = tf.UnconnectedGradients.ZERO
        with tf.autodiff.ForwardAccumulator(x, v) as outer:
            with tf.autodiff.ForwardAccumulator(x, v) as inner:
                y = f(x, *data)
            slope = inner.jvp(y, unconnected_gradients=zero)
        return outer.jvp(slope, unconnected_gradients=zero)

    return second


def _loop(f: Function) -> Function:
    gradient = gradient_of(f)

    def diagonal(x: Array, *data: Array) -> Array:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            entries = tf.unstack(gradient(x, *data), num=x.shape[0])
        zero = tf.UnconnectedGradients.ZERO
        rows = [tf.convert_to_tensor(tape.gradient(entry, x, unconnected_gradients=zero)) for entry in entries]
        return tf.stack([row[i] for i, row in enumerate(rows)])

    return diagonal


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "diagonal-hessian",
        _ALL,
        _hessian,
        default=_ALL,
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.jacobian",
        summary="The diagonal of the whole Hessian: what people write.",
    ),
    *declare(
        "diagonal-reverse-over-reverse",
        _COMPILED,
        over_vectors(product(reverse_over_reverse)),
        default=_COMPILED,
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.vectorized_map",
        needs_basis=True,
        summary="Entry i of the hvp by nested tapes along e_i, for all i at once.",
    ),
    *declare(
        "diagonal-forward-over-reverse",
        _COMPILED,
        over_vectors(product(forward_over_reverse)),
        operator="diagonal",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        needs_basis=True,
        summary="Entry i of an accumulator around a tape along e_i, for all i at once.",
    ),
    *declare(
        "diagonal-reverse-over-forward",
        _COMPILED,
        over_vectors(product(reverse_over_forward)),
        operator="diagonal",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="tf.vectorized_map",
        since="2.1",
        needs_basis=True,
        pitfalls=VALUE_COMPILED,
        summary="Entry i of a tape around an accumulator along e_i, for all i at once.",
    ),
    *declare(
        "diagonal-forward-over-forward",
        _COMPILED,
        over_vectors(curvature),
        operator="diagonal",
        mode="forward-over-forward",
        assembly="vmap",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        needs_basis=True,
        cost="3 n objectives",
        pitfalls=VALUE_COMPILED,
        summary="An accumulator around an accumulator along each e_i, for all i at once: no reverse sweep.",
    ),
    *declare(
        "diagonal-map",
        _COMPILED,
        in_turn(product(reverse_over_reverse)),
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.map_fn",
        needs_basis=True,
        summary="Entry i of the hvp along e_i, one i after the other.",
    ),
    *declare(
        "diagonal-loop",
        ("eager",),
        _loop,
        operator="diagonal",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.gradient",
        summary="A Python loop over the entries of the gradient.",
    ),
)
