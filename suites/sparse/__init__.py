"""Functions with sparse Hessians whose pattern and number of colors are known; f costs O(n), without a loop."""

from __future__ import annotations

from hessbench.suites.sparse.arrows import arrowhead, liarwhd, nondia
from hessbench.suites.sparse.bands import bdqrtic, broyden_tridiagonal, tridia
from hessbench.suites.sparse.bundle import bundle_path
from hessbench.suites.sparse.chains import chained_rosenbrock
from hessbench.suites.sparse.diagonals import block_diagonal, diagonal_quartic
from hessbench.suites.sparse.distillation import distillation
from hessbench.suites.sparse.graphs import bratu_3d, chained_wood, random_graph, torsion_2d
from hessbench.suites.sparse.luksan_vlcek import luksan_vlcek
from hessbench.suites.sparse.power_flow import power_flow
from hessbench.suites.sparse.quadrotor import quadrotor
from hessbench.suites.sparse.rocket import rocket

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
    chained_rosenbrock,
    bratu_3d,
    random_graph,
    bundle_path,
    luksan_vlcek,
    quadrotor,
    distillation,
    rocket,
    power_flow,
)

OPERATORS = ("sparse-hessian", "hvp")
"""What a run computes unless told otherwise: who asks for these as dense matrices measures how those are filled."""
