"""The problems of More, Garbow & Hillstrom 1981 that exist for several n; the tuple of all is in `suites.mgh`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hessbench.suites.classic.mgh_residuals import Residuals, minimizer, minpack, paper, symmetric, toms, variable, zero
from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.elements import element_pattern
from hessbench.suites.definition.facts import Published, Structure
from hessbench.suites.definition.size import Size


def _variably_dimensioned(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i (x_i - 1)^2 + s^2 + s^4 with s = sum_i i (x_i - 1); dense, of rank one beside the identity.

    $$f(x) = \sum_{i=1}^n (x_i - 1)^2 + s^2 + s^4,\quad s = \sum_{i=1}^n i\,(x_i - 1)$$
    """
    off = x - 1
    s = xp.sum(xp.arange(1, x.shape[0] + 1, dtype=x.dtype) * off)
    return xp.sum(off * off) + s * s + xp.square(s * s)


def _variably_dimensioned_residuals(x: FloatArray) -> Residuals:
    weights = np.arange(1.0, x.size + 1)
    s = weights @ (x - 1)
    jacobian = np.concatenate([np.eye(x.size), [weights, 2 * s * weights]])
    return Residuals(np.append(x - 1, [s, s**2]), jacobian, lambda w: 2 * w[-1] * np.outer(weights, weights))


def _variably_dimensioned_spectrum(n: int) -> FloatArray:
    """Of H = 2 (I + (1 + 6 s^2) ww') with the weights w; at the start s = -|w|^2 / n."""
    square = n * (n + 1) * (2 * n + 1) / 6
    return np.append(np.full(n - 1, 2.0), 2 + 2 * (1 + 6 * (square / n) ** 2) * square)


variably_dimensioned = variable(
    25,
    "unpublished",
    _variably_dimensioned,
    _variably_dimensioned_residuals,
    (4, 12, 100),
    start=lambda n: 1 - np.arange(1, n + 1) / n,
    named_points={"minimum": lambda n, rng: np.ones(n)},
    published=(toms(9.39e10, 40), zero(4)),
    structure=Structure(spectrum=_variably_dimensioned_spectrum),
    tags=("convex", "polynomial", "badly-scaled", "dense"),
)


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

PENALTY = 1e-5


def _penalty_1(xp: Any, x: Any) -> Any:
    r"""f(x) = 1e-5 sum_i (x_i - 1)^2 + (sum_i x_i^2 - 1/4)^2; one curvature far above the others.

    $$f(x) = 10^{-5} \sum_{i=1}^n (x_i - 1)^2 + \left(\sum_{i=1}^n x_i^2 - \tfrac14\right)^2$$
    """
    return PENALTY * xp.sum(xp.square(x - 1)) + xp.square(xp.sum(x * x) - 0.25)


def _penalty_1_residuals(x: FloatArray) -> Residuals:
    root, eye = math.sqrt(PENALTY), np.eye(x.size)
    value = np.append(root * (x - 1), x @ x - 0.25)
    return Residuals(value, np.concatenate([root * eye, 2 * x[None]]), lambda w: 2 * w[-1] * eye)


def _penalty_1_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    """All variables alike, by symmetry: the positive root of 2 n t^3 + (1e-5 - 1/2) t = 1e-5."""
    del rng
    roots = np.roots([2.0 * n, 0.0, PENALTY - 0.5, -PENALTY])
    return np.full(n, float(np.max(roots.real)))


penalty_1 = variable(
    23,
    "Gill, Murray & Pitfield 1972",
    _penalty_1,
    _penalty_1_residuals,
    (4, 10, 100),
    start=lambda n: np.arange(1.0, n + 1),
    named_points={"minimum": _penalty_1_minimum},
    published=(toms(5.45e9, 60), paper(2.24997e-5, 4), paper(7.08765e-5, 10)),
    structure=Structure(definiteness="positive definite"),
    tags=("polynomial", "ill-conditioned", "dense"),
)


