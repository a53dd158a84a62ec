"""Linear algebra: native functions beside cofactors and series of small matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import canary, fixed, generic, weights

NESTED = "pytorch#192540, pytorch#198017"
REGULAR = np.array([2.0, 0.3, -0.4, 0.1, 1.5, 0.2, -0.2, 0.5, 1.8])
"""A matrix (3, 3) without symmetry, well away from singular ones."""

LEVI_CIVITA = np.array([[[(i - j) * (j - k) * (k - i) / 2 for k in range(3)] for j in range(3)] for i in range(3)])
"""1 for even permutations of the indices, -1 for odd ones, else 0."""


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


def _inverse(xp: Any, m: Any) -> Any:
    """Of a matrix (2, 2)."""
    adjugate = xp.reshape(xp.stack([m[1, 1], -m[0, 1], -m[1, 0], m[0, 0]]), (2, 2))
    return adjugate / (m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0])


def _cholesky_inverse(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (L L')^-1_ij with the lower triangle L = [[x_1, 0], [x_2, x_3]].

    $$f(x) = \sum_{ij} w_{ij} \bigl((L L^\top)^{-1}\bigr)_{ij}, \quad L = \begin{pmatrix} x_1 & 0 \\ x_2 & x_3
    \end{pmatrix}$$
    """
    a, b, c = x[0], x[1], x[2]
    adjugate = xp.reshape(xp.stack([b * b + c * c, -a * b, -a * b, a * a]), (2, 2))
    return xp.sum(weights * adjugate) / (a * a * c * c)


cholesky_inverse = canary(
    "cholesky_inverse",
    _cholesky_inverse,
    (1.5, -0.5, 2.0),
    data=fixed(weights(2, 2)),
    source="torch.cholesky_inverse",
    upstream={"torch": "pytorch#196682, pytorch#196694"},
)


def _householder_product(xp: Any, x: Any, weights: Any, eye: Any) -> Any:
    r"""f(x) = sum_ij w_ij exp(Q_ij), the first two columns Q of the product of two reflectors of three dimensions.

    $$f(x) = \sum_{ij} w_{ij} e^{Q_{ij}}, \quad Q = (I - x_4 u u^\top)(I - x_5 v v^\top), \quad u = (1, x_1, x_2),
    \quad v = (0, 1, x_3)$$
    """
    zero, one = 0 * x[0], 0 * x[0] + 1
    u, v = xp.stack([one, x[0], x[1]]), xp.stack([zero, one, x[2]])
    reflections = [eye - t * xp.expand_dims(w, axis=1) * xp.expand_dims(w, axis=0) for t, w in ((x[3], u), (x[4], v))]
    return xp.sum(weights * xp.exp(xp.matmul(reflections[0], reflections[1])[:, :2]))


householder_product = canary(
    "householder_product",
    _householder_product,
    (0.5, -0.3, 0.8, 1.2, 0.7),
    data=fixed(weights(3, 2), np.eye(3)),
    source="torch.linalg.householder_product",
    upstream={"torch": "pytorch#196698"},
)

TERMS = 24


def _matrix_exp(xp: Any, x: Any, weights: Any, eye: Any) -> Any:
    r"""f(x) = sum_ij w_ij exp(A)_ij of a matrix (2, 2), by its series.

    $$f(x) = \sum_{ij} w_{ij} (e^A)_{ij}, \quad e^A = \sum_{k=0}^{24} \frac{A^k}{k!}$$
    """
    matrix = xp.reshape(x, (2, 2))
    total = eye
    for k in range(TERMS, 0, -1):
        total = eye + xp.matmul(matrix, total) / k
    return xp.sum(weights * total)


matrix_exp = canary(
    "matrix_exp",
    _matrix_exp,
    (0.5, -0.3, 0.2, 0.4),
    data=fixed(weights(2, 2), np.eye(2)),
    source="torch.linalg.matrix_exp",
)


def _pinv(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (A'(AA')^-1)_ij, the pseudoinverse of a matrix (2, 3) of full rank.

    $$f(x) = \sum_{ij} w_{ij} \bigl(A^\top (A A^\top)^{-1}\bigr)_{ij}$$
    """
    a = xp.reshape(x, (2, 3))
    transposed = xp.matrix_transpose(a)
    return xp.sum(weights * xp.matmul(transposed, _inverse(xp, xp.matmul(a, transposed))))


pinv = canary("pinv", _pinv, generic(6), data=fixed(weights(3, 2)), source="torch.linalg.pinv")


def _lstsq(xp: Any, x: Any, b: Any, weights: Any) -> Any:
    r"""f(x) = w'(A'A)^-1 A'b, the least-squares solution for a matrix A (3, 2) of full rank.

    $$f(x) = w^\top (A^\top A)^{-1} A^\top b$$
    """
    a = xp.reshape(x, (3, 2))
    transposed = xp.matrix_transpose(a)
    return xp.sum(weights * xp.matmul(_inverse(xp, xp.matmul(transposed, a)), xp.matmul(transposed, b)))


lstsq = canary(
    "lstsq", _lstsq, generic(6), data=fixed([1.0, -2.0, 0.5], weights(2)), source="torch.linalg.lstsq by gels"
)


def _nuclear_norm(xp: Any, x: Any) -> Any:
    r"""f(x) = s_1 + s_2, the singular values of a matrix (2, 2) with a positive determinant.

    $$f(x) = s_1 + s_2 = \sqrt{|A|_F^2 + 2 \det A}$$
    """
    return xp.sqrt(xp.sum(x * x) + 2 * (x[0] * x[3] - x[1] * x[2]))


nuclear_norm = canary("nuclear_norm", _nuclear_norm, (2.0, 0.3, -0.4, 0.9), source="torch.linalg.svdvals")


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

PROBLEMS = (
    det,
    det_identity,
    slogdet,
    solve,
    cholesky_inverse,
    householder_product,
    matrix_exp,
    pinv,
    lstsq,
    nuclear_norm,
    kron,
    trace,
)
