"""HIPS autograd: NumPy with a tape, the ancestor of JAX; operation by operation, on the CPU.

It maps nothing over a batch, so every operator of several vectors or points is a Python loop.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np

from hessbench.backends.autograd import curvature, sparse_hessian, trace
from hessbench.backends.autograd.attributes import standard_arrays
from hessbench.backends.autograd.lacks import LACKS
from hessbench.backends.autograd.methods import METHODS
from hessbench.backends.autograd.namespace import namespace
from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.host import HostBackend
from hessbench.backends.contract.method import Method, find
from hessbench.backends.derived.declaring import driven

Function = Callable[..., Any]


DERIVED = driven(
    find(METHODS, "gradient-eager"), find(METHODS, "jacobian-grad-eager"), find(METHODS, "hvp-make-hvp-eager")
)


class AutogradBackend(HostBackend):
    """HIPS autograd on NumPy arrays."""

    name = "autograd"
    lacks = LACKS
    requires = ("autograd",)
    extra = "autograd"
    methods = (*METHODS, *sparse_hessian.METHODS, *trace.METHODS, *curvature.METHODS, *DERIVED)

    def versions(self) -> dict[str, str]:
        """The package's: autograd has no `__version__`."""
        return {"autograd": version("autograd"), "numpy": np.__version__}

    def namespace(self) -> Any:
        """Our own adapter: `autograd.numpy` has NumPy's names, but a rule for some of them only."""
        return namespace(self.dtype)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Quiet where a derivative is zero because the function does not use its argument: that is no mistake."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Output seems independent of input", UserWarning)
            with standard_arrays():
                yield

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """Nothing to prepare; some of autograd's rules widen float32 (autograd#199), so its results are cast back."""
        function = method.make(f)
        if self.dtype == "float64":
            return function, {}
        return lambda *arrays: np.asarray(function(*arrays), dtype=self.dtype), {}
