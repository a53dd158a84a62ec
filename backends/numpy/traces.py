"""The trace of the Hessian, as the sum of a diagonal."""

from __future__ import annotations

from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.numeric import differences, hyper_dual
from hessbench.backends.numpy.adapters import exact, extrapolated, trace

_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "trace-hyper-dual",
        _EAGER,
        trace(exact(hyper_dual.diagonal)),
        default=_EAGER,
        operator="trace",
        cost="4 n objectives",
        mode="forward-over-forward",
        assembly="loop",
        summary="The sum of diagonal-hyper-dual: exact.",
    ),
    *declare(
        "trace-richardson",
        _EAGER,
        trace(extrapolated(differences.diagonal)),
        default=_EAGER,
        operator="trace",
        accuracy=2 / 3,
        cost="10 n objectives",
        mode="difference-over-difference",
        assembly="loop",
        summary="The sum of diagonal-richardson.",
    ),
)
