"""JAX: every function is a composition of `grad`, `jvp`, `jacrev`, `jacfwd`; executions are eager and `jax.jit`.

Data and basis are arguments of the compiled function: a closed-over array is baked into the program
and folded by the compiler (jax#10596, jax#21300), which would flatter steady state and punish compile time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from backends.interface import Array, Backend, BackendUnavailable, FloatArray, Lazy, cast
from backends.method import Method, declare

jax = Lazy("jax")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def _gradient(f: Function) -> Function:
    return jax.grad(f)


def _hessian(f: Function) -> Function:
    return jax.hessian(f)


def _jacrev_jacrev(f: Function) -> Function:
    return jax.jacrev(jax.jacrev(f))


def _jacrev_grad(f: Function) -> Function:
    return jax.jacrev(jax.grad(f))


def _jacfwd_grad(f: Function) -> Function:
    return jax.jacfwd(jax.grad(f))


def _jacfwd_jacfwd(f: Function) -> Function:
    return jax.jacfwd(jax.jacfwd(f))


def _jacrev_jacfwd(f: Function) -> Function:
    return jax.jacrev(jax.jacfwd(f))


def _linearize_vmap(f: Function) -> Function:
    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        _, tangent_map = jax.linearize(lambda y: jax.grad(f)(y, *data), x)
        return jax.vmap(tangent_map)(basis)

    return hessian


def _forward_over_reverse(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return jax.jvp(lambda y: jax.grad(f)(y, *data), (x,), (v,))[1]

    return hvp


def _reverse_over_forward(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        return jax.grad(lambda y: jax.jvp(lambda z: f(z, *data), (y,), (v,))[1])(x)

    return hvp


def _vectorized(hvp_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """A Hessian as the hvp mapped over all basis vectors at once."""

    def build(f: Function) -> Function:
        hvp = hvp_of(f)
        return lambda x, basis, *data: jax.vmap(lambda v: hvp(x, v, *data))(basis)

    return build


def _mapped(chunk: int | None) -> Callable[[Function], Function]:
    """A Hessian as the linearized gradient applied to the basis in turn, `chunk` vectors at a time."""

    def build(f: Function) -> Function:
        def hessian(x: Array, basis: Array, *data: Array) -> Array:
            _, tangent_map = jax.linearize(lambda y: jax.grad(f)(y, *data), x)
            return jax.lax.map(tangent_map, basis, batch_size=chunk)

        return hessian

    return build


def _row_loop(f: Function) -> Function:
    hvp = _reverse_over_reverse(f)

    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        return jax.numpy.stack([hvp(x, basis[i], *data) for i in range(x.shape[0])])

    return hessian


def _reverse_over_reverse(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        _, pull_back = jax.vjp(lambda y: jax.grad(f)(y, *data), x)
        return pull_back(v)[0]

    return hvp


_BOTH = ("eager", "jit")
_JIT = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare("objective", _BOTH, _objective, default=_JIT, operator="objective", summary="f itself."),
    *declare("gradient", _BOTH, _gradient, default=_JIT, operator="gradient", inner="reverse",
             stock="jax.grad", summary="One reverse sweep."),
    *declare("hessian", _BOTH, _hessian, default=_JIT, operator="hessian", outer="forward", inner="reverse",
             assembly="stock", stock="jax.hessian",
             summary="The stock call, jacfwd(jacrev(f)): n tangents pushed through the gradient at once."),
    *declare("jacrev-jacrev", _BOTH, _jacrev_jacrev, default=_JIT, operator="hessian", outer="reverse",
             inner="reverse", assembly="vmap", stock="jax.jacrev",
             summary="Reverse over reverse: n cotangents pulled back through the gradient at once."),
    *declare("jacrev-grad", _BOTH, _jacrev_grad, operator="hessian", outer="reverse", inner="reverse",
             assembly="vmap", stock="jax.jacrev",
             summary="Reverse over reverse with a scalar inner gradient."),
    *declare("jacfwd-grad", _BOTH, _jacfwd_grad, operator="hessian", outer="forward", inner="reverse",
             assembly="vmap", stock="jax.jacfwd",
             summary="Forward over reverse with a scalar inner gradient."),
    *declare("jacfwd-jacfwd", _BOTH, _jacfwd_jacfwd, operator="hessian", outer="forward", inner="forward",
             assembly="vmap", stock="jax.jacfwd",
             summary="Forward over forward: n^2 tangents, the only mode that passes a dynamic while_loop."),
    *declare("jacrev-jacfwd", _BOTH, _jacrev_jacfwd, operator="hessian", outer="reverse", inner="forward",
             assembly="vmap", stock="jax.jacrev",
             summary="Reverse over forward on the whole Jacobian: n^2 work; see vmap-reverse-over-forward for O(n)."),
    *declare("vmap-forward-over-reverse", _BOTH, _vectorized(_forward_over_reverse), operator="hessian",
             outer="forward", inner="reverse", assembly="vmap", stock="jax.vmap", needs_basis=True,
             summary="The hvp jvp(grad) mapped over the basis."),
    *declare("vmap-reverse-over-reverse", _BOTH, _vectorized(_reverse_over_reverse), operator="hessian",
             outer="reverse", inner="reverse", assembly="vmap", stock="jax.vmap", needs_basis=True,
             summary="The hvp vjp(grad) mapped over the basis."),
    *declare("vmap-reverse-over-forward", _BOTH, _vectorized(_reverse_over_forward), operator="hessian",
             outer="reverse", inner="forward", assembly="vmap", stock="jax.vmap", needs_basis=True,
             summary="The hvp grad(jvp) mapped over the basis: reverse over forward at O(n)."),
    *declare("map", _JIT, _mapped(None), operator="hessian", outer="forward", inner="reverse",
             assembly="loop", stock="jax.lax.map", needs_basis=True,
             summary="The linearized gradient applied to one basis vector after the other: least memory."),
    *declare("map-chunk16", _JIT, _mapped(16), operator="hessian", outer="forward", inner="reverse",
             assembly="chunked", stock="jax.lax.map", needs_basis=True, since="0.4.31",
             summary="The linearized gradient applied to 16 basis vectors at a time: near vmap's speed, less memory."),
    *declare("row-loop", _JIT, _row_loop, operator="hessian", outer="reverse", inner="reverse",
             assembly="loop", needs_basis=True,
             summary="A Python loop over the rows, unrolled into the program: what people write; long compiles."),
    *declare("linearize-vmap", _BOTH, _linearize_vmap, default=_JIT, operator="hessian", outer="forward",
             inner="reverse", assembly="vmap", stock="jax.linearize", needs_basis=True,
             summary="The gradient is linearized once; its tangent map is applied to all n basis vectors."),
    *declare("hvp-forward-over-reverse", _BOTH, _forward_over_reverse, default=_JIT, operator="hvp",
             outer="forward", inner="reverse", stock="jax.jvp",
             summary="jvp of grad: one tangent through the gradient; the cookbook's choice."),
    *declare("hvp-reverse-over-reverse", _BOTH, _reverse_over_reverse, default=_JIT, operator="hvp",
             outer="reverse", inner="reverse", stock="jax.vjp",
             summary="vjp of grad: one cotangent back through the gradient."),
    *declare("hvp-reverse-over-forward", _BOTH, _reverse_over_forward, operator="hvp",
             outer="reverse", inner="forward", stock="jax.grad",
             summary="grad of jvp: the directional derivative pulled back."),
)  # fmt: skip


class JaxBackend(Backend):
    """JAX on its CPU or GPU client; 64-bit mode is switched per call, never for the whole process."""

    name = "jax"
    requires = ("jax",)
    extra = "jax"
    methods = METHODS

    def __init__(self, dtype: str = "float64", device: str = "cpu") -> None:
        super().__init__(dtype, device)
        kind, _, index = device.partition(":")
        try:
            self._device = jax.devices(kind)[int(index or 0)]
        except (RuntimeError, IndexError):
            seen = ", ".join(self.devices())
            raise BackendUnavailable(f"device {device!r} is not there: JAX sees {seen}") from None

    @staticmethod
    def environment(dtype: str, device: str) -> dict[str, str]:
        """64-bit mode, one platform, no preallocation, no compile cache that outlives the launch."""
        return {
            "JAX_ENABLE_X64": "1" if dtype == "float64" else "0",
            "JAX_PLATFORMS": "cpu" if device == "cpu" else "",
            "JAX_ENABLE_COMPILATION_CACHE": "false",
            "JAX_DEFAULT_MATMUL_PRECISION": "highest",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        }

    def versions(self) -> dict[str, str]:
        """JAX and jaxlib."""
        return {"jax": str(jax.__version__), "jaxlib": str(jax.lib.__version__)}

    def devices(self) -> tuple[str, ...]:
        """The default platform's devices, and the CPU."""
        found = ["cpu"]
        found += [f"gpu:{i}" for i, device in enumerate(jax.devices()) if device.platform in ("gpu", "cuda", "rocm")]
        return tuple(found)

    def namespace(self) -> Any:
        """`jax.numpy`, whose names are the standard's."""
        return jax.numpy

    def scope(self) -> AbstractContextManager[Any]:
        """64-bit mode on or off for a block: in a user's own process the global switch is not ours to flip."""
        scope: AbstractContextManager[Any] = jax.enable_x64(self.dtype == "float64")
        return scope

    def asarray(self, array: FloatArray) -> Array:
        """The array on the device, in the backend's dtype."""
        with self.scope():
            return jax.device_put(cast(array, self.dtype), self._device)

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """Under `jit`: trace, lower and compile ahead of time, each timed; eager: nothing to prepare."""
        function = method.build(f)
        if method.execution == "eager":
            return function, {}
        with self.scope():
            start = time.perf_counter()
            traced = jax.jit(function).trace(*arguments)
            trace_end = time.perf_counter()
            lowered = traced.lower()
            lower_end = time.perf_counter()
            compiled: Function = lowered.compile()
            end = time.perf_counter()
        phases = {"trace_s": trace_end - start, "lower_s": lower_end - trace_end, "compile_s": end - lower_end}
        return compiled, phases

    def synchronize(self, result: Array) -> None:
        """`block_until_ready`: dispatch is asynchronous, on the CPU too."""
        result.block_until_ready()

    def to_numpy(self, result: Array) -> FloatArray:
        """A copy on the host; JAX's own view of it is read-only."""
        return np.array(result)
