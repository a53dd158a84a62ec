"""The trees that two colors make in an acyclic coloring."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.backends.sparsity.pattern import IntArray, Pattern


def are_trees(pattern: Pattern, color_of: IntArray) -> bool:
    """Whether neighbors differ and no cycle has two colors."""
    edge = pattern.cols < pattern.rows
    i, j = pattern.rows[edge], pattern.cols[edge]
    return bool(np.all(color_of[i] != color_of[j])) and not trees(i, j, color_of)[2].size


def trees(i: IntArray, j: IntArray, color: IntArray) -> tuple[Any, IntArray, IntArray]:
    """Trees of two colors, rooted near their centers by taking leaves off, layer by layer.

    A node is a vertex among those of one other color. Of its edges that are left it keeps the number and the exclusive
    or, which is the edge itself once one is left.

    Args:
        i: One end of each edge, (m,).
        j: The other end.
        color: Color of each vertex.

    Returns:
        For each edge whether i is its lower end (child), the edge above it or -1, and the edges that lie on cycles.
    """
    m, colors = i.size, int(color.max(initial=0)) + 1
    keys = np.concatenate([i * colors + color[j], j * colors + color[i]])
    nodes, number = np.unique(keys, return_inverse=True)
    count = np.bincount(number, minlength=nodes.size)
    left = np.zeros(nodes.size, dtype=np.intp)
    np.bitwise_xor.at(left, number, np.tile(np.arange(m), 2))
    a, b, edges, rest = number[:m].tolist(), number[m:].tolist(), count.tolist(), left.tolist()
    lower, upper = [-1] * m, [-1] * nodes.size  # the child of an edge; the edge above a node
    waiting = [node for node, several in enumerate(edges) if several == 1]
    for node in waiting:  # grows while it is walked
        if edges[node] != 1:
            continue  # the root, once its last edge is taken off
        edge = rest[node]
        other = a[edge] + b[edge] - node
        lower[edge], upper[node] = node, edge
        edges[node] = 0
        edges[other] -= 1
        rest[other] ^= edge
        if edges[other] == 1:
            waiting.append(other)
    child = np.array(lower, dtype=np.intp)
    first, second = number[:m], number[m:]
    parent = np.where(child == first, second, first)
    return child == first, np.array(upper, dtype=np.intp)[parent] if m else child, np.flatnonzero(child < 0)
