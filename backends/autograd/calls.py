"""Objectives of the audit in autograd: `hessbench.backends.autograd.calls:<a call as JSON>`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.scripts.calls import by_name

anp = Lazy("autograd.numpy")


class Autograd:
    """autograd's part of it."""

    def constant(self, values: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        del x
        return values

    def reshaped(self, x: Any, shape: Sequence[int]) -> Any:
        """See `Kit`."""
        return anp.reshape(x, tuple(shape))

    def joined(self, real: Any, imaginary: Any) -> Any:
        """See `Kit`."""
        return real + 1j * imaginary

    def parts(self, result: Any) -> list[Any]:
        """See `Kit`."""
        if anp.iscomplexobj(result):
            return [anp.reshape(anp.real(result), (-1,)), anp.reshape(anp.imag(result), (-1,))]
        if not np.issubdtype(getattr(result, "dtype", type(result)), np.floating):
            return []
        return [anp.reshape(result, (-1,))]

    def weighted(self, flat: Any, weights: FloatArray) -> Any:
        """See `Kit`."""
        return anp.sum(weights * flat)

    def moved(self, base: Any, directions: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        return base + anp.tensordot(x, directions, 1)


KIT = Autograd()
__getattr__ = by_name(KIT)
