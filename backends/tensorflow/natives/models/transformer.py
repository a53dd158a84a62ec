"""A block of a transformer in Keras, whose attention is computed by products and softmax."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from hessbench.backends.tensorflow.natives.models.given import gelu, layer_norm


class Block(keras.layers.Layer):
    """Normalized before attention and before two dense layers.

    Args:
        shapes: The shapes of its parameters.
        causal: Whether a token sees only those before it.
    """

    def __init__(self, shapes: Any, causal: bool = False) -> None:
        super().__init__()
        width, heads, size = shapes["attention"]["query"]["kernel"]
        self.before_attention, self.before_dense = layer_norm(), layer_norm()
        self.attention = keras.layers.MultiHeadAttention(heads, size)
        self.expand = keras.layers.Dense(shapes["expand"]["bias"][0], activation=gelu)
        self.contract = keras.layers.Dense(width)
        self.causal = causal
        self.parts = (self.before_attention, self.attention, self.before_dense, self.expand, self.contract)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Sequences (b, t, width)."""
        y = self.before_attention(x)
        x = x + self.attention(y, y, use_causal_mask=self.causal)
        return x + self.contract(self.expand(self.before_dense(x)))
