"""What a backend is: the one class that every framework implements."""

from __future__ import annotations

import importlib.util
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from hessbench.backends.contract.arrays import Array, FloatArray, Objective, cast
from hessbench.backends.contract.binding import bound, require_own_scalar, require_scalar, with_constants
from hessbench.backends.contract.compression import Compression, Positions
from hessbench.backends.contract.device import IN_ORDER, find_index
from hessbench.backends.contract.errors import BackendBroken, BackendUnavailable, NotScalar, Unsupported, first_line
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import ALL_ROWS, Method
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import ProblemFacts, Refusal
from hessbench.backends.contract.versions import older
from hessbench.backends.contract.words import DTYPES, HIGHEST, PRECISIONS, TF32, Precision
from hessbench.backends.standard import lacking

# The contract's public names in one place: other rooms, and third parties' backends, import them from here.
__all__ = [
    "DTYPES",
    "HIGHEST",
    "IN_ORDER",
    "PRECISIONS",
    "TF32",
    "Array",
    "Backend",
    "BackendBroken",
    "BackendUnavailable",
    "Compression",
    "FloatArray",
    "Lazy",
    "NotScalar",
    "Objective",
    "Prepared",
    "Unsupported",
    "cast",
    "first_line",
    "older",
    "with_constants",
]


sparsity = Lazy("hessbench.backends.sparsity.analysis")
"""Imported when a sparse method is prepared, and not by whoever knows the contract."""

