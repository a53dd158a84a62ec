"""The canaries of PyTorch, by theme; their native texts are in `backends/torch/natives.py`."""

from __future__ import annotations

from suites import (
    canaries_functions,
    canaries_layers,
    canaries_linalg,
    canaries_losses,
    canaries_normalization,
    canaries_products,
)

PROBLEMS = (
    *canaries_normalization.PROBLEMS,
    *canaries_linalg.PROBLEMS,
    *canaries_products.PROBLEMS,
    *canaries_functions.PROBLEMS,
    *canaries_losses.PROBLEMS,
    *canaries_layers.PROBLEMS,
)
