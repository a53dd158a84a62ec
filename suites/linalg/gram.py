"""Functions of the Gram matrix K = X X' + I / 2: its log det, and its Cholesky factor.

The names E_a and P are those of `linalg.inverses`; dK_a = E_a X' + X E_a' is linear in X, and ddK is constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.matrices import flat, square
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side
from hessbench.suites.linalg.determinants import CALCULUS, FAULTS

RIDGE = 0.5
"""Keeps K away from singular matrices: its eigenvalues are this or more."""


def _logdet_gram(xp: Any, x: Any) -> Any:
    r"""f(M) = log det (M M' + I / 2) of a matrix M, by slogdet; n = m^2.

    $$f(M) = \log\det \left(M M^\top + \tfrac12 I\right)$$
    """
    m = side(x.shape[0])
    matrix = xp.reshape(x, (m, m))
    gram = xp.matmul(matrix, xp.matrix_transpose(matrix)) + RIDGE * xp.eye(m, dtype=x.dtype)
    return xp.linalg.slogdet(gram)[1]


def _gram_inverse(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """M and the inverse P of M M' + I / 2."""
    matrix = square(x)
    inverse = np.linalg.inv(matrix @ matrix.T + RIDGE * np.eye(len(matrix)))
    return matrix, 0.5 * (inverse + inverse.T)


def _logdet_gram_gradient(x: FloatArray) -> FloatArray:
    matrix, inverse = _gram_inverse(x)
    return 2 * (inverse @ matrix).ravel()


def _logdet_gram_hessian(x: FloatArray) -> FloatArray:
    """The entries tr P ddG - tr P dG_a P dG_b with dG_a = E_a M' + M E_a' and ddG = E_a E_b' + E_b E_a'."""
    matrix, inverse = _gram_inverse(x)
    pushed = inverse @ matrix
    rest = np.eye(len(matrix)) - matrix.T @ pushed
    straight = np.einsum("ik,jl->ijkl", inverse, 0.5 * (rest + rest.T))
    return flat(2 * (straight - np.einsum("il,kj->ijkl", pushed, pushed)))


logdet_gram = Problem(
    name="logdet_gram",
    objective=_logdet_gram,
    sizes=(4, 16, 64),
    start=lambda n, rng: rng.standard_normal(n) / np.sqrt(side(n)),
    gradient=_logdet_gram_gradient,
    hessian=_logdet_gram_hessian,
    allowed=Size.square(root="m"),
    source=CALCULUS,
    upstream=FAULTS,
    tags=("linalg", "nonconvex", "dense"),
)


def _cholesky_factor(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(X) = sum_ij W_ij L_ij of the Cholesky factor L of X X' + I / 2; n = m^2.

    $$f(X) = \sum_{i \ge j} W_{ij} L_{ij}, \quad L L^\top = X X^\top + \tfrac12 I$$
    """
    m = side(x.shape[0])
    matrix = xp.reshape(x, (m, m))
    gram = xp.matmul(matrix, xp.matrix_transpose(matrix)) + RIDGE * xp.eye(m, dtype=x.dtype)
    return xp.sum(weights * xp.linalg.cholesky(gram))


def _half(matrices: FloatArray) -> FloatArray:
    """The lower triangles with half of the diagonal."""
    return np.tril(matrices) - 0.5 * matrices * np.eye(matrices.shape[-1])


def _cholesky_parts(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """L, and for every unit matrix E_a: L^-1 E_a, and S_a = L^-1 dK_a L^-T with dK_a = E_a X' + X E_a'.

    From K = L L' follows S = T + T' with T = L^-1 dL lower triangular, hence T = half(S) (Murray, section 3.1).
    """
    matrix = square(x)
    factor = np.linalg.cholesky(matrix @ matrix.T + RIDGE * np.eye(len(matrix)))
    inverse = np.linalg.inv(factor)
    units = inverse @ np.eye(x.size).reshape(x.size, *matrix.shape)
    one = units @ (inverse @ matrix).T
    return factor, units, one + one.transpose(0, 2, 1)


def _cholesky_factor_gradient(x: FloatArray, weights: FloatArray) -> FloatArray:
    factor, _, pushed = _cholesky_parts(x)
    return np.einsum("ij,aij->a", factor.T @ weights, _half(pushed))


def _cholesky_factor_hessian(x: FloatArray, weights: FloatArray) -> FloatArray:
    """L^-1 ddL = T_b T_a + half(dS), as dL_a = L T_a, and dS = L^-1 ddK L^-T - T_b S_a - S_a T_b'."""
    factor, units, pushed = _cholesky_parts(x)
    lower = _half(pushed)
    bend = units[:, None] @ units.transpose(0, 2, 1) - lower @ pushed[:, None]
    second = lower @ lower[:, None] + _half(bend + bend.transpose(0, 1, 3, 2))
    hessian = np.einsum("ij,abij->ab", factor.T @ weights, second)
    return 0.5 * (hessian + hessian.T)  # symmetric but for rounding


cholesky_factor = Problem(
    name="cholesky_factor",
    objective=_cholesky_factor,
    sizes=(4, 16, 64),
    start=lambda n, rng: rng.standard_normal(n) / np.sqrt(side(n)),
    data=lambda n, rng: (rng.standard_normal((side(n), side(n))),),
    gradient=_cholesky_factor_gradient,
    hessian=_cholesky_factor_hessian,
    allowed=Size.square(root="m"),
    source="Murray 2016, Differentiation of the Cholesky decomposition, arXiv:1602.07527",
    tags=("linalg", "nonconvex", "dense"),
)

PROBLEMS = (
    logdet_gram,
    cholesky_factor,
)
