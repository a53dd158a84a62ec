"""The dense Hessian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.refusal import KnownFault, Refusal
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
from hessbench.backends.tensorflow.faults import PARALLEL_ITERATIONS, VALUE_COMPILED

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _stock_hessians(f: Function) -> Function:
    return lambda x, *data: tf.hessians(f(x, *data), x)[0]


def _persistent(f: Function, **options: Any) -> Function:
    """The nested tapes with options of the outer jacobian, which then needs a persistent tape (tensorflow#47785)."""
    gradient = gradient_of(f)

    def hessian(x: Array, *data: Array) -> Array:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            g = gradient(x, *data)
        return tape.jacobian(g, x, unconnected_gradients=tf.UnconnectedGradients.ZERO, **options)

    return hessian


def _while(f: Function) -> Function:
    return _persistent(f, experimental_use_pfor=False)


def _chunked(f: Function, chunk: int | None) -> Function:
    whole, parts = jacobian(f), _persistent(f, parallel_iterations=chunk)

    def hessian(x: Array, *data: Array) -> Array:
        return (whole if chunk is None or x.shape[0] <= chunk else parts)(x, *data)

    return hessian


def _batch_jacobian(f: Function) -> Function:
    def hessian(x: Array, *data: Array) -> Array:
        batch = x[None, :]
        with tf.GradientTape() as outer:
            outer.watch(batch)
            with tf.GradientTape() as inner:
                inner.watch(batch)
                y = f(batch[0], *data)
            g = inner.gradient(y, batch, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return outer.batch_jacobian(g, batch, unconnected_gradients=tf.UnconnectedGradients.ZERO)[0]

    return hessian


def _row_loop(f: Function) -> Function:
    gradient = gradient_of(f)

    def hessian(x: Array, *data: Array) -> Array:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            entries = tf.unstack(gradient(x, *data), num=x.shape[0])
        zero = tf.UnconnectedGradients.ZERO
        return tf.stack([tape.gradient(entry, x, unconnected_gradients=zero) for entry in entries])

    return hessian


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "jacobian",
        _ALL,
        jacobian,
        default=_COMPILED,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.jacobian",
        pitfalls=(
            "tensorflow#42835: eager, it is traced anew at every call",
            "tensorflow#57144: memory is n times that of the gradient",
        ),
        summary="Nested tapes; the outer jacobian is vectorized over the rows (pfor).",
    ),
    *declare(
        "hessians",
        _COMPILED,
        _stock_hessians,
        default=("graph",),
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.hessians",
        faults=(
            KnownFault(
                "raises for a linear f, whose gradient has no graph",
                outcomes=("error",),
                says="None values not supported",
            ),
        ),
        pitfalls=("tensorflow#29781: not in eager execution",),
        summary="The stock call: a while loop over the rows; only inside a tf.function.",
    ),
    # `verify` takes the first method of a mode: these two are traced in a third of the time of the vectorized ones.
    *declare(
        "forward-over-reverse-map",
        _COMPILED,
        in_turn(forward_over_reverse),
        operator="hessian",
        mode="forward-over-reverse",
        assembly="loop",
        stock="tf.map_fn",
        since="2.1",
        needs_basis=True,
        summary="A ForwardAccumulator around the tape, one basis vector after the other.",
    ),
    *declare(
        "reverse-over-forward-map",
        _COMPILED,
        in_turn(reverse_over_forward),
        operator="hessian",
        mode="reverse-over-forward",
        assembly="loop",
        stock="tf.map_fn",
        since="2.1",
        needs_basis=True,
        pitfalls=VALUE_COMPILED,
        summary="A tape around a ForwardAccumulator, one basis vector after the other.",
    ),
    *declare(
        "forward-over-reverse",
        _ALL,
        over_vectors(forward_over_reverse),
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="tf.autodiff.ForwardAccumulator",
        since="2.1",
        needs_basis=True,
        summary="A ForwardAccumulator around the tape, vectorized over the basis.",
    ),
    *declare(
        "reverse-over-reverse",
        _ALL,
        over_vectors(reverse_over_reverse),
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.vectorized_map",
        needs_basis=True,
        summary="The hvp by nested tapes, vectorized over the basis.",
    ),
    *declare(
        "reverse-over-forward",
        _ALL,
        over_vectors(reverse_over_forward),
        operator="hessian",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="tf.vectorized_map",
        since="2.1",
        needs_basis=True,
        pitfalls=VALUE_COMPILED,
        summary="A tape around a ForwardAccumulator, vectorized over the basis.",
    ),
    *declare(
        "map",
        _ALL,
        in_turn(reverse_over_reverse),
        default=("xla",),
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.map_fn",
        needs_basis=True,
        summary="The hvp by nested tapes, one basis vector after the other.",
    ),
    *declare(
        "batch-jacobian",
        _ALL,
        _batch_jacobian,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.batch_jacobian",
        summary="Nested tapes over a batch of one: the route that also serves batches of small Hessians.",
    ),
    *declare(
        "jacobian",
        _COMPILED,
        _chunked,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="chunked",
        chunk="16",
        least_chunk=PARALLEL_ITERATIONS,
        stock="tf.GradientTape.jacobian",
        faults=(
            KnownFault(
                "in xla, raises through cholesky if the chunk divides n: pfor traces a rest of no rows (2.21)",
                ("linalg.cholesky",),
                ("error",),
            ),
        ),
        summary="Nested tapes, some rows at a time (parallel_iterations): memory against speed.",
    ),
    *declare(
        "jacobian-while",
        _ALL,
        _while,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.jacobian",
        summary="Nested tapes without pfor: one row after the other in a while loop (tensorflow#36227).",
    ),
    *declare(
        "row-loop",
        ("eager",),
        _row_loop,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.gradient",
        summary="A Python loop over the rows: what people write.",
    ),
    *declare(
        "row-loop",
        _COMPILED,
        _row_loop,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="tf.GradientTape.gradient",
        refusals=(Refusal("unrolls n gradients into one program; tracing n = 256 took 41 s", above=128),),
        summary="A Python loop over the rows, unrolled into a huge program.",
    ),
)
