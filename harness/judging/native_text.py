"""Native texts of a user's own problem: loading them, and their values where no portable text can be a judge's."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from hessbench.backends.contract.interface import Backend, FloatArray, Objective
from hessbench.suites.definition.files import Pickled
from hessbench.suites.definition.problem import Problem

FAST = ("jit", "graph", "symbolic", "eager")


def objective(backend: Backend, problem: Problem) -> Objective:
    """The problem's text in a framework's own functions, as one over a namespace, which it does not need.

    Raises:
        KeyError: It has none for this backend.
    """
    text = _loaded(problem.native[backend.name])
    layout = problem.layout
    if layout is None:
        return lambda xp, x, *data: text(x, *data)
    return lambda xp, x, *data: text(layout.nest(xp, x), *data)


def _loaded(text: Callable[..., Any] | str) -> Callable[..., Any]:
    if isinstance(text, Pickled):
        text = cast("Callable[..., Any] | str", text.load())
    if not isinstance(text, str):
        return text
    module, _, attribute = text.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


class Values:
    """A native text as an objective for finite differences in float64: NumPy in, a number out.

    Args:
        backend: Computes it, in its scope.
        text: The native text.
    """

    precisions = ("float64",)
    """What a judge may compute in; see `backends.reference.reference`."""

    def __init__(self, backend: Backend, text: Objective) -> None:
        self._backend, self._text = backend, text
        self.__doc__ = text.__doc__
        self.name = backend.name
        self._call: Callable[..., Any] | None = None

    def __call__(self, xp: Any, x: Any, *data: Any) -> FloatArray:
        """f(x, *data)."""
        if not isinstance(x, np.ndarray):
            raise TypeError("a native text takes one point at a time")
        backend = self._backend
        if self._call is None:
            offered = [m for m in backend.methods if m.operator == "objective" and m.default and m.execution in FAST]
            method = min(offered, key=lambda m: FAST.index(m.execution))
            arguments = tuple(map(backend.asarray, (x, *data)))
            self._call, _ = backend.build(method, backend.bind(self._text), arguments)
        value = self._call(*map(backend.asarray, (x, *data)))
        return np.asarray(backend.to_numpy(value), dtype=np.float64)
