"""Physics: particles, molecules, lattices, and the energies of fields."""

from __future__ import annotations

from hessbench.suites.physics.grids import bratu, minimal_surface_2d
from hessbench.suites.physics.intervals import ginzburg_landau, kohn_sham_toy, pinn_poisson
from hessbench.suites.physics.lattices import fput_beta, harmonic_ring, ising_meanfield, spring_network, xy_ring
from hessbench.suites.physics.pairs import coulomb_thomson, lennard_jones, quantum_dot
from hessbench.suites.physics.torsion import dihedral_torsion

PROBLEMS = (
    lennard_jones,
    harmonic_ring,
    fput_beta,
    xy_ring,
    ising_meanfield,
    spring_network,
    minimal_surface_2d,
    bratu,
    ginzburg_landau,
    kohn_sham_toy,
    pinn_poisson,
    coulomb_thomson,
    dihedral_torsion,
    quantum_dot,
)
