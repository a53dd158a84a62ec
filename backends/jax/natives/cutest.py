"""The objectives of CUTEst in sif2jax, one module at a time.

`import sif2jax` builds all of its 900 problems, which takes half a minute, so its packages are entered here with
their paths only, and what a problem needs is imported from its own module.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from hessbench.backends.contract.errors import Unsupported

PACKAGES = ("sif2jax", "sif2jax.cutest", "sif2jax.cutest._unconstrained_minimisation")


def __getattr__(name: str) -> Callable[[Any], Any]:
    """The objective f(x) of a problem.

    Args:
        name: "module.CLASS" within sif2jax; `Unsupported` where that is not there, or its class unfinished.

    Returns:
        The problem's own text.

    Raises:
        AttributeError: The name has no dot, so that it is a plain attribute of this module that is not there.
    """
    module, _, problem = name.partition(".")
    if not problem:
        raise AttributeError(name)
    _enter()
    found = _built(getattr(importlib.import_module(f"{PACKAGES[-1]}.{module}"), problem))
    return lambda x: found.objective(x, found.args)


def _built(problem: type) -> Any:
    """The problem; `Unsupported` where its class lacks what sif2jax itself asks of every problem."""
    try:
        return problem()
    except TypeError as error:  # equinox and abc have registers of their own of what is abstract, and one message
        if "instantiate abstract class" not in str(error):
            raise
        kind, *names = re.findall(r"\w+", str(error).partition(" with abstract ")[2])
        lacking = f"{kind} {', '.join(sorted(names))}"  # equinox names a set, in any order
        unfinished = f"sif2jax {version('sif2jax')} cannot build {problem.__name__}: its class lacks {lacking}"
        raise Unsupported(unfinished) from None


def _enter() -> None:
    """Make sif2jax's packages importable without running what is in them."""
    spec = find_spec("sif2jax") if "sif2jax" not in sys.modules else None
    if "sif2jax" not in sys.modules and (spec is None or spec.origin is None):
        raise Unsupported("sif2jax is not installed: pip install 'hessbench[cutest]'")
    if spec is None or spec.origin is None:
        return
    root = Path(spec.origin).parent
    for package in PACKAGES:
        entered = ModuleType(package)
        entered.__path__ = [str(root.joinpath(*package.split(".")[1:]))]
        sys.modules[package] = entered
