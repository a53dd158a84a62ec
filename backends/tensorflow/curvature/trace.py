"""The trace of the Hessian at one point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.compositions import jacobian, reverse_over_reverse
from hessbench.backends.tensorflow.diagonal import product

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _hessian(f: Function) -> Function:
    hessian = jacobian(f)
    return lambda x, *data: tf.linalg.trace(hessian(x, *data))


def _sum(f: Function) -> Function:
    second = product(reverse_over_reverse)(f)
    return lambda x, basis, *data: tf.reduce_sum(tf.vectorized_map(lambda v: second(x, v, *data), basis))


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")
_COMPILED: tuple[Execution, ...] = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare(
        "trace-hessian",
        _ALL,
        _hessian,
        default=_COMPILED,
        operator="trace",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.GradientTape.jacobian",
        summary="The trace of the whole Hessian: what people write.",
    ),
    *declare(
        "trace-reverse-over-reverse",
        _COMPILED,
        _sum,
        default=_COMPILED,
        operator="trace",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="tf.vectorized_map",
        needs_basis=True,
        summary="The sum of e_i'He_i by nested tapes, for all i at once.",
    ),
)
