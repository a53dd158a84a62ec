"""What a sparse Hessian is computed from: where its entries lie, and which variables share a product.

A method of the operator `sparse-hessian` returns the values (nnz,) only; where they belong is said once, here, before a
value is computed (Curtis, Powell & Reid 1974; Coleman & More 1984). Unless a method has an analysis of its own
(`Method.analyze`), hessbench finds the pattern, colors it, and hands over arrays after x: the seeds (colors, n) to
multiply with, and where in the products (colors, n) each value is found, or, for a method that reads by substitution,
the several arrays of that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray

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
        plan: What the builder of a method is given, too: a tool's own object, or how many arrays a substitution has.
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
