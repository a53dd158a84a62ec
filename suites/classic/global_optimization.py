"""Functions with many minima, for any n, and the sources of all such functions.

The starts are drawn from the usual domain, where the functions are neither flat nor (Ackley's) without a slope.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.problem import Problem

DIXON = "Dixon & Szego 1978, The global optimization problem: an introduction, Towards Global Optimization 2"
SURVEY = "Jamil & Yang 2013, arXiv:1308.4008"
LIBRARY = "Surjanovic & Bingham, Virtual Library of Simulation Experiments, https://www.sfu.ca/~ssurjano"

TAU = 2 * math.pi


def uniform(low: float, high: float) -> Callable[[int, np.random.Generator], FloatArray]:
    """Starting points from a cube."""
    return lambda n, rng: rng.uniform(low, high, n)


def diagonal(n: int) -> tuple[IntArray, IntArray]:
    """The pattern of a sum of functions of one variable each."""
    return np.arange(n), np.arange(n)


def _ackley(xp: Any, x: Any) -> Any:
    r"""f(x) = -20 exp(-s / 5) - exp(mean_i cos 2 pi x_i) + 20 + e, s the root mean square of x; a cone at 0.

    $$f(x) = -20 \exp\Biggl(-\frac15 \sqrt{\frac1n \sum_{i=1}^n x_i^2}\Biggr)
    - \exp\Biggl(\frac1n \sum_{i=1}^n \cos 2 \pi x_i\Biggr) + 20 + e$$
    """
    root = xp.sqrt(xp.mean(x * x))
    return -20 * xp.exp(-0.2 * root) - xp.exp(xp.mean(xp.cos(TAU * x))) + 20 + math.e


def _ackley_parts(x: FloatArray) -> tuple[float, float, FloatArray, FloatArray]:
    """The root mean square s, 4 exp(-s / 5) / s, and the waves' exponential with the slopes of its logarithm."""
    root = math.sqrt(np.mean(x * x)) or math.nan  # at 0 f has no slope
    return root, 4 * math.exp(-0.2 * root) / root, np.exp(np.mean(np.cos(TAU * x))), -TAU * np.sin(TAU * x) / x.size


def _ackley_gradient(x: FloatArray) -> FloatArray:
    _, cone, waves, slopes = _ackley_parts(x)
    return cone * x / x.size - waves * slopes


def _ackley_hessian(x: FloatArray) -> FloatArray:
    n = x.size
    root, cone, waves, slopes = _ackley_parts(x)
    radial = cone * (np.eye(n) / n - np.outer(x, x) * (1 / root + 0.2) / (root * n**2))
    return radial - waves * (np.outer(slopes, slopes) - np.diag(TAU**2 * np.cos(TAU * x) / n))


ackley = Problem(
    name="ackley",
    objective=_ackley,
    sizes=(2, 10, 100),
    start=uniform(0.5, 3.0),
    gradient=_ackley_gradient,
    hessian=_ackley_hessian,
    source=f"Ackley 1987, doi:10.1007/978-1-4613-1997-9; {LIBRARY}/ackley.html; {SURVEY}",
    convention="the Library: a = 20, b = 0.2, c = 2 pi; some collections have b = 0.02",
    named_points={"minimum": lambda n, rng: np.zeros(n)},
    published=(Published("minimum", 2, 0.0, 1e-14, f"{LIBRARY}/ackley.html"),),
    tags=("global-optimization", "multimodal", "kink-at-minimum", "dense"),
)


def _griewank(xp: Any, x: Any) -> Any:
    r"""f(x) = 1 + |x|^2 / 4000 - prod_i cos(x_i / sqrt i); a product over all variables, dense.

    $$f(x) = 1 + \frac{1}{4000} \sum_{i=1}^n x_i^2 - \prod_{i=1}^n \cos \frac{x_i}{\sqrt{i}}$$
    """
    roots = xp.sqrt(xp.arange(1, x.shape[0] + 1, dtype=x.dtype))
    return 1 + xp.sum(x * x) / 4000 - xp.prod(xp.cos(x / roots))


