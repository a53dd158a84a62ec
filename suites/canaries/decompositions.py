"""Native factorizations, inverses and spectra beside cofactors and series of small matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.pointwise import NONE_FOUND, canary, fixed, generic, weights


def _inverse(xp: Any, m: Any) -> Any:
    """The inverse of a matrix (2, 2)."""
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


def _trace_of_cube(xp: Any, x: Any) -> Any:
    r"""f(x) = tr A^3 of the symmetric A = [[a, b], [b, c]] at the identity, whose eigenvalues are equal.

    $$f(a, b, c) = a^3 + c^3 + 3 b^2 (a + c)$$
    """
    del xp
    a, b, c = x[0], x[1], x[2]
    return a * a * a + c * c * c + 3 * b * b * (a + c)


eigvalsh_repeated = canary(
    "eigvalsh_repeated",
    _trace_of_cube,
    (1.0, 0.0, 1.0),
    spread=0.0,
    source="the sum of cubed eigvalsh of a matrix",
    gradient=lambda x: 3 * np.array([x[0] ** 2 + x[1] ** 2, 2 * x[1] * (x[0] + x[2]), x[2] ** 2 + x[1] ** 2]),
    hessian=lambda x: 6 * np.array([[x[0], x[1], 0], [x[1], x[0] + x[2], x[1]], [0, x[1], x[2]]]),
    upstream={"torch": "pytorch#47599", "jax": "jax#669", "tensorflow": NONE_FOUND},
)

PROBLEMS = (cholesky_inverse, householder_product, matrix_exp, pinv, lstsq, nuclear_norm, eigvalsh_repeated)
