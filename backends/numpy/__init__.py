"""NumPy without automatic differentiation: differences of f, complex steps and hyper-dual numbers.

Each is a few lines of mathematics without a framework; hyper-dual numbers are exact, so they are a second
independent opinion beside finite differences. The operators that take several points or vectors loop over them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.host import HostBackend
from hessbench.backends.contract.method import Method
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numpy.methods import METHODS as METHODS
from hessbench.backends.numpy.namespace import LIFTED_LACK, namespace, standard_arrays
from hessbench.backends.standard import lacking

Function = Callable[..., Any]


class NumpyBackend(HostBackend):
    """Finite differences on the CPU."""

    name = "numpy"
    title = "NumPy"
    requires = ("numpy",)
    extra = "all"
    methods = METHODS

    def versions(self) -> dict[str, str]:
        """NumPy."""
        return {"numpy": np.__version__}

    def namespace(self) -> Any:
        """NumPy, whose names are the standard's since 2.0; arrays with derivatives keep them."""
        return namespace()

    def scope(self) -> AbstractContextManager[None]:
        """The standard's attributes on arrays that carry derivatives."""
        return standard_arrays()

    def unsupported(self, method: Method, facts: ProblemFacts) -> str | None:
        """Extended precision is the processor's: x86 has it."""
        if "longdouble" in method.name and np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps:
            return "this machine has no floating-point type wider than float64"
        lacks = LIFTED_LACK if {"forward", "complex"} & set(method.mode.split("-over-")) else {}
        if reason := lacking.first(f"NumPy's {method.name}", lacks, facts.operations):
            return reason
        return super().unsupported(method, facts)

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """Nothing to prepare."""
        return method.make(f), {}
