"""The canaries of PyTorch, by theme; their native texts are in `backends/torch/natives.py`."""

from __future__ import annotations

from hessbench.suites.canaries import functions, layers, linalg, losses, normalization, products

PROBLEMS = (
    *normalization.PROBLEMS,
    *linalg.PROBLEMS,
    *products.PROBLEMS,
    *functions.PROBLEMS,
    *losses.PROBLEMS,
    *layers.PROBLEMS,
)
