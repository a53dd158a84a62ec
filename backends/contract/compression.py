"""What a sparse Hessian is computed from: where its entries lie, and which variables share a product.

A method of the operator `sparse-hessian` returns the values (nnz,) only; where they belong is said once, here, before a
value is computed (Curtis, Powell & Reid 1974; Coleman & More 1984). Unless a method has an analysis of its own
(`Method.analyze`), hessbench finds the pattern, colors it, and hands over two arrays after x: the seeds (colors, n) to
multiply with, and where in the products (colors, n) each value is found.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray, Objective
from hessbench.backends.contract.errors import NotScalar, Unsupported, first_line

IntArray = np.ndarray[Any, np.dtype[np.integer[Any]]]
Positions = tuple[IntArray, IntArray]
"""Rows and columns of entries, each (nnz,)."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Compression:
    """Pattern, coloring, and what a method's calls need of them.

    Attributes:
        n: Number of variables.
        rows: Row of each value, (nnz,); both triangles are there.
        cols: Its column, (nnz,).
        colors: How many products a call computes; None where the tool does not say.
        color_of: The color of each variable, (n,), -1 for one that is in no product; None where the tool does not say.
        arrays: What the built function takes after x and before the data, NumPy arrays.
        plan: A tool's own object, for the builder of a method that has its own analysis; else None.
        phases: Seconds of finding and coloring, by column of the record.
        later: Tells further columns of the record that take time to find; asked after the first calls.
    """

    n: int
    rows: IntArray
    cols: IntArray
    colors: int | None = None
    color_of: IntArray | None = None
    arrays: tuple[np.ndarray[Any, Any], ...] = ()
    plan: Any = None
    phases: Mapping[str, float] = field(default_factory=dict)
    later: Callable[[], Mapping[str, Any]] = dict

    @property
    def nnz(self) -> int:
        """Number of values."""
        return len(self.rows)

    @property
    def density(self) -> float:
        """Entries of the pattern over n^2."""
        return self.nnz / max(1, self.n) ** 2

    def matrix(self, values: FloatArray) -> FloatArray:
        """The values (nnz,) as a dense matrix (n, n), for small n."""
        dense = np.zeros((self.n, self.n), dtype=values.dtype)
        dense[self.rows, self.cols] = values
        return dense


Analysis = Callable[[Callable[..., Any], FloatArray, Sequence[FloatArray], Positions | None], Compression]
"""What a tool does before the first value: takes f(x, *data), a point of the shape to come, the data, and the pattern
of a person who has one."""


class Phases:
    """Seconds of the phases of an analysis, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, work: Callable[[], Any]) -> Any:
        """What the work gives; its seconds are kept under that name."""
        start = time.perf_counter()
        found = work()
        self.seconds[name] = time.perf_counter() - start
        return found

    def colored(self, tool: str, work: Callable[[], Any]) -> Any:
        """A coloring; the first one of a process, which loads and compiles what colors, is told apart."""
        if tool not in _LOADED:
            _LOADED.add(tool)
            self.timed("color_first_s", work)
        return self.timed("color_s", work)


_LOADED: set[str] = set()
"""The tools that have colored something in this process."""


def analyze(objective: Objective, x: FloatArray, data: Sequence[FloatArray], given: Positions | None) -> Compression:
    """Pattern and star coloring by hessbench's own means.

    Args:
        objective: f(xp, x, *data), portable unless a pattern is given.
        x: A point of the shape to come, (n,).
        data: Further arguments of f.
        given: Rows and columns of a person who knows them, or None.

    Returns:
        The compression with seeds and indices as its arrays; `Unsupported` says why the pattern cannot be found from
        the text of f, or that the products do not fit into memory.
    """
    from hessbench.backends.sparsity import coloring
    from hessbench.backends.sparsity.pattern import Pattern
    from hessbench.backends.sparsity.recovery import Recovery

    phases = Phases()
    if given is not None:
        pattern = Pattern.of_pairs(x.size, *given)
    else:
        pattern = phases.timed("detect_s", lambda: _detected(objective, x, data))

    def colored() -> tuple[coloring.Coloring, Recovery]:
        found = coloring.color(pattern, "star")
        return found, Recovery.of(found)

    found, recovery = phases.timed("color_s", colored)  # nothing is loaded or compiled for it
    check_room(x.size, found.colors, pattern.nnz)
    return Compression(
        n=x.size,
        rows=pattern.rows,
        cols=pattern.cols,
        colors=found.colors,
        color_of=found.color_of,
        # One product where none is needed, since f is linear: not every framework maps over nothing.
        arrays=(found.seeds() if found.colors else np.zeros((1, x.size)), recovery.gather),
        phases=phases.seconds,
    )


def _detected(objective: Objective, x: FloatArray, data: Sequence[FloatArray]) -> Any:
    """The pattern that holds at every x; `Unsupported` says why there is none."""
    from hessbench.backends.sparsity import detection

    try:
        return detection.global_pattern(objective, x, data)
    except (Unsupported, NotScalar):
        raise
    except Exception as error:  # f can raise anything, and a framework's own functions do, given sets of variables
        raise Unsupported(
            f"the sparsity pattern cannot be found from this text of f ({first_line(error)}); "
            "give pattern=(rows, columns), or write f over xp"
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
