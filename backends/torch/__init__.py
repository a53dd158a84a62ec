"""PyTorch: `torch.func` transforms, `torch.autograd.functional`, plain double backward; eager and `torch.compile`.

The namespace is array-api-compat's: measured, it adds 4 % to an eager call and passes
`torch.compile(fullgraph=True)`. Dynamo cannot trace through the first lookup on a `Lazy` module, so builders
look transforms up outside of what they return.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array, FloatArray, Objective, cast
from hessbench.backends.contract.device import IN_ORDER
from hessbench.backends.contract.errors import first_line
from hessbench.backends.contract.interface import Backend
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, with_faults
from hessbench.backends.contract.operators import YARDSTICKS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.contract.words import HIGHEST, PRECISIONS, TF32
from hessbench.backends.torch import (
    batched_hessian,
    curvature,
    derived,
    diagonal,
    hessian,
    hvp,
    multi_hvp,
    natives,
    sparse_hessian,
    yardsticks,
)
from hessbench.backends.torch.limits import ARRAYS_LACK, BY_MODE, FUSED_ATTENTION, LACKS, gathering, rules

torch = Lazy("torch")

Function = Callable[..., Any]

KEPT = 4096
"""Compiled functions that a process may hold."""

_DECLARED = (
    *yardsticks.METHODS,
    *hessian.METHODS,
    *hvp.METHODS,
    *multi_hvp.METHODS,
    *diagonal.METHODS,
    *batched_hessian.METHODS,
    *curvature.METHODS,
    *derived.METHODS,
    *sparse_hessian.METHODS,
)

METHODS: tuple[Method, ...] = with_faults(map(gathering, _DECLARED), BY_MODE)


class TorchBackend(Backend):
    """PyTorch on CPU or CUDA."""

    name = "torch"
    title = "PyTorch"
    lacks = LACKS
    takes_numpy = False
    arrays_lack = ARRAYS_LACK
    requires = ("torch", "array_api_compat")
    extra = "torch"
    precisions = PRECISIONS
    methods = METHODS
    natives = natives.NATIVES

    def __init__(self, dtype: str = "float64", device: str = "cpu", precision: str = HIGHEST) -> None:
        super().__init__(dtype, device, precision)
        if precision == TF32:  # before any of NVIDIA's libraries is loaded: "0" would overrule all that is said later
            os.environ.pop("NVIDIA_TF32_OVERRIDE", None)
        self._dtype = getattr(torch, dtype)
        index = self.device_index()
        self._device = torch.device("cpu") if device.startswith("cpu") else torch.device("cuda", index)

    @staticmethod
    def environment(dtype: str, device: str, precision: str = HIGHEST) -> dict[str, str]:
        """One compile thread (no pool of processes to outlive a killed worker), no shared cache, no TF32 unasked."""
        del dtype
        hidden = {"CUDA_VISIBLE_DEVICES": ""} if device.startswith("cpu") else IN_ORDER
        return {
            "TORCHINDUCTOR_COMPILE_THREADS": "1",
            "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
            "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE": "0",  # the switches are thrown in `scope`
            **({"NVIDIA_TF32_OVERRIDE": "0"} if precision == HIGHEST else {}),
            **hidden,
        }

    def versions(self) -> dict[str, str]:
        """PyTorch, and CUDA where it was built with it."""
        return {"torch": str(torch.__version__), **({"cuda": torch.version.cuda} if torch.version.cuda else {})}

    def devices(self) -> tuple[str, ...]:
        """The CPU and every CUDA device."""
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return ("cpu", *(f"gpu:{i}" for i in range(count)))

    def why_no_device(self, kind: str) -> str:
        """The build has no CUDA, or CUDA's own words: no driver, or one that is too old."""
        if kind != "gpu":
            return ""
        if not (torch.version.cuda or torch.version.hip):
            return f"PyTorch {torch.__version__} was built without CUDA"
        try:
            torch.cuda.init()
        except (RuntimeError, AssertionError) as error:
            return first_line(error)
        return ""

    def threads(self) -> dict[str, int]:
        """Threads within an operation and between operations."""
        return {"intra_op": torch.get_num_threads(), "inter_op": torch.get_num_interop_threads()}

    def calls(self, f: Function, arguments: Sequence[Array]) -> frozenset[str]:
        """Names of PyTorch's functions ("layer_norm"; "linalg.det", as in the vocabulary), and rules of one's own."""
        names: set[str] = set()

        class Recorder(torch.overrides.TorchFunctionMode):  # type: ignore[misc, name-defined]
            def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                names.add(str(getattr(function, "__name__", "")).replace("linalg_", "linalg."))
                return function(*args, **(kwargs or {}))

        with Recorder():
            value = f(arguments[0].detach().requires_grad_(), *arguments[1:])
        return frozenset(names | rules(value.grad_fn))

    def namespace(self) -> Any:
        """What is in `namespace`; on a GPU with the device filled in where an array is made from nothing."""
        from hessbench.backends.torch.standard import namespace as xp

        return xp if self._device.type == "cpu" else on_device(xp, self._device)

    def native(self, problem: str) -> Objective:
        """The text, with PyTorch imported: Dynamo cannot do it while it traces."""
        natives.load()
        return super().native(problem)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The default dtype, which `xp.ones(n)` and its like follow, TF32 in products and convolutions, and the GPU.

        They are the user's own outside. Where the user has chosen by PyTorch's newer `fp32_precision`, the older
        switches may not be asked, and are left alone.
        """
        before, tf32 = torch.get_default_dtype(), self._tf32()
        torch.set_default_dtype(self._dtype)
        if tf32:
            self._set_tf32(self.precision == TF32, self.precision == TF32)
        on_gpu = torch.cuda.device(self._device) if self._device.type == "cuda" else nullcontext()
        try:
            with on_gpu:
                yield
        finally:
            torch.set_default_dtype(before)
            if tf32:
                self._set_tf32(*tf32)

    def _tf32(self) -> tuple[bool, bool] | None:
        """Whether TF32 is on in products and in convolutions; None where PyTorch refuses to tell."""
        try:
            return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
        except RuntimeError:
            return None

    def _set_tf32(self, products: bool, convolutions: bool) -> None:
        torch.backends.cuda.matmul.allow_tf32 = products
        torch.backends.cudnn.allow_tf32 = convolutions

    def switches(self) -> dict[str, str]:
        """TF32 in products and in convolutions, and NVIDIA's overruling variable."""
        products, convolutions = self._tf32() or ("unknown", "unknown")
        override = os.environ.get("NVIDIA_TF32_OVERRIDE", "")
        return {"matmul_allow_tf32": str(products), "cudnn_allow_tf32": str(convolutions), "override": override}

    def asarray(self, array: FloatArray) -> Array:
        """The array on the device, in the backend's dtype."""
        array = cast(array, self.dtype)
        return torch.from_numpy(np.array(array, order="C")).to(self._device)

    def clear_caches(self) -> None:
        """Dynamo keeps compiled code for all functions of one code object and tries them in turn."""
        if "torch._dynamo" in sys.modules:  # importing it takes seconds, and it has nothing to forget
            torch.compiler.reset()

    def unsupported(self, method: Method, facts: ProblemFacts) -> str | None:
        """Inductor writes C++ on a CPU, so it needs a compiler there, and Triton on a GPU."""
        if method.execution == "inductor" and self.device != "cpu" and importlib.util.find_spec("triton") is None:
            return "torch.compile needs Triton on a GPU; it is not installed"
        if method.execution == "inductor" and self.device == "cpu" and not (shutil.which("g++") or shutil.which("c++")):
            return "torch.compile needs a C++ compiler (g++) on the CPU; none was found"
        if method.operator not in YARDSTICKS and FUSED_ATTENTION.applies(facts, method.execution):
            return FUSED_ATTENTION.reason
        return super().unsupported(method, facts)

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """Eager: nothing to prepare. `inductor`: compile by one call, the only way Dynamo offers."""
        function = method.make(f)
        if method.execution == "inductor":
            function = torch.compile(function, fullgraph=True)
            # All functions that a builder returns share one code object, and Dynamo gives up after eight of those.
            with torch._dynamo.config.patch(recompile_limit=KEPT, accumulated_recompile_limit=KEPT):
                self.synchronize(function(*arguments))
        return function, {}

    def synchronize(self, result: Array) -> None:
        """Wait for the CUDA stream; on the CPU a call returns when it is done."""
        if result.is_cuda:
            torch.cuda.synchronize(result.device)

    def event_seconds(self, call: Function, arguments: tuple[Array, ...]) -> float | None:
        """Between two CUDA events around the call, on the stream where it runs."""
        if self._device.type == "cpu":
            return None
        with torch.cuda.device(self._device):
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            torch.cuda.synchronize()
            start.record()
            call(*arguments)
            end.record()
            end.synchronize()
        return float(start.elapsed_time(end)) * 1e-3

    def reset_device_peak(self) -> None:
        """PyTorch keeps a peak for each GPU; blocks that earlier cells left are given back first."""
        if self._device.type != "cpu":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self._device)

    def device_peak(self) -> int | None:
        """The peak of what tensors held on the GPU."""
        return None if self._device.type == "cpu" else int(torch.cuda.max_memory_allocated(self._device))

    def to_numpy(self, result: Array) -> FloatArray:
        """A copy on the host; forced, because zeros that forward mode knows to be such lie nowhere in memory."""
        array: FloatArray = result.numpy(force=True)
        return array


CREATED_FROM_NOTHING = ("arange", "asarray", "empty", "eye", "full", "linspace", "ones", "zeros")
"""`torch.ones(3)` lies on the CPU, whatever else is computed where; the other creation functions follow an array."""


@cache
def on_device(xp: Any, device: Any) -> Any:
    """A namespace whose new arrays lie on a device."""
    names = {name: getattr(xp, name) for name in dir(xp) if not name.startswith("_")}
    return SimpleNamespace(**names | {name: partial(names[name], device=device) for name in CREATED_FROM_NOTHING})
