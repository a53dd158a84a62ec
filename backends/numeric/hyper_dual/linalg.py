"""The rules of hyper-dual linear algebra: an equation that defines the result, solved part by part.

The unit e1, e2 and e12 are nilpotent: in A X = B the matrix A0 is all that is ever inverted,

    A0 X1 = B1 - A1 X0,    A0 X2 = B2 - A2 X0,    A0 X3 = B3 - A3 X0 - A1 X2 - A2 X1.

**Cholesky.** L L' = A gives A1 = L1 L0' + L0 L1', hence L1 = L0 Phi(L0^-1 A1 L0^-T) with Phi the lower triangle
and half the diagonal; the e12 part is the same with A3 - L1 L2' - L2 L1' for A1 (Murray 2016, arXiv:1602.07527).

**Determinant.** A0 = U S V' leaves the determinant of S + E with nilpotent E = U' (A1 e1 + ...) V, which ends at
the second order: sum_i E_ii prod_{k != i} s_k + sum_{i<j} (E_ii E_jj - E_ij E_ji) prod_{k != i,j} s_k. Unlike
det A tr(A^-1 dA) it holds for a singular matrix too.

**Eigenvalues.** With A0 = V diag(w) V' and E = V' A V perturbation theory gives (Magnus 1985,
doi:10.1017/S0266466600011129) w1_i = E1_ii and w3_i = E3_ii + 2 sum_{j != i} E1_ij E2_ij / (w_i - w_j). Equal
eigenvalues have no second derivative: eigenvalues closer than n eps |w| count as equal and give inf or NaN.

cholesky and eigvalsh read the triangle that NumPy reads, and differentiate by its entries. In extended precision, which
`numpy.linalg` refuses, `extended_linalg` computes, and the determinant is d det A = det A tr(A^-1 dA); eigvalsh, and
det of a singular matrix, raise a TypeError.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.numeric import extended_linalg
from hessbench.backends.numeric.lifted import Function, Lifted, Rules


def able(func: Function, a: FloatArray) -> Function:
    """A function of `numpy.linalg`, or its like where it refuses the precision of a matrix."""
    return getattr(extended_linalg, func.__name__) if a.dtype == np.longdouble != np.float64 else func


def solve(cls: type[Lifted], func: Function, a: Any, b: Any) -> Lifted:
    """X of A X = B; as in NumPy a B of one axis is one vector."""
    a0, a1, a2, a3 = cls.parts_of(a)
    vector = b.ndim == 1
    b0, b1, b2, b3 = (np.expand_dims(part, -1) if vector else part for part in cls.parts_of(b))
    func = able(func, a0)
    x0 = func(a0, b0)
    x1, x2 = func(a0, b1 - a1 @ x0), func(a0, b2 - a2 @ x0)
    x3 = func(a0, b3 - a3 @ x0 - a1 @ x2 - a2 @ x1)
    return cls(*(x[..., 0] if vector else x for x in (x0, x1, x2, x3)))


def inv(cls: type[Lifted], func: Function, a: Lifted) -> Lifted:
    """X of A X = I."""
    del func
    return solve(cls, np.linalg.solve, a, np.eye(a.shape[-1], dtype=a.dtype))


def from_lower(a: FloatArray) -> FloatArray:
    """The symmetric matrix with the lower triangle of a."""
    return np.tril(a) + np.matrix_transpose(np.tril(a, k=-1))


def cholesky_slope(lower: FloatArray, inverse: FloatArray, change: FloatArray) -> FloatArray:
    """L1 of L1 L' + L L1' = change (symmetric); `inverse` is that of L."""
    scaled = inverse @ change @ np.matrix_transpose(inverse)
    return lower @ (np.tril(scaled) - 0.5 * scaled * np.eye(scaled.shape[-1], dtype=scaled.dtype))


def cholesky(cls: type[Lifted], func: Function, a: Any, *, upper: bool = False) -> Any:
    """L of L L' = A, or its transpose."""
    if upper:
        return np.matrix_transpose(cholesky(cls, func, np.matrix_transpose(a)))
    lower = able(func, a.real)(a.real)
    inverse = able(np.linalg.inv, lower)(lower)
    a1, a2, a3 = map(from_lower, a.parts[1:])
    l1, l2 = cholesky_slope(lower, inverse, a1), cholesky_slope(lower, inverse, a2)
    mixed = l1 @ np.matrix_transpose(l2)
    l3 = cholesky_slope(lower, inverse, a3 - mixed - np.matrix_transpose(mixed))
    return cls(lower, l1, l2, l3)


