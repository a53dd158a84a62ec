"""The frame of the 18 unconstrained problems of More, Garbow & Hillstrom 1981, section 3.3: sums of squares.

Each problem states its residuals r, their Jacobian J and the sum of w_i H_i of their Hessians; gradient, Hessian and
minimizer follow. f is the sum of the squared residuals, without 1/2. Algorithm 566 is the authors' program; its
Hessians by Averbukh, Figueroa & Schlick 1994 are in doi:10.1145/192115.192128. No problems here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Published
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size


class Residuals(NamedTuple):
    """The residuals at a point with their derivatives."""

    value: FloatArray
    """r, (m,)"""
    jacobian: FloatArray
    """J, (m, n)"""
    curvature: Callable[[FloatArray], FloatArray]
    """w -> sum_i w_i H_i, (n, n), with the Hessian H_i of r_i"""


Form = Callable[..., Residuals]
"""(x, *data) -> residuals"""

Derivative = Callable[..., FloatArray]
"""(x, *data) -> gradient or Hessian"""


def least_squares(form: Form) -> tuple[Derivative, Derivative]:
    """The gradient 2 J'r and the Hessian 2 (J'J + sum_i r_i H_i) of the sum of squares."""

    def gradient(x: FloatArray, *data: FloatArray) -> FloatArray:
        r, jacobian, _ = form(x, *data)
        return 2 * (r @ jacobian)

    def hessian(x: FloatArray, *data: FloatArray) -> FloatArray:
        r, jacobian, curvature = form(x, *data)
        return 2 * (jacobian.T @ jacobian + curvature(r))

    return gradient, hessian


def symmetric(n: int, entries: Mapping[tuple[int, int], Any]) -> FloatArray:
    """The symmetric matrix with these entries, each given in one triangle only, and zeros elsewhere."""
    matrix = np.zeros((n, n))
    for (i, j), value in entries.items():
        matrix[i, j] = matrix[j, i] = value
    return matrix


def minimizer(form: Form, x: FloatArray, *data: FloatArray) -> FloatArray:
    """Where Newton's method ends: with the eigenvalues' moduli, and steps halved until f decreases.

    Args:
        form: The residuals.
        x: The point to begin at.
        *data: Further arguments of the residuals.

    Returns:
        The last point from which no step decreases f.
    """
    gradient, hessian = least_squares(form)

    def f(y: FloatArray) -> float:
        return float(np.sum(form(y, *data).value ** 2))

    for _ in range(500):
        eigenvalues, basis = np.linalg.eigh(hessian(x, *data))
        sizes = np.abs(eigenvalues)  # the moduli make a descent of Newton's step where f is not convex
        # Where f is flat to rounding, the gradient is rounding too: no step there.
        inverse = np.divide(1, sizes, out=np.zeros_like(sizes), where=sizes > 1e-15 * sizes.max())
        step = basis @ (inverse * (gradient(x, *data) @ basis))
        shorter = (x - step * 0.5**k for k in range(20))
        better = next((y for y in shorter if f(y) < f(x)), None)
        if better is None:
            return x
        x = better
    return x


PAPER = "More, Garbow & Hillstrom 1981"
MINPACK = "tests of MINPACK-1, initial norm of the residuals, squared"
TOMS = "README of Toms566.jl, which runs Algorithm 566; three digits"


def paper(value: float, n: int, point: str = "minimum") -> Published:
    """A minimum as the paper prints it: six digits and an ellipsis.

    Args:
        value: The value of f.
        n: Number of variables.
        point: A name in `Problem.named_points`.

    Returns:
        The value with that precision.
    """
    return Published(point, n, value, 1e-5, PAPER)


def zero(n: int, absolute: float = 1e-300) -> Published:
    """The minimum zero; `absolute` where rounding leaves something."""
    return Published("minimum", n, 0.0, absolute, PAPER)


def minpack(norm: float, n: int) -> Published:
    """The value at the start from the norm in MINPACK's test results, seven digits."""
    return Published("start", n, norm**2, 2e-6, MINPACK)


def toms(value: float, n: int) -> Published:
    """The value at the start to three digits."""
    return Published("start", n, value, 5e-3, TOMS)


def variable(
    number: int,
    origin: str,
    objective: Callable[..., Any],
    form: Form,
    sizes: tuple[int, ...],
    start: Callable[[int], FloatArray],
    *,
    tags: tuple[str, ...] = (),
    **facts: Any,
) -> Problem:
    """A problem of the paper that exists for several n, under the name of its objective.

    Args:
        number: The problem's number in the paper.
        origin: The publication that the paper cites for it.
        objective: See `Problem`.
        form: The residuals with their derivatives.
        sizes: See `Problem`.
        start: Gives the published starting point for n variables.
        tags: Tags beside those that all share.
        **facts: Further fields of `Problem`.

    Returns:
        The problem with the closed forms that follow from its residuals.
    """
    gradient, hessian = least_squares(form)
    return Problem(
        name=objective.__name__.lstrip("_"),
        objective=objective,
        sizes=sizes,
        start=lambda n, rng: start(n),
        gradient=gradient,
        hessian=hessian,
        source=f"{PAPER}, doi:10.1145/355934.355936, problem {number} ({origin})",
        tags=("least-squares", "published-start", *tags),
        **facts,
    )


def fixed(
    number: int, origin: str, objective: Callable[..., Any], form: Form, start: tuple[float, ...], **facts: Any
) -> Problem:
    """A problem of the paper for one n.

    Args:
        number: See `variable`.
        origin: See `variable`.
        objective: See `Problem`.
        form: See `variable`.
        start: The published starting point, whose length is n.
        **facts: Further fields of `Problem`.

    Returns:
        The problem, of this one size.
    """
    size = len(start)
    return variable(
        number,
        origin,
        objective,
        form,
        (size,),
        lambda n: np.array(start),
        allowed=Size.exactly(size),
        **facts,
    )
