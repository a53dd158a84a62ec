"""Where a symmetric matrix may differ from zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

IntArray = np.ndarray[Any, np.dtype[np.intp]]
Pairs = tuple[IntArray, IntArray]
"""Rows and columns of entries."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """The entries of a symmetric matrix that may differ from zero: both triangles, by row and then by column.

    Build one with `of_pairs` or `of_matrix`, which sort, drop what is there twice and mirror what is there once.

    Attributes:
        n: Number of variables.
        rows: Row of each entry, (nnz,), ascending.
        cols: Column of each entry, (nnz,), ascending within a row.
    """

    n: int
    rows: IntArray
    cols: IntArray

    @classmethod
    def of_pairs(cls, n: int, rows: Any, cols: Any) -> Pattern:
        """The pattern with these entries and their mirror images.

        Args:
            n: Number of variables.
            rows: Row of each entry, (k,), in any order.
            cols: Column of each entry, (k,).

        Returns:
            The pattern.

        Raises:
            ValueError: The arrays differ in shape, hold no whole numbers, or an index is not in 0..n-1.
        """
        rows, cols = _indices(n, rows, "rows"), _indices(n, cols, "cols")
        if rows.shape != cols.shape:
            raise ValueError(f"rows has shape {rows.shape}, cols has {cols.shape}; give one of each per entry")
        return cls.of_keys(n, np.concatenate([rows * n + cols, cols * n + rows]))

    @classmethod
    def of_keys(cls, n: int, keys: IntArray) -> Pattern:
        """The pattern with the entries row * n + column, in any order, both triangles of which are there."""
        keys = distinct(keys)
        rows = keys // n if n else keys
        return cls(n, rows, keys - rows * n)

    @classmethod
    def of_matrix(cls, matrix: Any) -> Pattern:
        """The nonzero entries of a matrix and their mirror images.

        Args:
            matrix: A NumPy array or a SciPy sparse one, (n, n); stored zeros of the latter count as nonzero.

        Returns:
            The pattern.

        Raises:
            ValueError: The matrix is not square.
        """
        shape = tuple(np.shape(matrix)) if not hasattr(matrix, "tocoo") else tuple(matrix.shape)
        if len(shape) != 2 or shape[0] != shape[1]:
            raise ValueError(f"a pattern is that of a square matrix, not of shape {shape}")
        if hasattr(matrix, "tocoo"):
            stored = matrix.tocoo()
            return cls.of_pairs(shape[0], stored.row, stored.col)
        return cls.of_pairs(shape[0], *np.nonzero(np.asarray(matrix)))

    @property
    def nnz(self) -> int:
        """Number of entries, both triangles."""
        return self.rows.size

    @property
    def density(self) -> float:
        """Share of the n^2 entries."""
        return self.nnz / self.n**2 if self.n else 0.0

    @property
    def keys(self) -> IntArray:
        """Row * n + column of each entry, ascending."""
        return self.rows * self.n + self.cols

    @property
    def starts(self) -> IntArray:
        """Where each row begins among the entries, (n + 1,): SciPy's indptr."""
        return np.searchsorted(self.rows, np.arange(self.n + 1)).astype(np.intp)

    def lower(self) -> IntArray:
        """The places of the lower triangle and the diagonal among the entries: `values[pattern.lower()]`."""
        return np.flatnonzero(self.cols <= self.rows)

    def place(self, rows: Any, cols: Any) -> IntArray:
        """Where entries stand in the pattern; -1 where it lacks them."""
        wanted = np.asarray(rows, dtype=np.intp) * self.n + np.asarray(cols, dtype=np.intp)
        keys = self.keys
        found = np.minimum(np.searchsorted(keys, wanted), max(self.nnz - 1, 0))
        return np.where(keys[found] == wanted, found, -1) if self.nnz else np.full(wanted.shape, -1)

    def missing(self, other: Pattern) -> Pairs:
        """The entries of another pattern that this one lacks, as rows and columns."""
        lacking = self.place(other.rows, other.cols) < 0
        return other.rows[lacking], other.cols[lacking]

    def extra(self, other: Pattern) -> Pairs:
        """The entries of this pattern that another one lacks, as rows and columns."""
        return other.missing(self)

    def contains(self, other: Pattern) -> bool:
        """Whether every entry of another pattern is here too."""
        return self.n == other.n and not self.missing(other)[0].size

    def matrix(self) -> Any:
        """The pattern as a Boolean matrix (n, n), for small n."""
        dense = np.zeros((self.n, self.n), dtype=np.bool_)
        dense[self.rows, self.cols] = True
        return dense

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pattern):
            return NotImplemented
        same = self.n == other.n and self.nnz == other.nnz
        return same and bool(np.array_equal(self.keys, other.keys))

    def __hash__(self) -> int:
        return hash((self.n, self.rows.tobytes(), self.cols.tobytes()))

    def __repr__(self) -> str:
        return f"Pattern(n={self.n}, nnz={self.nnz}, density={self.density:.3g})"


def distinct(keys: IntArray) -> IntArray:
    """Sorted, each once; NumPy's `unique` hashes since 2.3, which is slower here."""
    keys = np.sort(keys)
    return keys[np.append(True, keys[1:] != keys[:-1])] if keys.size else keys


def _indices(n: int, given: Any, name: str) -> IntArray:
    array = np.asarray(given)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{name} holds {array.dtype}; give whole numbers")
    array = array.astype(np.intp).reshape(-1) if array.ndim < 2 else array.astype(np.intp)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; give one number per entry")
    if array.size and not 0 <= array.min() <= array.max() < n:
        wrong = array[(array < 0) | (array >= n)][0]
        raise ValueError(f"{name} holds {wrong}, which is not in 0..{n - 1} (indices count from 0)")
    return array
