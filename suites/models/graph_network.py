"""A graph network: messages along edges, summed where they arrive."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.models.layers import dense, silu
from hessbench.suites.models.network import Network, problem
from hessbench.suites.models.parameters import dense as linear

FEATURES = 3


class Configuration(NamedTuple):
    """Every node is sent messages by so many others: its degree."""

    width: int
    rounds: int
    nodes: int
    degree: int


def _round(width: int) -> dict[str, Any]:
    return {
        "message": linear(2 * width, width),
        "sent": linear(width, width),
        "update": linear(2 * width, width),
        "updated": linear(width, width),
    }


def _parameters(c: Configuration) -> dict[str, Any]:
    rounds = [_round(c.width) for _ in range(c.rounds)]
    return {"encode": linear(FEATURES, c.width), "rounds": rounds, "decode": linear(c.width, 1)}


def _data(c: Configuration, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Features (nodes, 3), senders and receivers of the edges, and a target of each node.

    Edges are sorted by receiver, of whom each has as many, so that a sum over them is one over an axis.
    """
    features = rng.standard_normal((c.nodes, FEATURES))
    offsets = np.stack([1 + rng.permutation(c.nodes - 1)[: c.degree] for _ in range(c.nodes)])
    senders = (np.arange(c.nodes)[:, None] + offsets) % c.nodes
    targets = np.sin(features.sum(1)) + np.cos(features[senders].sum((1, 2)) / c.degree)
    return features, senders.ravel(), np.repeat(np.arange(c.nodes), c.degree), targets


def _outputs(xp: Any, p: Any, features: Any, senders: Any, receivers: Any, targets: Any) -> Any:
    del targets
    h = dense(xp, p["encode"], features)
    nodes, width = h.shape
    for part in p["rounds"]:
        ends = [xp.take(h, senders, axis=0), xp.take(h, receivers, axis=0)]
        messages = silu(xp, dense(xp, part["sent"], silu(xp, dense(xp, part["message"], xp.concat(ends, axis=1)))))
        arrived = xp.sum(xp.reshape(messages, (nodes, -1, width)), axis=1)
        updates = silu(xp, dense(xp, part["update"], xp.concat([h, arrived], axis=1)))
        h = h + dense(xp, part["updated"], updates)
    return dense(xp, p["decode"], h)[:, 0]


def _loss(xp: Any, outputs: Any, features: Any, senders: Any, receivers: Any, targets: Any) -> Any:
    del features, senders, receivers
    return 0.5 * xp.mean(xp.square(outputs - targets))


NETWORK = Network(
    "graph_network",
    _outputs,
    _loss,
    _parameters,
    _data,
    (Configuration(4, 1, 6, 2), Configuration(32, 2, 64, 6), Configuration(64, 4, 128, 6)),
    (Configuration(512, 7, 4096, 16),),
)


def _objective(xp: Any, x: Any, features: Any, senders: Any, receivers: Any, targets: Any) -> Any:
    r"""f(x) = the mean squared error, halved, of a graph network at the nodes of a random graph.

    $$f = \tfrac{1}{2m} \sum_i (u^\top h_i + c - y_i)^2, \quad h_i \leftarrow h_i + U_2\, \sigma\Bigl(U_1 \bigl(h_i,
    \textstyle\sum_{j \to i} \sigma(M_2\, \sigma(M_1 (h_j, h_i)))\bigr)\Bigr)$$
    with $\sigma(t) = t / (1 + e^{-t})$ and biases in every layer
    """
    return NETWORK.value(xp, x, features, senders, receivers, targets)


graph_network = problem(
    NETWORK,
    _objective,
    source="Gilmer et al. 2017, Neural message passing for quantum chemistry, arXiv:1704.01212; Battaglia et al. 2018, "
    "Relational inductive biases, deep learning, and graph networks, arXiv:1806.01261",
    convention="sums over edges by each framework's own segment or index addition",
    tags=("models", "nonconvex", "least-squares", "dense"),
)
