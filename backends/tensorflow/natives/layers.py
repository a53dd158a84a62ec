"""A layer of Keras as a function: `keras.layers.Dense(trained, frozen, *inputs, units=2)`, its weights as arguments.

Then its derivatives by weights are asked for as those by inputs are, and nothing is kept between two calls.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hessbench.backends.scripts.calls import Call, example, found

NAMESPACE = "keras.layers."
TRAINING = "training"
"""The keyword that is the call's, and not the layer's."""


def function_of(call: Call) -> Callable[..., Any] | None:
    """What a call of a layer calls; None where it calls a function.

    Args:
        call: Trainable weights, others, and inputs; keywords of the layer, and `training`.

    Returns:
        The function of these arguments.
    """
    if not call.function.startswith(NAMESPACE):
        return None
    config = {name: value for name, value in (call.keywords or {}).items() if name != TRAINING}
    training = bool((call.keywords or {}).get(TRAINING, False))
    layer = built(call.function, config, [example(argument) for argument in call.arguments[2:]])
    told = {TRAINING: training} if TRAINING in inspect.signature(layer.call).parameters else {}

    def of_weights(trained: Sequence[Any], frozen: Sequence[Any], *inputs: Any, **_: Any) -> Any:
        return layer.stateless_call(list(trained), list(frozen), *inputs, **told)[0]

    return of_weights


def built(path: str, config: Mapping[str, Any], inputs: Sequence[Any]) -> Any:
    """The layer, which has met inputs of these shapes.

    Args:
        path: Where its class is.
        config: What it is made with.
        inputs: Arrays, or lists of arrays.

    Returns:
        The layer in float64.
    """
    layer = found(path)(**config, dtype="float64")
    layer(*([np.asarray(part) for part in one] if isinstance(one, list) else np.asarray(one) for one in inputs))
    return layer
