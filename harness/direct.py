"""Derivatives of a person's own function in the person's own process: `hb.hessian`.

Built methods are kept by function, shapes, dtype, device and method, so that nothing is compiled twice; the
data are passed anew at every call, so that nothing can be stale. JAX's 64-bit mode and PyTorch's default dtype are
switched inside the call only; TensorFlow's TF32 mode (GPU) is switched off for good.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import backends
from backends.interface import DTYPES, Backend
from backends.method import Method
from harness.usage import UsageError, unknown

FloatArray = np.ndarray[Any, np.dtype[Any]]

PREFERRED = ("jit", "graph", "eager")
"""Executions for a method that nobody named: compiled where that is quick, else eager."""

KEPT = 256
_BUILT: dict[Any, tuple[Callable[..., Any], Callable[..., Any]]] = {}
"""(engine, method, id of f, shapes) -> f, which keeps its id from being given to another, and the built function."""


def hessian(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str = "jax",
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
) -> FloatArray:
    """The Hessian of f at x.

    Args:
        f: The objective `f(xp, x, *data)`, written over the names of `hessbench.VOCABULARY`; returns a scalar.
        x: The point, shape (n,).
        *data: Further arguments of f: arrays. Integer arrays stay integers (labels, indices).
        backend: "numpy", "jax", "torch", "tensorflow", or a third party's.
        method: A name from `hessbench list methods`; None takes the backend's first default for Hessians.
        dtype: "float64" or "float32".
        device: "cpu", "gpu" or "gpu:<index>".

    Returns:
        The Hessian, shape (n, n).

    Raises:
        UsageError: A name does not exist, x is not a vector of floats, or the framework is not installed.
        BackendUnavailable: The device is not there.
    """
    point, arrays = _vector(x), [np.asarray(array) for array in data]
    engine = _engine(backend, dtype, device)
    chosen = _method(engine, method)
    with engine.scope():
        arguments = (engine.asarray(point), *engine.constants(chosen, arrays, point.size))
        shapes = tuple((array.shape, str(array.dtype)) for array in (point, *arrays))
        key = (engine, chosen.name, id(f), shapes)
        if key not in _BUILT:
            if len(_BUILT) >= KEPT:
                _BUILT.pop(next(iter(_BUILT)))
            _BUILT[key] = (f, engine.build(chosen, engine.bind(f), arguments)[0])
        return engine.to_numpy(_BUILT[key][1](*arguments))


def _vector(x: Any) -> FloatArray:
    point = np.asarray(x)
    if point.ndim != 1 or point.size == 0:
        raise UsageError(f"x has shape {point.shape}; give a vector (n,), n >= 1")
    if not np.issubdtype(point.dtype, np.floating):
        raise UsageError(f"x has dtype {point.dtype}, which has no derivatives; give floats, such as x.astype(float)")
    return point


@cache
def _engine(name: str, dtype: str, device: str) -> Backend:
    if name not in backends.registry():
        raise unknown("backend", name, backends.registry())
    if dtype not in DTYPES:
        raise unknown("dtype", dtype, DTYPES)
    absent = backends.missing(name)
    if absent:
        raise UsageError(f"{name} is {absent}")
    return backends.load(name)(dtype, device)


def _method(engine: Backend, name: str | None) -> Method:
    methods = {method.name: method for method in engine.methods if method.operator == "hessian"}
    if name is None:
        usable = [m for m in methods.values() if m.default and m.execution in PREFERRED]
        return min(usable, key=lambda m: PREFERRED.index(m.execution))
    if name not in methods:
        raise unknown("method", name, methods)
    return methods[name]
