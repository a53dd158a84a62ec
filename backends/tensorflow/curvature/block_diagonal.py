"""The Hessian's diagonal blocks, one for each array of which x is made, without the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.compositions import jacobian

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _each(f: Bound) -> Function:
    """A Hessian by one array after the other, the others held fast."""

    def blocks(x: Array, *data: Array) -> Array:
        def block(start: int, end: int) -> Array:
            hessian = jacobian(lambda y: f(tf.concat([x[:start], y, x[end:]], 0), *data))
            return tf.reshape(hessian(x[start:end]), (-1,))

        return tf.concat([block(*span) for span in f.spans], 0)

    return blocks


def _sliced(f: Bound) -> Function:
    hessian = jacobian(f)

    def blocks(x: Array, *data: Array) -> Array:
        whole = hessian(x, *data)
        return tf.concat([tf.reshape(whole[start:end, start:end], (-1,)) for start, end in f.spans], 0)

    return blocks


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "block-diagonal-jacobian",
        _ALL,
        _each,
        default=_COMPILED,
        operator="block-diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.jacobian",
        summary="The vectorized Jacobian of the gradient by one array after the other, the others held fast.",
    ),
    *declare(
        "block-diagonal-hessian",
        _COMPILED,
        _sliced,
        operator="block-diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.jacobian",
        summary="Cut out of the whole Hessian: what people write.",
    ),
)
