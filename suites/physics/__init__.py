"""Physics: atoms, charges and electrons; lattices and fields are in `suites.physics_lattices` and `_energies`."""

from __future__ import annotations

from hessbench.suites.physics.energies import bratu, ginzburg_landau, kohn_sham_toy, minimal_surface_2d, pinn_poisson
from hessbench.suites.physics.lattices import fput_beta, harmonic_ring, ising_meanfield, spring_network, xy_ring
from hessbench.suites.physics.particles import coulomb_thomson, dihedral_torsion, lennard_jones, quantum_dot

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
