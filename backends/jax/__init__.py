"""JAX: every method is a composition of `grad`, `jvp`, `jacrev`, `jacfwd`; executions are eager and `jax.jit`.

Data and basis are arguments of the compiled function: a closed-over array is baked into the program
and folded by the compiler (jax#10596, jax#21300), which would flatter steady state and punish compile time.
"""

from __future__ import annotations

import contextlib
import importlib.util
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array, FloatArray, Objective, cast
from hessbench.backends.contract.compression import Compression, Positions
from hessbench.backends.contract.device import IN_ORDER
from hessbench.backends.contract.errors import first_line
from hessbench.backends.contract.interface import Backend
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, with_faults
from hessbench.backends.contract.words import HIGHEST, PRECISIONS, TF32
from hessbench.backends.jax import (
    batched_hessian,
    curvature,
    derived,
    diagonal,
    hessian,
    hvp,
    multi_hvp,
    natives,
    pytrees,
    sparse_hessian,
    yardsticks,
)
from hessbench.backends.jax.limits import BY_MODE, LACKS

jax = Lazy("jax")

Function = Callable[..., Any]

WORDS: Mapping[str, str] = MappingProxyType({HIGHEST: "highest", TF32: "tensorfloat32"})
"""JAX's own words for a precision."""

GPU_PLUGINS = ("jax_cuda13_plugin", "jax_cuda12_plugin", "jax_rocm7_plugin", "jax_rocm60_plugin")
"""Packages that bring JAX to GPUs; without one it is the CPU build."""

HASTY: Mapping[str, bool] = MappingProxyType({"xla_cpu_use_fusion_emitters": False})
"""Beside JAX's own switch: compiling a small Hessian takes 0.21 s, with that 0.13 s, with both 0.05 s (0.10.2)."""

METHODS: tuple[Method, ...] = with_faults(
    (
        *yardsticks.METHODS,
        *hessian.METHODS,
        *hvp.METHODS,
        *multi_hvp.METHODS,
        *diagonal.METHODS,
        *batched_hessian.METHODS,
        *curvature.METHODS,
        *derived.METHODS,
        *sparse_hessian.METHODS,
    ),
    BY_MODE,
)


