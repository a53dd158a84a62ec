"""In which order the variables get their colors: it decides how many a greedy coloring takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from hessbench.backends.sparsity.coloring.rules import Neighbors
from hessbench.backends.sparsity.pattern import IntArray

Order = Literal["best", "natural", "largest-first", "smallest-last", "random"]
ORDERS: tuple[Order, ...] = get_args(Order)


def adjacency(n: int, rows: IntArray, cols: IntArray) -> Neighbors:
    """The columns of each row, from entries that ascend by row."""
    columns = cols.tolist()
    ends = np.searchsorted(rows, np.arange(n + 1)).tolist()
    return [columns[a:b] for a, b in pairwise(ends)]


def natural(neighbors: Neighbors, seed: int) -> list[int]:
    """As they are numbered."""
    del seed
    return list(range(len(neighbors)))


def largest_first(neighbors: Neighbors, seed: int) -> list[int]:
    """Those with most neighbors first (Welsh & Powell 1967)."""
    del seed
    return np.argsort([-len(near) for near in neighbors], kind="stable").tolist()


def smallest_last(neighbors: Neighbors, seed: int) -> list[int]:
    """Last the one with fewest neighbors, before it the one with fewest among the others, and so on (Matula 1972)."""
    del seed
    left = [len(near) for near in neighbors]
    waiting: list[list[int]] = [[] for _ in range(max(left, default=0) + 1)]
    for v, degree in enumerate(left):
        waiting[degree].append(v)
    order: list[int] = []
    degree = 0
    while len(order) < len(left):
        if not waiting[degree]:
            degree += 1
            continue
        v = waiting[degree].pop()
        if left[v] != degree:
            continue  # it has lost neighbors since and waits elsewhere too, or is done
        left[v] = -1
        order.append(v)
        for w in neighbors[v]:
            if left[w] > 0:
                left[w] -= 1
                waiting[left[w]].append(w)
                degree = min(degree, left[w])
    return order[::-1]


def random(neighbors: Neighbors, seed: int) -> list[int]:
    """Drawn."""
    return np.random.default_rng(seed).permutation(len(neighbors)).tolist()


ORDERED: Mapping[str, Callable[[Neighbors, int], list[int]]] = MappingProxyType(
    {"natural": natural, "largest-first": largest_first, "smallest-last": smallest_last, "random": random}
)
