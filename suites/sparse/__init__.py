"""Functions with sparse Hessians whose pattern and number of colors are known; f costs O(n), without a loop."""

from __future__ import annotations

from hessbench.suites.sparse.arrows import arrowhead, liarwhd, nondia
from hessbench.suites.sparse.bands import bdqrtic, broyden_tridiagonal, tridia
from hessbench.suites.sparse.diagonals import block_diagonal, diagonal_quartic
from hessbench.suites.sparse.graphs import chained_wood, torsion_2d

PROBLEMS = (
    arrowhead,
    liarwhd,
    nondia,
    tridia,
    diagonal_quartic,
    chained_wood,
    broyden_tridiagonal,
    bdqrtic,
    torsion_2d,
    block_diagonal,
)

OPERATORS = ("sparse-hessian", "hvp")
"""What a run computes unless told otherwise: who asks for these as dense matrices measures how those are filled."""
