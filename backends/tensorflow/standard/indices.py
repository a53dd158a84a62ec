"""Indices as TensorFlow takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.backends.contract.lazy import Lazy

tf = Lazy("tensorflow")


def from_front(indices: Any, length: int) -> Any:
    """Indices counted from the front, which `tf.gather` asks for; those that are known are counted here."""
    if not tf.is_tensor(indices):
        indices = np.asarray(indices, dtype=np.int64)
        return np.where(indices < 0, indices + length, indices)
    return tf.where(indices < 0, indices + length, indices)
