"""A small GPT: tokens, causal encoder blocks, and the table of tokens once more as the last layer."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.models.layers import cross_entropy, embedded, encoder, layer_norm
from hessbench.suites.models.network import Network, problem
from hessbench.suites.models.parameters import Parameter, norm
from hessbench.suites.models.vision_transformer import block


class Configuration(NamedTuple):
    """As in nanoGPT: n_embd, n_head, n_layer, vocab_size, block_size, batch_size."""

    width: int
    heads: int
    blocks: int
    vocabulary: int
    context: int
    batch: int


def _parameters(c: Configuration) -> dict[str, Any]:
    return {
        "tokens": Parameter((c.vocabulary, c.width)),
        "positions": Parameter((c.context, c.width)),
        "blocks": [block(c.width, c.heads) for _ in range(c.blocks)],
        "norm": norm(c.width),
    }


def _data(c: Configuration, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Tokens (b, context) and those that follow them."""
    text = rng.integers(c.vocabulary, size=(c.batch, c.context + 1))
    return text[:, :-1].copy(), text[:, 1:].copy()


def _outputs(xp: Any, p: Any, tokens: Any, following: Any) -> Any:
    del following
    x = embedded(xp, p["tokens"], tokens) + p["positions"]
    for part in p["blocks"]:
        x = encoder(xp, part, x, causal=True)
    logits = xp.matmul(layer_norm(xp, p["norm"], x), xp.matrix_transpose(p["tokens"]))
    return xp.reshape(logits, (-1, p["tokens"].shape[0]))


def _loss(xp: Any, logits: Any, tokens: Any, following: Any) -> Any:
    del tokens
    return cross_entropy(xp, logits, xp.reshape(following, (-1,)))


NETWORK = Network(
    "gpt",
    _outputs,
    _loss,
    _parameters,
    _data,
    (Configuration(8, 2, 1, 7, 5, 2), Configuration(16, 4, 3, 65, 16, 4), Configuration(48, 3, 3, 65, 32, 4)),
    (Configuration(384, 6, 6, 65, 256, 4),),
)


def _objective(xp: Any, x: Any, tokens: Any, following: Any) -> Any:
    r"""f(x) = the mean cross-entropy of the next token under a small GPT, its table of tokens used at both ends.

    $$f = -\tfrac1m \sum_k \log p(t_{k+1} \mid t_1, \ldots, t_k), \quad h \leftarrow h + A(N(h)), \quad
    h \leftarrow h + W_2\, g(W_1 N(h)), \quad p = \operatorname{softmax}(E\, N(h))$$
    with causal attention $A$, layer normalization $N$, GELU $g$ in its tanh form
    """
    return NETWORK.value(xp, x, tokens, following)


SOURCE = (
    "Radford et al. 2019, Language models are unsupervised multitask learners; Karpathy, nanoGPT, "
    "https://github.com/karpathy/nanoGPT"
)

gpt = problem(
    NETWORK,
    _objective,
    source=SOURCE,
    convention="no dropout; biases everywhere; attention by products and softmax, of which there are second "
    "derivatives (`gpt_fused`: the frameworks' fused one); on a GPU the 10.7 million parameters of nanoGPT's "
    "Shakespeare model, batches of 4 as in curvlinops",
    tags=("models", "nonconvex", "dense"),
)
