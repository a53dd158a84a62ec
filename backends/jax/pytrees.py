"""A pytree as arrays by name: what is registered with JAX (a dataclass, a module of Equinox) is a structure too."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.lazy import Lazy

tree_util = Lazy("jax.tree_util")


def unfold(x: Any) -> tuple[dict[str, FloatArray], Callable[[Any], Any]] | None:
    """The leaves of a pytree by their paths, and what builds the pytree from such leaves.

    Args:
        x: Anything.

    Returns:
        None where x is a leaf itself, or where two paths have one name.
    """
    leaves, structure = tree_util.tree_flatten_with_path(x)
    names = [tree_util.keystr(path, simple=True, separator=".") for path, _ in leaves]
    if tree_util.treedef_is_leaf(structure) or len(set(names)) < len(names):
        return None
    arrays = {name: np.asarray(leaf) for name, (_, leaf) in zip(names, leaves, strict=True)}
    return arrays, partial(_folded, x, names)  # x itself can be sent to a worker, its structure cannot


def _folded(like: Any, names: list[str], parts: dict[str, Any]) -> Any:
    structure = tree_util.tree_structure(like)
    if tree_util.treedef_is_leaf(structure):
        raise TypeError(
            f"{type(like).__name__} is not registered with JAX in this process; put its class, the registration and "
            "f into a file, which workers import"
        )
    return tree_util.tree_unflatten(structure, [parts[name] for name in names])