def _griewank_products(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The roots of 1..n, the slopes of the cosines, and the products of all cosines but the i-th and the j-th."""
    n = x.size
    roots = np.sqrt(np.arange(1, n + 1))
    factors = np.where(np.eye(n, dtype=bool), 1.0, np.cos(x / roots))
    # What stands before j times what stands behind it: no division by a cosine, which may be 0.
    padded = np.pad(factors, ((0, 0), (1, 1)), constant_values=1.0)
    before, behind = np.cumprod(padded, axis=1)[:, :-2], np.cumprod(padded[:, ::-1], axis=1)[:, -3::-1]
    return roots, -np.sin(x / roots) / roots, before * behind


def _griewank_gradient(x: FloatArray) -> FloatArray:
    _, slopes, products = _griewank_products(x)
    return x / 2000 - slopes * np.diag(products)


def _griewank_hessian(x: FloatArray) -> FloatArray:
    roots, slopes, products = _griewank_products(x)
    hessian = -np.outer(slopes, slopes) * products
    np.fill_diagonal(hessian, 1 / 2000 + np.prod(np.cos(x / roots)) / roots**2)
    return hessian


griewank = Problem(
    name="griewank",
    objective=_griewank,
    sizes=(2, 10, 100),
    start=lambda n, rng: np.sqrt(np.arange(1, n + 1)) * rng.uniform(-0.6, 0.6, n),
    gradient=_griewank_gradient,
    hessian=_griewank_hessian,
    source=f"Griewank 1981, doi:10.1007/BF00933356; {LIBRARY}/griewank.html; {SURVEY}",
    named_points={"minimum": lambda n, rng: np.zeros(n)},
    published=(Published("minimum", 10, 0.0, 1e-300, f"{LIBRARY}/griewank.html"),),
    tags=("global-optimization", "multimodal", "product", "dense"),
)


def _rastrigin(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i 10 + x_i^2 - 10 cos 2 pi x_i; separable, a minimum near every integer point.

    $$f(x) = \sum_{i=1}^n 10 + x_i^2 - 10 \cos 2 \pi x_i$$
    """
    return xp.sum(10 + x * x - 10 * xp.cos(TAU * x))


rastrigin = Problem(
    name="rastrigin",
    objective=_rastrigin,
    sizes=(2, 10, 100),
    start=uniform(-5.12, 5.12),
    gradient=lambda x: 2 * x + 10 * TAU * np.sin(TAU * x),
    hessian=lambda x: np.diag(2 + 10 * TAU**2 * np.cos(TAU * x)),
    source=f"Rastrigin 1974, Systems of Extremal Control; {LIBRARY}/rastr.html; {SURVEY}",
    named_points={"minimum": lambda n, rng: np.zeros(n)},
    published=(Published("minimum", 10, 0.0, 1e-300, f"{LIBRARY}/rastr.html"),),
    structure=Structure(pattern=diagonal, colors=1),
    tags=("global-optimization", "multimodal", "sparse", "diagonal"),
)


def _styblinski_tang(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (x_i^4 - 16 x_i^2 + 5 x_i) / 2; separable, two minima per variable.

    $$f(x) = \tfrac12 \sum_{i=1}^n x_i^4 - 16 x_i^2 + 5 x_i$$
    """
    squares = x * x
    return 0.5 * xp.sum(squares * squares - 16 * squares + 5 * x)


styblinski_tang = Problem(
    name="styblinski_tang",
    objective=_styblinski_tang,
    sizes=(2, 10, 100),
    start=uniform(-5.0, 5.0),
    gradient=lambda x: 2 * x**3 - 16 * x + 2.5,
    hessian=lambda x: np.diag(6 * x**2 - 16),
    source=f"Styblinski & Tang 1990, Neural Networks 3:467-483; {LIBRARY}/stybtang.html; {SURVEY}",
    convention="all of them; the minimum that the Library prints, -39.16599 n, is right to five digits only",
    named_points={"minimum": lambda n, rng: np.full(n, -2.903534027771177)},
    published=(Published("minimum", 10, -391.66165, 2e-7, "Wikipedia, between -39.16617 n and -39.16616 n"),),
    structure=Structure(pattern=diagonal, colors=1),
    tags=("global-optimization", "multimodal", "polynomial", "sparse", "diagonal"),
)

PROBLEMS = (
    ackley,
    griewank,
    rastrigin,
    styblinski_tang,
)
