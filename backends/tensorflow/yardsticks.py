"""f and its gradient: what second derivatives are measured against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.tensorflow.compositions import gradient

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


_ALL: tuple[Execution, ...] = ("eager", "graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare("objective", _ALL, _objective, default=_ALL, operator="objective", summary="f itself."),
    *declare(
        "gradient",
        _ALL,
        gradient,
        default=_ALL,
        operator="gradient",
        mode="reverse",
        stock="tf.GradientTape.gradient",
        summary="One tape, one reverse sweep.",
    ),
)
