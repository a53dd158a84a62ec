"""A layer of Keras as a function of its weights and inputs.

Then its derivatives by weights are asked for as those by inputs are, and nothing is kept between two calls.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hessbench.backends.scripts.calls import TRAINING, Call, example, found


def as_function(call: Call) -> Callable[..., Any]:
    """What a call of a layer calls: the layer, made with the keywords, as a function of the arguments.

    Args:
        call: A call of a layer.

    Returns:
        The function of trainable weights, other weights and inputs.
    """
    config = dict(call.keywords or {})
    training = config.pop(TRAINING, False)
    layer = built(call.function, config, [example(argument) for argument in call.arguments[2:]])
    told = {TRAINING: training} if TRAINING in inspect.signature(layer.call).parameters else {}

    def of_weights(trained: Sequence[Any], frozen: Sequence[Any], *inputs: Any) -> Any:
        return layer.stateless_call(trained, frozen, *inputs, **told)[0]

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
    layer(*inputs)
    return layer
