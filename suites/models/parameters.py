"""Parameters of a model as data: nested dicts of arrays by name, each with its shape and how it is drawn.

Kernels are (in, out), those of convolutions (height, width, in, out), those of attention (width, heads, size):
as in Keras.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.blocks import Layout

SMALL = 0.1
"""The standard deviation of shifts and around scales: not zero, so that every parameter matters at the start."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One array of parameters.

    Attributes:
        shape: Its shape.
        deviation: The standard deviation of its entries at the start.
        center: Their mean.
    """

    shape: tuple[int, ...]
    deviation: float = SMALL
    center: float = 0.0

    def drawn(self, rng: np.random.Generator) -> FloatArray:
        """A beginning, as a vector."""
        return np.asarray(self.center + self.deviation * rng.standard_normal(math.prod(self.shape)))


def dense(inputs: int, outputs: int) -> dict[str, Parameter]:
    """A dense layer: kernel (in, out) and bias."""
    return {"kernel": Parameter((inputs, outputs), inputs**-0.5), "bias": Parameter((outputs,))}


def norm(width: int) -> dict[str, Parameter]:
    """What follows a normalization: scale and shift."""
    return {"scale": Parameter((width,), center=1.0), "shift": Parameter((width,))}


def convolution(size: int, inputs: int, outputs: int) -> dict[str, Parameter]:
    """The kernel (size, size, in, out) of a convolution without bias."""
    return {"kernel": Parameter((size, size, inputs, outputs), (size * size * inputs) ** -0.5)}


def attention(width: int, heads: int) -> dict[str, Any]:
    """Projections to queries, keys and values, (width, heads, size) with biases (heads, size), and back."""
    size = width // heads

    def inward() -> dict[str, Parameter]:
        return {"kernel": Parameter((width, heads, size), width**-0.5), "bias": Parameter((heads, size))}

    outward = {"kernel": Parameter((heads, size, width), width**-0.5), "bias": Parameter((width,))}
    return {"query": inward(), "key": inward(), "value": inward(), "output": outward}


def layout(parameters: dict[str, Any]) -> Layout:
    """Where the arrays of nested parameters lie in one vector, in the order in which they are written down."""
    found = list(_leaves(parameters, ""))
    return Layout(
        tuple(name for name, _ in found),
        tuple(parameter.shape for _, parameter in found),
        _numbered(parameters, iter(range(len(found)))),
    )


def start(parameters: dict[str, Any], rng: np.random.Generator) -> FloatArray:
    """A usual beginning, (n,): kernels that keep what they pass on at unit size, scales around one."""
    return np.concatenate([parameter.drawn(rng) for _, parameter in _leaves(parameters, "")])


def _leaves(part: Any, path: str) -> Iterator[tuple[str, Parameter]]:
    if isinstance(part, Parameter):
        yield path, part
        return
    for key, child in part.items() if isinstance(part, dict) else enumerate(part):
        yield from _leaves(child, f"{path}.{key}" if path else str(key))


def _numbered(part: Any, numbers: Iterator[int]) -> Any:
    """The tree of a `Layout`."""
    if isinstance(part, Parameter):
        return next(numbers)
    keys = tuple(part) if isinstance(part, dict) else tuple(range(len(part)))
    return type(part), keys, tuple(_numbered(part[key], numbers) for key in keys)
