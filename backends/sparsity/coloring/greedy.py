"""The call that colors a pattern: what is tried, and the best of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from hessbench.backends.sparsity.coloring.coloring import Coloring, Kind
from hessbench.backends.sparsity.coloring.lattice import lattice
from hessbench.backends.sparsity.coloring.orders import ORDERED, Order, adjacency
from hessbench.backends.sparsity.coloring.reading import is_direct, without_idle
from hessbench.backends.sparsity.coloring.rules import RULES, Neighbors, column
from hessbench.backends.sparsity.coloring.trees import are_trees
from hessbench.backends.sparsity.pattern import IntArray, Pattern

LARGE = 4_000_000
"""Entries beyond which "best" is the best of two orders: each takes half a microsecond per entry. The largest pattern
of the suite has three million, and foresight saves it 4 of 34 colors."""

CROWDED, PLENTY = 0.5, 100_000
"""Of more entries than these, no coloring is looked for where it takes more colors than this share of n in any case:
each variable gets its own. That is so from a density of 3/4 on, and half a minute of search at n = 4000."""


def color(pattern: Pattern, kind: Kind = "star", order: Order = "best", *, seed: int = 0) -> Coloring:
    """A coloring of a pattern.

    Args:
        pattern: What is colored.
        kind: "star" and "column" for direct recovery, "acyclic" for substitution.
        order: The order in which variables get their colors; "best" tries several, and formulas for grids.
        seed: Seed of the random order.

    Returns:
        The coloring with the fewest colors of all that were tried; asked for an acyclic one, a star coloring where that
        has fewer, as it may where diagonal entries are zero.
    """
    tried = _Tried(pattern, kind, seed)
    if order != "best":
        return tried.by_rule(kind, order)
    return tried.best()


PLANS: Mapping[Kind, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "star": (
            *(("star", "smallest-last"), ("star", "natural"), ("star", "largest-first")),
            *(("cautious", "smallest-last"), ("cautious", "largest-first")),
            *(("column", "natural"), ("column", "largest-first")),
        ),
        "acyclic": (
            *(("acyclic", "smallest-last"), ("acyclic", "natural"), ("acyclic", "largest-first")),
            *(("star", "smallest-last"), ("star", "natural"), ("cautious", "largest-first")),
        ),
        "column": (("column", "natural"), ("column", "largest-first"), ("column", "smallest-last")),
    }
)
"""Rule and order of what "best" tries. A column coloring is a star coloring too, and that an acyclic one."""


@dataclass
class _Tried:
    """The ways to color one pattern.

    Attributes:
        pattern: The pattern.
        kind: The rule that the result keeps.
        seed: Seed of the random order.
        edges: Pairs of different variables that meet.
        full: Whether the diagonal is full: else a color may be idle.
        orders: Orders that were made.
    """

    pattern: Pattern
    kind: Kind
    seed: int
    edges: int = field(init=False)
    full: bool = field(init=False)
    orders: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        edge = self.pattern.rows != self.pattern.cols
        self.edges = int(np.count_nonzero(edge)) // 2
        self.full = self.pattern.nnz - 2 * self.edges == self.pattern.n

    @cached_property
    def graph(self) -> Neighbors:
        """The neighbors of each variable."""
        edge = self.pattern.rows != self.pattern.cols
        return adjacency(self.pattern.n, self.pattern.rows[edge], self.pattern.cols[edge])

    def best(self) -> Coloring:
        """The first with the fewest colors."""
        if self.pattern.nnz > PLENTY and self.fewest > CROWDED * self.pattern.n:
            return Coloring(self.pattern, self.kind, np.arange(self.pattern.n), "natural")
        (first, *others), found = PLANS[self.kind], []
        for rule, order in (first, *others[: 1 if self.pattern.nnz > LARGE else None]):
            found.append(self.by_rule(rule, order))
            if found[-1].colors <= self.least:
                return found[-1]
        best = min(found, key=lambda one: one.colors)
        best = self.by_formula(best.colors) or best
        if self.kind != "acyclic" or self.full:
            return best
        direct = replace(self, kind="star").best()  # of which colors may be idle
        return direct if direct.colors < best.colors else best

    @property
    def fewest(self) -> int:
        """A number of colors that no stars and no trees undercut, as long as every variable has one.

        Two colors on a and b vertices have at most a + b - 1 edges where they make trees, so k colors
        have at most (k - 1) n - k (k - 1) / 2 of them; that is the least number for bands and grids. Stars are trees.
        """
        n, edges = self.pattern.n, self.edges
        return next((k for k in range(1, n + 1) if (k - 1) * n - k * (k - 1) // 2 >= edges), 0)

    @property
    def least(self) -> int:
        """A number of colors at which no better one is looked for."""
        return self.fewest if self.kind != "column" and self.full else 1

    def by_rule(self, rule: str, order: str) -> Coloring:
        """A greedy coloring."""
        if order not in self.orders:
            self.orders[order] = ORDERED[order](self.graph, self.seed)
        if rule == "column":
            found = _columns(self.pattern, self.orders[order])
        else:
            found = np.array(RULES[rule](self.graph, self.orders[order]))
        if self.kind != "acyclic":
            found = without_idle(self.pattern, found)
        return Coloring(self.pattern, self.kind, found.astype(np.intp), order)

    def by_formula(self, fewer_than: int) -> Coloring | None:
        """A coloring of a grid, if it takes fewer colors."""
        found = lattice(self.pattern, fewer_than, are_trees if self.kind == "acyclic" else is_direct)
        return None if found is None else Coloring(self.pattern, self.kind, found, "formula")


def _columns(pattern: Pattern, order: list[int]) -> IntArray:
    """The rule for columns, once dense ones are peeled off: each gets a color of its own, its row is not looked at.

    A full row would ask for n colors. By symmetry all of it can be read from the product of its own column. With the k
    fullest peeled off, k plus the entries of the next fullest row are needed at least: the k of the least sum is taken.

    Returns:
        The color of each column.
    """
    sizes = np.bincount(pattern.rows, minlength=pattern.n)
    fullest = np.argsort(-sizes, kind="stable")
    k = int(np.argmin(np.arange(pattern.n) + sizes[fullest])) if pattern.n else 0
    peeled = np.zeros(pattern.n, dtype=np.bool_)
    peeled[fullest[:k]] = True
    kept = ~peeled[pattern.cols]
    rows = adjacency(pattern.n, pattern.rows[kept], pattern.cols[kept])
    colors = np.array(column(rows, [v for v in order if not peeled[v]]), dtype=np.intp)
    colors[fullest[:k]] = colors.max(initial=-1) + 1 + np.arange(k)
    return colors
