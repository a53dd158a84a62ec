"""The graph network in PyTorch: dense layers, and `index_add` over edges."""

from __future__ import annotations

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.functional import mse_loss, silu

from hessbench.backends.torch.natives.models import given
from hessbench.backends.torch.natives.models.given import Build, Parameters, below

LAYERS = ("message", "sent", "update", "updated")


class Round(nn.Module):
    """Messages along edges, and what the nodes make of them."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        self.message, self.sent, self.update, self.updated = (nn.Linear(*shapes[name]["kernel"]) for name in LAYERS)

    def forward(self, h: torch.Tensor, senders: torch.Tensor, receivers: torch.Tensor) -> torch.Tensor:
        """Nodes (nodes, width)."""
        messages = silu(self.sent(silu(self.message(torch.cat([h[senders], h[receivers]], 1)))))
        arrived = torch.zeros_like(h).index_add(0, receivers, messages)
        return h + self.updated(silu(self.update(torch.cat([h, arrived], 1))))


class GraphNetwork(nn.Module):
    """A dense layer, rounds of messages, a dense layer."""

    def __init__(self, shapes: Parameters) -> None:
        super().__init__()
        self.encode, self.decode = (nn.Linear(*shapes[name]["kernel"]) for name in ("encode", "decode"))
        self.rounds = nn.ModuleList(Round(part) for part in shapes["rounds"])

    def forward(self, features: torch.Tensor, senders: torch.Tensor, receivers: torch.Tensor) -> torch.Tensor:
        """A number for each node."""
        h = self.encode(features)
        for step in self.rounds:
            h = step(h, senders, receivers)
        return self.decode(h)[:, 0]


def build(shapes: Parameters, dtype: str) -> Build:
    """Outputs and loss, for parameters of these shapes."""
    del dtype
    model = given.made(lambda: GraphNetwork(shapes))

    def outputs(p: Parameters, *data: torch.Tensor) -> torch.Tensor:
        parameters = {**below("encode", given.dense(p["encode"])), **below("decode", given.dense(p["decode"]))}
        for i, step in enumerate(p["rounds"]):
            for name in LAYERS:
                parameters |= below(f"rounds.{i}.{name}", given.dense(step[name]))
        return functional_call(model, parameters, data[:3])

    return outputs, lambda found, *data: 0.5 * mse_loss(found, data[3])
