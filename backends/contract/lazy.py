"""Frameworks that are imported when something is computed, not when a declaration is read."""

from __future__ import annotations

import importlib
from typing import Any


class Lazy:
    """A module that is imported at the first use of one of its attributes.

    The parent process reads method declarations without any framework. With `jax = Lazy("jax")`
    the functions below a declaration still read as if `import jax` stood at the top of the file.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self._module), name)
        setattr(self, name, value)  # the next use finds it without coming here: a timed call pays nothing
        return value


def imported(module: Lazy) -> Any:
    """The module itself, imported."""
    return importlib.import_module(module._module)
