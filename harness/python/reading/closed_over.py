"""What a function reads beside its arguments, as part of a key: so that nothing built is kept for what has changed.

JAX, TensorFlow and CasADi read globals, closed-over variables and attributes once, while they trace. A built method may
be used again only where all of that is as it was. Code, numbers, texts, containers and NumPy arrays are compared by
what they hold, functions by their code and what they read in turn. Whatever else a function reaches, objects with
attributes among it, cannot be told to be unchanged: then nothing is kept, and each call builds anew.

Measured on a busy core: 24 us per call for two functions and a few globals, 2 s for each GB of arrays closed over.
"""

from __future__ import annotations

import dis
import functools
import hashlib
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

PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), slice, range, np.generic, np.dtype)


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
    if isinstance(value, PLAIN):
        return type(value), repr(value)
    if isinstance(value, np.ndarray):
        return _of_array(value)
    if id(value) in on_the_way:
        return "itself"
    on_the_way = on_the_way | {id(value)}
    if isinstance(value, types.FunctionType) and not _is_stable(value.__module__):
        return _of_function(value, on_the_way)
    if type(value) in (tuple, list):
        return type(value), tuple(_of(entry, on_the_way) for entry in value)
    if type(value) is dict:
        return dict, tuple((_of(k, on_the_way), _of(v, on_the_way)) for k, v in value.items())
    if isinstance(value, functools.partial):
        return _of((value.func, value.args, value.keywords), on_the_way)
    if isinstance(value, types.MethodType):
        return _of((value.__func__, value.__self__), on_the_way)
    if type(value) is Problem:
        return tuple(_of(getattr(value, name), on_the_way) for name in READ)
    return _of_library(value)


READ = tuple(field.name for field in fields(Problem) if field.name in ("objective", "native", "name"))
"""Of a problem: what is differentiated."""


def _of_array(value: Any) -> Hashable:
    if value.dtype.hasobject or type(value) is not np.ndarray:
        raise Unknown
    digest = hashlib.blake2b(np.ascontiguousarray(value).data, digest_size=16).digest() if value.size else b""
    return np.ndarray, value.shape, value.dtype.str, digest


def _of_library(value: Any) -> Hashable:
    """A module, function or type of a library; anything else may change."""
    if isinstance(value, types.ModuleType):
        name = value.__name__
    elif isinstance(value, (types.FunctionType, types.BuiltinFunctionType, np.ufunc, type)):
        name = getattr(value, "__module__", None) or "numpy"
        if getattr(value, "__name__", "") in LOOKS_AROUND or isinstance(getattr(value, "__self__", None), (list, dict)):
            raise Unknown
    else:
        raise Unknown
    if not _is_stable(name):
        raise Unknown
    return "library", name, id(value)


def _is_stable(module: str | None) -> bool:
    return bool(module) and str(module).partition(".")[0] in STABLE


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
