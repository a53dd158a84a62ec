"""A chain molecule: bonds, angles and torsions."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.elements import element_pattern
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _cross(xp: Any, a: Any, b: Any) -> Any:
    """The vector products of rows."""
    x = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    y = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    z = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return xp.stack([x, y, z], axis=1)


def _dihedral_torsion(xp: Any, x: Any) -> Any:
    r"""f(p) = sum 50 (l - 1)^2 + 20 (theta - 1.9)^2 + 1 + cos 3 phi over bonds, angles and torsions; n/3 atoms.

    $$f(p) = 50 \sum_{\text{bonds}} (\ell - 1)^2 + 20 \sum_{\text{angles}} (\theta - 1.9)^2
    + \sum_{\text{torsions}} 1 + \cos 3 \varphi,\quad \varphi = \operatorname{atan2}\left(\|b_2\|\,
    b_1 \cdot (b_2 \times b_3),\ (b_1 \times b_2) \cdot (b_2 \times b_3)\right)$$
    """
    atoms = xp.reshape(x, (-1, 3))
    bonds = atoms[1:] - atoms[:-1]
    lengths = xp.sqrt(xp.vecdot(bonds, bonds))
    angles = xp.acos(-xp.vecdot(bonds[:-1], bonds[1:]) / (lengths[:-1] * lengths[1:]))
    normals = _cross(xp, bonds[:-1], bonds[1:])
    sine = lengths[1:-1] * xp.vecdot(bonds[:-2], normals[1:])
    torsions = xp.atan2(sine, xp.vecdot(normals[:-1], normals[1:]))
    energy = 50 * xp.sum(xp.square(lengths - 1)) + 20 * xp.sum(xp.square(angles - 1.9))
    return energy + xp.sum(1 + xp.cos(3 * torsions))


def _helix(n: int, rng: np.random.Generator) -> FloatArray:
    """A chain of bonds of length 1 and angles of 1.9, all torsions near 1, shaken."""
    atoms = [np.zeros(3), np.array([1.0, 0, 0]), np.array([1 + np.cos(np.pi - 1.9), np.sin(np.pi - 1.9), 0])]
    while len(atoms) < n // 3:
        along = atoms[-1] - atoms[-2]
        normal = np.cross(atoms[-2] - atoms[-3], along)
        normal = normal / np.linalg.norm(normal)
        side = np.cross(normal, along)
        turned = np.cos(1.0) * side + np.sin(1.0) * normal
        atoms.append(atoms[-1] - np.cos(1.9) * along + np.sin(1.9) * turned)
    return np.asarray(np.concatenate(atoms) + 0.05 * rng.standard_normal(n))


def _quadruples(n: int) -> IntArray:
    """The coordinates of four atoms in a row."""
    return 3 * np.arange(n // 3 - 3)[:, None] + np.arange(12)


dihedral_torsion = Problem(
    name="dihedral_torsion",
    objective=_dihedral_torsion,
    sizes=(12, 36, 96),
    start=_helix,
    allowed=Size.multiple_of(3, least=12),
    source="Blondel & Karplus 1996, doi:10.1002/(SICI)1096-987X(19960715)17:9<1132::AID-JCC5>3.0.CO;2-T",
    convention="reduced units; a chain with one threefold torsion per inner bond",
    structure=Structure(
        pattern=lambda n: element_pattern(n, _quadruples(n)),
        null_vectors=lambda x: np.tile(np.eye(3), x.size // 3),
    ),
    tags=("nonconvex", "null-vectors", "sparse"),
)

PROBLEMS = (dihedral_torsion,)
