"""Products of unknown matrices, fitted by least squares: every critical point is a minimum or a saddle."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.model import Model, Shapes
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size, side

RANK = 2


def _deep_linear(xp: Any, x: Any, inputs: Any, targets: Any) -> Any:
    r"""f(A, B, C) = |C B A X - Y|^2 / (2 m), a linear network of three layers; n = 3 d^2, m = 4d samples.

    $$f(A, B, C) = \tfrac{1}{2m} \|C B A X - Y\|_F^2$$
    """
    return _least_squares(xp, _layers(xp, x, inputs, targets), inputs, targets)


def _layers(xp: Any, x: Any, inputs: Any, targets: Any) -> Any:
    """The outputs, (d, m)."""
    del targets
    width = side(x.shape[0] // 3)
    layers = xp.reshape(x, (3, width, width))
    return xp.matmul(layers[2], xp.matmul(layers[1], xp.matmul(layers[0], inputs)))


def _least_squares(xp: Any, z: Any, inputs: Any, targets: Any) -> Any:
    return 0.5 / inputs.shape[1] * xp.sum(xp.square(z - targets))


def _linear_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    width = side(n // 3)
    inputs = rng.standard_normal((width, 4 * width))
    return inputs, rng.standard_normal((width, width)) @ inputs / np.sqrt(width)


def _neighbors(x: FloatArray, inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What stands left and right of each layer in the output: (3, d, d) and (3, d, m)."""
    width = side(x.size // 3)
    a, b, c = x.reshape(3, width, width)
    return np.stack([c @ b, c, np.eye(width)]), np.stack([inputs, a @ inputs, b @ a @ inputs])


def _deep_linear_gradient(x: FloatArray, inputs: FloatArray, targets: FloatArray) -> FloatArray:
    left, right = _neighbors(x, inputs)
    residual = left[1] @ right[2] - targets
    return np.asarray((left.transpose(0, 2, 1) @ residual @ right.transpose(0, 2, 1)).ravel() / inputs.shape[1])


def _deep_linear_hessian(x: FloatArray, inputs: FloatArray, targets: FloatArray) -> FloatArray:
    """Gauss-Newton (L_i'L_j) x (R_i R_j') over layers i, j, and the residual R times what is bilinear in two layers.

    C dB dA X gives C'R X' between dB and dA, dC dB (A X) gives R (A X)' between dC and dB, and dC B dA X gives
    B x (R X') between dC and dA.
    """
    left, right = _neighbors(x, inputs)
    residual, eye = left[1] @ right[2] - targets, np.eye(len(inputs))
    middle = x.reshape(3, *eye.shape)[1]
    # Each pair of layers once, the later one first; the transpose below is the other half.
    mixed = np.zeros((3, *eye.shape) * 2)
    mixed[1, :, :, 0] = np.einsum("be,cd->bcde", left[1].T @ residual @ right[0].T, eye)
    mixed[2, :, :, 1] = np.einsum("ad,be->abed", residual @ right[1].T, eye)
    mixed[2, :, :, 0] = np.einsum("bc,ae->abce", middle, residual @ right[0].T)
    outer = np.einsum("iab,jad,ick,jek->ibcjde", left, left, right, right, optimize=True).reshape(x.size, x.size)
    curvature = mixed.reshape(x.size, x.size)
    return np.asarray((0.5 * (outer + outer.T) + curvature + curvature.T) / inputs.shape[1])


deep_linear = Problem(
    name="deep_linear",
    objective=_deep_linear,
    sizes=(12, 48, 108),
    start=lambda n, rng: rng.standard_normal(n) / np.sqrt(side(n // 3)),
    data=_linear_data,
    gradient=_deep_linear_gradient,
    hessian=_deep_linear_hessian,
    allowed=Size.square(least=1, times=3, root="d"),
    source="Kawaguchi 2016, Deep learning without poor local minima, arXiv:1605.07110",
    convention="three square layers; at zero, the degenerate point, gradient and Hessian vanish, but it is no minimum",
    named_points={"degenerate": lambda n, rng: np.zeros(n)},
    model=Model(_layers, _least_squares),
    arrays=lambda n: {name: (side(n // 3), side(n // 3)) for name in "ABC"},
    tags=("ml", "nonconvex", "polynomial", "least-squares", "dense"),
)


def _matrix_factorization(xp: Any, x: Any, ratings: Any, known: Any) -> Any:
    r"""f(U, V) = sum over known entries of (u_i . v_j - y_ij)^2 / 2 with n/4 rows of two entries in U and in V.

    $$f(U, V) = \tfrac12 \sum_{(i, j)\ \text{known}} (u_i^\top v_j - y_{ij})^2$$
    """
    return _over_known(xp, _product(xp, x, ratings, known), ratings, known)


def _product(xp: Any, x: Any, ratings: Any, known: Any) -> Any:
    """The outputs, (n/4, n/4)."""
    del ratings, known
    factors = xp.reshape(x, (2, -1, RANK))
    return xp.matmul(factors[0], xp.matrix_transpose(factors[1]))


def _over_known(xp: Any, z: Any, ratings: Any, known: Any) -> Any:
    return 0.5 * xp.sum(known * xp.square(z - ratings))


def _factors(n: int) -> Shapes:
    return dict.fromkeys(("U", "V"), (n // (2 * RANK), RANK))


def _perfect_factors(n: int, rng: np.random.Generator | None = None) -> FloatArray:
    """Factors of the ratings, which are the same for every seed: f is zero here."""
    del rng
    return np.asarray(np.cos(1.0 + np.arange(n) ** 2))


def _ratings(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """A matrix of rank two of which every fifth entry is not known."""
    del rng
    u, v = _perfect_factors(n).reshape(2, -1, RANK)
    return u @ v.T, np.where(np.add.outer(np.arange(len(u)), 2 * np.arange(len(v))) % 5 == 4, 0.0, 1.0)


def _factorization_gradient(x: FloatArray, ratings: FloatArray, known: FloatArray) -> FloatArray:
    u, v = x.reshape(2, -1, RANK)
    residual = known * (u @ v.T - ratings)
    return np.concatenate([(residual @ v).ravel(), (residual.T @ u).ravel()])


def _factorization_hessian(x: FloatArray, ratings: FloatArray, known: FloatArray) -> FloatArray:
    """Row i of U meets itself by sum_j v_j v_j', and row j of V by v_j u_i' + r_ij I, over known entries."""
    u, v = x.reshape(2, -1, RANK)
    k, residual = len(u), known * (u @ v.T - ratings)
    hessian = np.zeros((2, k, RANK, 2, k, RANK))
    own = np.arange(k)
    hessian[0, own, :, 0, own, :] = np.einsum("ij,ja,jb->iab", known, v, v)
    hessian[1, own, :, 1, own, :] = np.einsum("ij,ia,ib->jab", known, u, u)
    mixed = np.einsum("ij,ja,ib->iajb", known, v, u) + np.einsum("ij,ab->iajb", residual, np.eye(RANK))
    hessian[0, :, :, 1] = mixed
    hessian[1, :, :, 0] = mixed.transpose(2, 3, 0, 1)
    return hessian.reshape(x.size, x.size)


matrix_factorization = Problem(
    name="matrix_factorization",
    objective=_matrix_factorization,
    sizes=(8, 40, 120),
    start=lambda n, rng: rng.standard_normal(n),
    data=_ratings,
    gradient=_factorization_gradient,
    hessian=_factorization_hessian,
    allowed=Size.multiple_of(4),
    source="Koren, Bell & Volinsky 2009, Matrix factorization techniques for recommender systems, "
    "doi:10.1109/MC.2009.263",
    convention="rank 2, without regularization: at the minimum U G, V G^-T is as good, hence 4 zero "
    "eigenvalues or more",
    named_points={"minimum": _perfect_factors, "saddle": lambda n, rng: np.zeros(n)},
    model=Model(_product, _over_known),
    arrays=_factors,
    tags=("ml", "nonconvex", "polynomial", "least-squares"),
)

PROBLEMS = (
    deep_linear,
    matrix_factorization,
)
