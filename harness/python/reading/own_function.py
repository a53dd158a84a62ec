"""Whose function f is: portable, f(xp, x, *data), or one framework's own, f(x, *data).

What a person has is mostly the latter: the loss of a module, a Keras model, a function of a pytree. It becomes a
problem that has one native text and no portable one, so that all that is said of those holds for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from hessbench import backends
from hessbench.harness.judging.explain import name_of
from hessbench.harness.python.reading.signature import backend_of, check_native, check_signature, is_portable
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.blocks import is_plain
from hessbench.suites.definition.problem import Problem, no_portable_text


def whose(f: Any, framework: str | None, data: int, named: Collection[str] = ()) -> Callable[..., Any]:
    """F as it is where it is portable or a problem, else the problem that has f as its only text.

    A function that takes x and the data and nothing before them is that of the framework that is named; where none is,
    that of the only backend that is.

    Args:
        f: The function.
        framework: Whose functions it calls; None where nobody has said.
        data: Number of data arrays.
        named: The backends that were asked for by name.

    Returns:
        A portable function, or a problem.

    Raises:
        UsageError: The framework does not exist, another backend is asked for, or f cannot be called in either way.
    """
    if isinstance(f, Problem):
        if framework is not None:
            raise UsageError(f"{f.name} is a problem, which says itself what it is written in; leave framework out")
        return f
    if not callable(f):
        raise UsageError(f"f is no function but a {type(f).__name__}; write hb.hessian(f, x) with def f(xp, x): ...")
    if framework is None:
        if is_portable(f, data):
            return f
        if len(named) != 1:
            check_signature(f, data)
        (framework,) = named
    name = backend_of(framework)
    if foreign := [other for other in named if other != name]:
        raise UsageError(f"{name_of(f)} is {framework}'s own function, so {foreign[0]} cannot differentiate it")
    check_native(f, framework, data)
    return Problem(name_of(f), no_portable_text, (1,), no_start, "the user's own", native={name: f})


def native_to(f: Callable[..., Any]) -> tuple[str, ...]:
    """The frameworks in whose own functions f is written; empty where it is portable."""
    return tuple(f.native) if isinstance(f, Problem) and not f.portable else ()


def unfolded(f: Callable[..., Any], *points: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """F and its points, where only f's framework knows the structure of these: then as dicts of arrays.

    Args:
        f: The function, or a problem.
        *points: x and others of its structure.

    Returns:
        Both as they are, or a function of dicts and the dicts.
    """
    if not isinstance(f, Problem) or len(f.native) != 1 or f.portable:
        return f, points
    ((name, text),) = f.native.items()
    text, points = text_unfolded(name, text, *points)
    return replace(f, native={name: text}), points


def text_unfolded(backend: str, text: Any, *points: Any) -> tuple[Any, tuple[Any, ...]]:
    """The same of a framework's own text of f; a text that is only named, "module:function", stays."""
    if not callable(text):
        return text, points
    try:
        known = all(is_plain(x) or inspect.isroutine(x) or isinstance(x, type) for x in points)
    except RecursionError:  # x holds itself, which is said where its arrays are taken
        known = True
    if known:
        return text, points
    parts = [one for one in map(backends.load(backend).unfold, points) if one]
    if len(parts) < len(points):
        return text, points
    return Folding(text, parts[0][1]), tuple(arrays for arrays, _ in parts)


class Folding:
    """A framework's own function of its own structure, as one of a dict of arrays.

    Args:
        f: The function f(x, *data).
        fold: What builds x from a dict of arrays.
    """

    def __init__(self, f: Callable[..., Any], fold: Callable[[Any], Any]) -> None:
        self.f, self.fold = f, fold
        self.__doc__, self.__name__ = f.__doc__, getattr(f, "__name__", "f")

    def __call__(self, parts: Any, *data: Any) -> Any:
        """The value at a dict of arrays."""
        return self.f(self.fold(parts), *data)


def no_start(n: int, rng: Any) -> Any:
    """The start point of what is computed at a given one only."""
    raise NotImplementedError("the point is given where the function is")
