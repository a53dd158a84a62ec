"""A residual network of convolutions, with batch normalization by given statistics."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.models.layers import batch_norm, convolution, cross_entropy, dense, silu
from hessbench.suites.models.network import Network, problem
from hessbench.suites.models.parameters import convolution as kernel
from hessbench.suites.models.parameters import dense as linear
from hessbench.suites.models.parameters import norm

CLASSES, COLORS = 10, 3


class Configuration(NamedTuple):
    """Widths double from stage to stage, while the sides of the images are halved."""

    width: int
    stages: int
    blocks: int
    side: int
    batch: int


def _block(inputs: int, outputs: int) -> dict[str, Any]:
    parts = {
        "first": kernel(3, inputs, outputs),
        "first_norm": norm(outputs),
        "second": kernel(3, outputs, outputs),
        "second_norm": norm(outputs),
    }
    if inputs == outputs:
        return parts
    return {**parts, "shortcut": kernel(1, inputs, outputs), "shortcut_norm": norm(outputs)}


def _parameters(c: Configuration) -> dict[str, Any]:
    widths = [c.width * 2**stage for stage in range(c.stages) for _ in range(c.blocks)]
    blocks = [_block(inputs, outputs) for inputs, outputs in zip([c.width, *widths], widths, strict=False)]
    stem = {"stem": kernel(3, COLORS, c.width), "stem_norm": norm(c.width)}
    return {**stem, "blocks": blocks, "head": linear(widths[-1], CLASSES)}


def _data(c: Configuration, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Images (b, side, side, 3), labels (b,), and means and variances of all normalized channels, in their order."""
    images = rng.standard_normal((c.batch, c.side, c.side, COLORS))
    channels = c.width
    for block in _parameters(c)["blocks"]:
        channels += sum(part["scale"].shape[0] for name, part in block.items() if name.endswith("norm"))
    labels = rng.integers(CLASSES, size=c.batch)
    return images, labels, 0.1 * rng.standard_normal(channels), rng.uniform(0.5, 1.5, channels)


def _outputs(xp: Any, p: Any, images: Any, labels: Any, means: Any, variances: Any) -> Any:
    del labels
    start = 0

    def normalized(part: Any, x: Any) -> Any:
        nonlocal start
        stop = start + part["scale"].shape[0]
        y = batch_norm(xp, part, x, means[start:stop], variances[start:stop])
        start = stop
        return y

    x = silu(xp, normalized(p["stem_norm"], convolution(xp, p["stem"], images)))
    for block in p["blocks"]:
        stride = 2 if "shortcut" in block else 1
        y = silu(xp, normalized(block["first_norm"], convolution(xp, block["first"], x, stride)))
        y = normalized(block["second_norm"], convolution(xp, block["second"], y))
        if "shortcut" in block:
            x = normalized(block["shortcut_norm"], convolution(xp, block["shortcut"], x, stride))
        x = silu(xp, x + y)
    return dense(xp, p["head"], xp.mean(x, axis=(1, 2)))


def _loss(xp: Any, logits: Any, images: Any, labels: Any, means: Any, variances: Any) -> Any:
    del images, means, variances
    return cross_entropy(xp, logits, labels)


NETWORK = Network(
    "residual_network",
    _outputs,
    _loss,
    _parameters,
    _data,
    (Configuration(2, 2, 1, 4, 2), Configuration(8, 3, 1, 16, 8), Configuration(12, 3, 2, 16, 16)),
    (Configuration(64, 4, 2, 32, 512),),
)


def _objective(xp: Any, x: Any, images: Any, labels: Any, means: Any, variances: Any) -> Any:
    r"""f(x) = the mean cross-entropy of a residual network of 3 x 3 convolutions, ten classes.

    $$f = -\tfrac1m \sum_k \log p_{y_k}(a_k), \quad h \leftarrow \sigma\bigl(h + N(K_2 * \sigma(N(K_1 * h)))\bigr),
    \quad N(h) = \gamma \frac{h - \mu}{\sqrt{v + 10^{-5}}} + \beta$$
    with given $\mu$ and $v$, and $\sigma(t) = t / (1 + e^{-t})$
    """
    return NETWORK.value(xp, x, images, labels, means, variances)


residual_network = problem(
    NETWORK,
    _objective,
    source="He et al. 2016, Deep residual learning for image recognition, arXiv:1512.03385, section 4.2",
    convention="running statistics of batch normalization are data, as in evaluation mode; SiLU in the place of ReLU, "
    "whose second derivative is zero; on a GPU the 11 million parameters of ResNet18, batches of 512 as in curvlinops",
    tags=("models", "nonconvex", "dense"),
)
