"""Objectives of the audit in NumPy and SciPy, which judge: `hessbench.backends.numpy.calls:<a call as JSON>`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.scripts.calls import by_name


class Numpy:
    """NumPy's part of it; it follows x into extended precision."""

    def constant(self, values: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        return values.astype(x.dtype) if values.dtype.kind == "f" else values

    def reshaped(self, x: Any, shape: Sequence[int]) -> Any:
        """See `Kit`."""
        return np.reshape(x, tuple(shape))

    def joined(self, real: Any, imaginary: Any) -> Any:
        """See `Kit`."""
        return real + 1j * imaginary

    def parts(self, result: Any) -> list[Any]:
        """See `Kit`."""
        if np.iscomplexobj(result):
            return [np.real(result).reshape(-1), np.imag(result).reshape(-1)]
        return [np.reshape(result, -1)] if np.issubdtype(np.asarray(result).dtype, np.floating) else []

    def weighted(self, flat: Any, weights: FloatArray) -> Any:
        """See `Kit`."""
        return np.sum(weights * flat)

    def moved(self, base: Any, directions: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        return base + np.tensordot(x, directions.astype(x.dtype), 1)


KIT = Numpy()
__getattr__ = by_name(KIT)