def slogdet(cls: type[Lifted], func: Function, a: Lifted) -> Any:
    """The sign, which is constant, and d log|det A| = tr(A^-1 dA)."""
    sign, logarithm = result = able(func, a.real)(a.real)
    return type(result)(sign, cls(logarithm, *_slopes_of_logarithm(a)))


def _slopes_of_logarithm(a: Lifted) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The parts e1, e2 and e12 of log|det A|."""
    first, second, both = able(np.linalg.inv, a.real)(a.real) @ np.stack(a.parts[1:])
    e12 = np.linalg.trace(both) - np.sum(first * np.matrix_transpose(second), axis=(-2, -1))
    return np.linalg.trace(first), np.linalg.trace(second), e12


def _without(s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The products of all s_k but s_i (..., n) and of all but s_i and s_j (..., n, n), the latter 0 for i = j.

    Zeros are replaced by eps^2 times the largest, which changes the products by no more than that.

    Returns:
        Both tables of products.
    """
    largest = np.max(s, axis=-1, keepdims=True)
    safe = np.maximum(s, np.finfo(s.dtype).eps ** 2 * np.where(largest == 0, 1, largest))
    one = np.prod(safe, axis=-1, keepdims=True) / safe
    off = 1 - np.eye(s.shape[-1], dtype=s.dtype)
    return one, off * (one[..., :, None] / safe[..., None, :])


def det(cls: type[Lifted], func: Function, a: Lifted) -> Lifted:
    """By singular values, in extended precision by the logarithm's; the value itself is that of `func`."""
    if able(func, a.real) is not func:
        value = able(func, a.real)(a.real)
        if np.any(value == 0):
            raise TypeError("a singular matrix has no rule in extended precision")
        e1, e2, e12 = _slopes_of_logarithm(a)
        return cls(value, value * e1, value * e2, value * (e12 + e1 * e2))
    u, s, vt = np.linalg.svd(a.real)
    one, two = _without(s)
    turn = np.sign(np.linalg.det(u) * np.linalg.det(vt))
    first, second, both = np.matrix_transpose(u) @ np.stack(a.parts[1:]) @ np.matrix_transpose(vt)
    e1, e2, e12 = (np.sum(np.linalg.diagonal(e) * one, axis=-1) for e in (first, second, both))
    minors = np.linalg.diagonal(first)[..., :, None] * np.linalg.diagonal(second)[..., None, :]
    curvature = np.sum((minors - first * np.matrix_transpose(second)) * two, axis=(-2, -1))
    return cls(func(a.real), turn * e1, turn * e2, turn * (e12 + curvature))


def eigvalsh(cls: type[Lifted], func: Function, a: Lifted) -> Lifted:
    """The ascending eigenvalues of a symmetric matrix."""
    values, vectors = np.linalg.eigh(a.real)
    changes = from_lower(np.stack(a.parts[1:]))
    first, second, both = np.matrix_transpose(vectors) @ changes @ vectors
    gap = values[..., :, None] - values[..., None, :]
    n, size = a.shape[-1], np.max(np.abs(values), axis=-1)[..., None, None]
    gap = np.where(np.abs(gap) <= n * np.finfo(a.dtype).eps * size, 0, gap)
    off = ~np.eye(n, dtype=np.bool_)
    pull = np.divide(first * second, gap, where=off, out=np.zeros_like(gap))
    e1, e2, e12 = map(np.linalg.diagonal, (first, second, both))
    return cls(func(a.real), e1, e2, e12 + 2 * np.sum(pull, axis=-1))


LINALG: Rules = MappingProxyType(
    {
        np.linalg.cholesky: cholesky,
        np.linalg.det: det,
        np.linalg.eigvalsh: eigvalsh,
        np.linalg.inv: inv,
        np.linalg.slogdet: slogdet,
        np.linalg.solve: solve,
    }
)
"""What is neither linear nor a product."""
