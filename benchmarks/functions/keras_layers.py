"""Calls of Keras' layers: what a layer must be made with, and small inputs that it takes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np
from arguments import as_argument

from hessbench.backends.scripts.calls import LAYERS, TRAINING, Call, example, found
from hessbench.backends.tensorflow.natives.layers import built

RNG = np.random.default_rng(11)
WANTED: dict[str, Any] = {
    **dict.fromkeys(("units", "filters", "kernel_size", "pool_size", "num_heads", "key_dim", "n", "output_size"), 2),
    **dict.fromkeys(("head_dim", "num_query_heads", "num_key_value_heads", "groups", "size", "cropping"), 2),
    **dict.fromkeys(("rate", "stddev", "scale"), 0.3),
    **{"target_shape": [-1], "dims": [2, 1], "axes": 1, "input_dim": 3, "output_dim": 2, "equation": "ab,bc->ac"},
    **{"output_shape": [2], "height": 2, "width": 2, "depth": 3, "activation": "tanh"},
}
"""Keyword -> value, where a layer cannot be made without it."""
SPARE = ({}, {"groups": 1}, {"cropping": 1}, {"output_shape": 2}, {"equation": "abc,cd->abd"})
"""What else is tried in their place, for layers that take the keyword."""
SHAPES = ((2, 3), (1, 4, 2), (1, 3, 3, 2), (1, 3, 3, 3, 1), (1, 2, 2, 2, 2, 1))


def _draw(shape: Any, low: float = 0.15) -> dict[str, Any]:
    return as_argument(np.round(RNG.uniform(low, 0.95, shape), 3))


def is_layer(candidate: Any) -> bool:
    """Whether it is a class of layers that compute something: not the base, nor an input."""
    import keras

    if not (inspect.isclass(candidate) and issubclass(candidate, keras.Layer)):
        return False
    return candidate not in (keras.Layer, keras.layers.InputLayer)


def calls_of_layer(path: str) -> Iterator[Call]:
    """Calls of a layer on each kind of input that it takes, its weights drawn."""
    parameters = inspect.signature(found(path).__init__).parameters.values()
    needed = {p.name for p in parameters if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD} - {"self"}
    if not needed <= WANTED.keys():
        return
    for spare in SPARE:
        if not spare.keys() <= {p.name for p in parameters}:
            continue
        config = {name: WANTED[name] for name in sorted(needed)} | spare
        for inputs in _inputs():
            try:
                call = _call(path, config, inputs)
            except TimeoutError:
                raise
            except Exception:  # a layer refuses most of these
                continue
            yield call


def _inputs() -> Iterator[list[Any]]:
    for shape in SHAPES:
        yield [_draw(shape)]
    for shape in SHAPES[:2]:
        yield [[_draw(shape), _draw(shape)]]
    for shape in SHAPES[:2]:
        yield [_draw(shape), _draw(shape)]
    for states in ([_draw((2, 2))], [_draw((2, 2)), _draw((2, 2))]):
        yield [_draw((2, 3)), states]
    yield [as_argument(np.array([[0, 2, 2]]))]


def in_training() -> Iterator[tuple[str, Call]]:
    """A layer that computes something else in training, without drawing anything: by the statistics of the batch."""
    path = f"{LAYERS}.BatchNormalization"
    call = _call(path, {}, [_draw((3, 2))])
    yield "", call
    yield "training", Call(path, call.arguments, {TRAINING: True})


def _call(path: str, config: dict[str, Any], inputs: list[Any]) -> Call:
    layer = built(path, config, [example(one) for one in inputs])
    trained = [_draw(variable.shape, low=-0.9) for variable in layer.trainable_variables]
    frozen = [
        _draw(variable.shape) if "float" in str(variable.dtype) else as_argument(np.asarray(variable))
        for variable in layer.non_trainable_variables
    ]
    return Call(path, (trained, frozen, *inputs), config)
