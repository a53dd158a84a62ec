"""Linear algebra over arrays of CasADi symbols: CasADi's own `solve`, and plain algorithms for what its MX lacks.

CasADi's `chol` and `qr` take no MX, `det` of SX expands by minors (8 x 8: 110 000 operations) and `det` of MX cannot be
evaluated in 3.6 (casadi#2286). The algorithms below are a few matrix operations per column, in either type.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from hessbench.backends.casadi.symbols import Symbols, arrange, broadcast_to, from_matrix, lift, to_matrix
from hessbench.backends.contract.lazy import Lazy

ca = Lazy("casadi")

Slogdet = namedtuple("Slogdet", "sign logabsdet")


def _matrices(x: Any) -> tuple[list[Any], tuple[int, ...]]:
    """The matrices of a stack, as CasADi's, and the shape of the stack."""
    x = lift(x)
    stack = x.shape[:-2]
    return [to_matrix(x[i]) for i in np.ndindex(*stack)], stack


def _stacked(parts: list[Symbols], stack: tuple[int, ...]) -> Symbols:
    if not stack:
        return parts[0]
    return arrange(lambda *positions: np.reshape(np.stack(positions), (*stack, *parts[0].shape)), *parts)


def _of_matrices(function: Callable[[Any], Symbols]) -> Callable[[Any], Symbols]:
    """A function of one of CasADi's matrices as one of an array that may be a stack."""

    def applied(x: Any) -> Symbols:
        matrices, stack = _matrices(x)
        return _stacked([function(matrix) for matrix in matrices], stack)

    return applied


def _lower(matrix: Any) -> Symbols:
    """The Cholesky factor: column by column, each subtracted from what is right of it."""
    columns, n = [], matrix.shape[0]
    for j in range(n):
        column = matrix[:, 0] / ca.sqrt(matrix[0, 0])
        columns.append(ca.vertcat(ca.DM.zeros(j, 1), column))
        matrix = matrix[1:, 1:] - ca.mtimes(column[1:], column[1:].T)
    return from_matrix(ca.horzcat(*columns))


def _pivots(matrix: Any, until: int = 1) -> list[Any]:
    """Numbers whose product is the determinant: the diagonal of R in A = QR, by Householder's reflections.

    A reflection has the determinant -1, which its pivot carries. It maps a column x to -sign(x_0) |x| e_0, where
    sign(0) is 1 and nothing cancels in x_0 + sign(x_0) |x|. A column of zeros has none: the last pivot is the
    determinant of what is left, by minors, a polynomial.

    Args:
        matrix: A.
        until: How many columns to leave.

    Returns:
        The pivots, first column first.
    """
    pivots = []
    while matrix.shape[0] > until:
        column = matrix[:, 0]
        length = ca.if_else(column[0] >= 0, 1, -1) * ca.sqrt(ca.dot(column, column))
        normal = ca.vertcat(column[0] + length, column[1:])
        pivots.append(length)
        scaled = normal * (2 / ca.dot(normal, normal))
        matrix = (matrix - ca.mtimes(scaled, ca.mtimes(normal.T, matrix)))[1:, 1:]
    return [*pivots, _by_minors(matrix)]


def _by_minors(matrix: Any) -> Any:
    """The determinant of a small matrix, by its first row."""
    if matrix.shape[0] == 1:
        return matrix
    minors = [ca.horzcat(matrix[1:, :j], matrix[1:, j + 1 :]) for j in range(matrix.shape[0])]
    return sum((-1) ** j * matrix[0, j] * _by_minors(minor) for j, minor in enumerate(minors))


def _product(factors: list[Any]) -> Symbols:
    return Symbols(reduce(ca.times, factors), ())


_cholesky = _of_matrices(_lower)


def cholesky(x: Any, *, upper: bool = False) -> Symbols:
    """The triangular factor."""
    return _cholesky(x).mT if upper else _cholesky(x)


det = _of_matrices(lambda matrix: _product(_pivots(matrix, until=3)))
inv = _of_matrices(lambda matrix: from_matrix(ca.solve(matrix, ca.DM.eye(matrix.shape[0]))))
_sign = _of_matrices(lambda matrix: _product([ca.sign(pivot) for pivot in _pivots(matrix)]))
_log = _of_matrices(lambda matrix: Symbols(sum(ca.log(ca.fabs(pivot)) for pivot in _pivots(matrix)), ()))


def slogdet(x: Any) -> Slogdet:
    """Sign and logarithm of the determinant."""
    return Slogdet(_sign(x), _log(x))


def solve(a: Any, b: Any) -> Symbols:
    """The solution of linear systems; b is a vector, or a stack of matrices."""
    a, b = lift(a), lift(b)
    columns = arrange(lambda i: i[:, None], b) if b.ndim == 1 else b
    stack = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    lefts, rights = (_matrices(broadcast_to(m, (*stack, *m.shape[-2:])))[0] for m in (a, columns))
    solved = _stacked([from_matrix(ca.solve(*pair)) for pair in zip(lefts, rights, strict=True)], stack)
    return arrange(lambda i: i[..., 0], solved) if b.ndim == 1 else solved


def eigvalsh(x: Any) -> Symbols:
    """Refused: see `backends.casadi.methods.NO_EIGENVALUES`."""
    raise NotImplementedError("CasADi has no eigenvalues of a symmetric matrix")
