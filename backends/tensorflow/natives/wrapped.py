"""f compiled by a person, recomputed, as a model, or with a rule of one's own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

tf = Lazy("tensorflow")


def _sines(x: Array) -> Array:
    return tf.reduce_sum(tf.sin(x) ** 3)


@functools.cache
def _made(name: str, dtype: str) -> Any:
    """What is made once, as a person would, and outside of any program that is being traced."""
    with tf.init_scope():
        if name == "compiled":
            return tf.function(_sines)
        if name == "checkpoint":
            return tf.recompute_grad(_sines)
        dense = functools.partial(tf.keras.layers.Dense, use_bias=False, dtype=dtype)
        model = tf.keras.Sequential([dense(4, activation="tanh"), dense(1)])
        model.build((None, 3))
        if name == "compiled_model":
            return model, tf.function(lambda weights, x: model.stateless_call(weights, [], x)[0])
        return model, None


def _model(x: Array, kernel: Array, output: Array) -> Array:
    model, _ = _made("model", x.dtype.name)
    return model.stateless_call([kernel, output[:, None]], [], x[None, :])[0][0, 0]


def _compiled_model(x: Array, kernel: Array, output: Array) -> Array:
    _, program = _made("compiled_model", x.dtype.name)
    return program([kernel, output[:, None]], x[None, :])[0, 0]


def _softplus(t: Array) -> Array:
    return tf.math.log1p(tf.exp(t))


def _rule(x: Array, w: Array) -> Array:
    softplus = tf.custom_gradient(lambda t: (_softplus(t), lambda slope: slope * tf.sigmoid(t)))
    return tf.reduce_sum(w * softplus(x))


def _saved(x: Array, w: Array) -> Array:
    def softplus(t: Array) -> Any:
        sigmoid = tf.sigmoid(t)
        return _softplus(t), lambda slope: slope * sigmoid

    return tf.reduce_sum(w * tf.custom_gradient(softplus)(x))


TEXTS: Mapping[str, Callable[..., Array]] = {
    "compiled": lambda x: _made("compiled", "")(x),
    "checkpoint": lambda x: _made("checkpoint", "")(x),
    "model": _model,
    "compiled_model": _compiled_model,
    "custom_vjp": _rule,
    "saved_intermediate": _saved,
}
