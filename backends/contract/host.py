"""Backends whose arrays are NumPy's: they compute on the CPU, when they are called, and have nothing to wait for."""

from __future__ import annotations

import numpy as np

from hessbench.backends.contract.arrays import Array, FloatArray, cast
from hessbench.backends.contract.errors import BackendUnavailable
from hessbench.backends.contract.interface import Backend
from hessbench.backends.contract.words import HIGHEST


class HostBackend(Backend):
    """A framework on NumPy arrays and the CPU; `versions`, `namespace` and `build` are left to it.

    Raises:
        BackendUnavailable: Another device than "cpu" is asked for.
    """

    device_kinds = ("cpu",)

    def __init__(self, dtype: str = "float64", device: str = "cpu") -> None:
        super().__init__(dtype, device)
        if device != "cpu":
            raise BackendUnavailable(
                f"device {device!r} is not there: {self.title or self.name} computes on the CPU only"
            )

    @staticmethod
    def environment(dtype: str, device: str, precision: str = HIGHEST) -> dict[str, str]:
        """Nothing to set."""
        del dtype, device, precision
        return {}

    def devices(self) -> tuple[str, ...]:
        """The CPU."""
        return ("cpu",)

    def asarray(self, array: FloatArray) -> Array:
        """The array in the backend's dtype."""
        return cast(array, self.dtype)

    def synchronize(self, result: Array) -> None:
        """A call returns when it is done."""

    def to_numpy(self, result: Array) -> FloatArray:
        """The array itself."""
        return np.asarray(result)
