"""Objectives of the canaries in PyTorch's own functions, f(x, *data), by "suite/problem".

What they compute stands in `suites/canaries/`, composed from primitives; here only the call matters. Data that only
the composed text needs are taken and dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hessbench.backends.contract.lazy import Lazy, imported
from hessbench.backends.torch.natives import learning, operations, values, wrapped

NATIVES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        f"canaries/{name}": text
        for module in (operations, learning, values, wrapped)
        for name, text in module.TEXTS.items()
    }
)


def load() -> None:
    """Put the modules in the place of their promises: Dynamo cannot trace the first lookup on a `Lazy` module.

    What is made once is made here, too: layers draw their first weights, which cannot be done within a vmap.
    """
    for file in (operations, learning, values, wrapped):
        vars(file).update({name: imported(found) for name, found in vars(file).items() if isinstance(found, Lazy)})
    for made in (learning, wrapped):
        for name in made.MADE:
            made.made(name)
