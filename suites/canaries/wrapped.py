"""f as a thing of the framework's own: compiled by a person, a model, recomputed, or with a rule of one's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.canaries.functions import custom_vjp, softplus
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.pointwise import canary, fixed, weights

POINT = (0.3, -0.8, 1.1)


def _cubes_of_sines(xp: Any, x: Any) -> Any:
    r"""f(x) = sum_i sin(x_i)^3.

    $$f(x) = \sum_i \sin^3 x_i$$
    """
    s = xp.sin(x)
    return xp.sum(s * s * s)


def _cubes_of_sines_hessian(x: FloatArray) -> FloatArray:
    s = np.sin(x)
    return np.diag(6 * s - 9 * s**3)


compiled = canary(
    "compiled",
    _cubes_of_sines,
    POINT,
    hessian=_cubes_of_sines_hessian,
    source="f as a tf.function, under jax.jit, by torch.compile (backend aot_eager)",
    upstream={"tensorflow": "tensorflow#60164 (nearby)", "torch": "pytorch#181581: wrong by autograd.functional"},
)
checkpoint = replace(
    compiled,
    name="checkpoint",
    source="f under jax.checkpoint, torch.utils.checkpoint.checkpoint, tf.recompute_grad",
    upstream={
        "torch": "pytorch#122729, pytorch#141845",
        "tensorflow": "documented: once only",
    },
)


def _model(xp: Any, x: Any, kernel: Any, output: Any) -> Any:
    r"""f(x) = o' tanh(K'x) with fixed weights K (3, 4) and o (4).

    $$f(x) = o^\top \tanh(K^\top x)$$
    """
    return xp.sum(output * xp.tanh(xp.matmul(xp.matrix_transpose(kernel), x)))


def _model_hessian(x: FloatArray, kernel: FloatArray, output: FloatArray) -> FloatArray:
    t = np.tanh(kernel.T @ x)
    return kernel @ np.diag(-2 * output * t * (1 - t * t)) @ kernel.T


model = canary(
    "model",
    _model,
    POINT,
    data=fixed(weights(3, 4) - 1.3, weights(4)),
    hessian=_model_hessian,
    source="a torch.nn.Sequential, a keras.Sequential",
)
compiled_model = replace(
    model,
    name="compiled_model",
    source="a keras.Sequential inside a tf.function",
    upstream={"tensorflow": "tensorflow#60164 (nearby)"},
)

custom_jvp = replace(
    softplus,
    name="custom_jvp",
    source="softplus with a rule of one's own by jax.custom_jvp, or torch.autograd.Function with jvp",
    upstream={"torch": "pytorch#197867"},
)
saved_intermediate = replace(
    custom_vjp,
    name="saved_intermediate",
    source="softplus with a rule of one's own that uses what the forward pass has computed",
    upstream={
        "torch": "documented; pytorch#58509, pytorch#76185",
        "tensorflow": "tensorflow#36168",
        "jax": "jax#16049: no forward mode",
    },
)

PROBLEMS = (
    compiled,
    checkpoint,
    model,
    compiled_model,
    custom_jvp,
    saved_intermediate,
)
