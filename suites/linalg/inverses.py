"""Functions through solves and inverses of a regular matrix.

Where the variables are the entries of a matrix X, row by row, E_ij has a single one and a, b stand for (i, j), (k, l).
From dP = -P dX P for P = X^-1 follow all derivatives of this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.matrices import flat, near_identity, square
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side
from hessbench.suites.linalg.determinants import CALCULUS, FAULTS


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
    """The entries b'P E_a P E_b P b and the same with a and b exchanged."""
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
    source=CALCULUS,
    structure=Structure(degree=-1),
    upstream=FAULTS,
    tags=("linalg", "homogeneous", "dense"),
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

PROBLEMS = (
    inverse_quadratic_form,
    inverse_trace,
)
