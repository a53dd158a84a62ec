"""Layers whose weights are among the variables, as in training: mixed derivatives of inputs and weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hessbench.suites.canaries.normalization import EPSILON, MOMENTS, normalized
from hessbench.suites.definition.pointwise import NONE_FOUND, canary, fixed, generic, weights

BATCHING = "functorch#534, pytorch#196700, pytorch#124533"


def _cubes(xp: Any, weights: Any, y: Any) -> Any:
    """The sum w y^3, so that weights that y is linear in have a second derivative."""
    return xp.sum(weights * y * y * y)


def _layer_norm(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (g_j Z_ij + b_j)^3 with the standardized rows Z of X (2, 3), x = (X, g, b).

    $$f(x) = \sum_{ij} w_{ij} (g_j Z_{ij} + b_j)^3, \quad Z_{ij} = \frac{X_{ij} - m_i}{\sqrt{v_i + \epsilon}}$$
    """
    return _cubes(xp, weights, x[6:9] * normalized(xp, xp.reshape(x[:6], (2, 3)), 1) + x[9:])


layer_norm_weights = canary(
    "layer_norm_weights",
    _layer_norm,
    generic(12),
    data=fixed(weights(2, 3)),
    source="torch.nn.functional.layer_norm with weight and bias",
    upstream={"torch": BATCHING, **MOMENTS},
)


