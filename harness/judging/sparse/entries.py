"""Entries of a sparse matrix in one order, so that two of them can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray

IntArray = np.ndarray[Any, np.dtype[np.integer[Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries of a matrix (n, n), each at most once, by row and then by column.

    Attributes:
        n: Number of rows and columns.
        keys: row * n + column of each entry, (nnz,), ascending.
        values: Their values, (nnz,), float64.
    """

    n: int
    keys: IntArray
    values: FloatArray

    @classmethod
    def of(cls, n: int, rows: Any, cols: Any, values: Any) -> Entries:
        """The entries at these rows and columns, which are within and differ from each other."""
        keys = np.asarray(rows, dtype=np.int64) * n + np.asarray(cols, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        return cls(n, keys[order], np.asarray(values, dtype=np.float64)[order])

    @classmethod
    def of_matrix(cls, matrix: FloatArray) -> Entries:
        """The entries of a dense matrix that are not zero; NaN is not."""
        rows, cols = np.nonzero(matrix)
        return cls.of(len(matrix), rows, cols, matrix[rows, cols])

    @property
    def rows(self) -> IntArray:
        """Row of each entry, (nnz,)."""
        return self.keys // self.n

    @property
    def cols(self) -> IntArray:
        """Column of each entry, (nnz,)."""
        return self.keys % self.n

    def at(self, keys: IntArray) -> FloatArray:
        """The values at keys (m,), zero where there is no entry."""
        place, known = self.find(keys)
        return np.where(known, self.values[place], 0.0) if self.keys.size else np.zeros(len(keys))

    def find(self, keys: IntArray) -> tuple[IntArray, np.ndarray[Any, np.dtype[np.bool_]]]:
        """Where keys (m,) stand among the entries, and whether they do."""
        if not self.keys.size:
            return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=bool)
        place = np.minimum(np.searchsorted(self.keys, keys), self.keys.size - 1)
        return place, self.keys[place] == keys

    def has(self, keys: IntArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether keys (m,) are among the entries."""
        return self.find(keys)[1]

    def mirrored(self) -> IntArray:
        """The key of each entry's mirror image, (nnz,)."""
        return self.cols * self.n + self.rows

    def times(self, v: FloatArray) -> FloatArray:
        """The product with a vector, (n,)."""
        return np.bincount(self.rows, self.values * v[self.cols], self.n)

    def transposed_times(self, v: FloatArray) -> FloatArray:
        """The product of the transpose with a vector, (n,)."""
        return np.bincount(self.cols, self.values * v[self.rows], self.n)

    def row_sizes(self) -> FloatArray:
        """The largest absolute value in each row, (n,)."""
        sizes = np.zeros(self.n)
        np.maximum.at(sizes, self.rows, np.abs(self.values))
        return sizes

    def scales(self, keys: IntArray) -> FloatArray:
        """The geometric mean of the sizes of row and column at keys (m,)."""
        sizes = self.row_sizes()
        return np.sqrt(sizes[keys // self.n] * sizes[keys % self.n])

    def where(self, key: int) -> str:
        """An entry in words: (row, column)."""
        return f"({int(key) // self.n}, {int(key) % self.n})"


def union(*keys: IntArray) -> IntArray:
    """All keys, ascending, each once; NumPy's `unique` hashes since 2.3, which is slower for so many."""
    found = np.sort(np.concatenate(keys), kind="stable")
    return found[np.append(True, found[1:] != found[:-1])] if found.size else found