RECOVERIES = 3
"""How often reading the values from the products is timed."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A method made ready for one objective, one shape and one set of data.

    Attributes:
        call: Takes device arrays as `Operator.takes` says and returns a device array. The harness times this.
        phases: Seconds of the parts of the preparation that the framework lets one split
            ("trace_s", "lower_s", "compile_s", and "detect_s", "color_s" of a sparse method).
        compression: Of a sparse method, where the values belong; else None.
    """

    call: Callable[..., Array]
    phases: Mapping[str, float]
    compression: Compression | None = None


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
    title: ClassVar[str] = ""
    """What its makers call it, for messages: "NumPy"; the name where there is none."""
    requires: ClassVar[tuple[str, ...]]
    """Modules that must be installed."""
    extra: ClassVar[str]
    """What to install: hessbench[<extra>]."""
    device_kinds: ClassVar[tuple[str, ...]] = ("cpu", "gpu")
    precisions: ClassVar[tuple[Precision, ...]] = (HIGHEST,)
    """What it can be told about products of float32 arrays on a GPU."""
    methods: ClassVar[tuple[Method, ...]]
    refusals: ClassVar[tuple[Refusal, ...]] = ()
    """What none of its methods does, beside what each declares."""
    lacks: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Names of the vocabulary that the framework cannot do or differentiate, and why."""
    arrays_lack: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """What its arrays cannot do of what the standard says of arrays, and why."""
    takes_numpy: ClassVar[bool] = True
    """Whether f may return a number of NumPy's, as one that does not depend on x."""
    natives: ClassVar[Mapping[str, Callable[..., Any]]] = MappingProxyType({})
    """Objectives in the framework's own functions, f(x, *data), by "suite/problem"."""
    native_models: ClassVar[Mapping[str, tuple[Callable[..., Any], Callable[..., Any]]]] = MappingProxyType({})
    """Of those that are a loss of outputs both halves, outputs(x, *data) and loss(z, *data)."""

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
        """The number of this backend's device among its kind; `BackendUnavailable` where the framework sees no such."""
        return find_index(self.device, self.name, self.devices(), self.why_no_device)

    def check_device(self) -> None:
        """Put a number on the device, which can be there and yet refuse.

        Raises:
            BackendUnavailable: The device refuses (in use by others, its memory full, its driver too old).
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

    @staticmethod
    def unfold(x: Any) -> tuple[dict[str, FloatArray], Callable[[Any], Any]] | None:
        """A structure of the framework's own kind as arrays, where it knows more than dicts, lists and tuples.

        Args:
            x: What a person gives for x.

        Returns:
            Its arrays by name, and what makes the structure of such a dict; None where it is no structure of this
            framework.
        """
        del x
        return None

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

    def built(
        self, method: Method, f: Callable[..., Array], arguments: tuple[Array, ...]
    ) -> tuple[Callable[..., Array], Mapping[str, float]]:
        """As `build`, which see; of a method that the host drives, each of its parts."""
        if method.around is None:
            return self.build(method, f, arguments)
        x, constants = arguments[0], arguments[len(OPERATORS[method.operator].takes) :]
        # What the parts take beside the data has the shape of x.
        likes = [(*[x] * len(OPERATORS[part.operator].takes), *constants) for part in method.parts]
        pairs = [self.build(part, f, like) for part, like in zip(method.parts, likes, strict=True)]
        phases = {name: sum(spent.get(name, 0.0) for _, spent in pairs) for _, spent in pairs for name in spent}
        return method.around(self, *(call for call, _ in pairs)), phases

    def over_rows(self, f: Callable[..., Array], points: Array, data: Sequence[Array]) -> Callable[..., Array] | None:
        """Values of f at several points in one program, one after the other: judges ask for thousands of them.

        Args:
            f: The bound objective f(x, *data).
            points: Several points (m, *shape); m may be another one in every call.
            data: Further arguments of f.

        Returns:
            A function of `(points, *data)`, values (m, ...); None where one call after the other is as fast.
        """
        del f, points, data
        return None

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

        Returns:
            One line with the reason, or None where nothing speaks against it.
        """
        installed = self.versions().get(self.requires[0], "")
        if older(installed, method.since):
            return f"needs {self.requires[0]} {method.since} or newer; {installed} is installed"
        absent = [module for module in method.requires if importlib.util.find_spec(module) is None]
        if absent:
            return f"not installed ({', '.join(absent)}): pip install 'hessbench[{absent[0]}]'"
        if method.chunk not in ("", ALL_ROWS) and int(method.chunk) < method.least_chunk:
            return f"{method.chunk} at a time is not possible; the least chunk is {method.least_chunk}"
        if method.estimate and (too_many := method.estimate.why_not(facts.n)):
            return too_many
        if absent_name := lacking.first(self.title or self.name, self.lacks, facts.operations):
            return absent_name
        refusals = (*self.refusals, *method.refusals)
        return next((refusal.reason for refusal in refusals if refusal.applies(facts, method.execution)), None)

    def calls(self, f: Callable[..., Array], arguments: Sequence[Array]) -> frozenset[str]:
        """What f calls of the framework, in its own names, for its known faults; empty where that cannot be told.

        Args:
            f: The bound objective, which the framework computes here.
            arguments: The point and the data, on the device.

        Returns:
            Names as they stand in the `operations` of a `KnownFault`.
        """
        del f, arguments
        return frozenset()

    def clear_caches(self) -> None:
        """Drop what earlier cells compiled, where that would otherwise change the next cell's times."""
        return

    def bind(self, objective: Objective) -> Callable[..., Array]:
        """The objective with the namespace filled in: f(x, *data); it raises `NotScalar` where f returns an array."""
        return bound(objective, self.namespace(), require_scalar if self.takes_numpy else require_own_scalar)

    def native(self, problem: str) -> Objective:
        """The framework's own text of a problem, "suite/problem", which has no use for a namespace."""
        text = self.natives[problem]
        return lambda xp, x, *data: text(x, *data)

    def prepare(
        self,
        method: Method,
        objective: Objective,
        data: Sequence[FloatArray],
        *like: FloatArray,
        pattern: Positions | None = None,
    ) -> Prepared:
        """Make a method ready for one objective, one shape and one set of data, which moves to the device.

        Args:
            method: One of `methods`, or one of them at another chunk size.
            objective: The portable (or native) text of f.
            data: NumPy arrays, passed to f as arguments.
            *like: Arrays of the shapes to come, as `Operator.takes` says; never the points that are measured.
            pattern: Of a sparse method, rows and columns of a person who knows them; None has them found.

        Returns:
            The call that is timed, and what its preparation took.
        """
        compression = None
        if OPERATORS[method.operator].sparse:
            compression = self.analyze(method, objective, data, like[0], pattern)
        constants = self.constants(method, data, like[0].shape[-1], compression)
        arguments = (*(self.asarray(array) for array in like), *constants)
        function, phases = self.built(method.planned(compression), self.bind(objective), arguments)
        found = {**compression.phases, **self._recovery(method, constants)} if compression else {}
        return Prepared(with_constants(function, len(like), constants), {**found, **phases}, compression)

    def _recovery(self, method: Method, constants: tuple[Array, ...]) -> dict[str, float]:
        """Seconds of reading values from products, where a method does that by an operation of its own."""
        if method.execution != "eager" or method.assembly != "sparse" or "reverse" not in method.mode:
            return {}
        products, indices = constants[:2]  # the seeds have the shape of the products
        if method.analyze is not None or len(indices.shape) != 1:
            return {}
        seconds = []
        with self.scope():
            xp = self.namespace()
            for _ in range(RECOVERIES):
                start = time.perf_counter()
                self.synchronize(xp.take(xp.reshape(products, (-1,)), indices, axis=0))
                seconds.append(time.perf_counter() - start)
        return {"recover_s": min(seconds)}

    def analyze(
        self,
        method: Method,
        objective: Objective,
        data: Sequence[FloatArray],
        x: FloatArray,
        pattern: Positions | None = None,
    ) -> Compression:
        """Pattern and coloring of a sparse method: by its own tool where it has one, else by hessbench.

        Args:
            method: A method of a sparse operator.
            objective: The text of f.
            data: NumPy arrays.
            x: A point of the shape to come, (n,).
            pattern: Rows and columns of a person who knows them, or None.

        Returns:
            Where the values belong, and what the built function takes after x.
        """
        if method.analyze is None:
            kind = "acyclic" if method.assembly == "substitution" else "star"
            found: Compression = sparsity.analyze(objective, x, data, pattern, kind)
            return found
        with self.scope():
            return method.analyze(self.bind(objective), x, data, pattern)

    def constants(
        self, method: Method, data: Sequence[FloatArray], n: int, compression: Compression | None = None
    ) -> tuple[Array, ...]:
        """The arguments that stay the same from call to call: basis, probes or a compression's arrays, and the data."""
        basis: tuple[FloatArray, ...] = (np.eye(n),) if method.needs_basis else ()
        basis = (method.estimate.draw(n),) if method.estimate else basis
        arrays = compression.arrays if compression else ()
        return tuple(self.asarray(array) for array in (*basis, *arrays, *data))