def _batch_norm(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (g_j Z_ij + b_j)^3 with the standardized columns Z of X (3, 2), x = (X, g, b).

    $$f(x) = \sum_{ij} w_{ij} (g_j Z_{ij} + b_j)^3, \quad Z_{ij} = \frac{X_{ij} - m_j}{\sqrt{v_j + \epsilon}}$$
    """
    return _cubes(xp, weights, x[6:8] * normalized(xp, xp.reshape(x[:6], (3, 2)), 0) + x[8:])


batch_norm_weights = canary(
    "batch_norm_weights",
    _batch_norm,
    generic(10),
    data=fixed(weights(3, 2)),
    source="torch.nn.functional.batch_norm with weight and bias and the statistics of the batch",
    upstream={"torch": "functorch#534, pytorch#196699", **MOMENTS},
)


def _instance_norm(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (g_i Z_ij + b_i)^3 with the standardized rows Z of X (2, 3), x = (X, g, b).

    $$f(x) = \sum_{ij} w_{ij} (g_i Z_{ij} + b_i)^3, \quad Z_{ij} = \frac{X_{ij} - m_i}{\sqrt{v_i + \epsilon}}$$
    """
    rows = normalized(xp, xp.reshape(x[:6], (2, 3)), 1)
    return _cubes(xp, weights, xp.reshape(x[6:8], (2, 1)) * rows + xp.reshape(x[8:], (2, 1)))


instance_norm_weights = canary(
    "instance_norm_weights",
    _instance_norm,
    generic(10),
    data=fixed(weights(2, 3)),
    source="torch.nn.functional.instance_norm with weight and bias, one sample of two channels",
    upstream={"torch": "functorch#534, pytorch#196699"},
)


def _group_norm(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (g_i Z_ij + b_i)^3 with X (2, 3) standardized as a whole, x = (X, g, b).

    $$f(x) = \sum_{ij} w_{ij} (g_i Z_{ij} + b_i)^3, \quad Z_{ij} = \frac{X_{ij} - m}{\sqrt{v + \epsilon}}$$
    """
    table = normalized(xp, xp.reshape(x[:6], (2, 3)), (0, 1))
    return _cubes(xp, weights, xp.reshape(x[6:8], (2, 1)) * table + xp.reshape(x[8:], (2, 1)))


group_norm_weights = canary(
    "group_norm_weights",
    _group_norm,
    generic(10),
    data=fixed(weights(2, 3)),
    source="torch.nn.functional.group_norm with weight and bias, one group of two channels",
)


def _rms_norm(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_ij w_ij (g_j X_ij / sqrt(s_i + eps))^3 with the mean square s_i of each row of X (2, 3), x = (X, g).

    $$f(x) = \sum_{ij} w_{ij} \Bigl(\frac{g_j X_{ij}}{\sqrt{s_i + \epsilon}}\Bigr)^3, \quad
    s_i = \tfrac13 \sum_j X_{ij}^2$$
    """
    table = xp.reshape(x[:6], (2, 3))
    return _cubes(xp, weights, x[6:] * table / xp.sqrt(xp.mean(table * table, axis=1, keepdims=True) + EPSILON))


rms_norm_weights = canary(
    "rms_norm_weights",
    _rms_norm,
    generic(9),
    data=fixed(weights(2, 3)),
    source="torch.nn.functional.rms_norm with weight, eps = 1e-5",
)


def _weight_norm(xp: Any, x: Any, weights: Any, inputs: Any) -> Any:
    r"""f(x) = sum_i w_i (g_i v_i'a / |v_i|)^3 with the rows v_i of V (2, 3), x = (g, V).

    $$f(x) = \sum_i w_i \Bigl(g_i \frac{v_i^\top a}{|v_i|}\Bigr)^3$$
    """
    rows = xp.reshape(x[2:], (2, 3))
    return _cubes(xp, weights, x[:2] * xp.matmul(rows, inputs) / xp.sqrt(xp.sum(rows * rows, axis=1)))


weight_norm = canary(
    "weight_norm",
    _weight_norm,
    (0.9, -1.2, 0.5, 1.0, 0.3, -0.7, 0.4, 1.1),
    data=fixed(weights(2), weights(3)),
    source="torch.nn.utils.parametrizations.weight_norm of a linear layer",
    upstream={"torch": NONE_FOUND},
)


def _network(xp: Any, x: Any, inputs: Any) -> Any:
    r"""f(x) = |tanh(A W' + b) c' + d|^2 with inputs A (3, 2), x = (W (2, 2), b (2), c (1, 2), d (1)).

    $$f(x) = \bigl|\tanh(A W^\top + b)\, c^\top + d\bigr|^2$$
    """
    hidden = xp.tanh(xp.matmul(inputs, xp.matrix_transpose(xp.reshape(x[:4], (2, 2)))) + x[4:6])
    outputs = xp.matmul(hidden, x[6:8]) + x[8]
    return xp.sum(outputs * outputs)


network = canary(
    "network",
    _network,
    generic(9),
    data=fixed(weights(3, 2) - 1.4),
    source="torch.nn.Sequential of two torch.nn.Linear by torch.func.functional_call",
)


def _gru_cell(xp: Any, x: Any, state: Any) -> Any:
    r"""f(x) = y^2, the next state y of one gated unit at input 1 and state h, x = (W, U, b, c), three entries each.

    $$f(x) = y^2, \quad y = (1 - z) \tanh(W_3 + b_3 + r (U_3 h + c_3)) + z h, \quad
    (r, z) = \sigma(W_{1,2} + b_{1,2} + U_{1,2} h + c_{1,2})$$
    """
    inputs, hidden = x[:3] + x[6:9], x[3:6] * state + x[9:]
    gates = 1 / (1 + xp.exp(-(inputs[:2] + hidden[:2])))
    new = (1 - gates[1]) * xp.tanh(inputs[2] + gates[0] * hidden[2]) + gates[1] * state[0]
    return new * new


gru_cell = canary(
    "gru_cell",
    _gru_cell,
    generic(12),
    data=fixed([0.7]),
    source="torch.nn.GRUCell by torch.func.functional_call",
)

keras_layer_normalization_weights = replace(
    layer_norm_weights,
    name="keras_layer_normalization_weights",
    source="keras.layers.LayerNormalization by stateless_call",
    upstream=MOMENTS,
)

PROBLEMS = (
    layer_norm_weights,
    batch_norm_weights,
    instance_norm_weights,
    group_norm_weights,
    rms_norm_weights,
    weight_norm,
    network,
    gru_cell,
    keras_layer_normalization_weights,
)
