"""Indices as TensorFlow takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.backends.contract.lazy import Lazy

tf = Lazy("tensorflow")


def axes_from_front(axes: Any, rank: int) -> list[int]:
    """Axes, all of them where they are None, counted from the front: along another one `jacobian` rolls its rows."""
    return list(range(rank)) if axes is None else [axis % rank for axis in np.atleast_1d(axes).tolist()]


def from_front(indices: Any, length: int) -> Any:
    """Indices counted from the front, which `tf.gather` asks for; those that are known are counted here."""
    if not tf.is_tensor(indices):
        indices = np.asarray(indices, dtype=np.int64)
        return np.where(indices < 0, indices + length, indices)
    return tf.where(indices < 0, indices + length, indices)
