"""Every residual depends on every variable, of More, Garbow & Hillstrom 1981; several n."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.classic.mgh_residuals import Residuals, minimizer, minpack, paper, symmetric, toms, variable, zero
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.size import Size


def _watson(xp: Any, x: Any, powers: Any, slopes: Any) -> Any:
    r"""f(x) = x_1^2 + (x_2 - x_1^2 - 1)^2 + sum_i (p'(t_i) - p(t_i)^2 - 1)^2, p a polynomial; ill-conditioned.

    $$f(x) = x_1^2 + (x_2 - x_1^2 - 1)^2 + \sum_{i=1}^{29} \left(p'(t_i) - p(t_i)^2 - 1\right)^2,\quad
    p(t) = \sum_{j=1}^n x_j t^{j-1},\quad t_i = i / 29$$
    """
    inner = xp.matmul(slopes, x) - xp.square(xp.matmul(powers, x)) - 1
    return xp.sum(inner * inner) + xp.square(x[0]) + xp.square(x[1] - x[0] * x[0] - 1)


def _watson_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """The matrices of p and p' at the t_i, both (29, n)."""
    del rng
    t = np.arange(1.0, 30) / 29
    powers = np.vander(t, n, increasing=True)
    slopes = np.zeros((29, n))
    slopes[:, 1:] = np.arange(1, n) * powers[:, :-1]
    return powers, slopes


def _watson_residuals(x: FloatArray, powers: FloatArray, slopes: FloatArray) -> Residuals:
    p = powers @ x
    tail = np.zeros((2, x.size))
    tail[0, 0], tail[1, :2] = 1, (-2 * x[0], 1)
    value = np.append(slopes @ x - p**2 - 1, [x[0], x[1] - x[0] ** 2 - 1])

    def curvature(w: FloatArray) -> FloatArray:
        return -2 * (powers.T * w[:29]) @ powers + symmetric(x.size, {(0, 0): -2 * w[30]})

    return Residuals(value, np.concatenate([slopes - 2 * p[:, None] * powers, tail]), curvature)


def _watson_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    return minimizer(_watson_residuals, np.zeros(n), *_watson_data(n, rng))


watson = variable(
    20,
    "Kowalik & Osborne 1968",
    _watson,
    _watson_residuals,
    (6, 9, 12),
    start=lambda n: np.zeros(n),
    data=_watson_data,
    allowed=Size("2 <= n <= 31", lambda n: 2 <= n <= 31),
    convention="the paper: 31 residuals at every n, as CUTEst WATSON",
    named_points={"minimum": _watson_minimum},
    published=(
        minpack(5.477226, 6),
        paper(2.28767e-3, 6),
        paper(1.39976e-6, 9),
        paper(4.72238e-10, 12),
        Published("minimum", 6, 2.287670053552372e-03, 1e-12, "GSL, multifit_nlinear/test_watson.c"),
    ),
    tags=("polynomial", "ill-conditioned", "dense"),
)


def _trigonometric(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (n - sum_j cos x_j + i (1 - cos x_i) - sin x_i)^2; dense.

    $$f(x) = \sum_{i=1}^n \Bigl(n - \sum_{j=1}^n \cos x_j + i\,(1 - \cos x_i) - \sin x_i\Bigr)^2$$
    """
    versine = 2 * xp.square(xp.sin(x / 2))  # 1 - cos x, of which cancellation leaves 13 digits at the start
    own = xp.arange(1, x.shape[0] + 1, dtype=x.dtype) * versine - xp.sin(x)
    return xp.sum(xp.square(xp.sum(versine) + own))


def _trigonometric_residuals(x: FloatArray) -> Residuals:
    index, sine, cosine, versine = np.arange(1, x.size + 1), np.sin(x), np.cos(x), 2 * np.sin(x / 2) ** 2
    value = versine.sum() + index * versine - sine
    jacobian = sine + np.diag(index * sine - cosine)
    return Residuals(value, jacobian, lambda w: np.diag(cosine * w.sum() + w * (index * cosine + sine)))


trigonometric = variable(
    26,
    "Spedicato 1975",
    _trigonometric,
    _trigonometric_residuals,
    (4, 12, 100),
    start=lambda n: np.full(n, 1 / n),
    convention="the paper; CUTEst ARGTRIGLS has another sum",
    named_points={"minimum": lambda n, rng: np.zeros(n)},
    published=(minpack(0.08411753, 10), toms(2.01e-3, 40), zero(4)),
    structure=Structure(definiteness="indefinite"),
    tags=("dense",),
)


def _chebyquad(xp: Any, x: Any, integrals: Any) -> Any:
    r"""f(x) = sum_i (mean_j T_i(x_j) - integral of T_i)^2, shifted Chebyshev polynomials; a recurrence, dense.

    $$f(x) = \sum_{i=1}^n \Bigl(\frac1n \sum_{j=1}^n T_i(x_j) - \int_0^1 T_i(t)\,dt\Bigr)^2,\quad
    T_{i+1}(t) = 2\,(2 t - 1)\,T_i(t) - T_{i-1}(t),\quad T_0 = 1,\quad T_1 = 2 t - 1$$
    """
    y = 2 * x - 1
    before, current, means = xp.ones_like(x), y, []
    for _ in range(x.shape[0]):
        means.append(xp.mean(current))
        before, current = current, 2 * y * current - before
    return xp.sum(xp.square(xp.stack(means) - integrals))


def _chebyquad_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """The integrals: -1 / (i^2 - 1) for even i, 0 for odd ones."""
    del rng
    return (np.array([0.0 if i % 2 else -1 / (i * i - 1) for i in range(1, n + 1)]),)


def _chebyquad_residuals(x: FloatArray, integrals: FloatArray) -> Residuals:
    """The recurrence differentiated twice: T' and T'' follow it with what 2 (2t - 1) leaves, 4 T and 8 T'."""
    y, zero_ = 2 * x - 1, np.zeros_like(x)
    before, current = (np.ones_like(x), zero_, zero_), (y, zero_ + 2, zero_)
    rows = []
    for _ in range(x.size):
        rows.append(current)
        (t, slope, bend), (t0, slope0, bend0) = current, before
        after = (2 * y * t - t0, 2 * y * slope + 4 * t - slope0, 2 * y * bend + 8 * slope - bend0)
        before, current = current, after
    values, slopes, bends = (np.stack(part) / x.size for part in zip(*rows, strict=True))
    return Residuals(values.sum(1) - integrals, slopes, lambda w: np.diag(w @ bends))


def _chebyquad_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    return minimizer(_chebyquad_residuals, np.arange(1, n + 1) / (n + 1), *_chebyquad_data(n, rng))


chebyquad = variable(
    35,
    "Fletcher 1965",
    _chebyquad,
    _chebyquad_residuals,
    (8,),
    start=lambda n: np.arange(1, n + 1) / (n + 1),
    data=_chebyquad_data,
    named_points={"minimum": _chebyquad_minimum},
    published=(minpack(0.1965139, 8), toms(1.39e-2, 50), paper(3.51687e-3, 8), zero(9, 1e-28), paper(6.50395e-3, 10)),
    structure=Structure(definiteness="indefinite"),
    tags=("polynomial", "recurrence", "dense"),
)

PROBLEMS = (
    watson,
    trigonometric,
    chebyquad,
)
