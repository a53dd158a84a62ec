"""Objectives of the audit in TensorFlow: `hessbench.backends.tensorflow.natives.calls:<a call as JSON>`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.scripts.calls import Call, objective
from hessbench.backends.tensorflow.natives.layers import as_function

tf = Lazy("tensorflow")


class TensorFlow:
    """TensorFlow's part of it."""

    def constant(self, values: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        if values.dtype.kind == "c":
            return tf.constant(values, dtype=tf.complex64 if x.dtype == tf.float32 else tf.complex128)
        return tf.constant(values, dtype=x.dtype if values.dtype.kind == "f" else None)

    def reshaped(self, x: Any, shape: Sequence[int]) -> Any:
        """See `Kit`."""
        return tf.reshape(x, list(shape))

    def joined(self, real: Any, imaginary: Any) -> Any:
        """See `Kit`."""
        return tf.complex(real, imaginary)

    def parts(self, result: Any) -> list[Any]:
        """See `Kit`."""
        if not tf.is_tensor(result):
            return []
        if result.dtype.is_complex:
            return [tf.reshape(tf.math.real(result), [-1]), tf.reshape(tf.math.imag(result), [-1])]
        return [tf.reshape(result, [-1])] if result.dtype.is_floating else []

    def weighted(self, flat: Any, weights: FloatArray) -> Any:
        """See `Kit`."""
        return tf.reduce_sum(tf.constant(weights, dtype=flat.dtype) * flat)

    def moved(self, base: Any, directions: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        return base + tf.tensordot(x, tf.constant(directions, dtype=x.dtype), 1)


KIT = TensorFlow()


def __getattr__(name: str) -> Callable[[Any], Any]:
    """The objective f(x) of a call that is written as JSON."""
    if not name.startswith("["):
        raise AttributeError(name)
    call = Call.of(name)
    return objective(replace(call, keywords=None), KIT, as_function(call)) if call.is_layer else objective(call, KIT)
