"""Whether this machine has room for what a method makes: its result, and the identity where it is handed that."""

from __future__ import annotations

from hessbench.backends.contract.method import Method
from hessbench.harness.machine import memory

COPIES = 2
"""Of the identity: what is pushed along all of its rows at once is as large as it is."""


def no_room(method: Method, n: int, batch: int) -> str | None:
    """Why a method can do nothing of this size here, or None.

    Args:
        method: The method.
        n: Number of variables.
        batch: Number of vectors or points of an operator that takes several.

    Returns:
        One line, with what takes how much.
    """
    if reason := memory.too_large(method.operator, n, batch):
        return reason
    if method.needs_basis and memory.too_large("batched-hessian", n, COPIES):
        limit = memory.machine_limit() or 0
        size = f"{n * n * 8 / 1e9:,.0f} GB in float64; this machine has {limit / 1e9:.0f} GB"
        return f"pushes all rows of the identity at once, {size}; a method that takes some at a time or one may do"
    return None
