"""Functions of the spectrum, with and without eigenvalues."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.matrices import antisymmetric, flat, square, symmetric_units
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side

SQUARINGS = 4
"""The series is taken at X / 16, where it ends below 1e-24 for norms up to 1: (1/16)^13 / 13!."""


TERMS = 12


SERIES = 40
"""Terms of the closed form, enough for norms up to 5: 5^40 / 40! < 2e-20."""


def _symmetric_part(xp: Any, x: Any) -> Any:
    m = side(x.shape[0])
    matrix = xp.reshape(x, (m, m))
    return 0.5 * (matrix + xp.matrix_transpose(matrix))


def _spectral_cubes(xp: Any, x: Any) -> Any:
    r"""f(X) = sum_i lambda_i^3 over the distinct eigenvalues of the symmetric part of X, by eigvalsh; n = m^2.

    $$f(X) = \sum_i \lambda_i^3 = \operatorname{tr} A^3, \quad A = \tfrac12 (X + X^\top)$$
    """
    values = xp.linalg.eigvalsh(_symmetric_part(xp, x))
    return xp.sum(values * values * values)


def _trace_of_cube(xp: Any, x: Any) -> Any:
    r"""f(X) = tr A^3, A the symmetric part of X, by products: what spectral_cubes computes by eigenvalues; n = m^2.

    $$f(X) = \operatorname{tr} A^3, \quad A = \tfrac12 (X + X^\top)$$
    """
    a = _symmetric_part(xp, x)
    return xp.sum(xp.matmul(a, a) * a)


def _distinct(n: int, rng: np.random.Generator) -> FloatArray:
    """A symmetric matrix with evenly spaced eigenvalues from -1 to 2."""
    m = side(n)
    basis, _ = np.linalg.qr(rng.standard_normal((m, m)))
    matrix = (basis * np.linspace(-1, 2, m)) @ basis.T
    return (0.5 * (matrix + matrix.T)).ravel()


def _cubes_gradient(x: FloatArray) -> FloatArray:
    a = 0.5 * (square(x) + square(x).T)
    return 3 * (a @ a).ravel()


def _cubes_hessian(x: FloatArray) -> FloatArray:
    """3 (A S + S A) for every symmetric unit S."""
    a, units = 0.5 * (square(x) + square(x).T), symmetric_units(side(x.size))
    hessian = 3 * (a @ units + units @ a).reshape(x.size, x.size)
    return 0.5 * (hessian + hessian.T)  # symmetric but for rounding


spectral_cubes = Problem(
    name="spectral_cubes",
    objective=_spectral_cubes,
    upstream={"tensorflow": "jax#4361"},  # XLA's eigenvalues of a 4 x 4 matrix in float64 are right to 5e-9 only
    sizes=(4, 16, 64),
    start=_distinct,
    gradient=_cubes_gradient,
    hessian=_cubes_hessian,
    allowed=Size.square(root="m"),
    source="Lewis & Sendov 2001, Twice differentiable spectral functions, SIAM J. Matrix Anal. Appl. 23:368-386",
    structure=Structure(degree=3, definiteness="indefinite", null_vectors=lambda x: antisymmetric(side(x.size))),
    tags=("linalg", "eigenvalues", "homogeneous", "null-vectors", "dense"),
)


trace_of_cube = replace(
    spectral_cubes,
    name="trace_of_cube",
    objective=_trace_of_cube,
    upstream={},
    tags=("linalg", "polynomial", "homogeneous", "null-vectors", "dense"),
)


def _matrix_exponential(xp: Any, x: Any, weights: Any, eye: Any) -> Any:
    r"""f(X) = sum_ij W_ij exp(X)_ij, the matrix exponential by products only: a Taylor series, squared four times.

    $$f(X) = \sum_{ij} W_{ij} \left(e^X\right)_{ij},\quad
    e^X = \Bigl(\sum_{k=0}^{12} \frac{(X / 16)^k}{k!}\Bigr)^{16}$$
    """
    m = side(x.shape[0])
    scaled = xp.reshape(x, (m, m)) / 2**SQUARINGS
    power = eye + scaled / TERMS
    for k in range(TERMS - 1, 0, -1):
        power = eye + xp.matmul(scaled, power) / k
    for _ in range(SQUARINGS):
        power = xp.matmul(power, power)
    return xp.sum(weights * power)


def _sandwiches(x: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The powers X^k, and C_k = sum over p + r = k of X^r W' X^p, each (SERIES, m, m)."""
    matrix = square(x)
    powers, sums = [np.eye(len(matrix))], [weights.T]
    for _ in range(SERIES - 1):
        powers.append(matrix @ powers[-1])
        sums.append(matrix @ sums[-1] + weights.T @ powers[-1])
    return np.stack(powers), np.stack(sums)


