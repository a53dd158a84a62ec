"""A coloring: the color of every variable, and the seeds that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from hessbench.backends.sparsity.pattern import IntArray, Pattern

Kind = Literal["star", "acyclic", "column"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, eq=False)
class Coloring:
    """Colors 0, 1, ... of the variables.

    Attributes:
        pattern: What was colored.
        kind: The rule it keeps.
        color_of: Color of each variable, (n,); -1 where no entry is read from a product with that variable.
        order: How it was found.
    """

    pattern: Pattern
    kind: Kind
    color_of: IntArray
    order: str = ""

    @property
    def colors(self) -> int:
        """How many colors, so how many products."""
        return int(self.color_of.max(initial=-1)) + 1

    def seeds(self, dtype: Any = np.float64) -> np.ndarray[Any, np.dtype[Any]]:
        """One row per color, (colors, n): 1 for the variables of that color."""
        seeds = np.zeros((self.colors, self.pattern.n), dtype=dtype)
        used = np.flatnonzero(self.color_of >= 0)
        seeds[self.color_of[used], used] = 1
        return seeds

    def __repr__(self) -> str:
        return f"Coloring(kind={self.kind!r}, colors={self.colors}, order={self.order!r}, n={self.pattern.n})"
