"""Classic test functions: two of the quick suite, all of More, Garbow & Hillstrom, and some with many minima."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.elements import tridiagonal
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


def _quadratic(xp: Any, x: Any, a: Any, b: Any) -> Any:
    r"""f(x) = x'Ax/2 - b'x with A symmetric positive definite, condition number 100.

    $$f(x) = \tfrac12 x^\top A x - b^\top x$$
    """
    return 0.5 * xp.vecdot(x, xp.matmul(a, x)) - xp.vecdot(b, x)


def _quadratic_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    basis, _ = np.linalg.qr(rng.standard_normal((n, n)))
    a = basis @ np.diag(np.geomspace(1.0, 100.0, n)) @ basis.T
    return (a + a.T) / 2, rng.standard_normal(n)


quadratic = Problem(
    name="quadratic",
    objective=_quadratic,
    sizes=(10, 100),
    start=lambda n, rng: rng.standard_normal(n),
    data=_quadratic_data,
    gradient=lambda x, a, b: a @ x - b,
    hessian=lambda x, a, b: a,
    source="Nocedal & Wright 2006, Numerical Optimization, section 5.1, doi:10.1007/978-0-387-40065-5",
    structure=Structure(
        definiteness="positive definite", constant=True, spectrum=lambda n: np.geomspace(1.0, 100.0, n)
    ),
    tags=("convex", "constant-hessian", "dense"),
)


def _rosenbrock(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, chained over i = 1..n-1.

    $$f(x) = \sum_{i=1}^{n-1} 100\,(x_{i+1} - x_i^2)^2 + (1 - x_i)^2$$
    """
    head, tail = x[:-1], x[1:]
    return xp.sum(100 * xp.square(tail - head * head) + xp.square(1 - head))


def _rosenbrock_gradient(x: FloatArray) -> FloatArray:
    head, residual = x[:-1], x[1:] - x[:-1] ** 2
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * head * residual - 2 * (1 - head)
    gradient[1:] += 200 * residual
    return gradient


def _rosenbrock_hessian(x: FloatArray) -> FloatArray:
    head, tail = x[:-1], x[1:]
    diagonal = np.zeros_like(x)
    diagonal[:-1] = 1200 * head**2 - 400 * tail + 2
    diagonal[1:] += 200
    return np.diag(diagonal) + np.diag(-400 * head, 1) + np.diag(-400 * head, -1)


rosenbrock = Problem(
    name="rosenbrock",
    objective=_rosenbrock,
    sizes=(10, 100),
    start=lambda n, rng: np.where(np.arange(n) % 2 == 0, -1.2, 1.0),
    gradient=_rosenbrock_gradient,
    hessian=_rosenbrock_hessian,
    allowed=Size.at_least(2),
    named_points={"minimum": lambda n, rng: np.ones(n)},
    published=(Published("minimum", 10, 0.0, 1e-300, "Rosenbrock 1960"),),
    structure=Structure(pattern=tridiagonal, colors=3),
    source="Rosenbrock 1960, doi:10.1093/comjnl/3.3.175; chained as in Toint 1978, "
    "doi:10.1090/S0025-5718-1978-0483452-7",
    tags=("least-squares", "sparse", "tridiagonal"),
)
