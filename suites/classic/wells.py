"""Sums of wells, of four and six variables."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.classic.global_optimization import DIXON, LIBRARY, SURVEY, uniform
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Published
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

DEPTHS = np.array([1.0, 1.2, 3.0, 3.2])
WIDTHS = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
CENTERS = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def _hartmann(xp: Any, x: Any, depths: Any, widths: Any, centers: Any) -> Any:
    r"""f(x) = -sum_k d_k exp(-sum_i a_ki (x_i - c_ki)^2); four anisotropic wells in six dimensions.

    $$f(x) = -\sum_{k=1}^4 d_k \exp\Bigl(-\sum_{i=1}^6 a_{ki} (x_i - c_{ki})^2\Bigr)$$
    """
    return -xp.sum(depths * xp.exp(-xp.sum(widths * xp.square(x - centers), axis=1)))


def _hartmann_parts(
    x: FloatArray, depths: FloatArray, widths: FloatArray, centers: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The wells (4,) and the gradients of their exponents' negatives (4, 6)."""
    apart = x - centers
    return depths * np.exp(-np.sum(widths * apart**2, axis=1)), 2 * widths * apart


def _hartmann_gradient(x: FloatArray, *data: FloatArray) -> FloatArray:
    wells, slopes = _hartmann_parts(x, *data)
    return wells @ slopes


def _hartmann_hessian(x: FloatArray, depths: FloatArray, widths: FloatArray, centers: FloatArray) -> FloatArray:
    wells, slopes = _hartmann_parts(x, depths, widths, centers)
    return np.diag(2 * wells @ widths) - np.einsum("k,ki,kj->ij", wells, slopes, slopes)


hartmann_6 = Problem(
    name="hartmann_6",
    objective=_hartmann,
    sizes=(6,),
    start=uniform(0.0, 1.0),
    data=lambda n, rng: (DEPTHS, WIDTHS, CENTERS),
    gradient=_hartmann_gradient,
    hessian=_hartmann_hessian,
    allowed=Size.exactly(6),
    source=f"{DIXON}; {LIBRARY}/hart6.html; {SURVEY}",
    named_points={
        "minimum": lambda n, rng: np.array([0.20168951, 0.15001069, 0.47687397, 0.27533243, 0.31165162, 0.65730053])
    },
    published=(Published("minimum", 6, -3.32237, 2e-6, f"{LIBRARY}/hart6.html"),),
    tags=("global-optimization", "multimodal", "dense"),
)

FOXHOLES = np.array(
    [
        [4, 4, 4, 4],
        [1, 1, 1, 1],
        [8, 8, 8, 8],
        [6, 6, 6, 6],
        [3, 7, 3, 7],
        [2, 9, 2, 9],
        [5, 5, 3, 3],
        [8, 1, 8, 1],
        [6, 2, 6, 2],
        [7, 3.6, 7, 3.6],
    ]
)
OFFSETS = np.array([0.1, 0.2, 0.2, 0.4, 0.4, 0.6, 0.3, 0.7, 0.5, 0.5])


def _shekel(xp: Any, x: Any, holes: Any, offsets: Any) -> Any:
    r"""f(x) = -sum_k 1 / (|x - a_k|^2 + c_k); ten narrow wells, flat between them.

    $$f(x) = -\sum_{k=1}^{10} \frac{1}{|x - a_k|^2 + c_k}$$
    """
    return -xp.sum(1 / (xp.sum(xp.square(x - holes), axis=1) + offsets))


def _shekel_parts(x: FloatArray, holes: FloatArray, offsets: FloatArray) -> tuple[FloatArray, FloatArray]:
    apart = x - holes
    return 1 / (np.sum(apart**2, axis=1) + offsets), apart


def _shekel_gradient(x: FloatArray, *data: FloatArray) -> FloatArray:
    wells, apart = _shekel_parts(x, *data)
    return 2 * wells**2 @ apart


def _shekel_hessian(x: FloatArray, *data: FloatArray) -> FloatArray:
    wells, apart = _shekel_parts(x, *data)
    return 2 * np.sum(wells**2) * np.eye(x.size) - 8 * np.einsum("k,ki,kj->ij", wells**3, apart, apart)


shekel = Problem(
    name="shekel",
    objective=_shekel,
    sizes=(4,),
    start=uniform(3.5, 4.5),
    data=lambda n, rng: (FOXHOLES, OFFSETS),
    gradient=_shekel_gradient,
    hessian=_shekel_hessian,
    allowed=Size.exactly(4),
    source=f"{DIXON}; {SURVEY}",
    convention="the seventh well at (5, 5, 3, 3); copies that have it at (5, 3, 5, 3) have the minimum -10.53644",
    named_points={"minimum": lambda n, rng: np.array([4.00074653, 4.00059293, 3.9996634, 3.9995098])},
    published=(Published("minimum", 4, -10.536409816692, 1e-13, "Stripinis, Shekel10.m, after Hedar"),),
    tags=("global-optimization", "multimodal", "dense"),
)

PROBLEMS = (
    hartmann_6,
    shekel,
)
