"""A physics-informed network: the residual of Poisson's equation, which has second derivatives by the inputs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.models.layers import dense
from hessbench.suites.models.network import Network, problem
from hessbench.suites.models.parameters import dense as linear


class Configuration(NamedTuple):
    """Hidden layers of one width; points within the unit square, and on its edges."""

    width: int
    layers: int
    inside: int
    outside: int


def _parameters(c: Configuration) -> dict[str, Any]:
    widths = [2, *[c.width] * c.layers, 1]
    return {"layers": [linear(inputs, outputs) for inputs, outputs in pairwise(widths)]}


def _data(c: Configuration, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """Points inside (m, 2), the source there (m,), and points on the edges (k, 2), where the solution is zero.

    The source is that of the solution sin(pi s) sin(pi t).
    """
    inside, outside = rng.uniform(size=(c.inside, 2)), rng.uniform(size=(c.outside, 2))
    outside[np.arange(c.outside), rng.integers(2, size=c.outside)] = rng.integers(2, size=c.outside)
    return inside, 2 * np.pi**2 * np.sin(np.pi * inside).prod(1), outside


def _network(xp: Any, p: Any, points: Any) -> Any:
    h = points
    for part in p["layers"][:-1]:
        h = xp.tanh(dense(xp, part, h))
    return dense(xp, p["layers"][-1], h)[:, 0]


def _laplacian(xp: Any, p: Any, points: Any) -> Any:
    """Values, two slopes and the Laplacian go through the layers: of tanh t'' = -2 t (1 - t^2), t' = 1 - t^2."""
    first, *rest = p["layers"]
    h = dense(xp, first, points)
    ones = xp.ones_like(h)
    slopes, laplacian = [first["kernel"][i, :] * ones for i in range(2)], xp.zeros_like(h)
    for part in rest:
        t = xp.tanh(h)
        bend = 1 - t * t
        squares = slopes[0] * slopes[0] + slopes[1] * slopes[1]
        laplacian = xp.matmul(bend * (laplacian - 2 * t * squares), part["kernel"])
        slopes = [xp.matmul(bend * slope, part["kernel"]) for slope in slopes]
        h = dense(xp, part, t)
    return laplacian[:, 0]


def _outputs(xp: Any, p: Any, inside: Any, source: Any, outside: Any) -> Any:
    """The residual at each point within and the value at each on the edges, each over the root of their number."""
    residual = (_laplacian(xp, p, inside) + source) / inside.shape[0] ** 0.5
    return xp.concat([residual, _network(xp, p, outside) / outside.shape[0] ** 0.5], axis=0)


def _loss(xp: Any, outputs: Any, inside: Any, source: Any, outside: Any) -> Any:
    del inside, source, outside
    return 0.5 * xp.sum(xp.square(outputs))


NETWORK = Network(
    "physics_informed",
    _outputs,
    _loss,
    _parameters,
    _data,
    (Configuration(6, 2, 5, 3), Configuration(64, 4, 32, 16), Configuration(128, 6, 64, 32)),
    (Configuration(1024, 11, 4096, 1024),),
)


def _objective(xp: Any, x: Any, inside: Any, source: Any, outside: Any) -> Any:
    r"""f(x) = the squared residual of Poisson's equation on the unit square for a tanh network u, and u^2 on the edges.

    $$f = \tfrac{1}{2m} \sum_k (\Delta u(a_k) + s(a_k))^2 + \tfrac{1}{2l} \sum_k u(b_k)^2,
    \quad s(t) = 2 \pi^2 \sin \pi t_1 \sin \pi t_2$$
    """
    return NETWORK.value(xp, x, inside, source, outside)


physics_informed = problem(
    NETWORK,
    _objective,
    source="Raissi, Perdikaris & Karniadakis 2019, Physics-informed neural networks, doi:10.1016/j.jcp.2018.10.045",
    convention="the portable text carries the Laplacian through the layers; in the frameworks' own layers it is their "
    "derivative of the network",
    tags=("models", "nonconvex", "least-squares", "dense"),
)
