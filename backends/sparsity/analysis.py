"""What hessbench does before the first value of a sparse Hessian: pattern, coloring, seeds and indices."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hessbench.backends.contract.arrays import FloatArray, Objective
from hessbench.backends.contract.compression import Compression, Phases, Positions
from hessbench.backends.contract.errors import NotScalar, Unsupported, first_line
from hessbench.backends.sparsity import coloring, detection
from hessbench.backends.sparsity.pattern import Pattern
from hessbench.backends.sparsity.recovery import Recovery


class NotFound(Unsupported):
    """No pattern follows from the text of f, which may be a framework's own; what was raised is its cause."""


def analyze(
    objective: Objective,
    x: FloatArray,
    data: Sequence[FloatArray],
    given: Positions | None,
    kind: coloring.Kind = "star",
) -> Compression:
    """Pattern and coloring by hessbench's own means.

    Args:
        objective: f(xp, x, *data), portable unless a pattern is given.
        x: A point of the shape to come, (n,).
        data: Further arguments of f.
        given: Rows and columns of a person who knows them, or None.
        kind: Of the coloring: "acyclic" for a method that reads by substitution.

    Returns:
        The compression with seeds and the recovery's arrays as its own; `Unsupported` says why the pattern cannot be
        found from the text of f, or that the products do not fit into memory.
    """
    phases = Phases()
    if given is not None:
        pattern = Pattern.of_pairs(x.size, *given)
    else:
        pattern = phases.timed("detect_s", lambda: _detected(objective, x, data))

    def colored() -> tuple[coloring.Coloring, Recovery]:
        found = coloring.color(pattern, kind)
        recovery = Recovery.of(found)
        if kind == "acyclic" and recovery.spread is None:  # fewer colors where nothing is taken apart
            recovery = replace(recovery, spread=np.arange(pattern.nnz))
        return found, recovery

    found, recovery = phases.timed("color_s", colored)  # nothing is loaded or compiled for it
    check_room(x.size, found.colors, pattern.nnz)
    places = recovery.packed()
    return Compression(
        n=x.size,
        rows=pattern.rows,
        cols=pattern.cols,
        colors=found.colors,
        color_of=found.color_of,
        # One product where none is needed, since f is linear: not every framework maps over nothing.
        arrays=(found.seeds() if found.colors else np.zeros((1, x.size)), *places),
        plan=len(places) if kind == "acyclic" else None,
        phases=phases.seconds,
    )


def _detected(objective: Objective, x: FloatArray, data: Sequence[FloatArray]) -> Pattern:
    """The pattern that holds at every x; `Unsupported` says why there is none."""
    try:
        return detection.global_pattern(objective, x, data)
    except (Unsupported, NotScalar):
        raise
    except Exception as error:  # f can raise anything, and a framework's own functions do, given sets of variables
        raise NotFound(
            f"the sparsity pattern cannot be found from this text of f ({first_line(error)}); write f over xp"
        ) from error


COPIES = 3
"""Of products (colors, n): the seeds, what is pushed along them, and the result."""


def check_room(n: int, colors: int, nnz: int) -> None:
    """Whether the products have room on this machine.

    Args:
        n: Number of variables.
        colors: Number of products.
        nnz: Entries of the pattern.

    Raises:
        Unsupported: They have not.
    """
    wanted, there = 8 * COPIES * colors * n, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if wanted > there:
        raise Unsupported(
            f"{colors} products of {n} numbers take {wanted / 1e9:,.0f} GB, this machine has {there / 1e9:.0f} GB: the "
            f"Hessian is {nnz / n**2:.0%} dense, so use products with single vectors (hvp)"
        )
