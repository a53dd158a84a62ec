"""Layers whose weights are among the variables, and losses whose targets are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

jnp, nn = Lazy("jax.numpy"), Lazy("jax.nn")


def _layer_norm(x: Array, w: Array) -> Array:
    return (w * (x[6:9] * nn.standardize(x[:6].reshape(2, 3), epsilon=1e-5) + x[9:]) ** 3).sum()


def _batch_norm(x: Array, w: Array) -> Array:
    return (w * (x[6:8] * nn.standardize(x[:6].reshape(3, 2), axis=0, epsilon=1e-5) + x[8:]) ** 3).sum()


TEXTS: Mapping[str, Callable[..., Array]] = {
    "layer_norm_weights": _layer_norm,
    "batch_norm_weights": _batch_norm,
    "soft_labels": lambda x: -(nn.softmax(x[:3]) * nn.log_softmax(x[3:])).sum(),
    "entropy": lambda x: -(nn.softmax(x) * nn.log_softmax(x)).sum(),
}
