"""The small GPT in Equinox."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from equinox import nn

from hessbench.backends.jax.natives.models import given
from hessbench.backends.jax.natives.models.given import Build, Parameters


def _outputs(p: Parameters, tokens: jax.Array, following: jax.Array) -> jax.Array:
    """Logits (b * t, vocabulary) of what follows tokens (b, t)."""
    del following
    length = tokens.shape[1]
    mask = jnp.tril(jnp.ones((length, length), dtype=bool))
    blocks = [given.encoder(part, mask) for part in p["blocks"]]
    table, positions = (nn.Embedding(weight=p[name]) for name in ("tokens", "positions"))
    norm = given.layer_norm(p["norm"])

    def logits(sentence: jax.Array) -> jax.Array:
        x = jax.vmap(table)(sentence) + jax.vmap(positions)(jnp.arange(length))
        for block in blocks:
            x = block(x)
        return jax.vmap(norm)(x) @ table.weight.T

    return jax.vmap(logits)(tokens).reshape(-1, p["tokens"].shape[0])


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss; layers are made of what they are given."""
    del shapes, dtype
    return _outputs, lambda logits, tokens, following: given.cross_entropy(logits, following.reshape(-1))
