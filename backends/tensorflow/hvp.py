"""One Hessian-vector product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.compositions import forward_over_reverse, reverse_over_forward, reverse_over_reverse
from hessbench.backends.tensorflow.faults import VALUE_COMPILED

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def gradients(f: Function) -> Function:
    """`tf.gradients` twice: the way of TensorFlow 1, still there inside a tf.function."""

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        zero = tf.UnconnectedGradients.ZERO
        g = tf.gradients(f(x, *data), x, unconnected_gradients=zero)[0]
        return tf.convert_to_tensor(tf.gradients(g, x, grad_ys=v, unconnected_gradients=zero)[0])

    return hvp


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "hvp-reverse-over-reverse",
        _ALL,
        reverse_over_reverse,
        default=_COMPILED,
        operator="hvp",
        mode="reverse-over-reverse",
        stock="tf.GradientTape",
        summary="Nested tapes, the outer gradient taken against v.",
    ),
    *declare(
        "hvp-gradients",
        _COMPILED,
        gradients,
        default=("xla",),
        operator="hvp",
        mode="reverse-over-reverse",
        stock="tf.gradients",
        summary="tf.gradients of tf.gradients against v; only inside a tf.function.",
    ),
    *declare(
        "hvp-forward-over-reverse",
        _ALL,
        forward_over_reverse,
        operator="hvp",
        mode="forward-over-reverse",
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
        mode="reverse-over-forward",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        pitfalls=VALUE_COMPILED,
        summary="A tape around a ForwardAccumulator: the directional derivative pulled back.",
    ),
)
