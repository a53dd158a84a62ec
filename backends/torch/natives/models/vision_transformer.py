"""The vision transformer in PyTorch."""

from __future__ import annotations

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from hessbench.backends.torch.natives.models import given, transformer
from hessbench.backends.torch.natives.models.given import Build, Parameters, below


class VisionTransformer(nn.Module):
    """Patches as tokens behind a class token, blocks, a dense layer on the class token."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        self.patches = nn.Linear(*shapes["patches"]["kernel"])
        self.first, self.positions = (nn.Parameter(torch.empty(shapes[name])) for name in ("class", "positions"))
        self.blocks = transformer.blocks(shapes)
        self.norm, self.head = nn.LayerNorm(shapes["norm"]["scale"]), nn.Linear(*shapes["head"]["kernel"])

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """Logits (b, classes) of images cut into patches (b, t, numbers)."""
        first = self.first.expand(patches.shape[0], 1, -1)
        x = torch.cat([first, self.patches(patches)], 1) + self.positions
        return self.head(self.norm(self.blocks(x)[:, 0]))


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""
    del dtype
    model = given.made(lambda: VisionTransformer(shapes))

    def outputs(p: Parameters, patches: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        parameters = {
            "first": p["class"],
            "positions": p["positions"],
            **below("patches", given.dense(p["patches"])),
            **transformer.all_blocks(p),
            **below("norm", given.norm(p["norm"])),
            **below("head", given.dense(p["head"])),
        }
        return functional_call(model, parameters, (patches,))

    return outputs, lambda logits, patches, labels: cross_entropy(logits, labels)
