"""The source of a function together with all that it reads, so that it stands alone.

Functions of hessbench are copied, helpers and constants with them; modules are imported. What is neither ends the
attempt: better no script than one that shows something else.
"""

from __future__ import annotations

import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from hessbench.backends.contract.lazy import Lazy

OWN = "hessbench"
MOST_ENTRIES = 400
"""Of an array that is written out."""


class CannotShow(Exception):
    """The function reads something that cannot be written down; the message says what."""


class Source:
    """Collects the source of a function and of what it needs.

    Attributes:
        imports: Lines that import modules.
        constants: Lines that define values.
        functions: Texts of functions, those that are needed first.
    """

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.constants: dict[str, str] = {}
        self.functions: dict[str, str] = {}

    def add(self, function: Callable[..., Any]) -> str:
        """Take a function in. Returns its name; a `CannotShow` says what cannot be written down."""
        plain = inspect.unwrap(function)
        plain = getattr(plain, "objective", plain)  # a `Problem` is called as its function
        if not isinstance(plain, FunctionType) or plain.__closure__ or plain.__name__ == "<lambda>":
            raise CannotShow(f"{getattr(plain, '__name__', plain)!r} is no function of a module")
        name = plain.__name__
        if name in self.functions:
            return name
        self.functions[name] = ""  # seen: a function may call itself
        for used in _names(plain.__code__):
            if used in plain.__globals__:
                self._value(used, plain.__globals__[used])
            elif not hasattr(builtins, used) and used not in plain.__code__.co_names:
                raise CannotShow(f"{name} reads {used}, which is nowhere")
        self.functions.pop(name)
        self.functions[name] = _text(plain)
        return name

    def _value(self, name: str, value: Any) -> None:
        if isinstance(value, Lazy | ModuleType):
            module = value._module if isinstance(value, Lazy) else value.__name__
            if module.partition(".")[0] == OWN:
                raise CannotShow(f"{name} is a module of hessbench")
            self.imports[f"import {module}" + (f" as {name}" if name != module else "")] = None
        elif callable(value) and getattr(value, "__module__", "").partition(".")[0] == OWN:
            if self.add(value) != name:
                raise CannotShow(f"{name} is another name of a function")
        else:
            self.constants[name] = f"{name} = {literal(value)}"

    def text(self) -> str:
        """Constants and functions, without the imports."""
        return "\n\n\n".join(filter(None, ("\n".join(self.constants.values()), *self.functions.values())))


def literal(value: Any) -> str:
    """A value as Python writes it. A `CannotShow` says that it is none of numbers, texts and arrays."""
    if isinstance(value, np.ndarray) and value.size <= MOST_ENTRIES:
        return f"np.array({value.tolist()!r})".replace("nan", "np.nan").replace("inf", "np.inf")
    if isinstance(value, np.generic):
        return literal(value.item())
    if isinstance(value, bool | int | float | str | complex | None):
        return repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    raise CannotShow(f"a {type(value).__name__} cannot be written down")


def _names(code: CodeType) -> Iterator[str]:
    """Names that a function and those within it read outside of themselves, attributes among them."""
    yield from code.co_names
    inner: Iterable[Any] = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    for one in inner:
        yield from _names(one)


def _text(function: FunctionType) -> str:
    """The source, without decorators."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("def "))
    return "\n".join(lines[first:]).rstrip()
