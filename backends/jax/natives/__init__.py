"""Objectives of the canaries in JAX's own functions, f(x, *data), by "suite/problem".

What they compute stands in `suites/canaries/`, composed from primitives; here only the call matters. Data that only
the composed text needs are taken and dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hessbench.backends.jax.natives import learning, operations, values, wrapped

NATIVES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        f"canaries/{name}": text
        for module in (operations, learning, values, wrapped)
        for name, text in module.TEXTS.items()
    }
)
