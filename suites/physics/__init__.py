"""Physics: particles, molecules, lattices, and the energies of fields."""

from __future__ import annotations

from hessbench.suites.physics import grids, intervals, lattices, pairs, torsion

PROBLEMS = (
    *pairs.PROBLEMS,
    *lattices.PROBLEMS,
    *grids.PROBLEMS,
    *intervals.PROBLEMS,
    *torsion.PROBLEMS,
)
