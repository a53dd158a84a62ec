"""Products with the generalized Gauss-Newton matrix J'LJ of f = loss(outputs(x)), and its diagonal.

J of the outputs is pushed forward and pulled back, L of the loss acts between: n outputs cost no more than one
(Schraudolph 2002, doi:10.1162/08997660260028683).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.compositions import jacobian, reverse_over_reverse

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _of_value(loss: Function) -> Function:
    """The loss of the outputs' value: Keras hangs the logits on what a softmax returns, and its losses read only those.

    Returns:
        The loss, which depends on its argument.
    """
    return lambda z, *data: loss(tf.identity(z), *data)


def _pulled(tape: Any, z: Array, x: Array, u: Array) -> Array:
    zero = tf.UnconnectedGradients.ZERO
    return tf.convert_to_tensor(tape.gradient(z, x, output_gradients=u, unconnected_gradients=zero))


def _reverse_over_forward(f: Bound) -> Function:
    bent = reverse_over_reverse(_of_value(f.loss))

    def product(x: Array, v: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            with tf.autodiff.ForwardAccumulator(x, v) as accumulator:
                z = f.outputs(x, *data)
            moved = accumulator.jvp(z, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return _pulled(tape, z, x, bent(z, moved, *data))

    return product


def _reverse_over_reverse(f: Bound) -> Function:
    bent = reverse_over_reverse(_of_value(f.loss))

    def product(x: Array, v: Array, *data: Array) -> Array:
        with tf.GradientTape() as outer:
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(x)
                z = f.outputs(x, *data)
            u = tf.zeros_like(z)
            outer.watch(u)
            pulled = _pulled(tape, z, x, u)
        # u -> J'u is linear, so that pulling v back through it gives Jv, whatever u is.
        moved = _pulled(outer, pulled, u, v)
        return _pulled(tape, z, x, bent(z, moved, *data))

    return product


def _jacobian(f: Bound) -> Function:
    hessian = jacobian(_of_value(f.loss))

    def diagonal(x: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            z = f.outputs(x, *data)
        rows = tape.jacobian(z, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        rows = tf.reshape(rows, (-1, tf.size(x)))
        curvature = tf.reshape(hessian(z, *data), (tf.size(z), tf.size(z)))
        return tf.reduce_sum(rows * tf.matmul(curvature, rows), axis=0)

    return diagonal


def _diagonal(f: Bound) -> Function:
    product = _reverse_over_reverse(f)
    return lambda x, basis, *data: tf.vectorized_map(lambda v: tf.reduce_sum(v * product(x, v, *data)), basis)


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "ggn-vp-reverse-over-reverse",
        _ALL,
        _reverse_over_reverse,
        default=_COMPILED,
        operator="ggn-vp",
        mode="reverse-over-reverse",
        stock="tf.GradientTape",
        summary="The outputs' gradient against u, which is linear in u, pulled back once more for Jv.",
    ),
    *declare(
        "ggn-vp-reverse-over-forward",
        _ALL,
        _reverse_over_forward,
        operator="ggn-vp",
        mode="reverse-over-forward",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        summary="An accumulator for Jv, nested tapes for the loss's Hessian, a tape for the way back.",
    ),
    *declare(
        "ggn-diagonal-jacobian",
        _ALL,
        _jacobian,
        default=_COMPILED,
        operator="ggn-diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.jacobian",
        cost="as many as there are outputs",
        summary="The whole J row by row and the whole L: for few outputs.",
    ),
    *declare(
        "ggn-diagonal-reverse-over-reverse",
        _COMPILED,
        _diagonal,
        operator="ggn-diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.vectorized_map",
        needs_basis=True,
        summary="Entry i of ggn-vp-reverse-over-reverse along e_i, for all i at once.",
    ),
)
