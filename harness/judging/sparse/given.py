"""Whether a pattern that somebody gave holds at a point: one product with a random vector tells.

An entry that the pattern misses is in Hv and not in the product Sv of the compressed values. It is also in values that
share a color with it, and so in further rows. A difference beyond rounding of a row that is small beside the
largest entry, and beside 1, may still be rounding of what cancels inside f; that changes at once where x moves by some
rounding errors, and a missing entry stays. (A larger one is not asked to: x may be where f switches.)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hessbench.backends.contract.compression import Compression
from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.sparsity.pattern import Pairs
from hessbench.harness.judging.accuracy import ROUNDING

ROUNDED = 256
"""Rounding errors of a row that are nothing: an entry of 1 beside 10^12 is 2000 of them."""
MOVES, FAR = 6, 1024
"""How often x is moved before a small difference counts, and by how many rounding errors."""
STAYS = 0.25
"""By how much of itself a missing entry changes then at most."""
LOOKED_AT = 8
"""Rows in which the missing entry is looked for."""


@dataclass(frozen=True, slots=True)
class Compressed:
    """A Hessian's values at a pattern that may miss some, and products with the whole of it.

    Attributes:
        at: Where the values belong.
        values: x -> values (nnz,).
        product: x, v -> Hv.
        by_row: Whether a value errs by the size of its row; else, where it was subtracted, by the largest one.
        dtype: The floating-point type of both.
        doubted: Rows and columns of the entries that may be missing; None: any.
    """

    at: Compression
    values: Callable[[FloatArray], FloatArray]
    product: Callable[[FloatArray, FloatArray], FloatArray]
    by_row: bool
    dtype: str
    doubted: Pairs | None

    def missing(self, x: FloatArray, values: FloatArray) -> str:
        """What the pattern misses at a point.

        Args:
            x: The point, (n,).
            values: The values there. It warns where no row is finite, so that none can be compared.

        Returns:
            The largest entry in words, or the empty string.
        """
        rng = np.random.default_rng(x.size)
        v = rng.choice((-1.0, 1.0), x.size) * rng.uniform(0.5, 1, x.size)
        off, sizes = self._off(x, v, values), self._times(np.abs(v), np.abs(values))
        known, eps = np.isfinite(off) & np.isfinite(sizes), ROUNDING[self.dtype].eps
        if not known.any() and x.size:
            warnings.warn("values at this x are NaN or infinite, so the pattern was not checked", stacklevel=4)
        off, sizes = np.where(known, off, 0.0), np.where(known, sizes, 0.0)
        largest = float(np.max(sizes, initial=0))
        wrong = np.abs(off) > ROUNDED * eps * (sizes if self.by_row else largest)
        if self.doubted is not None:
            wrong &= np.isin(np.arange(x.size), self.doubted[0])
        sure = wrong & (np.abs(off) > np.sqrt(eps) * max(largest, 1.0))
        for _ in range(MOVES):
            if not (wrong & ~sure).any():
                break
            moved = x * (1 + FAR * eps * rng.choice((-1.0, 1.0), x.size) * rng.uniform(0.5, 1, x.size))
            wrong &= sure | (np.abs(self._off(moved, v, self.values(moved)) - off) <= STAYS * np.abs(off))
        return self._named(x, np.where(wrong, off, 0.0)) if wrong.any() else ""

    def _times(self, v: FloatArray, values: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore", over="ignore"):
            return np.bincount(self.at.rows, values.astype(np.float64) * v[self.at.cols], self.at.n)

    def _off(self, x: FloatArray, v: FloatArray, values: FloatArray) -> FloatArray:
        """Hv - Sv, (n,)."""
        with np.errstate(invalid="ignore"):
            return self.product(x, v).astype(np.float64) - self._times(v, values)

    def _named(self, x: FloatArray, off: FloatArray) -> str:
        """The largest entry that is missing in one of the rows that differ most; the others share a color with it."""
        rows = np.argsort(-np.abs(off), kind="stable")[: min(LOOKED_AT, np.count_nonzero(off))]
        for row in rows.tolist():
            unit = np.zeros_like(x)
            unit[row] = 1
            column = self.product(x, unit).astype(np.float64)
            column[self.at.rows[self.at.cols == row]] = 0
            column[~np.isfinite(column)] = 0
            other = int(np.argmax(np.abs(column)))
            if abs(column[other]) > STAYS * abs(off[row]) / x.size:
                return f"pattern misses ({row}, {other}): that entry is {column[other]:.6g} at this x"
        return f"pattern misses entries in row {rows[0]}: a product is off by {off[rows[0]]:.6g} there at this x"
