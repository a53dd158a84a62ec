"""The Hessian's values at its sparsity pattern: one product per color, then a gather."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.sparsity.compressed import by_substitution, directly
from hessbench.backends.tensorflow.compositions import forward_over_reverse, reverse_over_reverse
from hessbench.backends.tensorflow.compositions import gradient as gradient_of

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def recovered(products: Array, indices: Array) -> Array:
    """The values at their places in the products (colors, n)."""
    return tf.gather(tf.reshape(products, [-1]), indices)


UNROLLED = 64
"""Seeds up to which a loop over them is written into the graph; beyond, `tf.map_fn` takes a gradient for each."""


def _loop(f: Function) -> Function:
    """One gradient on a persistent tape, differentiated once more against each seed."""
    gradient, hvp = gradient_of(f), reverse_over_reverse(f)

    def products(x: Array, seeds: Array, *data: Array) -> Array:
        if seeds.shape[0] > UNROLLED:
            return tf.map_fn(lambda v: hvp(x, v, *data), seeds)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            g = gradient(x, *data)
        zero = tf.UnconnectedGradients.ZERO
        rows = tf.unstack(seeds, num=seeds.shape[0])
        found = [tape.gradient(g, x, output_gradients=v, unconnected_gradients=zero) for v in rows]
        return tf.stack([tf.convert_to_tensor(one) for one in found])

    return products


def _forward_over_reverse(f: Function) -> Function:
    """A gradient with an accumulator around it for each seed."""
    hvp = forward_over_reverse(f)

    def products(x: Array, seeds: Array, *data: Array) -> Array:
        if seeds.shape[0] > UNROLLED:
            return tf.map_fn(lambda v: hvp(x, v, *data), seeds)
        rows = tf.unstack(seeds, num=seeds.shape[0])
        return tf.stack([hvp(x, v, *data) for v in rows])

    return products


_substituted = partial(
    by_substitution,
    flat=lambda products: tf.reshape(products, [-1]),
    take=lambda vector, places: tf.gather(vector, places),
    add=lambda vector, places, numbers: tf.tensor_scatter_nd_add(vector, places[:, None], numbers),
)


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "sparse-reverse-over-reverse",
        _ALL,
        directly(_loop, recovered),
        default=_COMPILED,
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="sparse",
        stock="tf.GradientTape.gradient",
        summary="One gradient on a persistent tape, pulled back along one seed after the other.",
    ),
    *declare(
        "sparse-forward-over-reverse",
        _ALL,
        directly(_forward_over_reverse, recovered),
        default=_COMPILED,
        operator="sparse-hessian",
        mode="forward-over-reverse",
        assembly="sparse",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        cost="2 colors",
        summary="A ForwardAccumulator around the tape, along one seed after the other.",
    ),
    *declare(
        "sparse-substitution-reverse-over-reverse",
        _COMPILED,
        _substituted(_loop),
        operator="sparse-hessian",
        mode="reverse-over-reverse",
        assembly="substitution",
        stock="tf.GradientTape.gradient",
        cost="1 + acyclic colors",
        summary="One gradient, pulled back along fewer seeds, whose products are taken apart by substitution.",
    ),
)
