"""Bundle adjustment: cameras and points from what the cameras saw, as in ADBench."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray, IntArray
from hessbench.suites.definition.elements import element_gradient, element_hessian
from hessbench.suites.definition.matrices import LEVI_CIVITA
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

CAMERAS, CAMERA, POINT = 2, 11, 3
"""A camera: rotation vector, center (3 each), focal length, principal point (2), radial distortion (2)."""


def _rotated(xp: Any, w: Any, v: Any) -> Any:
    """Vectors v (2, p, 3) turned around w (2, 1, 3) by the angle |w|: Rodrigues' formula."""
    angle = xp.sqrt(xp.sum(w * w, axis=2, keepdims=True))
    axis = w / angle
    a, b, c = (axis[:, :, i] for i in range(3))
    x, y, z = (v[:, :, i] for i in range(3))
    cross = xp.stack([b * z - c * y, c * x - a * z, a * y - b * x], axis=2)
    along = xp.sum(axis * v, axis=2, keepdims=True)
    return v * xp.cos(angle) + cross * xp.sin(angle) + axis * along * (1 - xp.cos(angle))


def projected(xp: Any, cameras: Any, points: Any) -> Any:
    """The images (2, p, 2) of points (1, p, 3) in cameras (2, 1, 11)."""
    inside = _rotated(xp, cameras[:, :, :3], points - cameras[:, :, 3:6])
    flat = inside[:, :, :2] / inside[:, :, 2:]
    radius = xp.sum(flat * flat, axis=2, keepdims=True)
    distorted = flat * (1 + cameras[:, :, 9:10] * radius + cameras[:, :, 10:] * radius * radius)
    return distorted * cameras[:, :, 6:7] + cameras[:, :, 7:9]


def _unpacked(xp: Any, x: Any) -> tuple[Any, Any, Any]:
    """Cameras (2, 1, 11), points (1, p, 3) and weights (2, p, 1)."""
    count, head = _points(x.shape[0]), CAMERAS * CAMERA
    cameras = xp.reshape(x[:head], (CAMERAS, 1, CAMERA))
    points = xp.reshape(x[head : head + POINT * count], (1, count, POINT))
    return cameras, points, xp.reshape(x[head + POINT * count :], (CAMERAS, count, 1))


def _points(n: int) -> int:
    """How many points: 3 coordinates each, and a weight in each camera."""
    return (n - CAMERAS * CAMERA) // (POINT + CAMERAS)


def _bundle_adjustment(xp: Any, x: Any, features: Any) -> Any:
    r"""f(x) = sum of w^2 |projection - feature|^2 / 2 + (1 - w^2)^2 / 2; two cameras that both see (n - 22) / 5 points.

    $$f(x) = \tfrac12 \sum_{c, i} w_{ci}^2 \|\pi_c(X_i) - m_{ci}\|^2 + (1 - w_{ci}^2)^2,\quad
    \pi(X) = a\, (1 + k_1 \rho + k_2 \rho^2)\, q + x_0,\quad q = (P_1, P_2) / P_3,\quad \rho = \|q\|^2,\quad
    P = R(r)\, (X - C)$$
    """
    cameras, points, weights = _unpacked(xp, x)
    error = weights * (projected(xp, cameras, points) - features)
    return 0.5 * (xp.sum(error * error) + xp.sum(xp.square(1 - weights * weights)))


def _truth(n: int) -> FloatArray:
    """Two cameras five units before a cloud of points, turned a little; weights of one."""
    lens = [2.0, 0.1, -0.1, -0.1, 0.02]
    cameras = [0.1, 0.3, -0.2, 1.0, -0.5, -5.0, *lens, -0.2, 0.2, 0.1, -1.0, 0.5, -5.0, *lens]
    count = _points(n)
    return np.concatenate([cameras, np.cos(1.0 + np.arange(POINT * count) ** 2), np.ones(CAMERAS * count)])


