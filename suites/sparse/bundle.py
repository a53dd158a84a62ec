"""Bundle adjustment with many cameras along a path, each point seen by three of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import Entries, FloatArray, IntArray
from hessbench.suites.definition.elements import element_entries, element_gradient, element_pattern, filled
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.ml.bundle import CAMERA, POINT, curvatures, projected

PRINCIPAL = 7
"""Where the principal point begins among the parameters of a camera."""
VIEWS, EACH = 3, 2
"""Cameras that see a point; points per such group of neighboring cameras."""
OBSERVED = VIEWS * EACH
PER_CAMERA = CAMERA + EACH * POINT + OBSERVED
LACKING = (VIEWS - 1) * (EACH * POINT + OBSERVED)
"""What the groups that would begin at the last two cameras would have."""


def _cameras(n: int) -> int:
    return (n + LACKING) // PER_CAMERA


def _sights(n: int) -> tuple[IntArray, IntArray]:
    """Camera and point of each observation, (o,) each."""
    points = np.arange(EACH * (_cameras(n) - VIEWS + 1))
    camera = (points // EACH)[:, None] + np.arange(VIEWS)
    return camera.ravel(), np.repeat(points, VIEWS)


def _bundle_path(xp: Any, x: Any, features: Any, sights: Any) -> Any:
    r"""f(x) = sum of w^2 |projection - feature|^2 / 2 + (1 - w^2)^2 / 2 over what cameras along a path see.

    $$f(x) = \tfrac12 \sum_o w_o^2 \|\pi_{c(o)}(X_{i(o)}) - m_o\|^2 + (1 - w_o^2)^2$$
    """
    cameras = _cameras(x.shape[0])
    head, tail = CAMERA * cameras, x.shape[0] - sights.shape[1]
    views = xp.take(xp.reshape(x[:head], (cameras, CAMERA)), sights[0], axis=0)
    points = xp.take(xp.reshape(x[head:tail], (-1, POINT)), sights[1], axis=0)
    image = projected(xp, xp.expand_dims(views, axis=0), xp.expand_dims(points, axis=0))
    weights = x[tail:]
    error = xp.expand_dims(weights, axis=1) * (image[0, :, :] - features)
    return 0.5 * (xp.sum(error * error) + xp.sum(xp.square(1 - weights * weights)))


def _members(n: int, sights: IntArray) -> IntArray:
    """The variables of each observation: its camera, its point, its weight, (o, 15)."""
    cameras, points = sights[0][:, None] * CAMERA, CAMERA * _cameras(n) + sights[1][:, None] * POINT
    weights = n - sights.shape[1] + np.arange(sights.shape[1])
    return np.concatenate([cameras + np.arange(CAMERA), points + np.arange(POINT), weights[:, None]], axis=1)


def _truth(n: int) -> FloatArray:
    """Cameras five units before a cloud of points that goes along with them; weights of one."""
    c = np.arange(_cameras(n))
    p = np.arange(EACH * (c.size - VIEWS + 1))
    turned = [0.1 + 0.05 * np.cos(c), 0.2 + 0.05 * np.sin(c), np.full(c.size, -0.1)]
    placed = [c.astype(np.float64), 0.3 * np.cos(2.0 * c), np.full(c.size, -5.0)]
    lens = [np.full(c.size, value) for value in (2.0, 0.1, -0.1, -0.1, 0.02)]
    cloud = np.cos(1.0 + np.arange(3 * p.size) ** 2 % 97).reshape(-1, 3)
    cloud[:, 0] += p // EACH + 1
    return np.concatenate([np.stack([*turned, *placed, *lens], axis=1).ravel(), cloud.ravel(), np.ones(VIEWS * p.size)])


def _seen(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    sights = np.stack(_sights(n))
    y = _truth(n)[_members(n, sights)]
    images = projected(np, y[None, :, :CAMERA], y[None, :, CAMERA:-1])[0]
    return images + 0.02 * rng.standard_normal(images.shape), sights


def _gradient(x: FloatArray, features: FloatArray, sights: IntArray) -> FloatArray:
    members = _members(x.size, sights)
    return element_gradient(x.size, members, curvatures(x[members], features)[0])


def _entries(x: FloatArray, features: FloatArray, sights: IntArray) -> Entries:
    members = _members(x.size, sights)
    rows, columns, values = element_entries(x.size, members, curvatures(x[members], features)[1])
    met = _meet(x.size, rows, columns)
    return rows[met], columns[met], values[met]


def _meet(n: int, rows: IntArray, columns: IntArray) -> Any:
    """All but the two coordinates of a camera's principal point, each of which moves one coordinate of the image."""
    first, second = np.minimum(rows, columns), np.maximum(rows, columns)
    head = CAMERA * _cameras(n)
    return (second >= head) | (second - first != 1) | (first % CAMERA != PRINCIPAL)


def _pattern(n: int) -> tuple[IntArray, IntArray]:
    rows, columns = element_pattern(n, _members(n, np.stack(_sights(n))))
    met = _meet(n, rows, columns)
    return rows[met], columns[met]


bundle_path = Problem(
    name="bundle_path",
    objective=_bundle_path,
    sizes=(45, 390, 988, 9981, 100_003),
    start=lambda n, rng: _truth(n) + 0.02 * rng.standard_normal(n),
    data=_seen,
    gradient=_gradient,
    hessian=filled(_entries),
    sparse_hessian=_entries,
    allowed=Size("n = 23 c - 24, c >= 3", lambda n: n >= 45 and (n + LACKING) % PER_CAMERA == 0),
    source="Srajer, Kukelova & Fitzgibbon 2018, arXiv:1807.10129 (ADBench), objective BA; blocks as in Triggs et al. "
    "2000, Bundle adjustment: a modern synthesis, doi:10.1007/3-540-44480-7_21",
    convention="ADBench's residuals, weights as variables; cameras in a row instead of two",
    structure=Structure(pattern=_pattern),
    tags=("sparse", "least-squares", "bundle"),
)

PROBLEMS = (bundle_path,)
