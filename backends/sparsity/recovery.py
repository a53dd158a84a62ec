"""How the entries of a Hessian are read from its products with the seeds of a coloring, as index arrays.

**Direct** (star, column): the product with the seed of color c is, in row i, the sum of the entries of row i whose
column has color c. Where that is one entry, it stands there: H_ij is at (color of j, i) if j is the only one of its
color in row i, else, by symmetry, at (color of i, j). One gather reads all.

**Substitution** (acyclic): the entries of two colors make trees. For a vertex u with the parent p in its tree,

    H_up = B[color of p, u] - sum of H_uw over the children w of u,

leaves first (Coleman & Cai 1986). A path of n vertices has n / 2 such levels, one after the other. Unrolled, H_up is
the sum of b over the subtree below it with alternating signs, and sums over subtrees need only log2(depth) rounds:
after round k each entry holds what is less than 2^k below it, and gives it to the one that is 2^k above. That is one
gather and one scatter-add per round, in every framework, and as sums in pairs its rounding grows with the logarithm of
the depth, where one subtraction after the other lets it grow with the depth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from hessbench.backends.sparsity.coloring.coloring import Coloring
from hessbench.backends.sparsity.coloring.reading import readable
from hessbench.backends.sparsity.coloring.trees import trees
from hessbench.backends.sparsity.pattern import IntArray, Pattern

FloatArray = np.ndarray[Any, np.dtype[Any]]


class Round(NamedTuple):
    """One step of substitution: `entries[into] += sign * entries[source]`, where places in `into` may repeat.

    All sources are read before anything is written.
    """

    sign: int
    into: IntArray
    source: IntArray


class NotRecoverable(ValueError):
    """An entry cannot be read from the products: the coloring is no coloring of this pattern."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """From the products (colors, n) to the values (nnz,): gather, rounds, spread.

    Attributes:
        gather: Places in the flattened products, color * n + row, (m,).
        rounds: What follows on these m numbers; none where recovery is direct.
        spread: For each entry of the pattern its place among the m numbers, (nnz,); None where m = nnz and in order.
    """

    gather: IntArray
    rounds: tuple[Round, ...] = ()
    spread: IntArray | None = None

    @classmethod
    def of(cls, coloring: Coloring) -> Recovery:
        """The recovery of a coloring; `NotRecoverable` where that is wrong."""
        return by_substitution(coloring) if coloring.kind == "acyclic" else direct(coloring)

    def packed(self) -> tuple[IntArray, ...]:
        """Its arrays: gather alone where it is direct, else `into` and `source` of each round too, then spread."""
        turns = (places for turn in self.rounds for places in (turn.into, turn.source))
        return (self.gather, *turns) if self.spread is None else (self.gather, *turns, self.spread)

    @classmethod
    def unpacked(cls, arrays: Sequence[Any]) -> Recovery:
        """The substitution of these arrays, which may be a framework's: what is subtracted first is added later."""
        gather, *turns, spread = arrays
        pairs = zip(turns[::2], turns[1::2], strict=True)
        return cls(gather, tuple(Round(1 if k else -1, *pair) for k, pair in enumerate(pairs)), spread)

    def apply(
        self, products: Any, take: Callable[[Any, IntArray], Any], add: Callable[[Any, IntArray, Any], Any]
    ) -> Any:
        """The values, by a framework's functions.

        Args:
            products: H s_c for every color, flattened, (colors * n,).
            take: Gives the entries of a vector at places.
            add: Gives a vector with numbers added at places, which may repeat: (vector, places, numbers).

        Returns:
            The values (nnz,).
        """
        found = take(products, self.gather)
        for sign, into, source in self.rounds:
            found = add(found, into, sign * take(found, source))
        return found if self.spread is None else take(found, self.spread)

    def __call__(self, products: FloatArray) -> FloatArray:
        """The values (nnz,) from products (colors, n), in NumPy."""

        def add(vector: FloatArray, into: IntArray, numbers: FloatArray) -> FloatArray:
            return vector + np.bincount(into, numbers, vector.size).astype(vector.dtype)

        return self.apply(np.asarray(products).reshape(-1), lambda vector, places: vector[places], add)


def direct(coloring: Coloring) -> Recovery:
    """One gather.

    Returns:
        The recovery.

    Raises:
        NotRecoverable: An entry is nowhere alone.
    """
    pattern, color = coloring.pattern, coloring.color_of
    alone = readable(pattern, color)
    mirrored = pattern.place(pattern.cols, pattern.rows)
    if np.any(wrong := (mirrored < 0) | ~(alone | alone[mirrored])):
        raise NotRecoverable(_reason(pattern, int(np.flatnonzero(wrong)[0]), coloring))
    here = color[pattern.cols] * pattern.n + pattern.rows
    return Recovery(np.where(alone, here, here[mirrored]))


def _reason(pattern: Pattern, place: int, coloring: Coloring) -> str:
    i, j = int(pattern.rows[place]), int(pattern.cols[place])
    return f"entry ({i}, {j}) cannot be read from the products: this is no {coloring.kind} coloring of the pattern"


def by_substitution(coloring: Coloring) -> Recovery:
    """A gather, rounds over trees, and a gather.

    Returns:
        The recovery.

    Raises:
        NotRecoverable: Neighbors have one color, or two colors make a cycle.
    """
    pattern, color = coloring.pattern, coloring.color_of
    below = pattern.lower()
    i, j = pattern.rows[below], pattern.cols[below]
    edge = i != j
    if np.any(wrong := edge & (color[i] == color[j])):
        raise NotRecoverable(_reason(pattern, int(below[np.flatnonzero(wrong)[0]]), coloring))
    child_is_row, up, cyclic = trees(i[edge], j[edge], color)
    if cyclic.size:
        raise NotRecoverable(_reason(pattern, int(below[np.flatnonzero(edge)[cyclic[0]]]), coloring))
    gather = color[j] * pattern.n + i
    turned = np.flatnonzero(edge)[~child_is_row]
    gather[turned] = color[i[turned]] * pattern.n + j[turned]
    place = np.empty(pattern.nnz, dtype=np.intp)
    place[below] = np.arange(below.size)
    place[pattern.place(j, i)] = np.arange(below.size)
    return Recovery(gather, _doubling(up, np.flatnonzero(edge)), place)


def _doubling(up: IntArray, places: IntArray) -> tuple[Round, ...]:
    """Rounds from the edge above each edge (-1: none); `places` are those of the edges among the numbers."""
    rounds, sign = [], -1
    while np.any(has := up >= 0):
        rounds.append(Round(sign, places[up[has]], places[has]))
        up = np.where(has, up[up], -1)  # twice as far
        sign = 1
    return tuple(rounds)
