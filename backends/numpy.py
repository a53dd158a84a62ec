"""NumPy without automatic differentiation: finite differences of f, timed like any other method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backends.finite_difference import four_point, gradient, hessian, hvp, steps
from backends.interface import Array, Backend, BackendUnavailable, FloatArray, cast
from backends.method import Method, declare

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def _gradient(f: Function) -> Function:
    return lambda x, *data: gradient(lambda y: f(y, *data), x)[0]


def _richardson(f: Function) -> Function:
    return lambda x, *data: hessian(lambda y: f(y, *data), x)[0]


def _central(f: Function) -> Function:
    return lambda x, *data: four_point(lambda y: f(y, *data), x, steps(x, 1 / 4))


def _hvp_richardson(f: Function) -> Function:
    return lambda x, v, *data: hvp(lambda y: f(y, *data), x, v)[0]


_EAGER = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare("objective", _EAGER, _objective, default=_EAGER, operator="objective", summary="f itself."),
    *declare("gradient", _EAGER, _gradient, default=_EAGER, operator="gradient", outer="difference",
             assembly="loop", accuracy=2 / 3,
             summary="Central differences of f, extrapolated to step zero (Richardson)."),
    *declare("richardson", _EAGER, _richardson, default=_EAGER, operator="hessian", outer="difference",
             inner="difference", assembly="loop", accuracy=2 / 3,
             summary="Central second differences of f, extrapolated to step zero: the reference's own formula."),
    *declare("central", _EAGER, _central, default=_EAGER, operator="hessian", outer="difference",
             inner="difference", assembly="loop", accuracy=1 / 2,
             summary="The 4-point formula at one step size: what people write by hand."),
    *declare("hvp-richardson", _EAGER, _hvp_richardson, default=_EAGER, operator="hvp", outer="difference",
             inner="difference", assembly="loop", accuracy=2 / 3,
             summary="Second differences in the planes of e_i and v, extrapolated to step zero."),
)  # fmt: skip


class NumpyBackend(Backend):
    """Finite differences on the CPU."""

    name = "numpy"
    requires = ("numpy",)
    extra = "all"
    device_kinds = ("cpu",)
    methods = METHODS

    def __init__(self, dtype: str = "float64", device: str = "cpu") -> None:
        super().__init__(dtype, device)
        if device != "cpu":
            raise BackendUnavailable(f"device {device!r} is not there: NumPy computes on the CPU only")

    @staticmethod
    def environment(dtype: str, device: str) -> dict[str, str]:
        """Nothing to set."""
        del dtype, device
        return {}

    def versions(self) -> dict[str, str]:
        """NumPy."""
        return {"numpy": np.__version__}

    def devices(self) -> tuple[str, ...]:
        """The CPU."""
        return ("cpu",)

    def namespace(self) -> Any:
        """NumPy itself, whose names are the standard's since 2.0."""
        return np

    def asarray(self, array: FloatArray) -> Array:
        """The array in the backend's dtype."""
        return cast(array, self.dtype)

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """Nothing to prepare."""
        return method.make(f), {}

    def synchronize(self, result: Array) -> None:
        """NumPy returns when it is done."""

    def to_numpy(self, result: Array) -> FloatArray:
        """The array itself."""
        return np.asarray(result)
