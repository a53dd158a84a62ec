"""The step of Newton's method, -H^-1 g, in four ways, and the method itself: full steps until they are small.

Nocedal & Wright 2006, Numerical Optimization (doi:10.1007/978-0-387-40065-5): sections 3.3 (Newton's method) and 5.1
(conjugate gradients); Golub & Van Loan 2013, section 5.5 (the least-norm solution).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.derived.algebra import Algebra, Derivatives, eps_of

Solve = Callable[[Algebra, Array, Array], Array]

NEGLIGIBLE = 64.0
"""An eigenvalue below this times n eps times the largest one is taken for zero: LAPACK's own error is a few n eps."""

FLOOR = 16.0
"""No residual is asked to be smaller than so many eps: conjugate gradients would not reach it."""

MOST_STEPS = 64
"""Steps of Newton's method after which it is said not to converge; where it does, some ten are enough."""


def lu(algebra: Algebra, h: Array, g: Array) -> Array:
    """-H^-1 g by elimination with partial pivoting, for every regular H."""
    return -algebra.xp.linalg.solve(h, g)


def cholesky(algebra: Algebra, h: Array, g: Array) -> Array:
    """The same by a Cholesky factor, half the work, for positive definite H."""
    return -algebra.cholesky_solve(algebra.xp.linalg.cholesky(h), g)


def least_norm(algebra: Algebra, h: Array, g: Array) -> Array:
    """The shortest of the steps that make the linearized gradient least: directions without curvature are left out."""
    xp = algebra.xp
    values, vectors = xp.linalg.eigh(h)
    kept = xp.abs(values) > NEGLIGIBLE * values.shape[0] * eps_of(values) * xp.max(xp.abs(values))
    inverse = xp.where(kept, 1 / xp.where(kept, values, xp.ones_like(values)), xp.zeros_like(values))
    return -xp.matmul(vectors, inverse * xp.matmul(xp.matrix_transpose(vectors), g))


def step(solve: Solve) -> Callable[[Algebra, Derivatives, Array], Array]:
    """Newton's step by a way to solve H p = -g."""
    return lambda algebra, f, x: solve(algebra, f.hessian(x), f.gradient(x))


def conjugate_gradients(tolerance: float) -> Callable[[Algebra, Derivatives, Array], tuple[Array, Any]]:
    """Newton's step from products with H alone, for positive definite H, and the number of products.

    Args:
        tolerance: The norm of the residual H p + g, relative to that of g, at which it stops.

    Returns:
        A formula that gives both; a step of NaNs where a direction has no positive curvature.
    """

    def formula(algebra: Algebra, f: Derivatives, x: Array) -> tuple[Array, Any]:
        xp = algebra.xp
        g, product = f.linearized(x)
        largest = xp.max(xp.abs(g))
        scale = xp.where(largest == 0, xp.ones_like(largest), largest)
        g = g / scale  # squares of it stay in the range of numbers
        size, most = xp.vecdot(g, g), 10 * x.shape[0]  # in exact arithmetic n are enough
        limit = max(tolerance, FLOOR * eps_of(x)) ** 2 * size

        def goes_on(i: Any, p: Array, rest: Array, direction: Array, left: Array, bent: Array) -> Any:
            return (left > limit) & (bent > 0) & (i < most)

        def body(i: Any, p: Array, rest: Array, direction: Array, left: Array, bent: Array) -> tuple[Any, ...]:
            curved = product(direction)
            bent = xp.vecdot(direction, curved)
            length = left / bent
            rest = rest - length * curved
            now = xp.vecdot(rest, rest)
            return i + 1, p + length * direction, rest, rest + (now / left) * direction, now, bent

        start = (algebra.counter(), xp.zeros_like(g), -g, -g, size, xp.ones_like(size))
        i, p, _, _, _, bent = algebra.loop(goes_on, body, start)
        return xp.where(bent > 0, p * scale, xp.full_like(p, float("nan"))), i

    return formula


def stationary_point(solve: Solve) -> Callable[[Algebra, Derivatives, Array], tuple[Array, Any]]:
    """Newton's method with full steps: the point where it ends, and the number of steps.

    It ends with a step below sqrt(eps) of the point: the next one would be below its rounding, since each error is of
    the order of the square of the one before.

    Args:
        solve: How each step is found.

    Returns:
        A formula that gives both.
    """

    def formula(algebra: Algebra, f: Derivatives, x: Array) -> tuple[Array, Any]:
        xp = algebra.xp
        start, limit = xp.vecdot(x, x), eps_of(x)  # of squares

        def goes_on(i: Any, x: Array, moved: Array) -> Any:
            return (moved > limit * (xp.vecdot(x, x) + start)) & (i < MOST_STEPS)

        def body(i: Any, x: Array, moved: Array) -> tuple[Any, ...]:
            p = solve(algebra, f.hessian(x), f.gradient(x))
            return i + 1, x + p, xp.vecdot(p, p)

        i, end, _ = algebra.loop(goes_on, body, (algebra.counter(), x, xp.full_like(start, float("inf"))))
        return end, i

    return formula
