"""Regressions with an unknown scale: x = (beta, s), and f depends on the residuals u = (y - X beta) exp(-s).

With u_k' the rows of J = -(exp(-s) X, u), and rho of u alone, f = sum_k rho(u_k) + c s has

    gradient J' rho' + c e_s,    Hessian J' diag(rho'') J - (b e_s' + e_s b' - b_s e_s e_s') with b = J' rho',

because s enters u as the factor exp(-s): the derivative of J by s is -J, and u depends on beta linearly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.statistics.regression import design

FREEDOM = 4
"""Degrees of freedom of Student's t; heavy tails, finite variance."""


def _residuals(x: FloatArray, features: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The scaled residuals u (m,) and their derivatives J (m, n)."""
    inverse = np.exp(-x[-1])
    u = (y - features @ x[:-1]) * inverse
    return u, -np.column_stack([inverse * features, u])


def _scale_gradient(jacobian: FloatArray, first: FloatArray, count: float) -> FloatArray:
    gradient = np.asarray(jacobian.T @ first)
    gradient[-1] += count
    return gradient


def _scale_hessian(jacobian: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    pushed = jacobian.T @ first
    hessian = np.asarray((jacobian.T * second) @ jacobian)
    hessian[:, -1] -= pushed
    hessian[-1, :] -= pushed
    hessian[-1, -1] += pushed[-1]
    return hessian


def _student_t(xp: Any, x: Any, features: Any, y: Any) -> Any:
    r"""f(beta, s) = sum_k 5/2 log(1 + u_k^2 / 4) + s with u = (y - X beta) exp(-s); t with 4 degrees of freedom.

    $$f(\beta, s) = \sum_k \tfrac{5}{2} \log(1 + u_k^2 / 4) + s,\quad u = e^{-s} (y - X \beta)$$
    """
    u = (y - xp.matmul(features, x[:-1])) * xp.exp(-x[-1])
    return 0.5 * (FREEDOM + 1) * xp.sum(xp.log1p(u * u / FREEDOM)) + y.shape[0] * x[-1]


def _student_t_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    features = design(n - 1, rng)
    return features, features @ rng.standard_normal(n - 1) + 0.3 * rng.standard_t(FREEDOM, len(features))


def _student_t_gradient(x: FloatArray, features: FloatArray, y: FloatArray) -> FloatArray:
    u, jacobian = _residuals(x, features, y)
    return _scale_gradient(jacobian, (FREEDOM + 1) * u / (FREEDOM + u * u), u.size)


def _student_t_hessian(x: FloatArray, features: FloatArray, y: FloatArray) -> FloatArray:
    u, jacobian = _residuals(x, features, y)
    total = FREEDOM + u * u
    return _scale_hessian(jacobian, (FREEDOM + 1) * u / total, (FREEDOM + 1) * (FREEDOM - u * u) / total**2)


student_t_regression = Problem(
    name="student_t_regression",
    objective=_student_t,
    sizes=(4, 20, 100),
    start=lambda n, rng: np.append(rng.standard_normal(n - 1), -0.5),
    data=_student_t_data,
    gradient=_student_t_gradient,
    hessian=_student_t_hessian,
    allowed=Size.at_least(2),
    source="Lange, Little & Taylor 1989, Robust statistical modeling using the t distribution, "
    "doi:10.1080/01621459.1989.10478852",
    tags=("statistics", "nonconvex", "robust", "dense"),
)


def _weibull(xp: Any, x: Any, features: Any, y: Any, died: Any) -> Any:
    r"""f(beta, s) = sum_k exp(u_k) - d_k (u_k - s), u = (y - X beta) exp(-s), y log times; a quarter is censored.

    $$f(\beta, s) = \sum_k e^{u_k} - d_k (u_k - s),\quad u = e^{-s} (y - X \beta),\quad d_k \in \{0, 1\}$$
    """
    u = (y - xp.matmul(features, x[:-1])) * xp.exp(-x[-1])
    return xp.sum(xp.exp(u) - died * (u - x[-1]))


def _weibull_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Log times X beta + log(E) / 2 with E exponential; those of every fourth are cut short."""
    features = design(n - 1, rng)
    count = len(features)
    died = np.where(np.arange(count) % 4 == 3, 0.0, 1.0)
    y = features @ rng.standard_normal(n - 1) + 0.5 * np.log(rng.exponential(size=count))
    return features, y - (1 - died) * rng.exponential(0.5, count), died


def _weibull_gradient(x: FloatArray, features: FloatArray, y: FloatArray, died: FloatArray) -> FloatArray:
    u, jacobian = _residuals(x, features, y)
    return _scale_gradient(jacobian, np.exp(u) - died, died.sum())


def _weibull_hessian(x: FloatArray, features: FloatArray, y: FloatArray, died: FloatArray) -> FloatArray:
    u, jacobian = _residuals(x, features, y)
    return _scale_hessian(jacobian, np.exp(u) - died, np.exp(u))


weibull_survival = Problem(
    name="weibull_survival",
    objective=_weibull,
    sizes=(4, 20, 100),
    start=lambda n, rng: np.append(0.5 * rng.standard_normal(n - 1), 0.0),
    data=_weibull_data,
    gradient=_weibull_gradient,
    hessian=_weibull_hessian,
    allowed=Size.at_least(2),
    source="Kalbfleisch & Prentice 2002, The Statistical Analysis of Failure Time Data, section 3.6, "
    "doi:10.1002/9781118032985",
    convention="the log-linear model with extreme value errors; s is the logarithm of its scale",
    tags=("statistics", "exponential", "dense"),
)

PROBLEMS = (
    student_t_regression,
    weibull_survival,
)
