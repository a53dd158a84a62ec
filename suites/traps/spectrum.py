"""Functions of eigenvalues that are smooth where eigenvalues are equal, though eigenvectors are not."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import CONTROL, LINALG, trap

SOURCE = (
    "Kasim 2020, Derivatives of partial eigendecomposition of a real symmetric matrix for degenerate cases, "
    "arXiv:2011.04366"
)
DISTINCT = (1.0, 0.5, 0.5, -2.0)
REPEATED = {"torch": "pytorch#47599", "jax": "jax#669", "tensorflow": "tensorflow#12853"}


def _spectral_cubes(xp: Any, x: Any) -> Any:
    r"""f(X) = sum_i lambda_i^3 over the eigenvalues of the symmetric part of X, 2 x 2, by eigvalsh.

    $$f(X) = \sum_i \lambda_i^3 = \operatorname{tr} A^3, \quad A = \tfrac12 (X + X^\top)$$
    """
    values = xp.linalg.eigvalsh(_symmetric_part(xp, x))
    return xp.sum(values * values * values)


def _trace_of_cube(xp: Any, x: Any) -> Any:
    r"""f(X) = tr A^3, A the symmetric part of X, 2 x 2, by products: no eigenvalues, no trouble.

    $$f(X) = \operatorname{tr} A^3, \quad A = \tfrac12 (X + X^\top)$$
    """
    a = _symmetric_part(xp, x)
    return xp.linalg.trace(xp.matmul(xp.matmul(a, a), a))


def _symmetric_part(xp: Any, x: Any) -> Any:
    matrix = xp.reshape(x, (2, 2))
    return 0.5 * (matrix + xp.matrix_transpose(matrix))


def _part(x: FloatArray) -> FloatArray:
    matrix = x.reshape(2, 2)
    return 0.5 * (matrix + matrix.T)


def _gradient(x: FloatArray) -> FloatArray:
    return 3 * (_part(x) @ _part(x)).ravel()


def _hessian(x: FloatArray) -> FloatArray:
    """3 (A S + S A) for every symmetric unit S."""
    a, units = _part(x), np.eye(4).reshape(4, 2, 2)
    symmetric = 0.5 * (units + units.transpose(0, 2, 1))
    return 3 * (a @ symmetric + symmetric @ a).reshape(4, 4)


eigenvalues_repeated = trap(
    "eigenvalues_repeated",
    _spectral_cubes,
    np.eye(2).ravel(),
    gradient=_gradient,
    hessian=_hessian,
    source=SOURCE,
    upstream=REPEATED,
    tags=LINALG,
)
eigenvalues_distinct = trap(
    "eigenvalues_distinct",
    _spectral_cubes,
    DISTINCT,
    gradient=_gradient,
    hessian=_hessian,
    source=SOURCE,
    tags=(*CONTROL, "linalg"),
)
trace_of_cube = trap(
    "trace_of_cube",
    _trace_of_cube,
    np.eye(2).ravel(),
    gradient=_gradient,
    hessian=_hessian,
    source="the control of eigenvalues_repeated",
    tags=CONTROL,
)

PROBLEMS = (eigenvalues_repeated, eigenvalues_distinct, trace_of_cube)
