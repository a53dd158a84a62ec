"""Several Hessian-vector products at one point."""

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


def _loop(f: Function) -> Function:
    """One gradient on a persistent tape, differentiated once more against each vector."""
    gradient = gradient_of(f)

    def multi_hvp(x: Array, vectors: Array, *data: Array) -> Array:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            g = gradient(x, *data)
        zero = tf.UnconnectedGradients.ZERO
        rows = tf.unstack(vectors, num=vectors.shape[0])
        return tf.stack([tape.gradient(g, x, output_gradients=v, unconnected_gradients=zero) for v in rows])

    return multi_hvp


def _hessian(f: Function) -> Function:
    hessian = jacobian(f)
    return lambda x, vectors, *data: tf.matmul(vectors, hessian(x, *data))


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "multi-hvp-reverse-over-reverse",
        _ALL,
        over_vectors(reverse_over_reverse),
        default=_COMPILED,
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.vectorized_map",
        summary="The hvp by nested tapes, vectorized over the vectors.",
    ),
    *declare(
        "multi-hvp-loop",
        _ALL,
        _loop,
        default=_ALL,
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.gradient",
        cost="1 + k",
        summary="One gradient on a persistent tape, then a Python loop over the vectors: what people write.",
    ),
    *declare(
        "multi-hvp-forward-over-reverse",
        _COMPILED,
        over_vectors(forward_over_reverse),
        operator="multi-hvp",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        summary="A ForwardAccumulator around the tape, vectorized over the vectors.",
    ),
    *declare(
        "multi-hvp-reverse-over-forward",
        _COMPILED,
        over_vectors(reverse_over_forward),
        operator="multi-hvp",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="tf.vectorized_map",
        since="2.1",
        pitfalls=VALUE_COMPILED,
        summary="A tape around a ForwardAccumulator, vectorized over the vectors.",
    ),
    *declare(
        "multi-hvp-map",
        _COMPILED,
        in_turn(reverse_over_reverse),
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.map_fn",
        summary="The hvp by nested tapes, one vector after the other: least memory.",
    ),
    *declare(
        "multi-hvp-hessian",
        _COMPILED,
        _hessian,
        operator="multi-hvp",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.jacobian",
        cost="n",
        summary="The whole Hessian, then a matrix product: pays only for k near n.",
    ),
)
