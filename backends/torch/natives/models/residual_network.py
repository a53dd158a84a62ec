"""The residual network in PyTorch, batch normalization in evaluation mode."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import cross_entropy, silu

from hessbench.backends.torch.natives.models import given
from hessbench.backends.torch.natives.models.given import Build, Given, Parameters, below


class Block(nn.Module):
    """Two convolutions beside a shortcut, which is a convolution where the width changes."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        *_, inputs, outputs = shapes["first"]["kernel"]
        stride = 2 if "shortcut" in shapes else 1
        self.first = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.first_norm, self.second_norm = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.widens = stride == 2
        if self.widens:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.shortcut_norm = nn.BatchNorm2d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Images (b, channels, h, w)."""
        y = self.second_norm(self.second(silu(self.first_norm(self.first(x)))))
        return silu(y + (self.shortcut_norm(self.shortcut(x)) if self.widens else x))


class ResidualNetwork(nn.Module):
    """A convolution, blocks, the mean over pixels, a dense layer."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        *_, colors, width = shapes["stem"]["kernel"]
        self.stem, self.stem_norm = nn.Conv2d(colors, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.blocks = nn.Sequential(*(Block(part) for part in shapes["blocks"]))
        self.head = nn.Linear(*shapes["head"]["kernel"])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (b, classes) of images (b, h, w, colors)."""
        x = silu(self.stem_norm(self.stem(images.permute(0, 3, 1, 2).contiguous())))
        return self.head(self.blocks(x).mean((2, 3)))


def _weights(p: Parameters) -> Given:
    """The parameters of the model's convolutions and normalizations, or of a block's."""
    found: Given = {}
    for name, part in p.items():
        if name.endswith("norm"):
            found |= below(name, given.norm(part))
        elif name in ("stem", "first", "second", "shortcut"):
            found |= below(name, given.convolution(part))
    return found


def _statistics(p: Parameters, means: torch.Tensor, variances: torch.Tensor) -> Given:
    """Means and variances of all channels, as buffers of the normalizations in their order."""
    found: Given = {}
    start = 0
    for prefix, part in [("", p), *((f"blocks.{i}.", block) for i, block in enumerate(p["blocks"]))]:
        for name in [name for name in part if name.endswith("norm")]:
            stop = start + part[name]["scale"].shape[0]
            found[f"{prefix}{name}.running_mean"] = means[start:stop]
            found[f"{prefix}{name}.running_var"] = variances[start:stop]
            start = stop
    return found


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""
    del dtype
    model = given.made(lambda: ResidualNetwork(shapes))

    def outputs(p: Parameters, images: torch.Tensor, labels: torch.Tensor, *statistics: torch.Tensor) -> torch.Tensor:
        parameters = {**_weights(p), **below("head", given.dense(p["head"])), **_statistics(p, *statistics)}
        for i, block in enumerate(p["blocks"]):
            parameters |= below(f"blocks.{i}", _weights(block))
        return functional_call(model, parameters, (images,))

    def loss(logits: torch.Tensor, images: torch.Tensor, labels: torch.Tensor, *statistics: Any) -> torch.Tensor:
        return cross_entropy(logits, labels)

    return outputs, loss
