"""What a backend is: the one class that every framework implements, and what it takes and gives."""

from __future__ import annotations

import importlib
import importlib.util
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

import numpy as np

from hessbench.backends.contract.method import ALL_ROWS, Method
from hessbench.backends.contract.refusal import ProblemFacts, Refusal

DTYPES = ("float64", "float32")

HIGHEST, TF32 = "highest", "tf32"
PRECISIONS = (HIGHEST, TF32)
"""Of products of float32 arrays on a GPU: every bit of float32, or factors rounded to ten bits (TensorFloat-32)."""

IN_ORDER: Mapping[str, str] = MappingProxyType({"CUDA_DEVICE_ORDER": "PCI_BUS_ID"})
"""GPUs numbered as the driver and NVML number them, not the fastest first."""

Array = Any
"""An array of some framework. NumPy arrays are annotated as `np.ndarray`."""

FloatArray = np.ndarray[Any, np.dtype[Any]]


class Objective(Protocol):
    """The portable objective f: R^n -> R, written once over an array namespace."""

    def __call__(self, xp: Any, x: Any, /, *data: Any) -> Any:
        """Return f(x), a scalar array of `xp`; `x` has shape (n,)."""


class BackendUnavailable(Exception):
    """The framework or the device is not there; the message says why, in one line."""


class BackendBroken(Exception):
    """The framework is installed and cannot be imported; the message says why, in one line."""


class Unsupported(Exception):
    """A method found out while it was built that it does not do this problem; the message says why, in one line."""


class NotScalar(ValueError):
    """The objective returned an array instead of a scalar."""


