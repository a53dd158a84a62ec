"""The types of arrays in this room: NumPy's, of float64 and of whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[Any]]
IntArray = np.ndarray[Any, np.dtype[np.intp]]
Entries = tuple[IntArray, IntArray, FloatArray]
"""Rows, columns and values of the entries of a sparse matrix, (nnz,) each."""
