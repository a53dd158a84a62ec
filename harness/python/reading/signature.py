"""How a person's function is called, and whose functions it says that it calls."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

from hessbench import backends
from hessbench.harness.judging.explain import name_of
from hessbench.harness.usage import UsageError, check, unknown
from hessbench.suites.definition.blocks import Nested

KERAS = "keras"
"""No backend of ours: it computes with one of them."""

NAMESPACE = ("xp", "np", "lib")
"""What people call an array namespace that they are given."""


def takes(f: Callable[..., Any], count: int) -> bool:
    """Whether f can be called with so many arguments; True where its signature is not known."""
    try:
        inspect.signature(f).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # builtins have none
        pass
    return True


def is_portable(f: Callable[..., Any], data: int) -> bool:
    """Whether f is one over an array namespace, f(xp, x, *data), as far as its signature tells."""
    try:
        first = next(iter(inspect.signature(f).parameters), "")
    except (TypeError, ValueError):
        first = ""
    return first in NAMESPACE or takes(f, 2 + data) or not takes(f, 1 + data)


def may_be_native(f: Callable[..., Any]) -> bool:
    """Whether f, which is taken for f(xp, x), may be meant as f(x): nothing but x has to be given."""
    try:
        first, second, *_ = (*inspect.signature(getattr(f, "f", f)).parameters.values(), None, None)
    except (TypeError, ValueError):
        return False
    if first is None or second is None or first.name in NAMESPACE:
        return False
    return second.default is not second.empty or second.kind is second.VAR_POSITIONAL


def backend_of(framework: str) -> str:
    """The backend of a framework's name."""
    known = [*backends.registry(), KERAS]
    check("framework", (framework,), known)
    name = _keras_computes_with() if framework == KERAS else framework
    if name not in backends.registry():
        raise unknown("framework", framework, known)
    return name


def _keras_computes_with() -> str:
    """The framework below Keras: as Keras says where a person has imported it, else as it will say."""
    keras = sys.modules.get(KERAS)
    if keras is not None and hasattr(keras, "config"):
        return str(keras.config.backend())
    return os.environ.get("KERAS_BACKEND", "tensorflow")


def check_native(f: Callable[..., Any], framework: str, data: int) -> None:
    """Make sure that f can be called as f(x, *data), as a framework's own function is.

    Raises:
        UsageError: It takes another number of arguments.
    """
    if not takes(f, 1 + data):
        called = f"{name_of(f)}(x{', *data' if data else ''})"
        passed = f"{data} data array{'' if data == 1 else 's'}"
        raise UsageError(f"{name_of(f)} cannot be called as {called} with {passed}, as {framework}'s own function is")


OR_NATIVE = ', or say whose functions it calls: framework="torch"'
"""What else can be done about a function that takes nothing before x, where that can be said."""


def check_signature(f: Callable[..., Any], data: int, name: str = "", otherwise: str = OR_NATIVE) -> None:
    """Make sure that f can be called as f(xp, x, *data).

    Args:
        f: The objective.
        data: Number of data arrays.
        name: What f is called in a message (default: its own name).
        otherwise: What a person can do instead of writing f over xp.

    Raises:
        UsageError: It takes another number of arguments, or the namespace as the second one.
    """
    try:
        signature = inspect.signature(f.f if isinstance(f, Nested) else f)
    except (TypeError, ValueError):  # builtins have none
        return
    name = name or getattr(f, "__name__", "f")
    first, second, *_ = (*signature.parameters, "", "")
    if second == NAMESPACE[0] and first not in NAMESPACE:
        raise UsageError(f"{name}{signature} is called as {name}(xp, x, *data): the namespace comes first; write it so")
    try:
        signature.bind(*range(2 + data))
    except TypeError as error:
        passed = f"{data} data array{'' if data == 1 else 's'}"
        called = f"{name}(xp, x{', *data' if data else ''}) with {passed}"
        raise UsageError(
            f"{name}{signature} cannot be called as {called}: {error}; write def {name}(xp, x, *data){otherwise}"
        ) from None