class Lazy:
    """A module that is imported at the first use of one of its attributes.

    The parent process reads method declarations without any framework. With `jax = Lazy("jax")`
    the functions below a declaration still read as if `import jax` stood at the top of the file.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self._module), name)
        setattr(self, name, value)
        return value


@dataclass(frozen=True, slots=True)
class Prepared:
    """A method made ready for one objective, one shape and one set of data.

    Attributes:
        call: Takes device arrays as `Operator.takes` says and returns a device array. The harness times this.
        phases: Seconds of the parts of the preparation that the framework lets one split
            ("trace_s", "lower_s", "compile_s").
    """

    call: Callable[..., Array]
    phases: Mapping[str, float]


class Backend(ABC):
    """One framework, at one dtype, on one device, at one precision of products.

    The instance is bound to them because they are process-wide switches in at least one framework; hence one
    worker process for each (backend, dtype, device, precision).

    Args:
        dtype: "float64" or "float32".
        device: "cpu", "gpu" or "gpu:<index>"; where a framework has several CPU devices, "cpu:<index>" too.
        precision: One of `precisions`; a backend that declares more than "highest" takes this third argument, here
            and in `environment`.

    Raises:
        BackendUnavailable: The device is not there. An `ImportError` of the framework passes through.
    """

    name: ClassVar[str]
    requires: ClassVar[tuple[str, ...]]
    """Modules that must be installed."""
    extra: ClassVar[str]
    """What to install: hessbench[<extra>]."""
    device_kinds: ClassVar[tuple[str, ...]] = ("cpu", "gpu")
    precisions: ClassVar[tuple[str, ...]] = (HIGHEST,)
    """What it can be told about products of float32 arrays on a GPU."""
    methods: ClassVar[tuple[Method, ...]]
    refusals: ClassVar[tuple[Refusal, ...]] = ()
    """What none of its methods does, beside what each declares."""
    natives: ClassVar[Mapping[str, Callable[..., Any]]] = MappingProxyType({})
    """Objectives in the framework's own functions, f(x, *data), by "suite/problem"."""

    def __init__(self, dtype: str = "float64", device: str = "cpu", precision: str = HIGHEST) -> None:
        self.dtype = dtype
        self.device = device
        self.precision = precision

    @staticmethod
    @abstractmethod
    def environment(dtype: str, device: str, precision: str = HIGHEST) -> dict[str, str]:
        """Environment variables that must be set before the framework is imported in a worker."""

    @staticmethod
    def fast_compile_environment() -> dict[str, str]:
        """Further variables for a worker that times nothing: what is compiled sooner and runs slower."""
        return {}

    @abstractmethod
    def versions(self) -> dict[str, str]:
        """Versions of the framework and of the libraries that decide its speed."""

    @abstractmethod
    def devices(self) -> tuple[str, ...]:
        """The devices that this framework sees, in hessbench's words ("cpu", "gpu:0")."""

    def why_no_device(self, kind: str) -> str:
        """Why the framework has no device of that kind, where it can tell; else the empty string."""
        del kind
        return ""

    def device_index(self) -> int:
        """Which device of its kind this backend is bound to.

        Raises:
            BackendUnavailable: It is not among those that the framework sees.
        """
        kind, _, number = self.device.partition(":")
        index, seen = int(number or 0), self.devices()
        if (kind if (kind, index) == ("cpu", 0) else f"{kind}:{index}") in seen:
            return index
        none = not any(device.startswith(kind) for device in seen)
        why = f"; {self.why_no_device(kind)}" if none and self.why_no_device(kind) else ""
        raise BackendUnavailable(f"device {self.device!r} is not there: {self.name} sees {', '.join(seen)}{why}")

    def check_device(self) -> None:
        """Put a number on the device, which can be there and yet refuse.

        Raises:
            BackendUnavailable: It does (in use by others, its memory full, its driver too old).
        """
        try:
            self.synchronize(self.asarray(np.zeros(1)))
        except Exception as error:  # every framework has exceptions of its own
            raise BackendUnavailable(f"device {self.device!r} cannot be used: {first_line(error)}") from None

    def threads(self) -> dict[str, int]:
        """The framework's own thread counts, where it tells them."""
        return {}

    def switches(self) -> dict[str, str]:
        """What the framework itself says of the switches that decide precision, for the journal; asked in `scope`."""
        return {}

    @abstractmethod
    def namespace(self) -> Any:
        """The array namespace that is handed to objectives as `xp`."""

    def scope(self) -> AbstractContextManager[Any]:
        """A block in which the backend's switches hold, where they need not be thrown for the whole process."""
        return nullcontext()

    @abstractmethod
    def asarray(self, array: FloatArray) -> Array:
        """A NumPy array as an array on the device; floating-point data is cast to the backend's dtype."""

    def as_argument(self, method: Method, array: FloatArray) -> Array:
        """The array as what a built method takes from a caller in `scope`, where that is cheaper than `asarray`."""
        del method
        return self.asarray(array)

    @abstractmethod
    def build(
        self, method: Method, f: Callable[..., Array], arguments: tuple[Array, ...]
    ) -> tuple[Callable[..., Array], Mapping[str, float]]:
        """Trace, lower and compile a method as far as the framework allows.

        Args:
            method: One of `methods`.
            f: The bound objective f(x, *data).
            arguments: Device arrays of the shapes and dtypes to come: what the operator takes, then
                `([basis], *data)`.

        Returns:
            A function of such arguments, and the seconds of the phases that can be told apart.
        """

    @abstractmethod
    def synchronize(self, result: Array) -> None:
        """Return when `result` is materialized on the device."""

    @abstractmethod
    def to_numpy(self, result: Array) -> FloatArray:
        """The result as a NumPy array on the host."""

    def event_seconds(self, call: Callable[..., Array], arguments: tuple[Array, ...]) -> float | None:
        """Seconds of one call by the device's own clock; None where the framework shows none."""
        del call, arguments
        return None

    def reset_device_peak(self) -> None:
        """Start the device allocator's peak afresh, as far as the framework can."""
        return

    def device_peak(self) -> int | None:
        """Bytes of the device allocator's peak since `reset_device_peak`; None where nobody knows."""
        return None

    def unsupported(self, method: Method, facts: ProblemFacts) -> str | None:
        """Why the method cannot do such a problem in the installed version, or None.

        A backend that knows more than its methods declare asks here first, and then adds its own.
        """
        installed = self.versions().get(self.requires[0], "")
        if older(installed, method.since):
            return f"needs {self.requires[0]} {method.since} or newer; {installed} is installed"
        absent = [module for module in method.requires if importlib.util.find_spec(module) is None]
        if absent:
            return f"not installed ({', '.join(absent)}): pip install 'hessbench[{absent[0]}]'"
        if method.chunk not in ("", ALL_ROWS) and int(method.chunk) < method.least_chunk:
            return f"{method.chunk} at a time is not possible; the least chunk is {method.least_chunk}"
        refusals = (*self.refusals, *method.refusals)
        return next((refusal.reason for refusal in refusals if refusal.applies(facts, method.execution)), None)

    def clear_caches(self) -> None:
        """Drop what earlier cells compiled, where that would otherwise change the next cell's times."""
        return

    def bind(self, objective: Objective) -> Callable[..., Array]:
        """The objective with the namespace filled in: f(x, *data).

        It raises `NotScalar` where f returns an array: TensorFlow would differentiate its sum, JAX and
        PyTorch would return one Hessian per entry.
        """
        xp = self.namespace()

        def f(x: Array, *data: Array) -> Array:
            y = objective(xp, x, *data)
            shape = getattr(y, "shape", None)
            if shape is None:
                raise NotScalar(
                    f"the objective returned {_kind(y)}; it must return a scalar array, such as xp.sum(...)"
                )
            if len(shape):
                raise NotScalar(f"the objective returned shape {tuple(shape)}; it must return a scalar, shape ()")
            return y

        return f

    def native(self, problem: str) -> Objective:
        """The framework's own text of a problem, "suite/problem", which has no use for a namespace."""
        text = self.natives[problem]
        return lambda xp, x, *data: text(x, *data)

    def prepare(self, method: Method, objective: Objective, data: Sequence[FloatArray], *like: FloatArray) -> Prepared:
        """Make a method ready for one objective, one shape and one set of data, which moves to the device.

        Args:
            method: One of `methods`, or one of them at another chunk size.
            objective: The portable (or native) text of f.
            data: NumPy arrays, passed to f as arguments.
            *like: Arrays of the shapes to come, as `Operator.takes` says; never the points that are measured.
        """
        constants = self.constants(method, data, like[0].shape[-1])
        arguments = (*(self.asarray(array) for array in like), *constants)
        function, phases = self.build(method, self.bind(objective), arguments)
        return Prepared(with_constants(function, len(like), constants), phases)

    def constants(self, method: Method, data: Sequence[FloatArray], n: int) -> tuple[Array, ...]:
        """The arguments that stay the same from call to call: the basis, where asked for, and the data."""
        basis = (self.asarray(np.eye(n)),) if method.needs_basis else ()
        return (*basis, *(self.asarray(array) for array in data))


