"""What arrays of the standard have and TensorFlow's tensors lack: `.T`, `.mT`, `.size`, `a @ v`, `x[indices]`.

They are put on the class `tf.Tensor` while a backend's scope is open, and taken away again: a person's own code beside
ours sees TensorFlow as it is. TensorFlow's own switch for this, `enable_numpy_behavior`, is for good, and changes what
sums of different dtypes are.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.standard.attributes import attributes
from hessbench.backends.tensorflow.standard import promotion
from hessbench.backends.tensorflow.standard.indices import from_front

tf = Lazy("tensorflow")


def _transposed(x: Any) -> Any:
    if x.shape.rank != 2:
        raise ValueError(f".T is for matrices, and this has shape {tuple(x.shape)}; write xp.permute_dims")
    return tf.transpose(x)


def _matmul(own: Callable[..., Any]) -> Callable[..., Any]:
    """The product `a @ b`, where `own` does not take vectors."""

    def product(a: Any, b: Any) -> Any:
        if len(a.shape) > 1 and len(b.shape) > 1 and a.dtype == b.dtype:
            return own(a, b)
        from hessbench.backends.tensorflow.standard.namespace import matmul

        return matmul(a, b)

    return product


def _rmatmul(own: Callable[..., Any]) -> Callable[..., Any]:
    product = _matmul(lambda a, b: own(b, a))
    return lambda b, a: product(tf.convert_to_tensor(a), b)


def _iter(own: Callable[..., Any]) -> Callable[..., Any]:
    """The parts along the first axis, also while a graph is traced, where `own` refuses."""
    return lambda x: iter(tf.unstack(x)) if x.shape.rank and x.shape[0] is not None else own(x)


def _is_index(key: Any) -> bool:
    return isinstance(key, list | np.ndarray) or (tf.is_tensor(key) and key.shape.rank != 0)


def _getitem(own: Callable[..., Any]) -> Callable[..., Any]:
    """The part `x[key]`, where `own` takes no arrays as key."""

    def part(x: Any, key: Any, *rest: Any) -> Any:
        if isinstance(key, tuple):
            if any(map(_is_index, key)):
                return _gathered(own, x, key)
        elif _is_index(key):
            key = tf.convert_to_tensor(key)
            return tf.boolean_mask(x, key) if key.dtype == tf.bool else tf.gather(x, from_front(key, x.shape[0]))
        return own(x, key, *rest)

    return part


def _gathered(own: Callable[..., Any], x: Any, key: tuple[Any, ...]) -> Any:
    """An index with arrays and integers in front, and whole axes behind."""
    ahead = [i for i, k in enumerate(key) if _is_index(k) or isinstance(k, int | np.integer) or tf.is_tensor(k)]
    if ahead != list(range(len(ahead))) or any(k != slice(None) for k in key[len(ahead) :]):
        raise TypeError("an index of arrays mixed with slices is not in the standard; write xp.take for each axis")
    arrays = [tf.cast(tf.convert_to_tensor(k), tf.int64) for k in key[: len(ahead)]]
    arrays = [from_front(a, x.shape[i]) for i, a in enumerate(arrays)]
    shape = np.broadcast_shapes(*(tuple(a.shape) for a in arrays))
    return tf.gather_nd(x, tf.stack([tf.broadcast_to(a, shape) for a in arrays], -1))


def _namespace(x: Any, *, api_version: str | None = None) -> Any:
    from hessbench.backends.tensorflow.standard import namespace

    return namespace


PROPERTIES: dict[str, Callable[[Any], Any]] = {
    "T": _transposed,
    "mT": lambda x: tf.linalg.matrix_transpose(x),
    "size": lambda x: x.shape.num_elements(),
}
METHODS: dict[str, Callable[..., Any]] = {
    "__pos__": lambda x: tf.identity(x),
    "__lshift__": lambda x, n: tf.bitwise.left_shift(x, tf.cast(n, x.dtype)),
    "__rshift__": lambda x, n: tf.bitwise.right_shift(x, tf.cast(n, x.dtype)),
    "__array_namespace__": _namespace,
    "to_device": lambda x, device, stream=None: tf.identity(x),
}
REPLACED: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "__matmul__": _matmul,
    "__rmatmul__": _rmatmul,
    "__getitem__": _getitem,
    "__iter__": _iter,
    "__len__": lambda own: lambda x: x.shape[0] if x.shape.rank and x.shape[0] is not None else own(x),
    **promotion.REPLACED,
}
"""Name -> what makes our method of TensorFlow's own."""


def standard_arrays() -> AbstractContextManager[None]:
    """A block in which tensors have the standard's attributes and methods."""
    cls = tf.Tensor
    properties = {name: property(function) for name, function in PROPERTIES.items()}
    return attributes(cls, properties | METHODS | {name: make(getattr(cls, name)) for name, make in REPLACED.items()})
