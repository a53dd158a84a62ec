"""A quadratic form, whose Hessian is its matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem


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

PROBLEMS = (quadratic,)
