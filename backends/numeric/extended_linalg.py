"""Linear algebra in `np.longdouble`, which `numpy.linalg` refuses: the few names of the vocabulary, for small matrices.

Elimination with partial pivoting, the outer-product form of Cholesky, and for eigenvalues Jacobi's rotations, started
from LAPACK's eigenvectors so that one or two sweeps are enough (Golub & Van Loan 2013, chapters 3, 4 and 8). Stacks of
matrices are worked through one by one. As in LAPACK, `cholesky` and `eigvalsh` read the lower triangle. Complex ones
are a `TypeError` there, as in `numpy.linalg`, so that LAPACK is asked in complex128.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from hessbench.backends.contract.arrays import FloatArray

SWEEPS = 30


class Slogdet(NamedTuple):
    """What `numpy.linalg.slogdet` returns, under its names."""

    sign: FloatArray
    logabsdet: FloatArray


def _each(function: Callable[[FloatArray], FloatArray]) -> Callable[[FloatArray], FloatArray]:
    """A function of one matrix for stacks (..., m, m)."""

    def apply(a: FloatArray) -> FloatArray:
        a = np.asarray(a)
        found = [function(matrix) for matrix in a.reshape(-1, *a.shape[-2:])]
        return np.stack(found).reshape(a.shape[:-2] + found[0].shape)

    return apply


def _real(a: FloatArray) -> FloatArray:
    if np.iscomplexobj(a):
        raise TypeError("complex matrices have no decomposition in extended precision")
    return a


def _eliminate(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray, int]:
    """The upper triangle U (m, m) of P A = L U, L^-1 P B, and the sign of P."""
    u, b, sign = a.copy(), b.astype(np.result_type(a, b)), 1
    for k in range(len(u)):
        pivot = k + int(np.argmax(np.abs(u[k:, k])))
        if pivot != k:
            u[[k, pivot]], b[[k, pivot]], sign = u[[pivot, k]], b[[pivot, k]], -sign
        if u[k, k] == 0:
            continue
        factors = u[k + 1 :, k] / u[k, k]
        u[k + 1 :, k:] -= np.multiply.outer(factors, u[k, k:])
        b[k + 1 :] -= np.multiply.outer(factors, b[k])
    return u, b, sign


def _solve(a: FloatArray, b: FloatArray) -> FloatArray:
    u, x, _ = _eliminate(a, b)
    if np.any(np.diagonal(u) == 0):
        raise np.linalg.LinAlgError("Singular matrix")
    for k in reversed(range(len(u))):
        x[k] = (x[k] - np.tensordot(u[k, k + 1 :], x[k + 1 :], axes=1)) / u[k, k]
    return x


def solve(a: FloatArray, b: FloatArray) -> FloatArray:
    """X of A X = B; a B of one axis is one vector, as in NumPy, and a singular A is a `LinAlgError`."""
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim == 2 and b.ndim <= 2:
        return _solve(a, b)
    columns = b[:, None] if b.ndim == 1 else b
    lead = np.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    pairs = zip(
        np.broadcast_to(a, lead + a.shape[-2:]).reshape(-1, *a.shape[-2:]),
        np.broadcast_to(columns, lead + columns.shape[-2:]).reshape(-1, *columns.shape[-2:]),
        strict=True,
    )
    x = np.stack([_solve(*pair) for pair in pairs]).reshape(lead + columns.shape[-2:])
    return x[..., 0] if b.ndim == 1 else x


def inv(a: FloatArray) -> FloatArray:
    """The inverse; a singular matrix is a `LinAlgError`."""
    a = np.asarray(a)
    return solve(a, np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape))


@_each
def det(a: FloatArray) -> FloatArray:
    """The determinant."""
    u, _, sign = _eliminate(a, np.zeros((len(a), 0), dtype=a.dtype))
    return np.asarray(sign * np.prod(np.diagonal(u)))


@_each
def _slogdet(a: FloatArray) -> FloatArray:
    u, _, sign = _eliminate(a, np.zeros((len(a), 0), dtype=a.dtype))
    pivots = np.diagonal(u)
    with np.errstate(divide="ignore"):
        return np.stack([sign * np.prod(np.sign(pivots)), np.sum(np.log(np.abs(pivots)))])


def slogdet(a: FloatArray) -> Slogdet:
    """The determinant's sign and the logarithm of its absolute value."""
    both = _slogdet(a)
    return Slogdet(both[..., 0], both[..., 1].real)


@_each
def cholesky(a: FloatArray) -> FloatArray:
    """The lower triangle L of A = L L'.

    Returns:
        The triangle, with zeros above the diagonal.

    Raises:
        numpy.linalg.LinAlgError: A is not positive definite.
        TypeError: It is complex.
    """  # noqa: DOC502
    rest, lower = np.tril(_real(a)), np.zeros_like(a)
    for k in range(len(a)):
        if not rest[k, k] > 0:
            raise np.linalg.LinAlgError("Matrix is not positive definite")
        column = rest[k:, k] / np.sqrt(rest[k, k])
        lower[k:, k] = column
        rest[k:, k:] -= np.multiply.outer(column, column)
    return lower


@_each
def eigvalsh(a: FloatArray) -> FloatArray:
    """The eigenvalues of a symmetric matrix, ascending."""
    symmetric = np.tril(_real(a)) + np.tril(a, -1).T
    v = np.linalg.eigh(symmetric.astype(np.float64))[1].astype(a.dtype)
    v = v @ (3 * np.eye(len(v), dtype=v.dtype) - v.T @ v) / 2  # orthogonal beyond float64 by one Newton step
    rotated = v.T @ symmetric @ v
    negligible = np.finfo(a.dtype).eps * np.max(np.abs(symmetric), initial=0) / 16
    for _ in range(SWEEPS):
        pairs = np.argwhere(np.triu(np.abs(rotated), 1) > negligible)
        if not len(pairs):
            break
        for p, q in pairs:
            _rotate(rotated, p, q)
    return np.sort(np.diagonal(rotated))


def _rotate(a: FloatArray, p: int, q: int) -> None:
    """Jacobi's rotation of rows and columns p and q that makes a[p, q] zero, in place."""
    if a[p, q] == 0:
        return
    theta = (a[q, q] - a[p, p]) / (2 * a[p, q])
    t = (1 if theta >= 0 else -1) / (np.abs(theta) + np.hypot(theta, 1))
    c = 1 / np.hypot(t, 1)
    turn = np.array([[c, t * c], [-t * c, c]], dtype=a.dtype)
    a[:, [p, q]] = a[:, [p, q]] @ turn
    a[[p, q]] = turn.T @ a[[p, q]]


class _Linalg:
    """`numpy.linalg` with these in place of what refuses extended precision."""

    solve, inv, det, slogdet = staticmethod(solve), staticmethod(inv), staticmethod(det), staticmethod(slogdet)
    cholesky, eigvalsh = staticmethod(cholesky), staticmethod(eigvalsh)

    def __getattr__(self, name: str) -> Any:
        return getattr(np.linalg, name)


class _Namespace:
    """NumPy, for objectives in extended precision."""

    linalg = _Linalg()

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


namespace = _Namespace()
"""What an objective gets as `xp` in extended precision."""
