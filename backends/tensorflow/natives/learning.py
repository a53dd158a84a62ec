"""Layers whose weights are among the variables, and losses whose targets are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

tf = Lazy("tensorflow")

EPSILON = 1e-5


def _normalized(table: Array, axes: list[int], gain: Array, shift: Array, w: Array) -> Array:
    mean, variance = tf.nn.moments(table, axes, keepdims=True)
    return tf.reduce_sum(w * tf.nn.batch_normalization(table, mean, variance, shift, gain, EPSILON) ** 3)


def _layer_norm(x: Array, w: Array) -> Array:
    return _normalized(tf.reshape(x[:6], (2, 3)), [1], x[6:9], x[9:], w)


def _batch_norm(x: Array, w: Array) -> Array:
    return _normalized(tf.reshape(x[:6], (3, 2)), [0], x[6:8], x[8:], w)


@functools.cache
def _made(name: str, dtype: str) -> Any:
    """A layer, made once and outside of any program that is being traced; its own weights are never used."""
    keras = tf.keras
    with tf.init_scope():
        if name == "network":
            made = keras.Sequential([keras.layers.Dense(2, "tanh", dtype=dtype), keras.layers.Dense(1, dtype=dtype)])
            made.build((None, 2))
        else:
            made = keras.layers.LayerNormalization(epsilon=EPSILON, dtype=dtype)
            made.build((None, 3))
    return made


def _keras_layer_normalization(x: Array, w: Array) -> Array:
    layer = _made("layer_normalization", x.dtype.name)
    outputs, _ = layer.stateless_call([x[6:9], x[9:]], [], tf.reshape(x[:6], (2, 3)))
    return tf.reduce_sum(w * outputs**3)


def _network(x: Array, inputs: Array) -> Array:
    given = [tf.transpose(tf.reshape(x[:4], (2, 2))), x[4:6], tf.reshape(x[6:8], (2, 1)), x[8:]]
    outputs, _ = _made("network", x.dtype.name).stateless_call(given, [], inputs)
    return tf.reduce_sum(outputs**2)


def _binary_labels(x: Array) -> Array:
    return tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(tf.sigmoid(x[:2]), x[2:]))


def _keras_soft_labels(x: Array) -> Array:
    return tf.keras.losses.categorical_crossentropy(tf.nn.softmax(x[None, :3]), x[None, 3:], from_logits=True)[0]


def _probable_labels(x: Array) -> Array:
    return 2 * tf.keras.losses.binary_crossentropy(tf.sigmoid(x[:2]), tf.sigmoid(x[2:]))


TEXTS: Mapping[str, Callable[..., Array]] = {
    "layer_norm_weights": _layer_norm,
    "batch_norm_weights": _batch_norm,
    "keras_layer_normalization_weights": _keras_layer_normalization,
    "network": _network,
    "soft_labels": lambda x: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x[:3]), x[3:]),
    "keras_soft_labels": _keras_soft_labels,
    "entropy": lambda x: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x), x),
    "binary_labels": _binary_labels,
    "probable_labels": _probable_labels,
    "mse_loss": lambda x: tf.keras.losses.MeanSquaredError(dtype=x.dtype.name)(x[:2], tf.exp(x[2:])),
    "poisson_loss": lambda x: tf.reduce_sum(tf.nn.log_poisson_loss(tf.exp(x[2:]), x[:2])),
}
