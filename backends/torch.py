"""PyTorch: `torch.func` transforms, `torch.autograd.functional`, plain double backward; eager and `torch.compile`.

The namespace is array-api-compat's: measured, it adds 4 % to an eager call and passes
`torch.compile(fullgraph=True)`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backends.interface import (
    Array,
    Backend,
    BackendUnavailable,
    FloatArray,
    Lazy,
    Method,
    ProblemFacts,
    cast,
    declare,
)

torch = Lazy("torch")
func = Lazy("torch.func")
functional = Lazy("torch.autograd.functional")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def _backward(f: Function) -> Function:
    def gradient(x: Array, *data: Array) -> Array:
        x = x.detach().requires_grad_()
        return torch.autograd.grad(f(x, *data), x, materialize_grads=True)[0]

    return gradient


def _func_grad(f: Function) -> Function:
    return func.grad(f)


def _func_hessian(f: Function) -> Function:
    return func.hessian(f)


def _jacrev_jacrev(f: Function) -> Function:
    return func.jacrev(func.jacrev(f))


def _jacrev_grad(f: Function) -> Function:
    return func.jacrev(func.grad(f))


def _autograd_hessian(f: Function) -> Function:
    return lambda x, *data: functional.hessian(lambda y: f(y, *data), x)


def _autograd_hessian_vectorized(f: Function) -> Function:
    return lambda x, *data: functional.hessian(lambda y: f(y, *data), x, vectorize=True)


def _forward_over_reverse(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return func.jvp(lambda y: func.grad(f)(y, *data), (x,), (v,))[1]

    return hvp


def _double_backward(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        x = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(f(x, *data), x, create_graph=True, materialize_grads=True)
        if not gradient.requires_grad:  # a linear f: its gradient does not depend on x (pytorch#32304)
            return torch.zeros_like(x)
        return torch.autograd.grad(gradient, x, grad_outputs=v, materialize_grads=True)[0]

    return hvp


_EAGER = ("eager",)
_INDUCTOR = ("inductor",)

METHODS: tuple[Method, ...] = (
    *declare("objective", ("eager", "inductor"), _objective, default=_EAGER, operator="objective", summary="f itself."),
    *declare("gradient", _EAGER, _backward, default=_EAGER, operator="gradient", inner="reverse",
             stock="torch.autograd.grad", summary="One backward pass."),
    *declare("gradient", _INDUCTOR, _func_grad, operator="gradient", inner="reverse", stock="torch.func.grad",
             since="2.3", summary="torch.func.grad, compiled."),
    *declare("jacrev-grad", ("eager", "inductor"), _jacrev_grad, default=_EAGER, operator="hessian",
             outer="reverse", inner="reverse", assembly="vmap", stock="torch.func.jacrev", since="2.0",
             summary="Reverse over reverse with a scalar inner gradient: plain matrix products stay plain."),
    *declare("func-hessian", ("eager", "inductor"), _func_hessian, default=_EAGER, operator="hessian",
             outer="forward", inner="reverse", assembly="stock", stock="torch.func.hessian", since="2.0",
             summary="The stock call, jacfwd(jacrev(f)); its inner jacrev adds a batch dimension of one."),
    *declare("jacrev-jacrev", _EAGER, _jacrev_jacrev, default=_EAGER, operator="hessian", outer="reverse",
             inner="reverse", assembly="vmap", stock="torch.func.jacrev", since="2.0",
             summary="Reverse over reverse; the fallback where forward mode lacks an operator."),
    *declare("autograd-hessian", _EAGER, _autograd_hessian, default=_EAGER, operator="hessian", outer="reverse",
             inner="reverse", assembly="loop", stock="torch.autograd.functional.hessian", since="1.5",
             summary="The older stock call: a Python loop over the rows."),
    *declare("autograd-hessian-vectorized", _EAGER, _autograd_hessian_vectorized, default=_EAGER,
             operator="hessian", outer="reverse", inner="reverse", assembly="vmap",
             stock="torch.autograd.functional.hessian", since="1.8",
             summary="The older stock call with vectorize=True: all rows at once."),
    *declare("hvp-forward-over-reverse", _EAGER, _forward_over_reverse, default=_EAGER, operator="hvp",
             outer="forward", inner="reverse", stock="torch.func.jvp", since="2.0",
             summary="jvp of grad: one tangent through the gradient."),
    *declare("hvp-reverse-over-reverse", _EAGER, _double_backward, default=_EAGER, operator="hvp",
             outer="reverse", inner="reverse", stock="torch.autograd.grad",
             summary="Double backward: the gradient is differentiated once more against v."),
)  # fmt: skip


class TorchBackend(Backend):
    """PyTorch on CPU or CUDA."""

    name = "torch"
    module = "torch"
    extra = "torch"
    methods = METHODS

    def __init__(self, dtype: str = "float64", device: str = "cpu") -> None:
        super().__init__(dtype, device)
        self._dtype = getattr(torch, dtype)
        if device not in self.devices() and f"{device}:0" not in self.devices():
            raise BackendUnavailable(f"device {device!r} is not there: PyTorch sees {', '.join(self.devices())}")
        self._device = torch.device(device.replace("gpu", "cuda"))

    @staticmethod
    def environment(dtype: str, device: str) -> dict[str, str]:
        """One compile thread (no pool of processes to outlive a killed worker), no shared compile cache."""
        del dtype
        hidden = {"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else {}
        return {"TORCHINDUCTOR_COMPILE_THREADS": "1", "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1", **hidden}

    def versions(self) -> dict[str, str]:
        """PyTorch, and CUDA where it was built with it."""
        return {"torch": str(torch.__version__), **({"cuda": torch.version.cuda} if torch.version.cuda else {})}

    def devices(self) -> tuple[str, ...]:
        """The CPU and every CUDA device."""
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        return ("cpu", *(f"gpu:{i}" for i in range(count)))

    def threads(self) -> dict[str, int]:
        """Threads within an operation and between operations."""
        return {"intra_op": torch.get_num_threads(), "inter_op": torch.get_num_interop_threads()}

    def namespace(self) -> Any:
        """array-api-compat's view of torch."""
        import array_api_compat.torch as xp

        return xp

    def asarray(self, array: FloatArray) -> Array:
        """The array on the device, in the backend's dtype."""
        array = cast(array, self.dtype)
        return torch.from_numpy(np.array(array, order="C")).to(self._device)

    def unsupported(self, method: Method, facts: ProblemFacts) -> str | None:
        """Inductor writes C++ on a CPU, so it needs a compiler."""
        del facts
        if method.execution == "inductor" and self.device == "cpu" and not (shutil.which("g++") or shutil.which("c++")):
            return "torch.compile needs a C++ compiler (g++) on the CPU; none was found"
        return None

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """Eager: nothing to prepare. `inductor`: compile by one call, the only way Dynamo offers."""
        function = method.build(f)
        if method.execution == "inductor":
            torch.compiler.reset()
            function = torch.compile(function, fullgraph=True)
            self.synchronize(function(*arguments))
        return function, {}

    def synchronize(self, result: Array) -> None:
        """Wait for the CUDA stream; on the CPU a call returns when it is done."""
        if result.is_cuda:
            torch.cuda.synchronize(result.device)

    def to_numpy(self, result: Array) -> FloatArray:
        """A copy on the host."""
        array: FloatArray = result.detach().cpu().numpy()
        return array
