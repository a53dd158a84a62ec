"""f and its gradient: what second derivatives are measured against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.interface import Array, Lazy
from hessbench.backends.contract.method import Method, declare

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def gradient(f: Function) -> Function:
    """The gradient, zero where f does not depend on x."""

    def gradient(x: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, *data)
        return tf.convert_to_tensor(tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))

    return gradient


_ALL = ("eager", "graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare("objective", _ALL, _objective, default=_ALL, operator="objective", summary="f itself."),
    *declare(
        "gradient",
        _ALL,
        gradient,
        default=_ALL,
        operator="gradient",
        inner="reverse",
        stock="tf.GradientTape.gradient",
        summary="One tape, one reverse sweep.",
    ),
)
