"""Parameters as PyTorch's layers hold them, by name: kernels (in, out) are weights (out, in) there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

Build = tuple[Callable[..., torch.Tensor], Callable[..., torch.Tensor]]
"""Outputs(parameters, *data) and loss(outputs, *data)."""

Given = dict[str, torch.Tensor]
Parameters = Any
"""Nested dicts and lists of tensors, as `suites.models` lays them out."""


def made(make: Callable[[], nn.Module]) -> nn.Module:
    """A module without memory, in evaluation mode."""
    with torch.device("meta"):
        return make().eval()


def below(prefix: str, given: Given) -> Given:
    """The names of a part within the whole."""
    return {f"{prefix}.{name}": tensor for name, tensor in given.items()}


def dense(p: Parameters) -> Given:
    """Of `nn.Linear`."""
    return {"weight": p["kernel"].T, "bias": p["bias"]}


def norm(p: Parameters) -> Given:
    """Of `nn.LayerNorm` and `nn.BatchNorm2d`."""
    return {"weight": p["scale"], "bias": p["shift"]}


def convolution(p: Parameters) -> Given:
    """Of `nn.Conv2d`: (h, w, in, out) is (out, in, h, w) there."""
    return {"weight": p["kernel"].permute(3, 2, 0, 1)}


def attention(p: Parameters) -> Given:
    """Of `transformer.Attention`: one product for queries, keys and values."""
    inward, width = [p[name] for name in ("query", "key", "value")], p["output"]["bias"].shape[0]
    return {
        "inward.weight": torch.cat([part["kernel"].reshape(width, width) for part in inward], 1).T,
        "inward.bias": torch.cat([part["bias"].reshape(width) for part in inward]),
        "outward.weight": p["output"]["kernel"].reshape(width, width).T,
        "outward.bias": p["output"]["bias"],
    }
