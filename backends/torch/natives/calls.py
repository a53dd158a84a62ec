"""Objectives of the audit in PyTorch: `hessbench.backends.torch.natives.calls:<a call as JSON>`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.scripts.calls import by_name

torch = Lazy("torch")


class Torch:
    """PyTorch's part of it."""

    def constant(self, values: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        array = torch.tensor(values, device=x.device)
        if array.is_complex():
            return array.to(torch.complex64 if x.dtype == torch.float32 else torch.complex128)
        return array.to(x.dtype) if array.is_floating_point() else array

    def reshaped(self, x: Any, shape: Sequence[int]) -> Any:
        """See `Kit`."""
        return x.reshape(tuple(shape))

    def joined(self, real: Any, imaginary: Any) -> Any:
        """See `Kit`."""
        return torch.complex(real, imaginary)

    def parts(self, result: Any) -> list[Any]:
        """See `Kit`."""
        if not isinstance(result, torch.Tensor):
            return []
        if result.is_complex():
            return [result.real.reshape(-1), result.imag.reshape(-1)]
        return [result.reshape(-1)] if result.is_floating_point() else []

    def weighted(self, flat: Any, weights: FloatArray) -> Any:
        """See `Kit`."""
        return (torch.tensor(weights, dtype=flat.dtype, device=flat.device) * flat).sum()

    def moved(self, base: Any, directions: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        return base + torch.tensordot(x, torch.tensor(np.asarray(directions), dtype=x.dtype, device=x.device), 1)


KIT = Torch()
__getattr__ = by_name(KIT)
