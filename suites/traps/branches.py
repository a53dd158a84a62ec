"""Choices by `where`: the branch that is not taken still takes part in the derivative, as 0 times infinity.

And a branch that is right in value and slope can be wrong in curvature.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import CONTROL, NONE_FOUND, fixed, separable, trap

FAQ = "JAX, frequently asked questions: Gradients contain NaN where using where"
DEAD_BRANCH = {
    "torch": "pytorch#187297",
    "jax": "jax#347, jax#1052, jax#5798",
    "tensorflow": "tensorflow#38349, tensorflow#20355",
}
VECTOR, DIRECTION = np.array([0.6, -0.8, 1.5]), np.array([1.0, 0.5, -0.25])


def _root_or_square(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i sqrt(x_i) where x_i > 0, else x_i^2; sqrt is not defined where it is not taken.

    $$f(x) = \sum_i \begin{cases} \sqrt{x_i} & x_i > 0 \\ x_i^2 & \text{else} \end{cases}$$
    """
    return xp.sum(xp.where(x > 0, xp.sqrt(x), x * x))


def _root_or_square_safe(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i sqrt(x_i) where x_i > 0, else x_i^2; sqrt never sees a negative number (double where).

    $$f(x) = \sum_i \begin{cases} \sqrt{x_i} & x_i > 0 \\ x_i^2 & \text{else} \end{cases}$$
    """
    return xp.sum(xp.where(x > 0, xp.sqrt(xp.where(x > 0, x, xp.ones_like(x))), x * x))


def _root_or_square_slope(x: FloatArray) -> FloatArray:
    return np.where(x > 0, 0.5 / np.sqrt(np.abs(x)), 2 * x)


def _root_or_square_curvature(x: FloatArray) -> FloatArray:
    return np.where(x > 0, -0.25 * np.abs(x) ** -1.5, 2.0)


where_dead_branch = trap(
    "where_dead_branch",
    _root_or_square,
    (-1.0, 4.0),
    gradient=_root_or_square_slope,
    hessian=separable(_root_or_square_curvature),
    source=FAQ,
    upstream=DEAD_BRANCH,
)
where_double = trap(
    "where_double",
    _root_or_square_safe,
    (-1.0, 4.0),
    gradient=_root_or_square_slope,
    hessian=separable(_root_or_square_curvature),
    source=FAQ,
    tags=CONTROL,
)


def _sinc(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i sin(x_i) / x_i, and 1 where x_i = 0, by one where.

    $$f(x) = \sum_i \frac{\sin x_i}{x_i}$$
    """
    return xp.sum(xp.where(x == 0, xp.ones_like(x), xp.sin(x) / x))


def _sinc_double(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i sin(x_i) / x_i, and 1 where x_i = 0, by a double where: no NaN, and the constant has no curvature.

    $$f(x) = \sum_i \frac{\sin x_i}{x_i}$$
    """
    safe = xp.where(x == 0, xp.ones_like(x), x)
    return xp.sum(xp.where(x == 0, xp.ones_like(x), xp.sin(safe) / safe))


def _sinc_parabola(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i sin(x_i) / x_i, and 1 - x_i^2 / 6 where x_i = 0, by a double where: right to second order.

    $$f(x) = \sum_i \frac{\sin x_i}{x_i}$$
    """
    safe = xp.where(x == 0, xp.ones_like(x), x)
    return xp.sum(xp.where(x == 0, 1 - x * x / 6, xp.sin(safe) / safe))


def _sinc_slope(x: FloatArray) -> FloatArray:
    """(x cos x - sin x) / x^2, which is 0 at 0."""
    safe = np.where(x == 0, 1.0, x)
    return np.where(x == 0, 0.0, (safe * np.cos(safe) - np.sin(safe)) / safe**2)


def _sinc_curvature(x: FloatArray) -> FloatArray:
    """((2 - x^2) sin x - 2 x cos x) / x^3, which is -1/3 at 0."""
    safe = np.where(x == 0, 1.0, x)
    elsewhere = ((2 - safe**2) * np.sin(safe) - 2 * safe * np.cos(safe)) / safe**3
    return np.where(x == 0, -1 / 3, elsewhere)


NO_CURVATURE = dict.fromkeys(("torch", "jax", "tensorflow"), NONE_FOUND)
ZEROTH_ORDER = {**NO_CURVATURE, "jax": "jax#5054"}
"""There it is the text of an early `jnp.sinc`."""

sinc_where = trap(
    "sinc_where",
    _sinc,
    (0.0, 1.5),
    gradient=_sinc_slope,
    hessian=separable(_sinc_curvature),
    source="jax#5039",
    upstream={**DEAD_BRANCH, "jax": "jax#5039, jax#5054"},
)
sinc_double_where = trap(
    "sinc_double_where",
    _sinc_double,
    (0.0, 1.5),
    gradient=_sinc_slope,
    hessian=separable(_sinc_curvature),
    source=FAQ,
    upstream=ZEROTH_ORDER,
)
sinc_parabola = trap(
    "sinc_parabola",
    _sinc_parabola,
    (0.0, 1.5),
    gradient=_sinc_slope,
    hessian=separable(_sinc_curvature),
    source="the control of sinc_where",
    tags=CONTROL,
)


def _rotated(xp: Any, w: Any, v: Any, cross: Any, at_zero: Any) -> Any:
    """The vector v turned by |w| about w (Rodrigues), `cross` being the matrix of w -> w x v; `at_zero` where w = 0."""
    squared = xp.sum(w * w)
    zero = squared == 0
    safe = xp.where(zero, xp.ones_like(squared), squared)
    angle = xp.sqrt(safe)
    along = w * xp.sum(w * v) * ((1 - xp.cos(angle)) / safe)
    turned = v * xp.cos(angle) + xp.matmul(cross, w) * (xp.sin(angle) / angle) + along
    return xp.where(zero, at_zero, turned)


def _rotation_first_order(xp: Any, w: Any, v: Any, c: Any, cross: Any) -> Any:
    r"""f(w) = c'R(w) v, R(w) the rotation by |w| about w, and v + w x v in the branch of no rotation.

    $$f(w) = c^\top R(w)\, v, \quad R(w) = \exp [w]_\times$$
    """
    return xp.sum(c * _rotated(xp, w, v, cross, v + xp.matmul(cross, w)))


def _rotation_second_order(xp: Any, w: Any, v: Any, c: Any, cross: Any) -> Any:
    r"""f(w) = c'R(w) v, R(w) the rotation by |w| about w, with w x (w x v) / 2 in the branch of no rotation.

    $$f(w) = c^\top R(w)\, v, \quad R(w) = \exp [w]_\times$$
    """
    twice = w * xp.sum(w * v) - v * xp.sum(w * w)
    return xp.sum(c * _rotated(xp, w, v, cross, v + xp.matmul(cross, w) + 0.5 * twice))


def _rotation_gradient(w: FloatArray, v: FloatArray, c: FloatArray, cross: FloatArray) -> FloatArray:
    """The gradient of c'(w x v), at w = 0."""
    del w, v
    return cross.T @ c


def _rotation_hessian(w: FloatArray, v: FloatArray, c: FloatArray, cross: FloatArray) -> FloatArray:
    """The Hessian of c'(w x (w x v)) / 2 = ((c'w)(w'v) - (c'v) w'w) / 2, at w = 0."""
    del w, cross
    return 0.5 * (np.outer(c, v) + np.outer(v, c)) - c @ v * np.eye(3)


CROSS = np.array(
    [[0.0, VECTOR[2], -VECTOR[1]], [-VECTOR[2], 0.0, VECTOR[0]], [VECTOR[1], -VECTOR[0], 0.0]],
)
"""w -> w x v."""
ADBENCH = (
    "Srajer, Kukelova & Fitzgibbon 2018, A benchmark of selected algorithmic differentiation tools on some "
    "problems in computer vision and machine learning, arXiv:1807.10129: bundle adjustment"
)

rotation_first_order = trap(
    "rotation_first_order",
    _rotation_first_order,
    (0.0, 0.0, 0.0),
    data=fixed(VECTOR, DIRECTION, CROSS),
    gradient=_rotation_gradient,
    hessian=_rotation_hessian,
    source=ADBENCH,
    upstream=NO_CURVATURE,
    convention="ADBench, whose branch of no rotation stops after the first order",
)
rotation_second_order = trap(
    "rotation_second_order",
    _rotation_second_order,
    (0.0, 0.0, 0.0),
    data=fixed(VECTOR, DIRECTION, CROSS),
    gradient=_rotation_gradient,
    hessian=_rotation_hessian,
    source="the control of rotation_first_order",
    tags=CONTROL,
)

PROBLEMS = (
    where_dead_branch,
    where_double,
    sinc_where,
    sinc_double_where,
    sinc_parabola,
    rotation_first_order,
    rotation_second_order,
)
