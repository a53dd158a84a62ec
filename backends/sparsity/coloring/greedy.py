"""The call that colors a pattern."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hessbench.backends.sparsity.coloring.coloring import Coloring, Kind
from hessbench.backends.sparsity.coloring.rules import RULES
from hessbench.backends.sparsity.pattern import Pattern


def color(pattern: Pattern, kind: Kind = "star", order: str = "best", *, seed: int = 0) -> Coloring:
    """A coloring of a pattern.

    Args:
        pattern: What is colored.
        kind: "star" and "column" for direct recovery, "acyclic" for substitution.
        order: The order of the variables.
        seed: Seed of the random order.

    Returns:
        The coloring.
    """
    del seed
    keep = np.ones(pattern.nnz, dtype=bool) if kind == "column" else pattern.rows != pattern.cols
    ends = np.searchsorted(pattern.rows[keep], np.arange(pattern.n + 1)).tolist()
    cols = pattern.cols[keep].tolist()
    neighbors = [cols[a:b] for a, b in pairwise(ends)]
    found = RULES[kind](neighbors, range(pattern.n))
    return Coloring(pattern, kind, np.array(found, dtype=np.intp), "natural")
