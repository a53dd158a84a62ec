"""Functions through solves, inverses, factors, determinants and spectra of small matrices, all in closed form.

Where the variables are the entries of a matrix X, row by row, E_ij has a single one and a, b stand for (i, j), (k, l).
From dP = -P dX P for P = X^-1 follow all derivatives of this file; the rest is in `suites.linalg_determinants` and
`suites.linalg_spectrum`. Matrices are regular here, eigenvalues distinct; for the others see `suites.traps_linalg`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.matrices import flat, near_identity, square
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side
from hessbench.suites.linalg.determinants import RIDGE


def _inverse_quadratic_form(xp: Any, x: Any, b: Any) -> Any:
    r"""f(X) = b' X^-1 b of a regular matrix X without symmetry, by solve; n = m^2.

    $$f(X) = b^\top X^{-1} b$$
    """
    m = side(x.shape[0])
    return xp.sum(b * xp.linalg.solve(xp.reshape(x, (m, m)), b))


def _inverse_quadratic_form_gradient(x: FloatArray, b: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(square(x))
    return -np.outer(b @ inverse, inverse @ b).ravel()


def _inverse_quadratic_form_hessian(x: FloatArray, b: FloatArray) -> FloatArray:
    """It is b'P E_a P E_b P b and the same with a and b exchanged."""
    inverse = np.linalg.inv(square(x))
    one = np.einsum("i,jk,l->ijkl", b @ inverse, inverse, inverse @ b)
    return flat(one + one.transpose(2, 3, 0, 1))


inverse_quadratic_form = Problem(
    name="inverse_quadratic_form",
    objective=_inverse_quadratic_form,
    sizes=(4, 16, 64),
    start=near_identity,
    data=lambda n, rng: (rng.standard_normal(side(n)),),
    gradient=_inverse_quadratic_form_gradient,
    hessian=_inverse_quadratic_form_hessian,
    allowed=Size.square(root="m"),
    source="Magnus & Neudecker 2019, Matrix Differential Calculus, chapters 8 and 10, doi:10.1002/9781119541219",
    structure=Structure(degree=-1),
    upstream={"torch": "pytorch#192540"},
    tags=("linalg", "homogeneous", "dense"),
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


def _inverse_trace(xp: Any, x: Any, vectors: Any) -> Any:
    r"""f(x) = tr (sum_k x_k a_k a_k')^-1, by inv; the A-optimal design of an experiment, about sqrt(2n) dimensions.

    $$f(x) = \operatorname{tr} \Bigl(\sum_{k=1}^n x_k a_k a_k^\top\Bigr)^{-1}$$
    """
    information = xp.matmul(xp.matrix_transpose(vectors) * x, vectors)
    return xp.linalg.trace(xp.linalg.inv(information))


def _design(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Vectors of m entries with n <= m (m + 1) / 2: the a_k a_k' are independent, hence the Hessian is regular."""
    return (rng.standard_normal((n, int(np.ceil(np.sqrt(2 * n))))),)


def _inverse_trace_products(x: FloatArray, vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The a_k'P a_l and the a_k'P^2 a_l."""
    pushed = vectors @ np.linalg.inv((vectors.T * x) @ vectors)
    once, twice = pushed @ vectors.T, pushed @ pushed.T
    return 0.5 * (once + once.T), twice


def _inverse_trace_hessian(x: FloatArray, vectors: FloatArray) -> FloatArray:
    """2 tr P A_k P A_l P with A_k = a_k a_k'."""
    once, twice = _inverse_trace_products(x, vectors)
    return 2 * once * twice


inverse_trace = Problem(
    name="inverse_trace",
    objective=_inverse_trace,
    sizes=(4, 16, 64),
    start=lambda n, rng: rng.uniform(0.5, 1.5, n),
    data=_design,
    gradient=lambda x, vectors: -np.diag(_inverse_trace_products(x, vectors)[1]),
    hessian=_inverse_trace_hessian,
    allowed=Size.at_least(3),
    source="Boyd & Vandenberghe 2004, Convex Optimization, section 7.5, doi:10.1017/CBO9780511804441",
    structure=Structure(degree=-1, definiteness="positive definite"),
    tags=("linalg", "convex", "homogeneous", "dense"),
)


def _rayleigh_quotient(xp: Any, x: Any, stiffness: Any, mass: Any) -> Any:
    r"""f(x) = x'Ax / x'Bx, A and B the stiffness and mass of a string of linear finite elements.

    $$f(x) = \frac{x^\top A x}{x^\top B x},\quad A = \operatorname{tridiag}(-1, 2, -1),\quad
    B = \tfrac16 \operatorname{tridiag}(1, 4, 1)$$
    """
    return xp.vecdot(x, xp.matmul(stiffness, x)) / xp.vecdot(x, xp.matmul(mass, x))


def _string(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del rng
    neighbors = np.eye(n, k=1) + np.eye(n, k=-1)
    return 2 * np.eye(n) - neighbors, (4 * np.eye(n) + neighbors) / 6


def _rayleigh_parts(x: FloatArray, a: FloatArray, b: FloatArray) -> tuple[float, float, FloatArray, FloatArray]:
    """The quotient, x'Bx, Bx and the gradient."""
    weight, pushed = float(x @ b @ x), b @ x
    quotient = float(x @ a @ x) / weight
    return quotient, weight, pushed, 2 / weight * (a @ x - quotient * pushed)


def _rayleigh_quotient_hessian(x: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    quotient, weight, pushed, gradient = _rayleigh_parts(x, a, b)
    mixed = np.outer(pushed, gradient)
    return 2 / weight * (a - quotient * b - mixed - mixed.T)


rayleigh_quotient = Problem(
    name="rayleigh_quotient",
    objective=_rayleigh_quotient,
    sizes=(4, 16, 64),
    start=lambda n, rng: rng.uniform(0.5, 1.5, n),
    data=_string,
    gradient=lambda x, a, b: _rayleigh_parts(x, a, b)[3],
    hessian=_rayleigh_quotient_hessian,
    allowed=Size.at_least(2),
    source="Parlett 1998, The Symmetric Eigenvalue Problem, chapter 15, doi:10.1137/1.9781611971163",
    named_points={"minimum": lambda n, rng: np.sin(np.pi * np.arange(1, n + 1) / (n + 1))},
    structure=Structure(degree=0),
    tags=("homogeneous", "nonconvex", "dense"),
)
