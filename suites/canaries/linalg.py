"""Native determinants, solves and products beside cofactors of small matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.matrices import LEVI_CIVITA
from hessbench.suites.definition.pointwise import canary, fixed, generic, weights

NESTED = "pytorch#192540, pytorch#198017"


REGULAR = np.array([2.0, 0.3, -0.4, 0.1, 1.5, 0.2, -0.2, 0.5, 1.8])
"""A matrix (3, 3) without symmetry, well away from singular ones."""


def _cross(xp: Any, a: Any, b: Any) -> Any:
    return xp.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def _determinant(xp: Any, x: Any) -> Any:
    return xp.sum(x[:3] * _cross(xp, x[3:6], x[6:]))


def _det(xp: Any, x: Any) -> Any:
    r"""f(x) = a'(b x c), the determinant of the matrix with rows a, b, c.

    $$f(x) = a \cdot (b \times c) = \det A, \quad x = (a, b, c)$$
    """
    return _determinant(xp, x)


def _det_gradient(x: FloatArray) -> FloatArray:
    a, b, c = x.reshape(3, 3)
    return np.concatenate([np.cross(b, c), np.cross(c, a), np.cross(a, b)])


def _det_hessian(x: FloatArray) -> FloatArray:
    """d2 det / dA_ik dA_jl = sum_mn e_ijm e_kln A_mn."""
    return np.einsum("ijm,kln,mn->ikjl", LEVI_CIVITA, LEVI_CIVITA, x.reshape(3, 3)).reshape(9, 9)


det = canary(
    "det",
    _det,
    REGULAR,
    gradient=_det_gradient,
    hessian=_det_hessian,
    source="torch.linalg.det",
    upstream={"torch": f"pytorch#196696, {NESTED}"},
)


det_identity = canary(
    "det_identity",
    _det,
    np.eye(3).ravel(),
    gradient=_det_gradient,
    hessian=_det_hessian,
    spread=0.0,
    source="torch.linalg.det at the identity",
    upstream={"torch": f"pytorch#192521, {NESTED}"},
)


def _slogdet(xp: Any, x: Any) -> Any:
    r"""f(x) = log det A of a matrix (3, 3) with a positive determinant.

    $$f(x) = \log \det A, \quad x = \mathrm{vec}\, A$$
    """
    return xp.log(_determinant(xp, x))


def _slogdet_hessian(x: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(x.reshape(3, 3))
    return np.einsum("jk,li->ijkl", -inverse, inverse).reshape(9, 9)


slogdet = canary(
    "slogdet",
    _slogdet,
    REGULAR,
    gradient=lambda x: np.linalg.inv(x.reshape(3, 3)).T.ravel(),
    hessian=_slogdet_hessian,
    source="torch.linalg.slogdet",
    upstream={"torch": NESTED},
)


def _solve(xp: Any, x: Any, b: Any, c: Any) -> Any:
    r"""f(x) = c'A^-1 b of a matrix (3, 3), by cofactors.

    $$f(x) = c^\top A^{-1} b, \quad x = \mathrm{vec}\, A$$
    """
    rows = x[:3], x[3:6], x[6:]
    columns = _cross(xp, rows[1], rows[2]), _cross(xp, rows[2], rows[0]), _cross(xp, rows[0], rows[1])
    adjugate = xp.stack(columns, axis=1)
    return xp.sum(c * xp.matmul(adjugate, b)) / _determinant(xp, x)


def _solve_gradient(x: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(x.reshape(3, 3))
    return -np.outer(inverse.T @ c, inverse @ b).ravel()


def _solve_hessian(x: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """u_i B_jk v_l + u_k B_li v_j with B = A^-1, u = B'c and v = Bb."""
    inverse = np.linalg.inv(x.reshape(3, 3))
    half = np.einsum("i,jk,l->ijkl", inverse.T @ c, inverse, inverse @ b).reshape(9, 9)
    return half + half.T


solve = canary(
    "solve",
    _solve,
    REGULAR,
    data=fixed([1.0, -2.0, 0.5], [0.5, 1.0, -1.0]),
    gradient=_solve_gradient,
    hessian=_solve_hessian,
    source="torch.linalg.solve",
    upstream={"torch": NESTED},
)


def _kron(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (A kron B)_ij of two matrices (2, 2).

    $$f(x) = \sum_{ij} w_{ij} (A \otimes B)_{ij}$$
    """
    a, b = xp.reshape(x[:4], (2, 1, 2, 1)), xp.reshape(x[4:], (1, 2, 1, 2))
    return xp.sum(weights * xp.reshape(a * b, (4, 4)))


kron = canary("kron", _kron, generic(8), data=fixed(weights(4, 4)), source="torch.kron")


def _trace(xp: Any, x: Any) -> Any:
    r"""f(x) = (x_1 + x_5 + x_9)^2, the squared trace of a matrix (3, 3).

    $$f(x) = (\mathrm{tr}\, A)^2$$
    """
    return xp.square(x[0] + x[4] + x[8])


def _trace_hessian(x: FloatArray) -> FloatArray:
    diagonal = np.eye(3).ravel()
    return 2 * np.outer(diagonal, diagonal)


trace = canary(
    "trace",
    _trace,
    REGULAR,
    gradient=lambda x: 2 * np.trace(x.reshape(3, 3)) * np.eye(3).ravel(),
    hessian=_trace_hessian,
    source="torch.trace",
    upstream={"torch": "pytorch#190855, pytorch#190856"},
    convention="wrong when compiled only: hessbench verify canaries/trace --execution inductor",
)

PROBLEMS = (det, det_identity, slogdet, solve, kron, trace)
