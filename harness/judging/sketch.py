"""A few numbers that stand for a whole result: they tell who agrees with whom long after the result is gone.

A result r is contracted with vectors of random signs along each axis, s = sum_ij u_i r_ij w_j. The expectation of s^2
is the squared Frobenius norm of r, so the distance of two sketches estimates the distance of two results (Alon, Matias
& Szegedy 1999, doi:10.1006/jcss.1997.1545); a difference anywhere shows.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray

IntArray = np.ndarray[Any, np.dtype[np.integer[Any]]]

LENGTH = 8


def sketch(result: FloatArray) -> list[float]:
    """The sketch of a result of any shape; results of one shape are contracted with the same signs."""
    return [_contracted(np.asarray(result, dtype=np.float64), k) for k in range(LENGTH)]


def sketch_of_entries(n: int, rows: IntArray, cols: IntArray, values: FloatArray) -> list[float]:
    """The sketch of the matrix (n, n) that has these entries: the same as if it were dense."""
    signs = [np.random.default_rng([k, zlib.crc32(str((n, n)).encode())]) for k in range(LENGTH)]
    pairs = [(rng.choice((-1.0, 1.0), n), rng.choice((-1.0, 1.0), n)) for rng in signs]
    return [float(np.sum(u[rows] * np.asarray(values, dtype=np.float64) * w[cols])) for u, w in pairs]


def _contracted(result: FloatArray, k: int) -> float:
    rng = np.random.default_rng([k, zlib.crc32(str(result.shape).encode())])
    for length in result.shape:
        result = np.tensordot(rng.choice((-1.0, 1.0), length), result, axes=1)
    return float(result)
