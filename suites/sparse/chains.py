"""Chained Rosenbrock, on which the tools for sparse derivatives publish their times."""

from __future__ import annotations

from dataclasses import replace

from hessbench.suites.classic.valley import rosenbrock

chained_rosenbrock = replace(
    rosenbrock, name="chained_rosenbrock", sizes=(10, 100, 200, 1000, 10_000, 100_000), quick_sizes=(10, 100)
)

PROBLEMS = (chained_rosenbrock,)
