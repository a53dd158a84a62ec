"""A model as a problem: its parameters at each of its configurations, its outputs, and the loss of these.

How many parameters a model has follows from widths and depths, so it exists for the numbers of its configurations
only. The nested parameters are one vector here; a framework's own layers are given them by name (`Problem.layouts`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.blocks import Layout
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.models import parameters

FRAMEWORKS = ("torch", "tensorflow", "jax")
"""Who has layers of its own; those of JAX are Equinox's."""


@dataclass(frozen=True, eq=False)
class Network:
    """What a model is made of: the mathematics, over nested parameters.

    Attributes:
        name: Its name, and that of its module in the backends.
        outputs: Outputs from (xp, nested parameters, *data).
        loss: The loss from (xp, outputs, *data).
        parameters: The nested parameters of a configuration.
        data: Draws the data of a configuration.
        configurations: On every device, ascending; the first is for tests.
        on_gpus: Further ones where the device is a GPU.
        known: By number of parameters the configuration, and where its parameters lie in a vector.
    """

    name: str
    outputs: Callable[..., Any]
    loss: Callable[..., Any]
    parameters: Callable[[Any], dict[str, Any]]
    data: Callable[[Any, np.random.Generator], tuple[FloatArray, ...]]
    configurations: tuple[Any, ...]
    on_gpus: tuple[Any, ...]
    known: dict[int, tuple[Any, Layout]] = field(init=False)

    def __post_init__(self) -> None:
        layouts = [(one, parameters.layout(self.parameters(one))) for one in (*self.configurations, *self.on_gpus)]
        object.__setattr__(self, "known", {layout.size: (one, layout) for one, layout in layouts})

    def outputs_at(self, xp: Any, x: Any, *data: Any) -> Any:
        """The outputs at a vector of parameters."""
        return self.outputs(xp, self.known[x.shape[0]][1].nest(xp, x), *data)

    def value(self, xp: Any, x: Any, *data: Any) -> Any:
        """The loss at a vector of parameters."""
        return self.loss(xp, self.outputs_at(xp, x, *data), *data)


def problem(network: Network, objective: Callable[..., Any], **facts: Any) -> Problem:
    """The problem of a model.

    Args:
        network: The model.
        objective: Its text f(xp, x, *data), which has the docstring.
        **facts: Further fields of `Problem`.

    Returns:
        The problem at the numbers of parameters of the configurations, with texts in each framework's own layers.
    """
    sizes = tuple(network.known)
    few = len(network.configurations)
    return Problem(
        name=network.name,
        objective=objective,
        sizes=sizes[:few],
        gpu_sizes=sizes[few:],
        start=lambda n, rng: parameters.start(network.parameters(network.known[n][0]), rng),
        data=lambda n, rng: network.data(network.known[n][0], rng),
        allowed=Size(f"n of its configurations: {', '.join(map(str, sizes))}", lambda n: n in network.known),
        model=Model(network.outputs_at, network.loss),
        layouts=lambda n: network.known[n][1],
        layers={name: f"hessbench.backends.{name}.natives.models.{network.name}:build" for name in FRAMEWORKS},
        spread=1e-3,
        **facts,
    )