class JaxBackend(Backend):
    """JAX on its CPU or GPU client; 64-bit mode is switched per call, never for the whole process."""

    name = "jax"
    title = "JAX"
    lacks = LACKS
    requires = ("jax",)
    extra = "jax"
    precisions = PRECISIONS
    methods = METHODS
    natives = natives.NATIVES

    def __init__(self, dtype: str = "float64", device: str = "cpu", precision: str = HIGHEST) -> None:
        super().__init__(dtype, device, precision)
        index = self.device_index()
        self._device = jax.devices(device.partition(":")[0])[index]
        self._peak_before: int | None = None

    @staticmethod
    def environment(dtype: str, device: str, precision: str = HIGHEST) -> dict[str, str]:
        """64-bit mode, one platform, no preallocation, no compile cache that outlives the launch."""
        order = {} if device.startswith("cpu") else IN_ORDER
        return {
            **order,
            "JAX_ENABLE_X64": "1" if dtype == "float64" else "0",
            "JAX_PLATFORMS": "cpu" if device.startswith("cpu") else "",
            "JAX_ENABLE_COMPILATION_CACHE": "false",
            "JAX_DEFAULT_MATMUL_PRECISION": WORDS[precision],
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        }

    @staticmethod
    def fast_compile_environment() -> dict[str, str]:
        """JAX's own switch for programs that run once."""
        return {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}

    def versions(self) -> dict[str, str]:
        """JAX and jaxlib."""
        return {"jax": str(jax.__version__), "jaxlib": str(jax.lib.__version__)}

    def devices(self) -> tuple[str, ...]:
        """The default platform's devices, and the CPU, which is several devices where XLA_FLAGS says so."""
        cpus = [f"cpu:{i}" if i else "cpu" for i, _ in enumerate(jax.devices("cpu"))]
        gpus = [f"gpu:{i}" for i, device in enumerate(jax.devices()) if device.platform in ("gpu", "cuda", "rocm")]
        return (*cpus, *gpus)

    def why_no_device(self, kind: str) -> str:
        """No plugin for GPUs is installed, or what it said when it could not start."""
        if kind != "gpu":
            return ""
        if not any(importlib.util.find_spec(plugin) for plugin in GPU_PLUGINS):
            return f"JAX {jax.__version__} has no CUDA plugin: pip install 'jax[cuda13]' (or cuda12)"
        try:
            jax.devices("cuda")
        except RuntimeError as error:
            return first_line(error)
        return ""

    @staticmethod
    def unfold(x: Any) -> tuple[dict[str, FloatArray], Callable[[Any], Any]] | None:
        """A pytree, whatever is registered as one."""
        return pytrees.unfold(x)

    def namespace(self) -> Any:
        """`jax.numpy`, whose names are the standard's, with a `hypot` of our own."""
        from hessbench.backends.jax import namespace

        return namespace

    @contextlib.contextmanager
    def scope(self) -> Iterator[None]:
        """64-bit mode, device and precision for a block: in a user's own process the switches are not ours to flip.

        The device also places what depends on no argument, such as the constant Hessian of a quadratic f.
        """
        with (
            jax.enable_x64(self.dtype == "float64"),
            jax.default_device(self._device),
            jax.default_matmul_precision(WORDS[self.precision]),
        ):
            yield

    def switches(self) -> dict[str, str]:
        """The precision of products, and whether 64 bits are on."""
        return {"matmul_precision": str(jax.config.jax_default_matmul_precision), "x64": str(jax.config.jax_enable_x64)}

    def asarray(self, array: FloatArray) -> Array:
        """The array on the device, in the backend's dtype."""
        with self.scope():
            return jax.device_put(cast(array, self.dtype), self._device)

    def as_argument(self, method: Method, array: FloatArray) -> Array:
        """A compiled program takes NumPy's arrays itself, in a tenth of the time of `device_put`."""
        return self.asarray(array) if method.execution == "eager" else cast(array, self.dtype)

    def analyze(
        self,
        method: Method,
        objective: Objective,
        data: Sequence[FloatArray],
        x: FloatArray,
        pattern: Positions | None = None,
    ) -> Compression:
        """As `Backend.analyze`, with places that XLA gathers from sooner."""
        found = super().analyze(method, objective, data, x, pattern)
        return sparse_hessian.in_pairs(found) if found.plan is None else found

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """Under `jit`: trace, lower and compile ahead of time, each timed; eager: nothing to prepare."""
        function = method.make(f)
        if method.execution == "eager":
            return function, {}
        with self.scope():
            start = time.perf_counter()
            traced = jax.jit(function).trace(*arguments)
            trace_end = time.perf_counter()
            lowered = traced.lower()
            lower_end = time.perf_counter()
            compiled = self._compile(lowered)
            end = time.perf_counter()
        phases = {"trace_s": trace_end - start, "lower_s": lower_end - trace_end, "compile_s": end - lower_end}
        return compiled, phases

    def _compile(self, lowered: Any) -> Function:
        """In haste where JAX was told so; an option that XLA does not have in this version is left out."""
        if jax.config.read("jax_disable_most_optimizations") and self.device.startswith("cpu"):
            with contextlib.suppress(jax.errors.JaxRuntimeError):
                hasty: Function = lowered.compile(dict(HASTY))
                return hasty
        compiled: Function = lowered.compile()
        return compiled

    def synchronize(self, result: Array) -> None:
        """`block_until_ready`: dispatch is asynchronous, on the CPU too."""
        result.block_until_ready()

    def reset_device_peak(self) -> None:
        """JAX's peak only grows; what it was is remembered."""
        self._peak_before = self._peak()

    def device_peak(self) -> int | None:
        """The peak, where it has grown."""
        now = self._peak()
        return now if now is not None and now > (self._peak_before or 0) else None

    def _peak(self) -> int | None:
        return (self._device.memory_stats() or {}).get("peak_bytes_in_use")

    def to_numpy(self, result: Array) -> FloatArray:
        """A copy on the host; JAX's own view of it is read-only.

        From a GPU by way of the CPU's client: `np.array(result)` would keep the copy with the result, and the second
        one, which tells how long a copy takes (`Stopwatch.late`), would cost nothing.

        Returns:
            An array that may be written to.
        """
        on_cpu = self._device.platform == "cpu"
        return np.array(result if on_cpu else jax.device_put(result, jax.devices("cpu")[0]))
