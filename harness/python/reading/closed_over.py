"""What a function reads beside its arguments, as part of a key: so that nothing built is kept for what has changed.

JAX, TensorFlow and CasADi read globals, closed-over variables and attributes once, while they trace. A built method may
be used again only where all of that is as it was. Code, numbers, texts, containers and NumPy arrays are compared by
what they hold, functions by their code and what they read in turn. Whatever else a function reaches, objects with
attributes among it, cannot be told to be unchanged: then nothing is kept, and each call builds anew. So types are asked
for exactly: an instance of a subclass of float or dict may have attributes, which its contents do not show.

Measured on a busy core: 24 us per call for two functions and a few globals, 2 s for each GB of arrays closed over.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import sys
import types
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from hessbench.backends import BUILT_IN
from hessbench.suites.definition.problem import Problem

STABLE = {
    *("builtins", "cmath", "functools", "itertools", "math", "operator", "typing"),
    *("scipy", "hessbench", "array_api_compat", *BUILT_IN),
}
"""Packages whose functions and constants nobody changes; a backend is called what its framework's package is."""

LOOKS_AROUND = {"__import__", "delattr", "eval", "exec", "globals", "input", "locals", "open", "setattr", "vars"}
"""Built-in functions that reach what the code does not name."""

PLAIN = {type(None), bool, float, complex, str, bytes, type(Ellipsis), range, *np.sctypeDict.values()} - {np.void}
"""Types whose values never change and are told apart by how they are written; a `np.void` is a view of an array."""


class Unknown(Exception):
    """Something was reached that cannot be told to be unchanged."""


def key(f: Callable[..., Any]) -> Hashable | None:
    """What f reads beside its arguments; None where that cannot be told, so that nothing may be kept for f."""
    try:
        return _of(f, set())
    except (Unknown, RecursionError):
        return None


def _of(value: Any, on_the_way: set[int]) -> Hashable:
    """The part of a key that stands for one value.

    Args:
        value: What a function reads.
        on_the_way: Ids of what is being looked at: a function may name itself.

    Returns:
        Equal for equal contents.

    Raises:
        Unknown: The value is of a kind that may change unseen.
    """
    kind = type(value)
    if kind in PLAIN or isinstance(value, np.dtype):
        return kind, repr(value)
    if kind is int:  # a long one cannot be written
        return kind, value
    if kind is np.ndarray:
        return _of_array(value)
    if id(value) in on_the_way:
        return "itself"
    on_the_way = on_the_way | {id(value)}
    if kind in (tuple, list):
        return kind, tuple(_of(entry, on_the_way) for entry in value)
    if kind is dict:
        return kind, tuple((_of(k, on_the_way), _of(v, on_the_way)) for k, v in value.items())
    if kind in PARTS:
        return kind, tuple(_of(getattr(value, name), on_the_way) for name in PARTS[kind])
    if kind is types.BuiltinFunctionType and not isinstance(value.__self__, types.ModuleType | None):
        return kind, value.__name__, _of(value.__self__, on_the_way)  # a.sum reads what a holds
    if _is_of_library(value):
        return "library", value  # itself, which so stays alive: another one may get the number of one that is gone
    if kind is types.FunctionType:
        return _of_function(value, on_the_way)
    raise Unknown


PARTS: dict[type, tuple[str, ...]] = {
    slice: ("start", "stop", "step"),
    functools.partial: ("func", "args", "keywords", "__dict__"),
    types.MethodType: ("__func__", "__self__"),
    Problem: tuple(field.name for field in fields(Problem) if field.name in ("objective", "native", "name")),
}
"""What is read of a value of these types; of a problem, what is differentiated."""


def _of_array(value: Any) -> Hashable:
    if value.dtype.hasobject:
        raise Unknown
    digest = (
        hashlib.blake2b(np.ascontiguousarray(value).view(np.uint8).data, digest_size=16).digest()
        if value.nbytes
        else b""
    )
    return np.ndarray, value.shape, repr(value.dtype), digest


def _is_of_library(value: Any) -> bool:
    """Whether a library of `STABLE` holds this module, function or type under its name, so that nobody changes it."""
    # A person's function may call itself a library's (`functools.wraps`), and one that a library has made may hold what
    # it was given (`jax.nn.initializers.constant`): neither is what the library holds under that name.
    if isinstance(value, types.ModuleType):
        return _is_stable(value.__name__)
    if not isinstance(value, types.FunctionType | types.BuiltinFunctionType | np.ufunc | type):
        return False
    home = getattr(value, "__module__", None) or "numpy"
    held = _is_stable(home) and value.__name__ not in LOOKS_AROUND
    return held and getattr(sys.modules.get(home), value.__name__, None) is value


def _is_stable(module: str | None) -> bool:
    return bool(module) and str(module).partition(".")[0] in STABLE


def read_by(f: types.FunctionType) -> Iterator[Any]:
    """What a person's own function reads beside its arguments, as far as its code names it; of a library's, nothing."""
    if not _is_of_library(f):
        yield from (f.__globals__[name] for name in _names(f.__code__) if name in f.__globals__)
        yield from map(_cell, f.__closure__ or ())
        yield from (f.__defaults__ or (), f.__kwdefaults__ or {}, f.__dict__)


def _of_function(f: types.FunctionType, on_the_way: set[int]) -> Hashable:
    """Code, defaults, cells, and the globals that the code names."""
    seen = f.__globals__
    named = [(name, _named(seen, name, on_the_way)) for name in _names(f.__code__)]
    cells = [_of(_cell(cell), on_the_way) for cell in f.__closure__ or ()]
    defaults = _of((f.__defaults__, f.__kwdefaults__), on_the_way)
    if f.__dict__:  # a function reads its own attributes by its name
        defaults = (defaults, _of({k: v for k, v in f.__dict__.items() if k != "__wrapped__"}, on_the_way))
    return f.__code__, tuple(named), tuple(cells), defaults


def _named(seen: dict[str, Any], name: str, on_the_way: set[int]) -> Hashable:
    if name in seen:
        return _of(seen[name], on_the_way)
    if name in LOOKS_AROUND:
        raise Unknown
    return "built in"


def _cell(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet bound
        return None


@functools.cache
def _names(code: types.CodeType) -> tuple[str, ...]:
    """The globals that code reads, that of functions within it included."""
    return tuple(dict.fromkeys(_read(code)))


def _read(code: types.CodeType) -> Iterator[str]:
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield step.argval
        elif step.opname == "IMPORT_NAME" and not _is_stable(step.argval):
            yield "__import__"
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _read(constant)
