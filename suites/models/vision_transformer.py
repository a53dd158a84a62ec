"""A vision transformer: patches of images as tokens, encoder blocks, a class token."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.models.layers import cross_entropy, dense, encoder, layer_norm
from hessbench.suites.models.network import Network, problem
from hessbench.suites.models.parameters import Parameter, attention, norm
from hessbench.suites.models.parameters import dense as linear

CLASSES, COLORS, EXPANSION = 10, 3, 4


class Configuration(NamedTuple):
    """Square images in square patches.

    Heads have a size that is a power of four: Keras rounds the root of others to float32, in float64 too (3.15).
    """

    width: int
    heads: int
    blocks: int
    side: int
    patch: int
    batch: int


def block(width: int, heads: int) -> dict[str, Any]:
    """The parameters of an encoder block."""
    return {
        "before_attention": norm(width),
        "attention": attention(width, heads),
        "before_dense": norm(width),
        "expand": linear(width, EXPANSION * width),
        "contract": linear(EXPANSION * width, width),
    }


def _parameters(c: Configuration) -> dict[str, Any]:
    tokens = 1 + (c.side // c.patch) ** 2
    return {
        "patches": linear(COLORS * c.patch**2, c.width),
        "class": Parameter((c.width,)),
        "positions": Parameter((tokens, c.width)),
        "blocks": [block(c.width, c.heads) for _ in range(c.blocks)],
        "norm": norm(c.width),
        "head": linear(c.width, CLASSES),
    }


def _data(c: Configuration, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Images cut into patches, (b, patches, patch^2 * 3), and labels (b,)."""
    images = rng.standard_normal((c.batch, (c.side // c.patch) ** 2, COLORS * c.patch**2))
    return images, rng.integers(CLASSES, size=c.batch)


def _outputs(xp: Any, p: Any, patches: Any, labels: Any) -> Any:
    del labels
    embedded = dense(xp, p["patches"], patches)
    first = xp.broadcast_to(p["class"], (patches.shape[0], 1, p["class"].shape[0]))
    x = xp.concat([first, embedded], axis=1) + p["positions"]
    for part in p["blocks"]:
        x = encoder(xp, part, x)
    return dense(xp, p["head"], layer_norm(xp, p["norm"], x[:, 0]))


def _loss(xp: Any, logits: Any, patches: Any, labels: Any) -> Any:
    del patches
    return cross_entropy(xp, logits, labels)


NETWORK = Network(
    "vision_transformer",
    _outputs,
    _loss,
    _parameters,
    _data,
    (Configuration(8, 2, 1, 4, 2, 2), Configuration(16, 4, 3, 16, 4, 4), Configuration(48, 3, 3, 16, 4, 8)),
    (Configuration(384, 6, 12, 224, 16, 64),),
)


def _objective(xp: Any, x: Any, patches: Any, labels: Any) -> Any:
    r"""f(x) = the mean cross-entropy of a vision transformer, ten classes.

    $$f = -\tfrac1m \sum_k \log p_{y_k}(a_k), \quad h \leftarrow h + A(N(h)), \quad h \leftarrow h + W_2\, g(W_1 N(h))$$
    with attention $A$, layer normalization $N$, GELU $g$ in its tanh form
    """
    return NETWORK.value(xp, x, patches, labels)


vision_transformer = problem(
    NETWORK,
    _objective,
    source="Dosovitskiy et al. 2021, An image is worth 16 x 16 words, arXiv:2010.11929, section 3.1",
    convention="images come cut into patches; no dropout; attention by products and softmax, of which there are second "
    "derivatives; on a GPU the 22 million parameters of ViT-S/16",
    tags=("models", "nonconvex", "dense"),
)
