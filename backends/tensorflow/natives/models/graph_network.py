"""The graph network in Keras: dense layers, and `unsorted_segment_sum` over edges."""

from __future__ import annotations

import keras
import tensorflow as tf

from hessbench.backends.tensorflow.natives.models.given import Build, Given, Parameters

Dense = keras.layers.Dense


class Round(keras.layers.Layer):
    """Messages along edges, and what the nodes make of them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.message, self.sent, self.update = (Dense(width, activation="silu") for _ in range(3))
        self.updated = Dense(width)
        self.parts = (self.message, self.sent, self.update, self.updated)

    def call(self, h: tf.Tensor, senders: tf.Tensor, receivers: tf.Tensor) -> tf.Tensor:
        """Nodes (nodes, width)."""
        ends = tf.concat([tf.gather(h, senders), tf.gather(h, receivers)], 1)
        arrived = tf.math.unsorted_segment_sum(self.sent(self.message(ends)), receivers, h.shape[0])
        return h + self.updated(self.update(tf.concat([h, arrived], 1)))


class GraphNetwork(keras.Model):
    """A dense layer, rounds of messages, a dense layer."""

    def __init__(self, width: int, rounds: int) -> None:
        super().__init__()
        self.encode, self.decode = Dense(width), Dense(1)
        self.rounds = [Round(width) for _ in range(rounds)]

    def call(self, features: tf.Tensor, senders: tf.Tensor, receivers: tf.Tensor) -> tf.Tensor:
        """A number for each node."""
        h = self.encode(features)
        for step in self.rounds:
            h = step(h, senders, receivers)
        return self.decode(h)[:, 0]


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""
    inputs, width = shapes["encode"]["kernel"]
    pair = tf.constant([0, 1], "int64")

    def parts(model: GraphNetwork) -> list[keras.layers.Layer]:
        return [model.encode, *(part for step in model.rounds for part in step.parts), model.decode]

    example = (tf.zeros((2, inputs), dtype), pair, pair)
    model = Given(lambda: GraphNetwork(width, len(shapes["rounds"])), dtype, shapes, parts, *example)

    def loss(found: tf.Tensor, *data: tf.Tensor) -> tf.Tensor:
        return 0.5 * tf.reduce_mean(tf.square(found - data[3]))

    return lambda p, *data: model(p, *data[:3]), loss
