"""Where a sparse Hessian is wrong that is too large for a reference: halving rows, then columns.

A contraction w'(H - S)v with w restricted to some rows tells whether those hold an error, unless chance hides it, so
log2(n) of them lead to a row, and as many with v restricted to some columns to an entry. Each takes some hundred values
of f.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.evaluation.allowance import PRODUCTS_S, OutOfTime, hasty
from hessbench.harness.judging.sparse.entries import Entries, IntArray
from hessbench.suites.definition.problem import Instance

Products = Callable[..., tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class Place:
    """An entry that is wrong.

    Attributes:
        row: Its row.
        col: Its column.
        value: What it should be, as differences of f tell.
    """

    row: int
    col: int
    value: float


def locate(products: Products, instance: Instance, index: int, result: Entries) -> Place | None:
    """An entry that is wrong, or None where it cannot be told in time.

    Args:
        products: Contractions of the right Hessian, as `random_products.products`.
        instance: The problem, drawn.
        index: Index of the point.
        result: The entries of a result that is wrong.

    Returns:
        One entry.
    """
    limited = hasty(instance, time.monotonic() + PRODUCTS_S, precisions=("float64",))
    search = _Search(products, limited, index)
    try:
        row = search.halved(search.random, result.times)
        if row is None:
            return None
        unit = _only(np.ones(instance.n), row)
        # What the pattern misses comes first: it spoils the values that share its product, too.
        outside = np.setdiff1d(np.arange(instance.n), result.cols[result.rows == row])
        col = search.halved(unit, result.transposed_times, outside)
        if col is None:
            col = search.halved(unit, result.transposed_times)
        return None if col is None else Place(row, col, search.entry(row, col))
    except OutOfTime:
        return None


Times = Callable[[FloatArray], FloatArray]


class _Search:
    def __init__(self, products: Products, instance: Instance, index: int) -> None:
        self._products = products
        self._f, self._x, self._data = instance.problem.objective, instance.points[index], instance.data
        self.random = np.random.default_rng([instance.n, index]).standard_normal(instance.n)

    def halved(self, fixed: FloatArray, times: Times, inside: IntArray | None = None) -> int | None:
        """The index of a row that makes S times a fixed vector wrong, found by halving; of a column for S'.

        Args:
            fixed: The vector, (n,).
            times: The product with S or S'.
            inside: Where it is looked for; None: everywhere.

        Returns:
            The index, or None where no error is seen.
        """
        inside = np.arange(self._x.size) if inside is None else inside
        if not inside.size:
            return None
        while inside.size > 1:
            halves = np.array_split(inside, 2)
            errors = self._errors(fixed, np.stack([_only(self.random, half) for half in halves]), times)
            if errors is None:
                return None
            inside = halves[int(np.argmax(errors))]
        return int(inside[0])

    def _errors(self, v: FloatArray, left: FloatArray, times: Times) -> FloatArray | None:
        """|w'(H - S)v| for each w; None where differences cannot tell that one is not zero."""
        value, bound = self._products(self._f, self._x, self._data, np.concatenate([v[None], left]))
        found = np.abs(left @ times(v) - value[1:])
        return found if np.any(found > bound[1:]) else None

    def entry(self, row: int, col: int) -> float:
        """An entry of the right Hessian."""
        units = np.stack([_only(np.ones_like(self.random), k) for k in (row, col)])
        return float(self._products(self._f, self._x, self._data, units)[0][1])


def _only(vector: FloatArray, chosen: Any) -> FloatArray:
    """A vector that is zero but at the chosen places."""
    kept = np.zeros_like(vector)
    kept[chosen] = vector[chosen]
    return kept
