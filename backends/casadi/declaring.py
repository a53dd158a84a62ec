"""One declaration for both of CasADi's graph types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.operators import OperatorName
from hessbench.backends.contract.words import Assembly, Execution, Mode

Builder = Callable[..., Callable[..., Any]]

SYMBOLIC: tuple[Execution, ...] = ("symbolic",)
KINDS = {"sx": "a graph of scalars", "mx": "a graph of matrices"}


def in_both(
    name: str,
    build: Builder,
    *,
    operator: OperatorName,
    summary: str,
    mode: Mode = "",
    assembly: Assembly = "",
    stock: str = "",
    cost: str = "",
    default: bool = True,
) -> tuple[Method, ...]:
    """A method in both graph types; `CasadiBackend` knows which one by the name."""
    return tuple(
        method
        for kind, words in KINDS.items()
        for method in declare(
            f"{name}-{kind}",
            SYMBOLIC,
            build,
            operator=operator,
            mode=mode,
            assembly=assembly,
            stock=stock,
            cost=cost,
            default=SYMBOLIC if default else (),
            summary=f"{summary}; {words}.",
        )
    )
