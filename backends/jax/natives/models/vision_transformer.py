"""The vision transformer in Equinox."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from hessbench.backends.jax.natives.models import given
from hessbench.backends.jax.natives.models.given import Build, Parameters


def _outputs(p: Parameters, patches: jax.Array, labels: jax.Array) -> jax.Array:
    """Logits (b, classes) of images cut into patches (b, t, numbers)."""
    del labels
    embed, norm, head = given.dense(p["patches"]), given.layer_norm(p["norm"]), given.dense(p["head"])
    blocks = [given.encoder(part) for part in p["blocks"]]

    def logits(image: jax.Array) -> jax.Array:
        x = jnp.concatenate([p["class"][None], jax.vmap(embed)(image)]) + p["positions"]
        for block in blocks:
            x = block(x)
        return head(norm(x[0]))

    return jax.vmap(logits)(patches)


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss; layers are made of what they are given."""
    del shapes, dtype
    return _outputs, lambda logits, patches, labels: given.cross_entropy(logits, labels)
