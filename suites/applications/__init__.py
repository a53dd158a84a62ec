"""What Hessians are for: Newton's method to its end, critical points, vibrations, posteriors, implicit functions."""

from __future__ import annotations

from hessbench.suites.applications import critical_points, implicit, normal_modes, posterior
from hessbench.suites.classic.mgh_valleys import helical_valley, wood
from hessbench.suites.classic.valley import rosenbrock
from hessbench.suites.physics.intervals import pinn_poisson

PROBLEMS = (
    rosenbrock,
    helical_valley,
    wood,
    *critical_points.PROBLEMS,
    *normal_modes.PROBLEMS,
    pinn_poisson,
    *posterior.PROBLEMS,
    *implicit.PROBLEMS,
)