def _inverse_factorials(first: int) -> FloatArray:
    return np.array([1 / math.factorial(first + k) for k in range(SERIES)])


def _matrix_exponential_gradient(x: FloatArray, weights: FloatArray, eye: FloatArray) -> FloatArray:
    """The derivative of X^{k+1} along E is the sum of X^p E X^r over p + r = k."""
    _, sums = _sandwiches(x, weights)
    return np.einsum("k,kji->ij", _inverse_factorials(1), sums).ravel()


def _matrix_exponential_hessian(x: FloatArray, weights: FloatArray, eye: FloatArray) -> FloatArray:
    """The sum of tr W' X^p E_a X^q E_b X^r / (p + q + r + 2)!, and the same with a and b exchanged."""
    powers, sums = _sandwiches(x, weights)
    outer = np.stack([np.einsum("k,kij->ij", _inverse_factorials(q + 2), sums) for q in range(SERIES)])
    one = np.einsum("qjk,qli->ijkl", powers, outer, optimize=True)
    return flat(one + one.transpose(2, 3, 0, 1))


matrix_exponential = Problem(
    name="matrix_exponential",
    objective=_matrix_exponential,
    sizes=(4, 16, 64),
    start=lambda n, rng: 0.5 * rng.standard_normal(n) / np.sqrt(side(n)),
    data=lambda n, rng: (rng.standard_normal((side(n), side(n))), np.eye(side(n))),
    gradient=_matrix_exponential_gradient,
    hessian=_matrix_exponential_hessian,
    allowed=Size.square(root="m"),
    source="Higham 2008, Functions of Matrices, chapter 10, doi:10.1137/1.9780898717778",
    convention="a fixed scaling and a Taylor series, where libraries choose a Pade approximant by the norm",
    tags=("linalg", "dense"),
)


def _rayleigh_quotient(xp: Any, x: Any, stiffness: Any, mass: Any) -> Any:
    r"""f(x) = x'Ax / x'Bx, A and B the stiffness and mass of a string of linear finite elements.

    $$f(x) = \frac{x^\top A x}{x^\top B x},\quad A = \operatorname{tridiag}(-1, 2, -1),\quad
    B = \tfrac16 \operatorname{tridiag}(1, 4, 1)$$
    """
    return xp.vecdot(x, xp.matmul(stiffness, x)) / xp.vecdot(x, xp.matmul(mass, x))


def _string(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del rng
    neighbors = np.eye(n, k=1) + np.eye(n, k=-1)
    return 2 * np.eye(n) - neighbors, (4 * np.eye(n) + neighbors) / 6


def _rayleigh_parts(x: FloatArray, a: FloatArray, b: FloatArray) -> tuple[float, float, FloatArray, FloatArray]:
    """The quotient, x'Bx, Bx and the gradient."""
    weight, pushed = float(x @ b @ x), b @ x
    quotient = float(x @ a @ x) / weight
    return quotient, weight, pushed, 2 / weight * (a @ x - quotient * pushed)


def _rayleigh_quotient_hessian(x: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    quotient, weight, pushed, gradient = _rayleigh_parts(x, a, b)
    mixed = np.outer(pushed, gradient)
    return 2 / weight * (a - quotient * b - mixed - mixed.T)


rayleigh_quotient = Problem(
    name="rayleigh_quotient",
    objective=_rayleigh_quotient,
    sizes=(4, 16, 64),
    start=lambda n, rng: rng.uniform(0.5, 1.5, n),
    data=_string,
    gradient=lambda x, a, b: _rayleigh_parts(x, a, b)[3],
    hessian=_rayleigh_quotient_hessian,
    allowed=Size.at_least(2),
    source="Parlett 1998, The Symmetric Eigenvalue Problem, chapter 15, doi:10.1137/1.9781611971163",
    named_points={"minimum": lambda n, rng: np.sin(np.pi * np.arange(1, n + 1) / (n + 1))},
    structure=Structure(degree=0),
    tags=("homogeneous", "nonconvex", "dense"),
)

PROBLEMS = (
    spectral_cubes,
    trace_of_cube,
    matrix_exponential,
    rayleigh_quotient,
)