def _penalty_2(xp: Any, x: Any, y: Any) -> Any:
    r"""f(x) = (x_1 - 1/5)^2 + 1e-5 (sums of squares of exponentials) + (sum_i (n - i + 1) x_i^2 - 1)^2.

    $$f(x) = (x_1 - \tfrac15)^2 + 10^{-5} \sum_{i=2}^n \left(e^{x_i / 10} + e^{x_{i-1} / 10} - y_i\right)^2
    + \left(e^{x_i / 10} - e^{-1 / 10}\right)^2 + \Bigl(\sum_{i=1}^n (n - i + 1)\,x_i^2 - 1\Bigr)^2,\quad
    y_i = e^{i / 10} + e^{(i-1) / 10}$$
    """
    n = x.shape[0]
    e = xp.exp(0.1 * x)
    pairs, each = xp.square(e[1:] + e[:-1] - y), xp.square(e[1:] - math.exp(-0.1))
    weights = n - xp.arange(0, n, dtype=x.dtype)
    return xp.square(x[0] - 0.2) + PENALTY * xp.sum(pairs + each) + xp.square(xp.sum(weights * x * x) - 1)


def _penalty_2_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del rng
    growth = np.exp(np.arange(1, n + 1) / 10)
    return (growth[1:] + growth[:-1],)


def _penalty_2_residuals(x: FloatArray, y: FloatArray) -> Residuals:
    n, root = x.size, math.sqrt(PENALTY)
    weights, e = np.arange(n, 0.0, -1), np.exp(0.1 * x)
    pairs, each = root * (e[1:] + e[:-1] - y), root * (e[1:] - math.exp(-0.1))
    own, before = np.eye(n)[1:], np.eye(n)[:-1]
    slope = 0.1 * root * e
    jacobian = np.concatenate([np.eye(1, n), (own + before) * slope, own * slope, 2 * (weights * x)[None]])

    def curvature(w: FloatArray) -> FloatArray:
        pair, single = w[1:n], w[n:-1]
        bend = np.append(0.0, pair + single) + np.append(pair, 0.0)
        return np.diag(0.1 * slope * bend + 2 * w[-1] * weights)

    value = np.concatenate([[x[0] - 0.2], pairs, each, [weights @ x**2 - 1]])
    return Residuals(value, jacobian, curvature)


def _penalty_2_minimum(n: int, rng: np.random.Generator) -> FloatArray:
    return minimizer(_penalty_2_residuals, np.full(n, 0.5), *_penalty_2_data(n, rng))


