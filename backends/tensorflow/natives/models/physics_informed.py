"""The physics-informed network in Keras: the Laplacian by two tapes, one for each coordinate."""

from __future__ import annotations

import keras
import tensorflow as tf

from hessbench.backends.tensorflow.natives.models.given import Build, Given, Parameters


def _network(shapes: Parameters) -> keras.Model:
    *hidden, last = [part["bias"][0] for part in shapes["layers"]]
    dense = [keras.layers.Dense(width, activation="tanh") for width in hidden]
    return keras.Sequential([*dense, keras.layers.Dense(last)])


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""
    model = Given(lambda: _network(shapes), dtype, shapes, lambda made: made.layers, tf.zeros((1, 2), dtype))

    def laplacian(p: Parameters, points: tf.Tensor) -> tf.Tensor:
        coordinates = tf.unstack(points, axis=1)
        with tf.GradientTape(persistent=True) as outer:
            outer.watch(coordinates)
            with tf.GradientTape() as inner:
                inner.watch(coordinates)
                u = model(p, tf.stack(coordinates, 1))
            slopes = inner.gradient(u, coordinates)  # each point's value depends on its own coordinates only
        return tf.add_n([outer.gradient(slope, at) for slope, at in zip(slopes, coordinates, strict=True)])

    def outputs(p: Parameters, inside: tf.Tensor, source: tf.Tensor, outside: tf.Tensor) -> tf.Tensor:
        residual = (laplacian(p, inside) + source) / inside.shape[0] ** 0.5
        return tf.concat([residual, model(p, outside)[:, 0] / outside.shape[0] ** 0.5], 0)

    return outputs, lambda found, *data: 0.5 * tf.reduce_sum(tf.square(found))
