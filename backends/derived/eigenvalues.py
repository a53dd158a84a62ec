"""Eigenvalues of the Hessian: all, the largest k, and how many are positive, zero and negative.

The largest ones without the Hessian: Rayleigh and Ritz on a Krylov space of several start vectors, whose basis is kept
orthogonal as a whole (band Lanczos with full reorthogonalization; Bai et al. 2000, Templates for the Solution of
Algebraic Eigenvalue Problems, sections 4.4 and 4.6, doi:10.1137/1.9780898719581). With k start vectors an eigenvalue is
found as often as it is there, up to k times; one vector would see it once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.derived.algebra import Algebra, Derivatives, eps_of
from hessbench.backends.derived.newton import FLOOR, NEGLIGIBLE

LARGEST_BASIS = 320
"""Vectors in the basis at most; what has not settled by then is given as it is, and the judge looks at it."""

STRIDE = 16
"""Vectors between two looks at the Ritz values, which cost the cube of the basis."""


def spectrum(algebra: Algebra, f: Derivatives, x: Array) -> Array:
    """All eigenvalues, ascending."""
    return algebra.xp.linalg.eigvalsh(f.hessian(x))


def dense_top(algebra: Algebra, f: Derivatives, x: Array, starts: Array) -> Array:
    """The largest of all eigenvalues, descending, as many as there are start vectors."""
    values = algebra.xp.linalg.eigvalsh(f.hessian(x))
    return algebra.xp.flip(values)[: starts.shape[0]]


def inertia(algebra: Algebra, f: Derivatives, x: Array) -> Array:
    """Numbers of eigenvalues above, at and below zero, up to rounding of the largest one."""
    xp = algebra.xp
    values = xp.linalg.eigvalsh(f.hessian(x))
    cut = NEGLIGIBLE * values.shape[0] * eps_of(values) * xp.max(xp.abs(values))
    one, none = xp.ones_like(values), xp.zeros_like(values)
    return xp.stack(
        [xp.sum(xp.where(which, one, none)) for which in (values > cut, xp.abs(values) <= cut, values < -cut)]
    )


def lanczos(tolerance: float) -> Callable[[Algebra, Derivatives, Array, Array], tuple[Array, Any]]:
    """The largest eigenvalues from products with H, descending, and the number of products.

    Args:
        tolerance: The largest norm of a residual H y - t y at which it stops, relative to the largest |t|.

    Returns:
        A formula that gives both.
    """

    def formula(algebra: Algebra, f: Derivatives, x: Array, starts: Array) -> tuple[Array, Any]:
        xp = algebra.xp
        _, product = f.linearized(x)
        (k, n), limit = starts.shape, max(tolerance, FLOOR * eps_of(x))
        m = min(n, max(LARGEST_BASIS, 4 * k))
        stride = min(m, max(STRIDE, k))
        places = xp.arange(m)
        diagonal = xp.expand_dims(places, axis=0) == xp.expand_dims(places, axis=1)

        def grown(j: Any, basis: Array, images: Array) -> tuple[Any, Array, Array]:
            q = orthogonal(xp, xp.concat([starts, images])[j], basis, xp.roll(starts[0], j))
            return j + 1, algebra.with_row(basis, j, q), algebra.with_row(images, j, product(q))

        def ritz(j: Any, basis: Array, images: Array) -> tuple[Array, Array]:
            """The largest Ritz values, and the largest residual relative to them."""
            small = xp.matmul(basis, xp.matrix_transpose(images))
            below = xp.max(xp.sum(xp.abs(small), axis=1))  # where rows are empty as yet: below all Ritz values
            empty = xp.where(places >= j, -2 * below, xp.zeros_like(small[0]))
            values, vectors = xp.linalg.eigh(
                (small + xp.matrix_transpose(small)) / 2 + xp.where(diagonal, empty, xp.zeros_like(small))
            )
            values, mixed = xp.flip(values)[:k], xp.flip(xp.matrix_transpose(vectors), axis=0)[:k]
            rest = xp.matmul(mixed, images) - xp.expand_dims(values, axis=1) * xp.matmul(mixed, basis)
            largest = xp.max(xp.abs(values))
            off = xp.sqrt(xp.max(xp.sum(rest * rest, axis=1)))
            return values, xp.where(largest > 0, off / xp.where(largest > 0, largest, xp.ones_like(largest)), off)

        def body(j: Any, basis: Array, images: Array, values: Array, off: Array) -> tuple[Any, ...]:
            end = j + stride
            j, basis, images = algebra.loop(lambda i, *_: (i < end) & (i < m), grown, (j, basis, images))
            return j, basis, images, *ritz(j, basis, images)

        def goes_on(j: Any, basis: Array, images: Array, values: Array, off: Array) -> Any:
            return (j < m) & (off > limit)

        empty, unknown = xp.zeros((m, n), dtype=x.dtype), xp.full_like(x[0], float("inf"))
        first = (algebra.counter(), empty, xp.zeros((m, n), dtype=x.dtype), xp.zeros_like(starts[:, 0]), unknown)
        j, _, _, values, _ = algebra.loop(goes_on, body, first)
        return values, j

    return formula


def orthogonal(xp: Any, vector: Array, basis: Array, other: Array) -> Array:
    """A unit vector across the rows of a basis, from a vector; from another one where that lies in their space."""
    size = xp.sqrt(xp.vecdot(vector, vector))
    rest = _across(xp, vector, basis)
    left = xp.sqrt(xp.vecdot(rest, rest))
    rest = xp.where(left > 64 * eps_of(vector) * size, rest, _across(xp, other, basis))
    rest = _across(xp, rest / xp.sqrt(xp.vecdot(rest, rest)), basis)  # once more: what is left may be mostly rounding
    return rest / xp.sqrt(xp.vecdot(rest, rest))


def _across(xp: Any, vector: Array, basis: Array) -> Array:
    for _ in range(2):  # twice is enough (Parlett 1998, section 6.9)
        vector = vector - xp.matmul(xp.matmul(basis, vector), basis)
    return vector