def _kind(y: Any) -> str:
    if y is None:
        return "None (is a return missing?)"
    return f"a plain Python {type(y).__name__}" if isinstance(y, bool | int | float) else f"a {type(y).__name__}"


def with_constants(function: Callable[..., Array], inputs: int, constants: tuple[Array, ...]) -> Callable[..., Array]:
    """The timed call: the built function with data (and basis) appended, at the cost of one Python call."""
    if inputs == 2:
        return lambda x, v: function(x, v, *constants)
    return lambda x: function(x, *constants)


def first_line(problem: BaseException) -> str:
    """Type and first non-empty line of an exception, at most 300 characters."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return f"{type(problem).__name__}: {lines[0] if lines else 'no message'}"[:300]


def older(installed: str, wanted: str) -> bool:
    """Whether a version "2.13.0+cpu" is older than one "2.3"; False where one of them is unknown."""
    numbers = [
        tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])
        for version in (installed, wanted)
    ]
    return all(numbers) and numbers[0] < numbers[1]


def cast(array: FloatArray, dtype: str | np.dtype[Any]) -> FloatArray:
    """Floating-point arrays in the given dtype; integers and Booleans as they are (labels, indices)."""
    array = np.asarray(array)
    if array.dtype == dtype:
        return array
    return array.astype(dtype) if np.issubdtype(array.dtype, np.floating) else array
