"""A block of a transformer, as in timm and nanoGPT: PyTorch's layers around its scaled dot-product attention."""

from __future__ import annotations

from contextlib import nullcontext

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from hessbench.backends.torch.natives.models import given
from hessbench.backends.torch.natives.models.given import Given, Parameters, below


class Attention(nn.Module):
    """Self-attention. Unless it is fused it is computed by products, of which there are second derivatives."""

    def __init__(self, width: int, heads: int, causal: bool, fused: bool) -> None:
        super().__init__()
        self.inward, self.outward = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.heads, self.causal, self.fused = heads, causal, fused

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Sequences (b, t, width)."""
        batch, length, width = x.shape
        parts = self.inward(x).reshape(batch, length, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        with nullcontext() if self.fused else sdpa_kernel(SDPBackend.MATH):
            mixed = scaled_dot_product_attention(queries, keys, values, is_causal=self.causal)
        return self.outward(mixed.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    """Normalized before attention and before two dense layers."""

    def __init__(self, width: int, heads: int, hidden: int, causal: bool = False, fused: bool = False) -> None:
        super().__init__()
        self.before_attention, self.before_dense = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, causal, fused)
        self.dense = nn.Sequential(nn.Linear(width, hidden), nn.GELU(approximate="tanh"), nn.Linear(hidden, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Sequences (b, t, width)."""
        x = x + self.attention(self.before_attention(x))
        return x + self.dense(self.before_dense(x))


def blocks(shapes: Parameters, causal: bool = False, fused: bool = False) -> nn.Sequential:
    """The blocks of a model, from the shapes of their parameters."""
    made = []
    for part in shapes["blocks"]:
        width, heads, _ = part["attention"]["query"]["kernel"]
        made.append(Block(width, heads, part["expand"]["bias"][0], causal, fused))
    return nn.Sequential(*made)


def block(p: Parameters) -> Given:
    """The parameters of a `Block`."""
    return {
        **below("before_attention", given.norm(p["before_attention"])),
        **below("attention", given.attention(p["attention"])),
        **below("before_dense", given.norm(p["before_dense"])),
        **below("dense.0", given.dense(p["expand"])),
        **below("dense.2", given.dense(p["contract"])),
    }


def all_blocks(p: Parameters) -> Given:
    """The parameters of `blocks`."""
    return {f"blocks.{i}.{name}": at for i, part in enumerate(p["blocks"]) for name, at in block(part).items()}
