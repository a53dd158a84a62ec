"""The residual network in Keras, batch normalization in inference mode."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from hessbench.backends.tensorflow.natives.models.given import EPSILON, Build, Given, Parameters, cross_entropy

silu = keras.activations.silu


def _convolution(shape: tuple[int, ...], stride: int = 1) -> keras.layers.Layer:
    """Zeros around images as in PyTorch: with strides Keras' own "same" puts them elsewhere."""
    padding = "valid" if stride > 1 else "same"
    return keras.layers.Conv2D(shape[3], shape[0], stride, padding, use_bias=False)


def _normalization() -> keras.layers.Layer:
    return keras.layers.BatchNormalization(epsilon=EPSILON)


class Block(keras.layers.Layer):
    """Two convolutions beside a shortcut, which is a convolution where the width changes."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        self.widens = "shortcut" in shapes
        stride = 2 if self.widens else 1
        self.around = keras.layers.ZeroPadding2D(1)
        self.first = _convolution(shapes["first"]["kernel"], stride)
        self.second = _convolution(shapes["second"]["kernel"])
        self.first_norm, self.second_norm = _normalization(), _normalization()
        self.parts = [self.first, self.first_norm, self.second, self.second_norm]
        if self.widens:
            self.shortcut, self.shortcut_norm = _convolution(shapes["shortcut"]["kernel"], stride), _normalization()
            self.parts += [self.shortcut, self.shortcut_norm]

    def build(self, shape: tuple[int, ...]) -> None:
        """Nothing of its own: the parts are built where they are called first. Without this Keras warns."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Images (b, h, w, channels)."""
        y = self.first_norm(self.first(self.around(x) if self.widens else x))
        y = self.second_norm(self.second(silu(y)))
        return silu(y + (self.shortcut_norm(self.shortcut(x)) if self.widens else x))


class ResidualNetwork(keras.Model):
    """A convolution, blocks, the mean over pixels, a dense layer."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        self.stem, self.stem_norm = _convolution(shapes["stem"]["kernel"]), _normalization()
        self.blocks = [Block(part) for part in shapes["blocks"]]
        self.pool, self.head = keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(shapes["head"]["bias"][0])

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Logits (b, classes) of images (b, h, w, colors)."""
        x = silu(self.stem_norm(self.stem(images)))
        for block in self.blocks:
            x = block(x)
        return self.head(self.pool(x))


def _parts(model: ResidualNetwork) -> list[keras.layers.Layer]:
    blocks = [part for block in model.blocks for part in block.parts]
    return [model.stem, model.stem_norm, *blocks, model.head]


def _statistics(p: Parameters, means: tf.Tensor, variances: tf.Tensor) -> list[tf.Tensor]:
    """Mean and variance of each normalization in turn, of all channels in their order."""
    found, start = [], 0
    for part in (p, *p["blocks"]):
        for name in [name for name in part if name.endswith("norm")]:
            stop = start + part[name]["scale"].shape[0]
            found += [means[start:stop], variances[start:stop]]
            start = stop
    return found


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""
    side = 2 ** len(shapes["blocks"])
    example = tf.zeros((1, side, side, shapes["stem"]["kernel"][2]), dtype)
    model = Given(lambda: ResidualNetwork(shapes), dtype, shapes, _parts, example)

    def outputs(p: Parameters, images: tf.Tensor, labels: tf.Tensor, *statistics: tf.Tensor) -> tf.Tensor:
        return model(p, images, statistics=_statistics(p, *statistics))

    def loss(logits: tf.Tensor, images: tf.Tensor, labels: tf.Tensor, *statistics: Any) -> tf.Tensor:
        return cross_entropy(logits, labels)

    return outputs, loss
