"""Which entries stand alone in a product, and which colors nobody reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.backends.sparsity.pattern import IntArray, Pattern

Flags = np.ndarray[Any, np.dtype[np.bool_]]


def readable(pattern: Pattern, color_of: IntArray) -> Flags:
    """Whether entry (i, j) stands alone in row i of the product of j's color, (nnz,); never where j has none.

    Args:
        pattern: The entries.
        color_of: Color of each variable; -1 for none.

    Returns:
        One flag per entry; by symmetry an entry can also be read as its mirror image.
    """
    color = color_of[pattern.cols]
    keys = pattern.rows * (int(color_of.max(initial=0)) + 2) + color + 1
    order = np.argsort(keys, kind="stable")
    ascending = keys[order]
    new = np.append(True, ascending[1:] != ascending[:-1])[: keys.size]
    alone = new & np.append(new[1:], True)[: keys.size]
    flags = np.empty(keys.size, dtype=np.bool_)
    flags[order] = alone
    return flags & (color >= 0)


def is_direct(pattern: Pattern, color_of: IntArray) -> bool:
    """Whether every entry can be read from the products, as itself or as its mirror image."""
    alone = readable(pattern, color_of)
    return bool(np.all(alone | alone[pattern.place(pattern.cols, pattern.rows)]))


def without_idle(pattern: Pattern, color_of: IntArray) -> IntArray:
    """The colors without those that need no product: all that they show can be read from another one.

    Where the diagonal is full every color is needed. In a Lagrangian's Hessian many diagonal entries are zero, and a
    hub needs no color of its own if its neighbors have theirs (Montoison, Dalle & Gebremedhin 2025, arXiv:2505.07308).

    Args:
        pattern: The entries.
        color_of: Color of each variable, of a star coloring.

    Returns:
        New colors, -1 where a variable is in no product.
    """
    colors = int(color_of.max(initial=-1)) + 1
    if np.count_nonzero(pattern.rows == pattern.cols) == pattern.n:
        return color_of
    below = pattern.lower()
    alone = readable(pattern, color_of)
    i, j = pattern.rows[below], pattern.cols[below]
    one = np.where(alone[below], color_of[j], -1)
    other = np.where(alone[pattern.place(j, i)] & (i != j), color_of[i], -1)
    kept = color_of.copy()
    for color in np.argsort(np.bincount(color_of[color_of >= 0], minlength=colors), kind="stable").tolist():
        without_one, without_other = np.where(one == color, -1, one), np.where(other == color, -1, other)
        if np.all((without_one >= 0) | (without_other >= 0)):
            one, other = without_one, without_other
            kept[kept == color] = -1
    used = np.unique(kept[kept >= 0])
    return np.where(kept >= 0, np.searchsorted(used, kept), -1)