penalty_2 = variable(
    24,
    "Gill, Murray & Pitfield 1972",
    _penalty_2,
    _penalty_2_residuals,
    (4, 10, 100),
    start=lambda n: np.full(n, 0.5),
    data=_penalty_2_data,
    allowed=Size.at_least(2),
    named_points={"minimum": _penalty_2_minimum},
    published=(
        toms(2.87e5, 65),
        paper(9.37629e-6, 4),
        paper(2.93660e-4, 10),
        Published("minimum", 4, 9.37629300735544219e-06, 1e-10, "GSL, multifit_nlinear/test_penalty2.c"),
    ),
    structure=Structure(definiteness="positive definite"),
    tags=("ill-conditioned", "dense"),
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


def _extended_rosenbrock(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i 100 (x_{2i} - x_{2i-1}^2)^2 + (1 - x_{2i-1})^2; n/2 separate valleys of Rosenbrock.

    $$f(x) = \sum_{i=1}^{n/2} 100\,(x_{2i} - x_{2i-1}^2)^2 + (1 - x_{2i-1})^2$$
    """
    odd, even = x[::2], x[1::2]
    return xp.sum(100 * xp.square(even - odd * odd) + xp.square(1 - odd))


def _extended_rosenbrock_residuals(x: FloatArray) -> Residuals:
    odd, even = x[::2], x[1::2]
    i = np.arange(odd.size)
    jacobian = np.zeros((x.size, x.size))
    jacobian[i, 2 * i], jacobian[i, 2 * i + 1] = -20 * odd, 10
    jacobian[odd.size + i, 2 * i] = -1

    def curvature(w: FloatArray) -> FloatArray:
        return np.diag(np.stack([-20 * w[: odd.size], 0 * odd], axis=1).ravel())

    return Residuals(np.concatenate([10 * (even - odd**2), 1 - odd]), jacobian, curvature)


def _blocks(n: int, members: list[list[int]]) -> IntArray:
    """Groups of variables of the first block, repeated in all blocks."""
    first = np.array(members)
    width = int(first.max()) + 1
    return (width * np.arange(n // width)[:, None, None] + first).reshape(-1, first.shape[1])


extended_rosenbrock = variable(
    21,
    "Spedicato 1975",
    _extended_rosenbrock,
    _extended_rosenbrock_residuals,
    (4, 12, 100),
    start=lambda n: np.tile([-1.2, 1.0], n // 2),
    allowed=Size.multiple_of(2),
    convention="the paper: pairs that do not meet; the chained one is another function",
    named_points={"minimum": lambda n, rng: np.ones(n)},
    published=(minpack(4.919350, 2), toms(4.84e2, 40), zero(4)),
    structure=Structure(
        pattern=lambda n: element_pattern(n, _blocks(n, [[0, 1]])), colors=2, definiteness="positive definite"
    ),
    tags=("polynomial", "sparse", "block-diagonal"),
)


def _extended_powell_singular(xp: Any, x: Any) -> Any:
    r"""f(x) = sum (a + 10 b)^2 + 5 (c - d)^2 + (b - 2c)^4 + 10 (a - d)^4 over fours of variables; singular at 0.

    $$f(x) = \sum_{i=1}^{n/4} (x_{4i-3} + 10 x_{4i-2})^2 + 5\,(x_{4i-1} - x_{4i})^2
    + (x_{4i-2} - 2 x_{4i-1})^4 + 10\,(x_{4i-3} - x_{4i})^4$$
    """
    a, b, c, d = x[::4], x[1::4], x[2::4], x[3::4]
    quartic = xp.square(xp.square(b - 2 * c)) + 10 * xp.square(xp.square(a - d))
    return xp.sum(xp.square(a + 10 * b) + 5 * xp.square(c - d) + quartic)


def _extended_powell_singular_residuals(x: FloatArray) -> Residuals:
    """By blocks of four residuals: of a + 10 b, c - d, b - 2 c and a - d the first two alone, the others squared."""
    inner = np.array([[1.0, 10, 0, 0], [0, 0, 5**0.5, -(5**0.5)], [0, 1, -2, 0], [10**0.25, 0, 0, -(10**0.25)]])
    squared = np.array([0.0, 0.0, 1.0, 1.0])
    z = x.reshape(-1, 4) @ inner.T
    scales = 1 - squared + 2 * squared * z
    count = np.arange(len(z))
    jacobian = np.zeros((len(z), 4, len(z), 4))
    jacobian[count, :, count] = scales[:, :, None] * inner

    def curvature(w: FloatArray) -> FloatArray:
        blocks = np.zeros((len(z), 4, len(z), 4))
        blocks[count, :, count] = np.einsum("bi,ij,ik->bjk", 2 * squared * w.reshape(-1, 4), inner, inner)
        return blocks.reshape(x.size, x.size)

    return Residuals(np.where(squared, z**2, z).ravel(), jacobian.reshape(x.size, x.size), curvature)


extended_powell_singular = variable(
    22,
    "Spedicato 1975",
    _extended_powell_singular,
    _extended_powell_singular_residuals,
    (4, 12, 100),
    start=lambda n: np.tile([3.0, -1.0, 0.0, 1.0], n // 4),
    allowed=Size.multiple_of(4),
    convention="the paper; some collections start at (3, -1, 0, 3, ...)",
    named_points={"minimum": lambda n, rng: np.zeros(n)},
    published=(minpack(14.66288, 4), toms(3.23e3, 60), zero(4)),
    structure=Structure(
        pattern=lambda n: element_pattern(n, _blocks(n, [[0, 1], [2, 3], [1, 2], [0, 3]])),
        colors=3,
        definiteness="positive definite",
    ),
    tags=("convex", "polynomial", "sparse", "block-diagonal", "singular-minimum"),
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
