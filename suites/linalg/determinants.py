"""Determinants: of a matrix, and the logarithm of that of a kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.matrices import flat, near_identity, square
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side

CALCULUS = "Magnus & Neudecker 2019, Matrix Differential Calculus, chapters 8 and 10, doi:10.1002/9781119541219"


FAULTS = {"torch": "pytorch#192540"}
"""Through det, slogdet and solve."""


NUGGET = 0.1
"""Keeps K regular where two points meet."""


PLANE = 2


def _determinant(xp: Any, x: Any) -> Any:
    r"""f(X) = det X of a regular matrix; linear in every entry, so the diagonal of the Hessian is zero; n = m^2.

    $$f(X) = \det X$$
    """
    m = side(x.shape[0])
    return xp.linalg.det(xp.reshape(x, (m, m)))


def _determinant_gradient(x: FloatArray) -> FloatArray:
    """The cofactors."""
    matrix = square(x)
    return np.linalg.det(matrix) * np.linalg.inv(matrix).T.ravel()


def _determinant_hessian(x: FloatArray) -> FloatArray:
    """The entries det X (tr P E_a tr P E_b - tr P E_a P E_b)."""
    matrix = square(x)
    inverse = np.linalg.inv(matrix)
    both = np.einsum("ji,lk->ijkl", inverse, inverse)
    return flat(np.linalg.det(matrix) * (both - both.transpose(0, 3, 2, 1)))


determinant = Problem(
    name="determinant",
    objective=_determinant,
    sizes=(4, 16, 64),
    start=near_identity,
    gradient=_determinant_gradient,
    hessian=_determinant_hessian,
    allowed=Size.square(root="m"),
    source=CALCULUS,
    structure=Structure(definiteness="indefinite"),
    upstream=FAULTS,
    tags=("linalg", "polynomial", "dense"),
)


def _kernel_log_det(xp: Any, x: Any) -> Any:
    r"""f(z) = log det K, K the Gaussian kernel of n/2 points in the plane plus I / 10, by slogdet.

    $$f(z) = \log\det K,\quad K_{ab} = e^{-|z_a - z_b|^2 / 2} + \tfrac1{10} \delta_{ab}$$
    """
    points = xp.reshape(x, (-1, PLANE))
    apart = xp.expand_dims(points, axis=1) - xp.expand_dims(points, axis=0)
    kernel = xp.exp(-0.5 * xp.sum(apart * apart, axis=2))
    return xp.linalg.slogdet(kernel + NUGGET * xp.eye(x.shape[0] // PLANE, dtype=x.dtype))[1]


def _kernel(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """z_a - z_b (p, p, 2), the kernel k_ab without what is added to it, and the inverse P of K."""
    points = x.reshape(-1, PLANE)
    apart = points[:, None] - points
    kernel = np.exp(-0.5 * np.square(apart).sum(2))
    inverse = np.linalg.inv(kernel + NUGGET * np.eye(len(points)))
    return apart, kernel, 0.5 * (inverse + inverse.T)


def _kernel_log_det_gradient(x: FloatArray) -> FloatArray:
    apart, kernel, inverse = _kernel(x)
    return -2 * np.einsum("ab,abc->ac", kernel * inverse, apart).ravel()


def _kernel_log_det_hessian(x: FloatArray) -> FloatArray:
    """Entries tr P ddK - tr P dK_a P dK_b; dK of a coordinate of z_a is -(e u' + u e'), u_b = k_ab (z_a - z_b)."""
    apart, kernel, inverse = _kernel(x)
    slopes = (kernel[:, :, None] * apart).transpose(0, 2, 1)  # u, its place last
    pushed = slopes @ inverse
    crossed = np.einsum("acb,bda->acbd", pushed, pushed)
    straight = np.einsum("ab,ace,bde->acbd", inverse, pushed, slopes, optimize=True)
    bend = np.einsum("ab,abc,abd->acbd", kernel * inverse, apart, apart)
    bend -= np.einsum("ab,cd->acbd", kernel * inverse, np.eye(PLANE))
    a = np.arange(len(kernel))
    own = bend.sum(2) - bend[a, :, a]
    bend *= -1
    bend[a, :, a] = own
    hessian = flat(2 * (bend - crossed - straight))
    return 0.5 * (hessian + hessian.T)  # symmetric but for rounding


def _translations(x: FloatArray) -> FloatArray:
    return np.tile(np.eye(PLANE), x.size // PLANE)


kernel_log_det = Problem(
    name="kernel_log_det",
    objective=_kernel_log_det,
    sizes=(4, 16, 64),
    start=lambda n, rng: np.sqrt(n / PLANE) * rng.uniform(-1, 1, n),
    gradient=_kernel_log_det_gradient,
    hessian=_kernel_log_det_hessian,
    allowed=Size.multiple_of(PLANE, least=2 * PLANE),
    source="Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, section 2.2, "
    "doi:10.7551/mitpress/3206.001.0001",
    structure=Structure(null_vectors=_translations),
    upstream=FAULTS,
    tags=("linalg", "nonconvex", "null-vectors", "dense"),
)

PROBLEMS = (
    determinant,
    kernel_log_det,
)
