"""A network of one hidden layer with tanh, and its exact Hessian."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.model import Model, Shapes
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size

INPUTS = 3
SAMPLES = 50


def _tanh_network(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
    r"""f(W, b, u) = mean_k (u . tanh(W a_k + b) - y_k)^2 / 2 with 3 inputs, n/5 hidden units, 50 samples.

    $$f(W, b, u) = \tfrac{1}{2m} \sum_k (u^\top \tanh(W a_k + b) - y_k)^2$$
    """
    return _half_mean_square(xp, _network(xp, p, inputs, targets), inputs, targets)


def _network(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
    """The outputs, (m,)."""
    del targets
    units = p.shape[0] // (INPUTS + 2)
    weights = xp.reshape(p[: units * INPUTS], (units, INPUTS))
    bias, output = p[units * INPUTS : units * (INPUTS + 1)], p[units * (INPUTS + 1) :]
    hidden = xp.tanh(xp.matmul(inputs, xp.matrix_transpose(weights)) + bias)
    return xp.matmul(hidden, output)


def _half_mean_square(xp: Any, z: Any, inputs: Any, targets: Any) -> Any:
    del inputs
    return 0.5 * xp.mean(xp.square(z - targets))


def _arrays(n: int) -> Shapes:
    units = n // (INPUTS + 2)
    return {"W": (units, INPUTS), "b": (units,), "u": (units,)}


def _network_data(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    del n
    inputs = rng.standard_normal((SAMPLES, INPUTS))
    return inputs, np.sin(inputs.sum(1)) + 0.1 * rng.standard_normal(SAMPLES)


def _forward(p: FloatArray, inputs: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hidden values (m, h), output weights (h,), and the inputs with a one appended (m, d + 1)."""
    units = p.size // (INPUTS + 2)
    weights = p[: units * INPUTS].reshape(units, INPUTS)
    bias, output = p[units * INPUTS : units * (INPUTS + 1)], p[units * (INPUTS + 1) :]
    return np.tanh(inputs @ weights.T + bias), output, np.column_stack([inputs, np.ones(len(inputs))])


def _to_parameters(units: int) -> FloatArray:
    """Position in p of the incoming weight (j, c) of unit j, its bias being c = d; shape (h, d + 1)."""
    return np.column_stack([np.arange(units * INPUTS).reshape(units, INPUTS), units * INPUTS + np.arange(units)])


def _jacobian(p: FloatArray, inputs: FloatArray) -> FloatArray:
    """Derivative of the network's output with respect to p, (m, n)."""
    hidden, output, extended = _forward(p, inputs)
    incoming = (output * (1 - hidden**2))[:, :, None] * extended[:, None, :]
    jacobian = np.zeros((len(inputs), p.size))
    jacobian[:, _to_parameters(output.size).ravel()] = incoming.reshape(len(inputs), -1)
    jacobian[:, output.size * (INPUTS + 1) :] = hidden
    return jacobian


def _network_gradient(p: FloatArray, inputs: FloatArray, targets: FloatArray) -> FloatArray:
    hidden, output, _ = _forward(p, inputs)
    residual: FloatArray = hidden @ output - targets
    return residual @ _jacobian(p, inputs) / len(targets)


def _network_hessian(p: FloatArray, inputs: FloatArray, targets: FloatArray) -> FloatArray:
    """Gauss-Newton term plus residual times curvature; the curvature is block diagonal over hidden units."""
    hidden, output, extended = _forward(p, inputs)
    units, residual = output.size, hidden @ output - targets
    jacobian, where = _jacobian(p, inputs), _to_parameters(output.size)
    hessian = jacobian.T @ jacobian
    slope = 1 - hidden**2
    for j in range(units):
        bend = residual * output[j] * -2 * hidden[:, j] * slope[:, j]
        hessian[np.ix_(where[j], where[j])] += (extended.T * bend) @ extended
        mixed = (residual * slope[:, j]) @ extended
        hessian[units * (INPUTS + 1) + j, where[j]] += mixed
        hessian[where[j], units * (INPUTS + 1) + j] += mixed
    return hessian / len(targets)


tanh_network = Problem(
    name="tanh_network",
    objective=_tanh_network,
    sizes=(10, 100),
    start=lambda n, rng: 0.5 * rng.standard_normal(n),
    data=_network_data,
    gradient=_network_gradient,
    hessian=_network_hessian,
    allowed=Size.multiple_of(5),
    source="Bishop 1992, Exact calculation of the Hessian matrix for the multilayer perceptron, "
    "doi:10.1162/neco.1992.4.4.494",
    model=Model(_network, _half_mean_square),
    arrays=_arrays,
    tags=("nonconvex", "dense"),
)

PROBLEMS = (tanh_network,)
