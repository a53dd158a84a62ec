"""The vision transformer in Keras."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from hessbench.backends.tensorflow.natives.models.given import Build, Given, Parameters, cross_entropy, layer_norm
from hessbench.backends.tensorflow.natives.models.transformer import Block


class Positions(keras.layers.Layer):
    """A class token before the others, and positions added to all."""

    def build(self, shape: Any) -> None:
        """Make the variables for tokens (b, t, width)."""
        self.first = self.add_weight(shape=(shape[2],), name="first")
        self.positions = self.add_weight(shape=(shape[1] + 1, shape[2]), name="positions")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Tokens (b, t, width)."""
        first = tf.broadcast_to(self.first, (tf.shape(x)[0], 1, x.shape[2]))
        return tf.concat([first, x], 1) + self.positions


class VisionTransformer(keras.Model):
    """Patches as tokens behind a class token, blocks, a dense layer on the class token."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        self.patches, self.head = (keras.layers.Dense(shapes[name]["bias"][0]) for name in ("patches", "head"))
        self.positions = Positions()
        self.blocks = [Block(part) for part in shapes["blocks"]]
        self.norm = layer_norm()

    def call(self, patches: tf.Tensor) -> tf.Tensor:
        """Logits (b, classes) of images cut into patches (b, t, numbers)."""
        x = self.positions(self.patches(patches))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""

    def parts(model: VisionTransformer) -> list[keras.layers.Layer]:
        blocks = [part for block in model.blocks for part in block.parts]
        return [model.patches, model.positions, *blocks, model.norm, model.head]

    tokens, numbers = shapes["positions"][0] - 1, shapes["patches"]["kernel"][0]
    model = Given(lambda: VisionTransformer(shapes), dtype, shapes, parts, tf.zeros((1, tokens, numbers), dtype))
    return lambda p, patches, labels: model(p, patches), lambda logits, patches, labels: cross_entropy(logits, labels)
