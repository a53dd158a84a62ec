"""PyTorch: `torch.func` transforms, `torch.autograd.functional`, plain double backward; eager and `torch.compile`.

The namespace is array-api-compat's: measured, it adds 4 % to an eager call and passes
`torch.compile(fullgraph=True)`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from backends.interface import Array, Backend, BackendUnavailable, FloatArray, Lazy, ProblemFacts, cast
from backends.method import Method, declare

torch = Lazy("torch")
func = Lazy("torch.func")
functional = Lazy("torch.autograd.functional")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def _backward(f: Function) -> Function:
    def gradient(x: Array, *data: Array) -> Array:
        x = x.detach().requires_grad_()
        y = f(x, *data)
        return torch.autograd.grad(y, x, materialize_grads=True)[0] if y.requires_grad else torch.zeros_like(x)

    return gradient


def _func_grad(f: Function) -> Function:
    return func.grad(f)


def _func_hessian(f: Function) -> Function:
    return func.hessian(f)


def _jacrev_jacrev(f: Function) -> Function:
    return func.jacrev(func.jacrev(f))


def _jacrev_grad(f: Function) -> Function:
    return func.jacrev(func.grad(f))


def _jacfwd_grad(f: Function) -> Function:
    return func.jacfwd(func.grad(f))


def _jacrev_grad_chunked(f: Function) -> Function:
    return func.jacrev(func.grad(f), chunk_size=16)


def _jacfwd_jacfwd(f: Function) -> Function:
    return func.jacfwd(func.jacfwd(f))


def _jacrev_jacfwd(f: Function) -> Function:
    return func.jacrev(func.jacfwd(f))


def _linearize_vmap(f: Function) -> Function:
    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        _, tangent_map = func.linearize(lambda y: func.grad(f)(y, *data), x)
        return func.vmap(tangent_map)(basis)

    return hessian


def _autograd_hessian(f: Function) -> Function:
    return lambda x, *data: functional.hessian(lambda y: f(y, *data), x)


def _autograd_hessian_vectorized(f: Function) -> Function:
    return lambda x, *data: functional.hessian(lambda y: f(y, *data), x, vectorize=True)


def _autograd_hessian_forward(f: Function) -> Function:
    forward = {"vectorize": True, "outer_jacobian_strategy": "forward-mode"}
    return lambda x, *data: functional.hessian(lambda y: f(y, *data), x, **forward)


def _differentiable_gradient(f: Function, x: Array, data: tuple[Array, ...]) -> tuple[Array, Array]:
    """The point as a leaf, and the gradient there with the graph that a second pass needs.

    A gradient without a graph does not depend on x: f is linear or constant (pytorch#32304).
    """
    x = x.detach().requires_grad_()
    y = f(x, *data)
    if not y.requires_grad:
        return x, torch.zeros_like(x)
    return x, torch.autograd.grad(y, x, create_graph=True, materialize_grads=True)[0]


def _row_loop(f: Function) -> Function:
    def hessian(x: Array, *data: Array) -> Array:
        x, gradient = _differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return x.new_zeros(len(x), len(x))
        keep = {"retain_graph": True, "materialize_grads": True}
        return torch.stack([torch.autograd.grad(entry, x, **keep)[0] for entry in gradient])

    return hessian


def _grads_batched(f: Function) -> Function:
    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        x, gradient = _differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return x.new_zeros(len(x), len(x))
        return torch.autograd.grad(gradient, x, basis, is_grads_batched=True, materialize_grads=True)[0]

    return hessian


def _forward_over_reverse(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return func.jvp(lambda y: func.grad(f)(y, *data), (x,), (v,))[1]

    return hvp


def _vjp_grad(f: Function) -> Function:
    vjp, gradient = func.vjp, func.grad(f)  # looked up here, because Dynamo cannot trace through `Lazy`

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return vjp(lambda y: gradient(y, *data), x)[1](v)[0]

    return hvp


def _reverse_over_forward(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return func.grad(lambda y: func.jvp(lambda z: f(z, *data), (y,), (v,))[1])(x)

    return hvp


def _vectorized(hvp_of: Callable[[Function], Function], chunk: int | None = None) -> Callable[[Function], Function]:
    """A Hessian as the hvp mapped over the basis, all vectors at once or `chunk` at a time."""

    def build(f: Function) -> Function:
        hvp, vmap = hvp_of(f), func.vmap
        return lambda x, basis, *data: vmap(lambda v: hvp(x, v, *data), chunk_size=chunk)(basis)

    return build


def _autograd_vhp(f: Function) -> Function:
    return lambda x, v, *data: functional.vhp(lambda y: f(y, *data), x, v)[1]


def _autograd_hvp(f: Function) -> Function:
    return lambda x, v, *data: functional.hvp(lambda y: f(y, *data), x, v)[1]


def _double_backward(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        x, gradient = _differentiable_gradient(f, x, data)
        if not gradient.requires_grad:
            return torch.zeros_like(x)
        return torch.autograd.grad(gradient, x, grad_outputs=v, materialize_grads=True)[0]

    return hvp


LINEAR_ALGEBRA = ("pytorch#192540: wrong through det, slogdet, solve and cholesky in 2.13",)
ZERO_TENSOR = ("pytorch#197067: Inductor's program crashes on the zero tangent of a constant (solve) in 2.13",)

KEPT = 4096
"""Compiled functions that a process may hold."""

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
             pitfalls=ZERO_TENSOR,
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
    *declare("autograd-hessian-forward", _EAGER, _autograd_hessian_forward, operator="hessian", outer="forward",
             inner="reverse", assembly="vmap", stock="torch.autograd.functional.hessian", since="1.11",
             summary="The older stock call, vectorized, with a forward-mode outer Jacobian."),
    *declare("row-loop", _EAGER, _row_loop, operator="hessian", outer="reverse", inner="reverse", assembly="loop",
             stock="torch.autograd.grad",
             summary="Double backward in a Python loop over the rows: what people write; least memory."),
    *declare("grads-batched", _EAGER, _grads_batched, operator="hessian", outer="reverse", inner="reverse",
             assembly="vmap", stock="torch.autograd.grad", since="1.11", needs_basis=True,
             summary="Double backward of all rows at once, is_grads_batched=True."),
    *declare("jacfwd-grad", ("eager", "inductor"), _jacfwd_grad, operator="hessian", outer="forward",
             inner="reverse", assembly="vmap", stock="torch.func.jacfwd", since="2.0",
             pitfalls=ZERO_TENSOR, summary="Forward over reverse with a scalar inner gradient."),
    *declare("jacrev-grad-chunk16", _EAGER, _jacrev_grad_chunked, operator="hessian", outer="reverse",
             inner="reverse", assembly="chunked", stock="torch.func.jacrev", since="2.0",
             summary="Reverse over reverse, 16 rows at a time: memory against speed."),
    *declare("jacfwd-jacfwd", _EAGER, _jacfwd_jacfwd, operator="hessian", outer="forward", inner="forward",
             assembly="vmap", stock="torch.func.jacfwd", since="2.0",
             pitfalls=LINEAR_ALGEBRA, summary="Forward over forward: n^2 work."),
    *declare("jacrev-jacfwd", _EAGER, _jacrev_jacfwd, operator="hessian", outer="reverse", inner="forward",
             assembly="vmap", stock="torch.func.jacrev", since="2.0",
             pitfalls=LINEAR_ALGEBRA, summary="Reverse over forward on the whole Jacobian: n^2 work."),
    *declare("vmap-forward-over-reverse", _EAGER, _vectorized(_forward_over_reverse), operator="hessian",
             outer="forward", inner="reverse", assembly="vmap", stock="torch.func.vmap", since="2.0", needs_basis=True,
             summary="The hvp jvp(grad) mapped over the basis."),
    *declare("vmap-reverse-over-reverse", ("eager", "inductor"), _vectorized(_vjp_grad), operator="hessian",
             outer="reverse", inner="reverse", assembly="vmap", stock="torch.func.vmap", since="2.0", needs_basis=True,
             summary="The hvp vjp(grad) mapped over the basis."),
    *declare("vmap-reverse-over-reverse-chunk16", _EAGER, _vectorized(_vjp_grad, 16), operator="hessian",
             outer="reverse", inner="reverse", assembly="chunked", stock="torch.func.vmap", since="2.0",
             needs_basis=True,
             summary="The hvp vjp(grad) mapped over 16 basis vectors at a time."),
    *declare("vmap-reverse-over-forward", _EAGER, _vectorized(_reverse_over_forward), operator="hessian",
             outer="reverse", inner="forward", assembly="vmap", stock="torch.func.vmap", since="2.0", needs_basis=True,
             pitfalls=LINEAR_ALGEBRA, summary="The hvp grad(jvp) mapped over the basis: reverse over forward at O(n)."),
    *declare("linearize-vmap", _EAGER, _linearize_vmap, operator="hessian", outer="forward", inner="reverse",
             assembly="vmap", stock="torch.func.linearize", since="2.1", needs_basis=True,
             summary="The gradient is traced and linearized at every call; pays only when the map is reused."),
    *declare("hvp-forward-over-reverse", _EAGER, _forward_over_reverse, default=_EAGER, operator="hvp",
             outer="forward", inner="reverse", stock="torch.func.jvp", since="2.0",
             summary="jvp of grad: one tangent through the gradient."),
    *declare("hvp-reverse-over-reverse", _EAGER, _double_backward, default=_EAGER, operator="hvp",
             outer="reverse", inner="reverse", stock="torch.autograd.grad",
             summary="Double backward: the gradient is differentiated once more against v."),
    *declare("hvp-vjp-grad", _EAGER, _vjp_grad, operator="hvp", outer="reverse", inner="reverse",
             stock="torch.func.vjp", since="2.0", summary="vjp of grad: one cotangent back through the gradient."),
    *declare("hvp-reverse-over-forward", _EAGER, _reverse_over_forward, operator="hvp", outer="reverse",
             inner="forward", stock="torch.func.grad", since="2.0",
             pitfalls=LINEAR_ALGEBRA, summary="grad of jvp: the directional derivative pulled back."),
    *declare("autograd-vhp", _EAGER, _autograd_vhp, operator="hvp", outer="reverse", inner="reverse",
             stock="torch.autograd.functional.vhp", since="1.5",
             summary="The older stock call for v'H, which is Hv: two backward passes."),
    *declare("autograd-hvp", _EAGER, _autograd_hvp, operator="hvp", outer="reverse", inner="reverse",
             stock="torch.autograd.functional.hvp", since="1.5",
             summary="The older stock call for Hv: three backward passes (the double-back trick)."),
)  # fmt: skip


class TorchBackend(Backend):
    """PyTorch on CPU or CUDA."""

    name = "torch"
    requires = ("torch", "array_api_compat")
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

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The default dtype, which `xp.ones(n)` and its like follow, and which is the user's own outside."""
        before = torch.get_default_dtype()
        torch.set_default_dtype(self._dtype)
        try:
            yield
        finally:
            torch.set_default_dtype(before)

    def asarray(self, array: FloatArray) -> Array:
        """The array on the device, in the backend's dtype."""
        array = cast(array, self.dtype)
        return torch.from_numpy(np.array(array, order="C")).to(self._device)

    def forget(self) -> None:
        """Dynamo keeps compiled code for all functions of one code object and tries them in turn."""
        if "torch._dynamo" in sys.modules:  # importing it takes seconds, and it has nothing to forget
            torch.compiler.reset()

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
            function = torch.compile(function, fullgraph=True)
            # All functions that a builder returns share one code object, and Dynamo gives up after eight of those.
            with torch._dynamo.config.patch(recompile_limit=KEPT, accumulated_recompile_limit=KEPT):
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
