"""What arrays of the standard have and autograd's boxes lack, put on their class while a backend's scope is open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from hessbench.backends.autograd.namespace import value_of
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.standard.attributes import attributes

anp = Lazy("autograd.numpy")
boxes = Lazy("autograd.numpy.numpy_boxes")


def _floor_divide(a: Any, b: Any) -> Any:
    return anp.floor_divide(value_of(a), value_of(b))


ADDED: dict[str, Callable[..., Any]] = {
    "__floordiv__": _floor_divide,
    "__rfloordiv__": lambda b, a: _floor_divide(a, b),
    "__pos__": lambda x: x * 1.0,
    "to_device": lambda x, device, stream=None: x,
}


def standard_arrays() -> AbstractContextManager[None]:
    """A block in which boxes have the standard's attributes and methods."""
    return attributes(boxes.ArrayBox, {"mT": property(lambda x: anp.swapaxes(x, -1, -2)), **ADDED})
