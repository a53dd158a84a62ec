"""What more a problem may say of how f is made: a model with a loss, and named arrays in its variables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Shapes = Mapping[str, tuple[int, ...]]
"""The arrays of which x is made, in the order in which they lie in it: name -> shape."""

Pair = tuple[Callable[..., Any] | str, Callable[..., Any] | str]
"""Outputs(x, *data) and loss(z, *data) in a framework's own functions, or each as "module:function"."""


@dataclass(frozen=True, slots=True)
class Model:
    """Where f is a loss of outputs, f(x) = loss(outputs(x)): both halves, for Gauss-Newton products.

    A penalty on x is part of the loss if x itself is among the outputs.

    Attributes:
        outputs: outputs(xp, x, *data), an array of any shape over the names of an objective; None where there is no
            portable text.
        loss: loss(xp, z, *data), a scalar; likewise.
        native: Backend -> both in that framework's own functions. (What belongs to hessbench has them in `backends/`.)
    """

    outputs: Callable[..., Any] | None = None
    loss: Callable[..., Any] | None = None
    native: Mapping[str, Pair] = field(default_factory=dict)

    @property
    def portable(self) -> bool:
        """Whether both halves are there for all frameworks."""
        return self.outputs is not None and self.loss is not None


def ends(shapes: Shapes) -> tuple[int, ...]:
    """Where each array ends in x."""
    found: list[int] = []
    for shape in shapes.values():
        found.append(math.prod(shape) + (found[-1] if found else 0))
    return tuple(found)
