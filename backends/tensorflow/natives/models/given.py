"""Keras models that take their parameters as an argument: kernels lie there as `suites.models` lays them out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

Build = tuple[Callable[..., tf.Tensor], Callable[..., tf.Tensor]]
"""Outputs(parameters, *data) and loss(outputs, *data)."""

Parameters = Any
"""Nested dicts and lists of tensors, as `suites.models` lays them out."""

EPSILON = 1e-5


def leaves(parameters: Parameters) -> Iterator[Any]:
    """The arrays of nested parameters, or their shapes, in order."""
    if not isinstance(parameters, dict | list):
        yield parameters
        return
    for part in parameters.values() if isinstance(parameters, dict) else parameters:
        yield from leaves(part)


def gelu(x: tf.Tensor) -> tf.Tensor:
    """GELU in its tanh form, written out: `tf.nn.gelu` rounds its constant to float32, in float64 too (2.21)."""
    return 0.5 * x * (1 + tf.tanh((2 / math.pi) ** 0.5 * (x + 0.044715 * x**3)))


def layer_norm() -> keras.layers.Layer:
    """A layer normalization with the epsilon of the suite."""
    return keras.layers.LayerNormalization(epsilon=EPSILON)


class Given:
    """A Keras model whose variables are arguments.

    Args:
        make: Makes the model.
        dtype: The dtype in which it computes.
        shapes: The shapes of its nested parameters.
        parts: Gives the layers of a model in the order of these parameters.
        inputs: Arguments of a first call, which makes the variables.
    """

    def __init__(
        self,
        make: Callable[[], keras.Model],
        dtype: str,
        shapes: Parameters,
        parts: Callable[[Any], Sequence[keras.layers.Layer]],
        *inputs: tf.Tensor,
    ) -> None:
        policy = keras.config.dtype_policy()
        keras.config.set_dtype_policy(dtype)
        try:
            self._model = make()
            self._model(*inputs)
        finally:
            keras.config.set_dtype_policy(policy)
        ordered = [variable for part in parts(self._model) for variable in part.trainable_variables]
        assert [tuple(variable.shape) for variable in ordered] == list(leaves(shapes)), "Keras has another order"
        places = {id(variable): place for place, variable in enumerate(ordered)}
        self._places = [places[id(variable)] for variable in self._model.trainable_variables]

    def __call__(self, parameters: Parameters, *inputs: tf.Tensor, statistics: Sequence[tf.Tensor] = ()) -> tf.Tensor:
        """The model at these parameters.

        Args:
            parameters: Nested, of the shapes that it was made for.
            *inputs: What the model takes.
            statistics: The variables that are not trained, in Keras' order.

        Returns:
            What the model returns.
        """
        given = list(leaves(parameters))
        trained = [given[place] for place in self._places]
        return self._model.stateless_call(trained, list(statistics), *inputs)[0]


def cross_entropy(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """The mean loss of logits (m, classes) against labels (m,)."""
    return tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))
