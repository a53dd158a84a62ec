"""Equinox's layers around given parameters: kernels (in, out) are weights (out, in) there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from equinox import nn

Build = tuple[Callable[..., jax.Array], Callable[..., jax.Array]]
"""Outputs(parameters, *data) and loss(outputs, *data)."""

Parameters = Any
"""Nested dicts and lists of arrays, as `suites.models` lays them out."""

gelu = partial(jax.nn.gelu, approximate=True)


def _filled(make: Callable[..., Any], where: Callable[[Any], Any], *parameters: jax.Array) -> Any:
    """A layer with these parameters; its own are not drawn, only their shapes are."""
    return eqx.tree_at(where, eqx.filter_eval_shape(make, key=jax.random.key(0)), list(parameters))


def dense(p: Parameters) -> nn.Linear:
    """A dense layer."""
    make = partial(nn.Linear, *p["kernel"].shape)
    return _filled(make, lambda layer: [layer.weight, layer.bias], p["kernel"].T, p["bias"])


def layer_norm(p: Parameters) -> nn.LayerNorm:
    """A layer normalization."""
    make = lambda key: nn.LayerNorm(p["scale"].shape)  # noqa: E731
    return _filled(make, lambda layer: [layer.weight, layer.bias], p["scale"], p["shift"])


def convolution(p: Parameters, stride: int = 1) -> nn.Conv2d:
    """A convolution of images (channels, h, w) with zeros around: (h, w, in, out) is (out, in, h, w) there."""
    size, _, inputs, outputs = p["kernel"].shape
    make = partial(nn.Conv2d, inputs, outputs, size, stride, size // 2, use_bias=False)
    return _filled(make, lambda layer: [layer.weight], p["kernel"].transpose(3, 2, 0, 1))


def batch_norm(p: Parameters, mean: jax.Array, variance: jax.Array) -> Callable[[jax.Array], jax.Array]:
    """A batch normalization that infers: by given statistics, which Equinox keeps in a state beside the layer."""
    layer = nn.BatchNorm(mean.shape[0], "batch", mode="ema", inference=True, dtype=mean.dtype)
    assert layer.ema_state_index is not None
    state = nn.State(layer).set(layer.ema_state_index, (mean, variance))
    layer = eqx.tree_at(lambda one: (one.weight, one.bias), layer, (p["scale"], p["shift"]))
    return lambda x: layer(x, state)[0]


def attention(p: Parameters) -> nn.MultiheadAttention:
    """Self-attention, which Equinox computes by products and softmax."""
    width, heads, _ = p["query"]["kernel"].shape
    biases = dict.fromkeys(("use_query_bias", "use_key_bias", "use_value_bias", "use_output_bias"), True)
    inward = [p[name] for name in ("query", "key", "value")]

    def where(layer: nn.MultiheadAttention) -> list[Any]:
        parts = layer.query_proj, layer.key_proj, layer.value_proj, layer.output_proj
        return [array for part in parts for array in (part.weight, part.bias)]

    matrices = [(part["kernel"].reshape(width, width).T, part["bias"].reshape(width)) for part in inward]
    matrices.append((p["output"]["kernel"].reshape(width, width).T, p["output"]["bias"]))
    arrays = [array for pair in matrices for array in pair]
    return _filled(partial(nn.MultiheadAttention, heads, width, **biases), where, *arrays)


def encoder(p: Parameters, mask: jax.Array | None = None) -> Callable[[jax.Array], jax.Array]:
    """A block of a transformer on one sequence (t, width), normalized before attention and before two dense layers."""
    before_attention, before_dense = layer_norm(p["before_attention"]), layer_norm(p["before_dense"])
    mix, expand, contract = attention(p["attention"]), dense(p["expand"]), dense(p["contract"])

    def block(x: jax.Array) -> jax.Array:
        y = jax.vmap(before_attention)(x)
        x = x + mix(y, y, y, mask)
        return x + jax.vmap(lambda token: contract(gelu(expand(before_dense(token)))))(x)

    return block


def cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """The mean loss of logits (m, classes) against labels (m,)."""
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1)
    return -chosen.mean()
