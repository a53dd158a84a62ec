"""Functions with sparse Hessians whose pattern and number of colors are known; f costs O(n), without a loop."""

from __future__ import annotations

from hessbench.suites.sparse.bands import bdqrtic, block_diagonal, broyden_tridiagonal, torsion_2d
from hessbench.suites.sparse.partially_separable import (
    arrowhead,
    chained_wood,
    diagonal_quartic,
    liarwhd,
    nondia,
    tridia,
)

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
