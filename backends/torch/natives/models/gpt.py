"""The small GPT in PyTorch."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy, linear

from hessbench.backends.torch.natives.models import given, transformer
from hessbench.backends.torch.natives.models.given import Build, Parameters, below


class GPT(nn.Module):
    """Tokens, positions, causal blocks, and the table of tokens once more."""

    def __init__(self, shapes: Parameters, fused: bool) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(*shapes["tokens"]), nn.Embedding(*shapes["positions"])
        self.blocks = transformer.blocks(shapes, causal=True, fused=fused)
        self.norm = nn.LayerNorm(shapes["norm"]["scale"])

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits (b * t, vocabulary) of what follows tokens (b, t)."""
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1], device=tokens.device))
        return linear(self.norm(self.blocks(x)), self.tokens.weight).flatten(0, 1)


def build(shapes: Parameters, dtype: str, fused: bool = False) -> Build:
    """Outputs and loss, for parameters of these shapes."""
    del dtype
    model = given.made(lambda: GPT(shapes, fused))

    def outputs(p: Parameters, tokens: torch.Tensor, following: torch.Tensor) -> torch.Tensor:
        parameters = {
            "tokens.weight": p["tokens"],
            "positions.weight": p["positions"],
            **transformer.all_blocks(p),
            **below("norm", given.norm(p["norm"])),
        }
        return functional_call(model, parameters, (tokens,))

    return outputs, lambda logits, tokens, following: cross_entropy(logits, following.flatten())


build_fused = partial(build, fused=True)