def _seen(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    cameras, points, _ = _unpacked(np, _truth(n))
    images = projected(np, cameras, points)
    return (images + 0.02 * rng.standard_normal(images.shape),)


class _Map(NamedTuple):
    """Values (o, k) of each observation with their derivatives by m variables: (o, k, m) and (o, k, m, m)."""

    value: FloatArray
    first: FloatArray
    second: FloatArray


def _after(outer: _Map, inner: _Map) -> _Map:
    """The chain rule: J = J_o J_i and H = J_i' H_o J_i + J_o H_i."""
    first = outer.first @ inner.first
    second = np.einsum("okab,oax,oby->okxy", outer.second, inner.first, inner.first, optimize=True)
    return _Map(outer.value, first, second + np.einsum("oka,oaxy->okxy", outer.first, inner.second))


def _coefficients(s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The values of a = cos t, b = sin t / t, c = (1 - cos t) / t^2 and two derivatives by s = t^2, each (3, o).

    From a' = -b / 2, b' = (a - b) / (2 s) and c' = (b / 2 - c) / s.
    """
    t = np.sqrt(s)
    a, b = np.cos(t), np.sin(t) / t
    c = (1 - a) / s
    da, db, dc = -b / 2, (a - b) / (2 * s), (b / 2 - c) / s
    # Once more from 2 s b' = a - b and s c' = b / 2 - c: 2 s b'' = a' - 3 b' and s c'' = b' / 2 - 2 c'.
    return (
        np.stack([a, b, c]),
        np.stack([da, db, dc]),
        np.stack([-db / 2, (da - 3 * db) / (2 * s), (db / 2 - 2 * dc) / s]),
    )


def _rotation(w: FloatArray, v: FloatArray) -> _Map:
    """P = a v + b w x v + c (w . v) w by (w, v), with coefficients that depend on |w|^2."""
    value, slope, bend = _coefficients(np.sum(w * w, axis=1))
    eye, dot = np.eye(3), np.sum(w * v, axis=1)
    terms = np.stack([v, np.cross(w, v), dot[:, None] * w])
    by_w, by_v = np.zeros((2, 3, len(w), 3, 3))
    by_v[0] = eye
    by_w[1], by_v[1] = np.einsum("kij,oj->oki", LEVI_CIVITA, v), np.einsum("kij,oi->okj", LEVI_CIVITA, w)
    by_w[2], by_v[2] = w[:, :, None] * v[:, None, :] + dot[:, None, None] * eye, w[:, :, None] * w[:, None, :]
    first, second = np.zeros((len(w), 3, 6)), np.zeros((len(w), 3, 6, 6))
    pushed = np.einsum("to,tok->ok", slope, terms)
    first[..., :3] = np.einsum("to,tokx->okx", value, by_w) + 2 * pushed[..., None] * w[:, None, :]
    first[..., 3:] = np.einsum("to,tokx->okx", value, by_v)
    turn = 2 * np.einsum("to,tokx,oy->okxy", slope, by_w, w)
    curved = 4 * np.einsum("to,tok,ox,oy->okxy", bend, terms, w, w) + 2 * pushed[..., None, None] * eye
    quadratic = np.einsum("kx,oy->okxy", eye, v)
    second[..., :3, :3] = turn + turn.swapaxes(2, 3) + curved
    second[..., :3, :3] += value[2][:, None, None, None] * (quadratic + quadratic.swapaxes(2, 3))
    mixed = value[1][:, None, None, None] * LEVI_CIVITA + 2 * np.einsum("to,toky,ox->okxy", slope, by_v, w)
    mixed += value[2][:, None, None, None] * (np.einsum("kx,oy->okxy", eye, w) + np.einsum("xy,ok->okxy", eye, w))
    second[..., :3, 3:], second[..., 3:, :3] = mixed, mixed.swapaxes(2, 3)
    return _Map(np.einsum("to,tok->ok", value, terms), first, second)


def _flattened(p: FloatArray) -> _Map:
    """The quotients (P_1, P_2) / P_3."""
    depth, own = p[:, 2], np.arange(2)
    q = p[:, :2] / depth[:, None]
    first, second = np.zeros((len(p), 2, 3)), np.zeros((len(p), 2, 3, 3))
    first[:, own, own] = 1 / depth[:, None]
    first[:, :, 2] = -q / depth[:, None]
    second[:, own, own, 2] = second[:, own, 2, own] = -1 / depth[:, None] ** 2
    second[:, :, 2, 2] = 2 * q / depth[:, None] ** 2
    return _Map(q, first, second)


def _imaged(s: FloatArray) -> _Map:
    """The image f (1 + k_1 r + k_2 r^2) q + x_0 with r = |q|^2, by (q, f, x_0, k), (o, 7)."""
    q, focal, k1, k2 = s[:, :2], s[:, 2, None, None], s[:, 5, None, None], s[:, 6, None, None]
    eye, r = np.eye(2), np.sum(s[:, :2] ** 2, axis=1)[:, None, None]
    scale, slope, outer = 1 + k1 * r + k2 * r**2, k1 + 2 * k2 * r, q[:, :, None] * q[:, None, :]
    radii = np.concatenate([r, r**2], axis=2)
    first, second = np.zeros((len(s), 2, 7)), np.zeros((len(s), 2, 7, 7))
    by_q = scale * eye + 2 * slope * outer
    first[:, :, :2], first[:, :, 2:3], first[:, :, 3:5] = focal * by_q, scale * q[:, :, None], eye
    first[:, :, 5:] = focal * radii * q[:, :, None]
    parts = np.einsum("kx,oy->okxy", eye, q) + np.einsum("ky,ox->okxy", eye, q) + np.einsum("xy,ok->okxy", eye, q)
    bend = 2 * slope[..., None] * parts + 8 * k2[..., None] * q[:, :, None, None] * outer[:, None]
    second[:, :, :2, :2] = focal[..., None] * bend
    by_k = radii[:, :, None] * eye[..., None]
    by_k = by_k + outer[..., None] * (2 * np.concatenate([np.ones_like(r), 2 * r], axis=2))[:, :, None]
    second[:, :, :2, 2], second[:, :, 2, :2] = by_q, by_q
    second[:, :, :2, 5:], second[:, :, 5:, :2] = focal[..., None] * by_k, focal[..., None] * by_k.swapaxes(2, 3)
    second[:, :, 2, 5:] = second[:, :, 5:, 2] = radii * q[:, :, None]
    return _Map(focal[:, 0] * scale[:, 0] * q + s[:, 3:5], first, second)


def _variables(n: int) -> IntArray:
    """Those of each observation: its camera, its point, its weight, (2p, 15)."""
    count, head = _points(n), CAMERAS * CAMERA
    camera, point = (index.ravel() for index in np.indices((CAMERAS, count)))
    cameras = camera[:, None] * CAMERA + np.arange(CAMERA)
    points = head + point[:, None] * POINT + np.arange(POINT)
    return np.concatenate([cameras, points, head + POINT * count + np.arange(CAMERAS * count)[:, None]], axis=1)


def _linear(value: FloatArray, first: FloatArray) -> _Map:
    return _Map(
        value, np.broadcast_to(first, (len(value), *first.shape)), np.zeros((*value.shape, *first.shape[1:] * 2))
    )


def curvatures(y: FloatArray, features: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradient and Hessian of each observation's share of f.

    Args:
        y: Its 15 variables, camera, point and weight, (o, 15).
        features: What the camera saw, (o, 2).

    Returns:
        The gradients (o, 15) and the Hessians (o, 15, 15).
    """
    value, first, second = _residuals(y, features)
    blocks = first.transpose(0, 2, 1) @ first + np.einsum("ok,okxy->oxy", value, second)
    return np.einsum("ok,okx->ox", value, first), 0.5 * (blocks + blocks.transpose(0, 2, 1))


def _residuals(y: FloatArray, features: FloatArray) -> _Map:
    """The residuals of each observation, w (image - feature) and 1 - w^2 by its 15 variables."""
    eye = np.eye(CAMERA + POINT + 1)
    to_frame = np.concatenate([eye[:3], eye[CAMERA : CAMERA + POINT] - eye[3:6]])
    frame = _linear(y @ to_frame.T, to_frame)
    inside = _after(_rotation(frame.value[:, :3], frame.value[:, 3:]), frame)
    flat, lens = _after(_flattened(inside.value), inside), _linear(y[:, 6:CAMERA], eye[6:CAMERA])
    image = _imaged(np.concatenate([flat.value, lens.value], axis=1))
    joined = _Map(image.value, *(np.concatenate(parts, axis=1) for parts in zip(flat[1:], lens[1:], strict=True)))
    return _weighted(_after(image, joined), features, y[:, -1])


def _weighted(image: _Map, features: FloatArray, weights: FloatArray) -> _Map:
    error, w = image.value - features, weights[:, None]
    first, second = w[..., None] * image.first, w[..., None, None] * image.second
    first[:, :, -1] += error
    second[:, :, -1] += image.first
    second[:, :, :, -1] += image.first
    regular = np.zeros((len(w), 1, *second.shape[2:]))
    regular[:, 0, -1, -1] = -2
    values, slopes = np.concatenate([w * error, 1 - w * w], axis=1), regular[:, :, -1] * w[..., None]
    return _Map(values, np.concatenate([first, slopes], axis=1), np.concatenate([second, regular], axis=1))


def _gradient(x: FloatArray, features: FloatArray) -> FloatArray:
    members = _variables(x.size)
    return element_gradient(x.size, members, curvatures(x[members], features.reshape(-1, 2))[0])


def _hessian(x: FloatArray, features: FloatArray) -> FloatArray:
    members = _variables(x.size)
    return element_hessian(x.size, members, curvatures(x[members], features.reshape(-1, 2))[1])


bundle_adjustment = Problem(
    name="bundle_adjustment",
    objective=_bundle_adjustment,
    sizes=(27, 52, 102),
    start=lambda n, rng: _truth(n) + 0.05 * rng.standard_normal(n),
    data=_seen,
    gradient=_gradient,
    hessian=_hessian,
    allowed=Size("n = 22 + 5 p, p >= 1", lambda n: n >= 27 and n % 5 == 2),
    source="Srajer, Kukelova & Fitzgibbon 2018, A benchmark of selected algorithmic differentiation tools, "
    "arXiv:1807.10129 (ADBench), objective BA",
    convention="ADBench's residuals with the weights as variables, summed in squares; rotations "
    "away from zero, where its "
    "Rodrigues formula takes another branch",
    tags=("ml", "nonconvex", "least-squares"),
)

PROBLEMS = (bundle_adjustment,)
