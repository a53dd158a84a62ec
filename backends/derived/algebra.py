"""A framework's own linear algebra and loops under one set of names, so that each formula is written once.

What the array API standard names (`solve`, `cholesky`, `eigh`, `eigvalsh`, `where`, `vecdot`) is taken from `xp`; below
is what it does not name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array

Carry = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Algebra:
    """What formulas are written over.

    Attributes:
        xp: The framework's array namespace, the one that objectives get.
        cholesky_solve: (lower triangle (n, n), right side (n,)) -> solution (n,).
        loop: (goes_on, body, carry) -> the carry when `goes_on(*carry)` is false; one program where it is compiled.
        counter: Makes the integer 0 of a loop's carry.
        with_row: (matrix (m, n), j, row (n,)) -> the matrix with that row.
    """

    xp: Any
    cholesky_solve: Callable[[Array, Array], Array]
    loop: Callable[[Callable[..., Any], Callable[..., Carry], Carry], Carry]
    counter: Callable[[], Any]
    with_row: Callable[[Array, Any, Array], Array]


@dataclass(frozen=True, slots=True)
class Derivatives:
    """The derivatives of one objective with its data filled in.

    Attributes:
        gradient: x -> the gradient (n,).
        hessian: x -> the dense Hessian (n, n).
        linearized: x -> the gradient (n,), and the function v -> H v.
    """

    gradient: Callable[[Array], Array]
    hessian: Callable[[Array], Array]
    linearized: Callable[[Array], tuple[Array, Callable[[Array], Array]]]


def eps_of(x: Array) -> float:
    """The relative rounding error of an array's dtype; frameworks name dtypes alike and nothing else of them."""
    return float(np.finfo(np.float32 if "float32" in str(x.dtype) else np.float64).eps)


def python_loop(goes_on: Callable[..., Any], body: Callable[..., Carry], carry: Carry) -> Carry:
    """The loop of what computes operation by operation."""
    while bool(goes_on(*carry)):
        carry = body(*carry)
    return carry


def _with_row(matrix: Array, j: int, row: Array) -> Array:
    matrix[j] = row  # nobody else holds what a loop carries
    return matrix


def _cholesky_solve(lower: Array, b: Array) -> Array:
    from scipy.linalg import cho_solve

    return cho_solve((lower, True), b)


def numpy_algebra() -> Algebra:
    """NumPy and LAPACK, for backends whose arrays are NumPy's."""
    return Algebra(xp=np, cholesky_solve=_cholesky_solve, loop=python_loop, counter=lambda: 0, with_row=_with_row)
