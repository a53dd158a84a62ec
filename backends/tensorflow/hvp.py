"""One Hessian-vector product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.interface import Array, Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.tensorflow.faults import VALUE_COMPILED
from hessbench.backends.tensorflow.yardsticks import gradient as gradient_of

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def forward_over_reverse(f: Function) -> Function:
    """The tangent of the gradient along v."""
    gradient = gradient_of(f)

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        with tf.autodiff.ForwardAccumulator(x, v) as accumulator:
            g = gradient(x, *data)
        return accumulator.jvp(g, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return hvp


def reverse_over_reverse(f: Function) -> Function:
    """The gradient differentiated once more against v."""
    gradient = gradient_of(f)

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            g = gradient(x, *data)
        zero = tf.UnconnectedGradients.ZERO
        return tf.convert_to_tensor(tape.gradient(g, x, output_gradients=v, unconnected_gradients=zero))

    return hvp


def reverse_over_forward(f: Function) -> Function:
    """The gradient of the directional derivative along v."""

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        zero = tf.UnconnectedGradients.ZERO
        with tf.GradientTape() as tape:
            tape.watch(x)
            with tf.autodiff.ForwardAccumulator(x, v) as accumulator:
                y = f(x, *data)
            slope = accumulator.jvp(y, unconnected_gradients=zero)
        return tf.convert_to_tensor(tape.gradient(slope, x, unconnected_gradients=zero))

    return hvp


def gradients(f: Function) -> Function:
    """`tf.gradients` twice: the way of TensorFlow 1, still there inside a tf.function."""

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        zero = tf.UnconnectedGradients.ZERO
        g = tf.gradients(f(x, *data), x, unconnected_gradients=zero)[0]
        return tf.convert_to_tensor(tf.gradients(g, x, grad_ys=v, unconnected_gradients=zero)[0])

    return hvp


_ALL = ("eager", "graph", "xla")
_COMPILED = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "hvp-reverse-over-reverse",
        _ALL,
        reverse_over_reverse,
        default=_COMPILED,
        operator="hvp",
        outer="reverse",
        inner="reverse",
        stock="tf.GradientTape",
        summary="Nested tapes, the outer gradient taken against v.",
    ),
    *declare(
        "hvp-gradients",
        _COMPILED,
        gradients,
        default=("xla",),
        operator="hvp",
        outer="reverse",
        inner="reverse",
        stock="tf.gradients",
        summary="tf.gradients of tf.gradients against v; only inside a tf.function.",
    ),
    *declare(
        "hvp-forward-over-reverse",
        _ALL,
        forward_over_reverse,
        operator="hvp",
        outer="forward",
        inner="reverse",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        pitfalls=("tensorflow#53534: fails on a tf.while_loop inside a tf.function",),
        summary="A ForwardAccumulator around the tape; eager, it traces every operation.",
    ),
    *declare(
        "hvp-reverse-over-forward",
        _ALL,
        reverse_over_forward,
        operator="hvp",
        outer="reverse",
        inner="forward",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        pitfalls=VALUE_COMPILED,
        summary="A tape around a ForwardAccumulator: the directional derivative pulled back.",
    ),
)
