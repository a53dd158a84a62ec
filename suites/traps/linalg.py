"""Determinants, solves and spectra: where the rules of a factorization are wrong, or divide by zero.

The variables are the entries of a matrix X, row by row; P is its inverse and E_ij has a single one. From
dP = -P dX P follow all second derivatives: with a = (i, j) and b = (k, l) the entry (a, b) takes E_ij and E_kl.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.matrices import LEVI_CIVITA, flat, square, symmetric_units
from hessbench.suites.definition.pointwise import CONTROL, LINALG, fixed, trap
from hessbench.suites.statistics.gaussian_processes import gaussian_process

IDENTITY = np.eye(3)
REGULAR = np.array([[2.0, -0.5, 0.3], [0.4, 1.5, -0.7], [-0.6, 0.2, 1.8]])
SINGULAR = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
"""Rank two, and the last pivot is exactly zero."""

POSITIVE = np.array([[2.0, 0.5, -0.3], [0.5, 1.5, 0.2], [-0.3, 0.2, 1.0]])
B, Y = np.array([1.0, -2.0, 0.5]), np.array([0.7, 0.3, -1.1])

LINEAR_ALGEBRA = {"torch": "pytorch#192540"}
DETERMINANT = {
    "torch": "pytorch#192540, pytorch#192521, pytorch#198017, pytorch#104675",
    "jax": "jax#2380, jax#2821",
    "tensorflow": "tensorflow#119477, tensorflow#55230",
}


def _symmetric(xp: Any, x: Any, m: int) -> Any:
    matrix = xp.reshape(x, (m, m))
    return 0.5 * (matrix + xp.matrix_transpose(matrix))


def _det(xp: Any, x: Any) -> Any:
    r"""f(X) = det X of a 3 x 3 matrix; linear in every entry.

    $$f(X) = \det X$$
    """
    return xp.linalg.det(xp.reshape(x, (3, 3)))


def _det_gradient(x: FloatArray) -> FloatArray:
    """The cofactors: half of e_abc e_ijk X_bj X_ck."""
    e, matrix = LEVI_CIVITA, square(x)
    return 0.5 * np.einsum("abc,ijk,bj,ck->ai", e, e, matrix, matrix).ravel()


def _det_hessian(x: FloatArray) -> FloatArray:
    e = LEVI_CIVITA
    return flat(np.einsum("abc,ijk,ck->aibj", e, e, square(x)))


det_at_identity = trap(
    "det_at_identity",
    _det,
    IDENTITY.ravel(),
    gradient=_det_gradient,
    hessian=_det_hessian,
    source="pytorch#192540",
    upstream=DETERMINANT,
    tags=LINALG,
)
det_regular = trap(
    "det_regular",
    _det,
    REGULAR.ravel(),
    gradient=_det_gradient,
    hessian=_det_hessian,
    source="pytorch#192540",
    upstream=DETERMINANT,
    tags=LINALG,
)
det_singular = trap(
    "det_singular",
    _det,
    SINGULAR.ravel(),
    gradient=_det_gradient,
    hessian=_det_hessian,
    source="pytorch#198017",
    upstream=DETERMINANT,
    tags=LINALG,
)


def _det_composed(xp: Any, x: Any) -> Any:
    r"""f(X) = det X of a 3 x 3 matrix, expanded by hand; what `det` should give, even of a singular matrix.

    $$f(X) = \sum_{ijk} \varepsilon_{ijk} X_{1i} X_{2j} X_{3k}$$
    """
    first = x[0] * (x[4] * x[8] - x[5] * x[7])
    return first - x[1] * (x[3] * x[8] - x[5] * x[6]) + x[2] * (x[3] * x[7] - x[4] * x[6])


det_composed = trap(
    "det_composed",
    _det_composed,
    SINGULAR.ravel(),
    gradient=_det_gradient,
    hessian=_det_hessian,
    source="the control of det_singular",
    tags=CONTROL,
)


def _log_det(xp: Any, x: Any) -> Any:
    r"""f(X) = log |det X| of a regular 3 x 3 matrix, by slogdet.

    $$f(X) = \log |\det X|$$
    """
    return xp.linalg.slogdet(xp.reshape(x, (3, 3)))[1]


def _log_det_hessian(x: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(square(x))
    return flat(-np.einsum("jk,li->ijkl", inverse, inverse))


slogdet_regular = trap(
    "slogdet_regular",
    _log_det,
    REGULAR.ravel(),
    gradient=lambda x: np.linalg.inv(square(x)).T.ravel(),
    hessian=_log_det_hessian,
    source="pytorch#192540",
    upstream=LINEAR_ALGEBRA,
    tags=LINALG,
)


def _solve(xp: Any, x: Any, b: Any, y: Any) -> Any:
    r"""f(X) = y' X^-1 b of a regular 3 x 3 matrix, by solve.

    $$f(X) = y^\top X^{-1} b$$
    """
    return xp.sum(y * xp.linalg.solve(xp.reshape(x, (3, 3)), b))


def _solve_gradient(x: FloatArray, b: FloatArray, y: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(square(x))
    return -np.outer(inverse.T @ y, inverse @ b).ravel()


def _solve_hessian(x: FloatArray, b: FloatArray, y: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(square(x))
    left, right = inverse.T @ y, inverse @ b
    one = np.einsum("k,li,j->ijkl", left, inverse, right)
    return flat(one + one.transpose(2, 3, 0, 1))


solve_regular = trap(
    "solve_regular",
    _solve,
    REGULAR.ravel(),
    data=fixed(B, Y),
    gradient=_solve_gradient,
    hessian=_solve_hessian,
    source="pytorch#192540",
    upstream=LINEAR_ALGEBRA,
    tags=LINALG,
)


def _inverse_trace(xp: Any, x: Any) -> Any:
    r"""f(X) = tr X^-1 of a regular 3 x 3 matrix, by inv.

    $$f(X) = \operatorname{tr} X^{-1}$$
    """
    return xp.linalg.trace(xp.linalg.inv(xp.reshape(x, (3, 3))))


def _inverse_trace_gradient(x: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(square(x))
    return -(inverse @ inverse).T.ravel()


def _inverse_trace_hessian(x: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(square(x))
    one = np.einsum("jk,li->ijkl", inverse, inverse @ inverse)
    return flat(one + one.transpose(2, 3, 0, 1))


inverse_trace = trap(
    "inverse_trace",
    _inverse_trace,
    REGULAR.ravel(),
    gradient=_inverse_trace_gradient,
    hessian=_inverse_trace_hessian,
    source="pytorch#192540, where inv is right",
    tags=(*CONTROL, "linalg"),
)


def _cholesky_solve(xp: Any, x: Any, y: Any) -> Any:
    r"""f(X) = |L^-1 y|^2 where L L' is the symmetric part of X, 3 x 3: cholesky, then solve.

    $$f(X) = |L^{-1} y|^2 = y^\top K^{-1} y, \quad L L^\top = K = \tfrac12 (X + X^\top)$$
    """
    return xp.sum(xp.square(xp.linalg.solve(xp.linalg.cholesky(_symmetric(xp, x, 3)), y)))


def _cholesky_solve_gradient(x: FloatArray, y: FloatArray) -> FloatArray:
    matrix = square(x)
    alpha = np.linalg.solve(0.5 * (matrix + matrix.T), y)
    return -np.outer(alpha, alpha).ravel()


def _cholesky_solve_hessian(x: FloatArray, y: FloatArray) -> FloatArray:
    """2 a'S_ij P S_kl a with a = K^-1 y and S the symmetric units."""
    matrix = square(x)
    inverse = np.linalg.inv(0.5 * (matrix + matrix.T))
    pushed = symmetric_units(len(matrix)) @ (inverse @ y)
    return 2 * pushed @ inverse @ pushed.T


