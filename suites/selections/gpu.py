"""Problems that keep a GPU busy: thousands of variables, networks of millions, small problems by the thousand.

Each has sizes for every device and further ones for GPUs (`gpu_sizes`). `--batch 4096` turns the small ones into
batches; `-n 100005153` is a network of 10^8 parameters (judge and data then want 20 GB of memory, and --timeout 900).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.classic.valley import rosenbrock
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.ml.hidden_layer import tanh_network
from hessbench.suites.physics.pairs import lennard_jones
from hessbench.suites.selections import scaling
from hessbench.suites.statistics.logistic import logistic_regression

SAMPLES = 64


def width(n: int) -> int:
    """The w of n = 2 w^2 + w."""
    return (math.isqrt(1 + 8 * n) - 1) // 4


def _deep_network(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
    r"""f(A, B, u) = mean_k (u . tanh(B tanh(A a_k)) - y_k)^2 / 2, both layers w wide, 64 samples; n = 2 w^2 + w.

    $$f(A, B, u) = \tfrac{1}{2m} \sum_k (u^\top \tanh(B \tanh(A a_k)) - y_k)^2$$
    """
    w = width(p.shape[0])
    first, second = xp.reshape(p[: w * w], (w, w)), xp.reshape(p[w * w : 2 * w * w], (w, w))
    hidden = xp.tanh(xp.matmul(inputs, xp.matrix_transpose(first)))
    deeper = xp.tanh(xp.matmul(hidden, xp.matrix_transpose(second)))
    return 0.5 * xp.mean(xp.square(xp.matmul(deeper, p[2 * w * w :]) - targets))


def _layers(p: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    w = width(p.size)
    return p[: w * w].reshape(w, w), p[w * w : 2 * w * w].reshape(w, w), p[2 * w * w :]


def _deep_gradient(p: FloatArray, inputs: FloatArray, targets: FloatArray) -> FloatArray:
    """Errors back through both layers."""
    first, second, output = _layers(p)
    hidden = np.tanh(inputs @ first.T)
    deeper = np.tanh(hidden @ second.T)
    residual = (deeper @ output - targets) / len(targets)
    by_deeper = np.outer(residual, output) * (1 - deeper**2)
    by_hidden = (by_deeper @ second) * (1 - hidden**2)
    parts = (by_hidden.T @ inputs, by_deeper.T @ hidden, deeper.T @ residual)
    return np.concatenate([part.ravel() for part in parts])


def _deep_start(n: int, rng: np.random.Generator) -> FloatArray:
    """Weights that keep what they pass on at unit size."""
    return rng.standard_normal(n) / math.sqrt(width(n))


def _deep_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    inputs = rng.standard_normal((SAMPLES, width(n)))
    return inputs, np.sin(inputs.sum(1)) + 0.1 * rng.standard_normal(SAMPLES)


def _is_network(n: int) -> bool:
    return n >= 3 and 2 * width(n) ** 2 + width(n) == n


deep_network = Problem(
    name="deep_network",
    objective=_deep_network,
    sizes=(105, 990),
    gpu_sizes=(20_100, 1_000_405, 10_001_628),
    start=_deep_start,
    data=_deep_data,
    gradient=_deep_gradient,
    allowed=Size("n = 2 w^2 + w: 105, 990, 20100, 1000405, 10001628, 100005153, ...", _is_network),
    spread=1e-3,
    source="Pearlmutter 1994, Fast exact multiplication by the Hessian, doi:10.1162/neco.1994.6.1.147",
    convention="two layers as wide as the input, without biases; no dense reference: probes decide beyond n = 1024",
    tags=("nonconvex", "dense", "gpu"),
)


def _busy(problem: Problem, sizes: tuple[int, ...], gpu_sizes: tuple[int, ...] = ()) -> Problem:
    """A known problem at sizes of this suite."""
    return replace(problem, sizes=sizes, gpu_sizes=gpu_sizes, tags=(*problem.tags, "gpu"))


PROBLEMS = (
    deep_network,
    _busy(scaling.quadratic, (256,), (1024, 4096)),
    _busy(logistic_regression, (100,), (1024,)),
    _busy(tanh_network, (100,), (1000, 4000)),
    _busy(rosenbrock, (10,)),
    _busy(lennard_jones, (9,)),
)
