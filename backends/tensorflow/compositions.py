"""Derivatives that methods of several operators are made of: tapes within tapes, and forward accumulators.

They are a file of their own so that no operator imports another one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def gradient(f: Function) -> Function:
    """The gradient, zero where f does not depend on x."""

    def gradient(x: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, *data)
        return tf.convert_to_tensor(tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))

    return gradient


def forward_over_reverse(f: Function) -> Function:
    """The tangent of the gradient along v."""
    gradient_at = gradient(f)

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        with tf.autodiff.ForwardAccumulator(x, v) as accumulator:
            g = gradient_at(x, *data)
        return accumulator.jvp(g, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return hvp


def reverse_over_reverse(f: Function) -> Function:
    """The gradient differentiated once more against v."""
    gradient_at = gradient(f)

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            g = gradient_at(x, *data)
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


def jacobian(f: Function) -> Function:
    """The vectorized Jacobian of the gradient, by nested tapes."""
    gradient_at = gradient(f)

    def hessian(x: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            g = gradient_at(x, *data)
        return tape.jacobian(g, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return hessian


def over_vectors(of: Callable[[Function], Function], by: str = "vectorized_map") -> Callable[[Function], Function]:
    """What takes one vector, such as an hvp, mapped over several at once (pfor); along the basis: the Hessian."""

    def build(f: Function) -> Function:
        along = of(f)
        return lambda x, vectors, *data: getattr(tf, by)(lambda v: along(x, v, *data), vectors)

    return build


in_turn = partial(over_vectors, by="map_fn")
"""The same of one vector after the other, in a while loop."""
