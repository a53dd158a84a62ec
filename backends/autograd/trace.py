"""The trace of the Hessian, as the sum of a diagonal."""

from __future__ import annotations

from hessbench.backends.autograd.faults import FAULTS, WIDENS
from hessbench.backends.autograd.methods import diagonal_make_hvp, sum_of
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "trace-make-hvp",
        _EAGER,
        sum_of(diagonal_make_hvp),
        default=_EAGER,
        operator="trace",
        assembly="loop",
        stock="autograd.make_hvp",
        needs_basis=True,
        mode="reverse-over-reverse",
        faults=FAULTS,
        pitfalls=WIDENS,
        summary="The sum of diagonal-make-hvp.",
    ),
)
