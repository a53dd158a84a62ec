"""CasADi's functions on NumPy arrays as they lie in memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array


def on_arrays(function: Any, shape: tuple[int, ...]) -> Callable[..., Array]:
    """One of CasADi's functions as one of NumPy arrays, without a conversion of what is in double precision.

    Args:
        function: A function with one output.
        shape: The shape of its entries; of a sparse output those that it has.

    Returns:
        The function of arrays.
    """
    buffer, evaluate = function.buffer()
    size = math.prod(shape)

    def call(*arrays: Array) -> Array:
        inputs = [np.ascontiguousarray(array, dtype=np.float64) for array in arrays]  # kept alive here
        for i, array in enumerate(inputs):
            buffer.set_arg(i, array.data)
        result = np.empty(size)
        buffer.set_res(0, result.data)
        evaluate()
        if buffer.ret():
            raise ArithmeticError(f"CasADi's function gave up with code {buffer.ret()}")
        return result.reshape(shape)

    return call
