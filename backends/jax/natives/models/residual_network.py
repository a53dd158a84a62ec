"""The residual network in Equinox, batch normalization in inference mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from hessbench.backends.jax.natives.models import given
from hessbench.backends.jax.natives.models.given import Build, Parameters

Layer = Callable[[jax.Array], jax.Array]


def _outputs(p: Parameters, images: jax.Array, labels: jax.Array, means: jax.Array, variances: jax.Array) -> jax.Array:
    """Logits (b, classes) of images (b, h, w, colors)."""
    del labels
    start = 0

    def normalization(part: Parameters) -> Layer:
        nonlocal start
        stop = start + part["scale"].shape[0]
        layer = given.batch_norm(part, means[start:stop], variances[start:stop])
        start = stop
        return layer

    stem, stem_norm = given.convolution(p["stem"]), normalization(p["stem_norm"])
    blocks = [_block(part, normalization) for part in p["blocks"]]
    head = given.dense(p["head"])

    def logits(image: jax.Array) -> jax.Array:
        x = jax.nn.silu(stem_norm(stem(image)))
        for block in blocks:
            x = block(x)
        return head(x.mean((1, 2)))

    return jax.vmap(logits)(jnp.moveaxis(images, 3, 1))


def _block(p: Parameters, normalization: Callable[[Parameters], Layer]) -> Layer:
    """Two convolutions beside a shortcut, which is a convolution where the width changes."""
    stride = 2 if "shortcut" in p else 1
    first, first_norm = given.convolution(p["first"], stride), normalization(p["first_norm"])
    second, second_norm = given.convolution(p["second"]), normalization(p["second_norm"])
    if stride == 1:
        return lambda x: jax.nn.silu(x + second_norm(second(jax.nn.silu(first_norm(first(x))))))
    shortcut, shortcut_norm = given.convolution(p["shortcut"], stride), normalization(p["shortcut_norm"])
    return lambda x: jax.nn.silu(shortcut_norm(shortcut(x)) + second_norm(second(jax.nn.silu(first_norm(first(x))))))


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss; layers are made of what they are given."""
    del shapes, dtype

    def loss(logits: jax.Array, images: jax.Array, labels: jax.Array, *statistics: Any) -> jax.Array:
        return given.cross_entropy(logits, labels)

    return _outputs, loss
