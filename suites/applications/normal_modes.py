"""Vibrations: in coordinates q = sqrt(m) x the eigenvalues of the Hessian are squares of frequencies.

Frequencies are known: of a ring of springs by a formula of solid-state physics, of water by Wilson's GF matrix, of the
smallest Lennard-Jones clusters, whose bonds all have one length, by their symmetry.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.physics.pairs import lennard_jones

HEAVY, LIGHT = 3.0, 1.0
"""Masses of the ring's two kinds of atoms."""


def _diatomic_ring(xp: Any, q: Any, roots: Any) -> Any:
    r"""f(q) = sum_i (x_{i+1} - x_i)^2 / 2 with x = q / sqrt(m): a ring of springs between heavy and light atoms.

    $$f(q) = \tfrac12 \sum_i (x_{i+1} - x_i)^2,\quad x_i = q_i / \sqrt{m_i}$$
    """
    x = q / roots
    step = xp.roll(x, -1) - x
    return xp.sum(step * step) / 2


def _masses(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    return (np.sqrt(np.where(np.arange(n) % 2 == 0, HEAVY, LIGHT)),)


def _ring_hessian(q: FloatArray, roots: FloatArray) -> FloatArray:
    n = len(q)
    d = np.roll(np.eye(n), -1, axis=0) - np.eye(n)
    return np.asarray(d.T @ d / np.outer(roots, roots))


def _ring_spectrum(n: int) -> FloatArray:
    """An acoustic and an optical branch (Kittel 2005, Introduction to Solid State Physics, chapter 4, equation 21)."""
    both, angles = 1 / HEAVY + 1 / LIGHT, 2 * np.pi * np.arange(n // 2) / (n // 2)
    root = np.sqrt(both**2 - 4 * np.sin(angles / 2) ** 2 / (HEAVY * LIGHT))
    return np.sort(np.concatenate([both - root, both + root]))


diatomic_ring = Problem(
    name="diatomic_ring",
    objective=_diatomic_ring,
    sizes=(8, 40),
    start=lambda n, rng: rng.standard_normal(n),
    data=_masses,
    gradient=lambda q, roots: _ring_hessian(q, roots) @ q,
    hessian=_ring_hessian,
    inertia=lambda q, roots: (len(q) - 1, 1, 0),
    allowed=Size.multiple_of(2, least=6),
    source="Kittel 2005, Introduction to Solid State Physics, chapter 4: two atoms to the cell",
    structure=Structure(
        definiteness="positive semidefinite",
        null_vectors=lambda q, roots: roots[None],
        constant=True,
        degree=2,
        spectrum=_ring_spectrum,
    ),
    tags=("normal-modes", "constant-hessian"),
)

BOND, ANGLE = 0.9572, math.radians(104.52)
"""Water in TIP3P and its flexible kin: angstroms, radians."""
STIFF, BEND = 1059.162, 75.90
"""Force constants of a flexible water (kcal / mol / angstrom^2, kcal / mol / rad^2)."""
MASSES = np.array([15.9994, 1.008, 1.008])


def _water(xp: Any, q: Any, roots: Any) -> Any:
    r"""f(q) = k (r_1 - r_0)^2 / 2 + k (r_2 - r_0)^2 / 2 + c (t - t_0)^2 / 2: bonds and angle of a water molecule.

    $$f(q) = \tfrac{k}{2} (r_1 - r_0)^2 + \tfrac{k}{2} (r_2 - r_0)^2 + \tfrac{c}{2} (\theta - \theta_0)^2$$
    """
    x = xp.reshape(q / roots, (3, 3))
    a, b = x[1] - x[0], x[2] - x[0]
    first, second = xp.sqrt(xp.sum(a * a)), xp.sqrt(xp.sum(b * b))
    angle = xp.acos(xp.sum(a * b) / (first * second))
    stretch = (first - BOND) ** 2 + (second - BOND) ** 2
    return STIFF * stretch / 2 + BEND * (angle - ANGLE) ** 2 / 2


def _at_rest() -> FloatArray:
    half = ANGLE / 2
    return np.array(
        [[0.0, 0, 0], [BOND * np.sin(half), BOND * np.cos(half), 0], [-BOND * np.sin(half), BOND * np.cos(half), 0]]
    )


def water_spectrum() -> FloatArray:
    """Squares of the three frequencies by Wilson's G F, which splits into 2 x 2 and 1 x 1.

    G holds inverse masses: of bond and bond, of bond and angle, of angle and angle (table of appendix VI there).

    Returns:
        The six zeros of a free body and the three squares, ascending; kcal / mol / angstrom^2 / u.
    """
    oxygen, hydrogen = 1 / MASSES[0], 1 / MASSES[1]
    c, s, r = math.cos(ANGLE), math.sin(ANGLE), BOND
    together = np.array(
        [
            [hydrogen + oxygen * (1 + c), -math.sqrt(2) * oxygen * s / r],
            [-math.sqrt(2) * oxygen * s / r, 2 * (hydrogen + oxygen * (1 - c)) / r**2],
        ]
    )
    symmetric = np.linalg.eigvals(together @ np.diag([STIFF, BEND])).real
    opposed = STIFF * (hydrogen + oxygen * (1 - c))
    return np.sort(np.r_[np.zeros(6), symmetric, opposed])


water = Problem(
    name="water",
    objective=_water,
    sizes=(9,),
    start=lambda n, rng: _at_rest().ravel() * np.repeat(np.sqrt(MASSES), 3),
    spread=0.0,
    data=lambda n, rng: (np.repeat(np.sqrt(MASSES), 3),),
    inertia=lambda q, roots: (3, 6, 0),
    allowed=Size.exactly(9),
    source="Wilson, Decius & Cross 1955, Molecular Vibrations; force field of flexible TIP3P water",
    structure=Structure(spectrum=lambda n: water_spectrum()),
    tags=("normal-modes", "null-vectors"),
)

LENGTH = 2 ** (1 / 6)
"""Where the pair energy 4 (r^-12 - r^-6) is least; its second derivative there is 72 / 2^(1/3)."""
STIFFNESS = 72 / 2 ** (1 / 3)
SIMPLEX = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) * (LENGTH / math.sqrt(8))
MODES = {6: (2.0,), 9: (1.5, 1.5, 3.0), 12: (1.0, 1.0, 2.0, 2.0, 2.0, 4.0)}
"""By n the squares of the frequencies over the stiffness of a bond, of a dimer, a triangle and a tetrahedron."""


def _simplex(n: int, rng: np.random.Generator) -> FloatArray:
    return SIMPLEX[: n // 3].ravel()


def _simplex_spectrum(n: int) -> FloatArray:
    return np.r_[np.zeros(n - len(MODES[n])), STIFFNESS * np.array(MODES[n])]


lennard_jones_modes = Problem(
    name="lennard_jones_modes",
    objective=lennard_jones.objective,
    sizes=tuple(MODES),
    start=_simplex,
    spread=0.0,
    data=lennard_jones.data,
    gradient=lennard_jones.gradient,
    hessian=lennard_jones.hessian,
    inertia=lambda x, eye: (len(MODES[len(x)]), len(x) - len(MODES[len(x)]), 0),
    allowed=Size("n = 6, 9 or 12", lambda n: n in MODES),
    source="two, three and four atoms with all bonds at rest: modes of a simplex of equal springs (symmetry)",
    structure=Structure(spectrum=_simplex_spectrum),
    tags=("normal-modes", "null-vectors"),
)

PROBLEMS = (diatomic_ring, water, lennard_jones_modes)
