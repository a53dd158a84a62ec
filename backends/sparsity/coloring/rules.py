"""The greedy rule of each kind: the least color that a variable may have, given those of the variables before it.

A set of colors is a whole number, one bit per color. What a rule remembers belongs to a vertex and a color, so that a
step costs the degree, not the number of neighbors of neighbors: a hub with n neighbors costs n, not n^2. (The stars are
those of Gebremedhin, Tarafdar, Manne & Pothen 2007, doi:10.1137/050639879, the trees too.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

Neighbors = Sequence[Sequence[int]]
Rule = Callable[[Neighbors, Sequence[int]], list[int]]
"""(neighbors of each vertex, order) -> color of each vertex; -1 for vertices that the order leaves out."""


def _least(forbidden: int) -> int:
    """The lowest bit that is not set."""
    return (~forbidden & (forbidden + 1)).bit_length() - 1


def star(neighbors: Neighbors, order: Sequence[int], *, cautious: bool = False) -> list[int]:
    """Every path of four vertices has three colors.

    Two colors make stars: a hub and its leaves. A vertex v with a neighbor w of color a may not take color c where w is
    a leaf of a star of colors a and c whose hub has other leaves (path v, w, hub, leaf), nor, where v has two neighbors
    of color a, a color that one of them sees (path x, w, v, w').

    Args:
        neighbors: The neighbors of each vertex.
        order: The vertices in the order in which they get colors.
        cautious: Give no two neighbors of a vertex that has no color yet the same one, which would bind it later: on
            random graphs it takes fewer colors, on grids more.

    Returns:
        The color of each vertex.
    """
    n = len(neighbors)
    ahead = [0] * n  # colors of neighbors, also before a vertex has its own
    color, seen, leaf = [-1] * n, [0] * n, [0] * n  # colors of neighbors; those of stars of which it is a leaf
    only: list[dict[int, int]] = [
        {} for _ in range(n)
    ]  # color -> the one neighbor that has it; -1 where there are more
    for v in order:
        forbidden = once = twice = 0
        near = [w for w in neighbors[v] if color[w] >= 0]
        for w in near:
            bit = 1 << color[w]
            forbidden |= bit | leaf[w]
            twice |= once & bit
            once |= bit
        if twice:
            for w in near:
                if twice >> color[w] & 1:
                    forbidden |= seen[w]
        if cautious:
            for w in neighbors[v]:
                if color[w] < 0:
                    forbidden |= ahead[w]
        c = color[v] = _least(forbidden)
        if cautious:
            for w in neighbors[v]:
                ahead[w] |= 1 << c
        for w in near:
            _join(only, leaf, seen, (w, c), (v, color[w]))
            _join(only, leaf, seen, (v, color[w]), (w, c))
    return color


def _join(
    only: list[dict[int, int]], leaf: list[int], seen: list[int], at: tuple[int, int], new: tuple[int, int]
) -> None:
    """A vertex gets a neighbor of some color; with the second one of it, it is a hub.

    Args:
        only: See `star`.
        leaf: See `star`.
        seen: See `star`.
        at: The vertex, and the color of the neighbor.
        new: The neighbor, and the color of the vertex.
    """
    (hub, c), (v, a) = at, new
    seen[hub] |= 1 << c
    before = only[hub].get(c)
    if before is None:
        only[hub][c] = v
        return
    if before >= 0:
        leaf[before] |= 1 << a
        only[hub][c] = -1
    leaf[v] |= 1 << a


def acyclic(neighbors: Neighbors, order: Sequence[int]) -> list[int]:
    """Every cycle has three colors.

    Two colors make trees. A vertex with two neighbors of color a may not take color c where both are in one tree of the
    colors a and c. Which tree a vertex is in, for each other color, is kept in a union-find.

    Args:
        neighbors: The neighbors of each vertex.
        order: The vertices in the order in which they get colors.

    Returns:
        The color of each vertex.
    """
    color = [-1] * len(neighbors)
    tree: list[dict[int, int]] = [{} for _ in neighbors]  # other color -> node
    parent: list[int] = []

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    def node(v: int, c: int) -> int:
        if c not in tree[v]:
            tree[v][c] = len(parent)
            parent.append(len(parent))
        return find(tree[v][c])

    for v in order:
        near = [w for w in neighbors[v] if color[w] >= 0]
        forbidden = 0
        met: set[tuple[int, int]] = set()
        for w in near:
            forbidden |= 1 << color[w]
        for w in near:
            for c in tree[w]:
                here = (color[w], find(tree[w][c]))
                if here in met:
                    forbidden |= 1 << c
                met.add(here)
        c = color[v] = _least(forbidden)
        for w in near:
            parent[node(w, c)] = node(v, color[w])
    return color


def column(neighbors: Neighbors, order: Sequence[int]) -> list[int]:
    """No two columns of a color meet in a row; `neighbors` are the rows of each column, the diagonal included.

    Args:
        neighbors: The rows of each column.
        order: The columns in the order in which they get colors.

    Returns:
        The color of each column.
    """
    n = len(neighbors)
    color, taken = [-1] * n, [0] * n
    for v in order:
        forbidden = 0
        for row in neighbors[v]:
            forbidden |= taken[row]
        color[v] = _least(forbidden)
        for row in neighbors[v]:
            taken[row] |= 1 << color[v]
    return color


def cautious(neighbors: Neighbors, order: Sequence[int]) -> list[int]:
    """`star` with foresight."""
    return star(neighbors, order, cautious=True)


RULES: Mapping[str, Rule] = MappingProxyType({"star": star, "cautious": cautious, "acyclic": acyclic, "column": column})
"""The rule of each kind, and `cautious`, which is one of stars."""
