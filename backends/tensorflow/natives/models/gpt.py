"""The small GPT in Keras."""

from __future__ import annotations

import keras
import tensorflow as tf

from hessbench.backends.tensorflow.natives.models.given import Build, Given, Parameters, cross_entropy, layer_norm
from hessbench.backends.tensorflow.natives.models.transformer import Block


class GPT(keras.Model):
    """Tokens, positions, causal blocks, and the table of tokens once more."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        self.tokens = keras.layers.ReversibleEmbedding(*shapes["tokens"])
        self.positions = keras.layers.Embedding(*shapes["positions"])
        self.blocks = [Block(part, causal=True) for part in shapes["blocks"]]
        self.norm = layer_norm()

    def call(self, tokens: tf.Tensor) -> tf.Tensor:
        """Logits (b * t, vocabulary) of what follows tokens (b, t)."""
        x = self.tokens(tokens) + self.positions(tf.range(tokens.shape[1]))
        for block in self.blocks:
            x = block(x)
        logits = self.tokens(self.norm(x), reverse=True)
        return tf.reshape(logits, (-1, logits.shape[-1]))


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""

    def parts(model: GPT) -> list[keras.layers.Layer]:
        return [model.tokens, model.positions, *(part for block in model.blocks for part in block.parts), model.norm]

    example = tf.zeros((1, shapes["positions"][0]), "int64")
    model = Given(lambda: GPT(shapes), dtype, shapes, parts, example)

    def loss(logits: tf.Tensor, tokens: tf.Tensor, following: tf.Tensor) -> tf.Tensor:
        return cross_entropy(logits, tf.reshape(following, (-1,)))

    return lambda p, tokens, following: model(p, tokens), loss