cholesky_solve = trap(
    "cholesky_solve",
    _cholesky_solve,
    POSITIVE.ravel(),
    data=fixed(Y),
    gradient=_cholesky_solve_gradient,
    hessian=_cholesky_solve_hessian,
    source="pytorch#192540",
    upstream=LINEAR_ALGEBRA,
    tags=LINALG,
)


def _cholesky_log_det(xp: Any, x: Any) -> Any:
    r"""f(X) = sum_i log L_ii where L L' is the symmetric part of X, 3 x 3; half of its log det.

    $$f(X) = \sum_i \log L_{ii}, \quad L L^\top = K = \tfrac12 (X + X^\top)$$
    """
    return xp.sum(xp.log(xp.linalg.diagonal(xp.linalg.cholesky(_symmetric(xp, x, 3)))))


def _cholesky_log_det_hessian(x: FloatArray) -> FloatArray:
    matrix = square(x)
    mixed = np.linalg.inv(0.5 * (matrix + matrix.T)) @ symmetric_units(len(matrix))
    return -0.5 * np.einsum("aij,bji->ab", mixed, mixed)


cholesky_log_det = trap(
    "cholesky_log_det",
    _cholesky_log_det,
    POSITIVE.ravel(),
    gradient=lambda x: 0.5 * np.linalg.inv(0.5 * (square(x) + square(x).T)).ravel(),
    hessian=_cholesky_log_det_hessian,
    source="pytorch#192540, where cholesky alone is right",
    tags=(*CONTROL, "linalg"),
)


def _gp_likelihood(xp: Any, theta: Any, squared: Any, y: Any, eye: Any) -> Any:
    r"""f(theta) = y'K^-1 y / 2 + log det K / 2 of a Gaussian process with 20 observations, by solve and slogdet.

    $$f(\theta) = \tfrac12 y^\top K^{-1} y + \tfrac12 \log\det K, \quad
      K = \exp(-\tfrac12 \textstyle\sum_k e^{-2\theta_k} D_k) + 0.1\, I$$
    """
    k = xp.exp(-0.5 * xp.tensordot(xp.exp(-2 * theta), squared, axes=1)) + 0.1 * eye
    return 0.5 * xp.sum(y * xp.linalg.solve(k, y)) + 0.5 * xp.linalg.slogdet(k)[1]


gp_likelihood = replace(
    gaussian_process,
    name="gp_likelihood",
    objective=_gp_likelihood,
    sizes=(4,),
    spread=0.0,
    timed=False,
    upstream=LINEAR_ALGEBRA,
    tags=LINALG,
)

PROBLEMS = (
    det_at_identity,
    det_regular,
    det_singular,
    det_composed,
    slogdet_regular,
    solve_regular,
    inverse_trace,
    cholesky_solve,
    cholesky_log_det,
    gp_likelihood,
)
