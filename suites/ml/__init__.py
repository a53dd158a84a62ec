"""Machine learning: losses of small models, in closed form."""

from __future__ import annotations

from hessbench.suites.ml import (
    bundle,
    contrast,
    convolution,
    factors,
    hidden_layer,
    mixtures,
    normalization,
    sequences,
    softmax,
)

PROBLEMS = (
    *hidden_layer.PROBLEMS,
    *softmax.PROBLEMS,
    *normalization.PROBLEMS,
    *convolution.PROBLEMS,
    *factors.PROBLEMS,
    *mixtures.PROBLEMS,
    *sequences.PROBLEMS,
    *contrast.PROBLEMS,
    *bundle.PROBLEMS,
)
