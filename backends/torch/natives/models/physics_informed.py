"""The physics-informed network in PyTorch: the Laplacian is the trace of `torch.func.hessian` at each point."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.func import functional_call, hessian, vmap

from hessbench.backends.torch.natives.models import given
from hessbench.backends.torch.natives.models.given import Build, Given, Parameters, below


def _network(shapes: Parameters) -> nn.Module:
    """Dense layers with tanh between them."""
    widths = [shapes["layers"][0]["kernel"][0], *(part["bias"][0] for part in shapes["layers"])]
    layers = [layer for pair in pairwise(widths) for layer in (nn.Linear(*pair), nn.Tanh())]
    return nn.Sequential(*layers[:-1])


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""
    del dtype
    model = given.made(lambda: _network(shapes))

    def outputs(p: Parameters, inside: torch.Tensor, source: torch.Tensor, outside: torch.Tensor) -> torch.Tensor:
        parameters: Given = {}
        for i, part in enumerate(p["layers"]):
            parameters |= below(str(2 * i), given.dense(part))

        def u(point: torch.Tensor) -> torch.Tensor:
            return functional_call(model, parameters, (point,))[0]

        laplacian = vmap(lambda point: hessian(u)(point).diagonal().sum())(inside)
        residual = (laplacian + source) / inside.shape[0] ** 0.5
        return torch.cat([residual, vmap(u)(outside) / outside.shape[0] ** 0.5])

    return outputs, lambda found, *data: 0.5 * (found**2).sum()
