"""TensorFlow: nested `GradientTape`s, `ForwardAccumulator`, `tf.hessians`; eager, `tf.function`, and XLA.

Every tape asks for zeros where x has no influence: by default TensorFlow returns None there (a linear f has no
second derivative), which is not a matrix. `tf.hessians` cannot be asked, and raises for a linear f.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from backends.interface import Array, Backend, BackendUnavailable, FloatArray, Lazy, cast
from backends.method import Method, declare

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _objective(f: Function) -> Function:
    return f


def _gradient(f: Function) -> Function:
    def gradient(x: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, *data)
        return tf.convert_to_tensor(tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))

    return gradient


def _stock_hessians(f: Function) -> Function:
    return lambda x, *data: tf.hessians(f(x, *data), x)[0]


def _jacobian(f: Function) -> Function:
    gradient = _gradient(f)

    def hessian(x: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            g = gradient(x, *data)
        return tape.jacobian(g, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return hessian


def _jacobian_options(**options: Any) -> Callable[[Function], Function]:
    """The nested tapes with options of the outer jacobian, which then needs a persistent tape (tensorflow#47785)."""

    def build(f: Function) -> Function:
        gradient = _gradient(f)

        def hessian(x: Array, *data: Array) -> Array:
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(x)
                g = gradient(x, *data)
            return tape.jacobian(g, x, unconnected_gradients=tf.UnconnectedGradients.ZERO, **options)

        return hessian

    return build


def _batch_jacobian(f: Function) -> Function:
    def hessian(x: Array, *data: Array) -> Array:
        batch = x[None, :]
        with tf.GradientTape() as outer:
            outer.watch(batch)
            with tf.GradientTape() as inner:
                inner.watch(batch)
                y = f(batch[0], *data)
            g = inner.gradient(y, batch, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return outer.batch_jacobian(g, batch, unconnected_gradients=tf.UnconnectedGradients.ZERO)[0]

    return hessian


def _row_loop(f: Function) -> Function:
    gradient = _gradient(f)

    def hessian(x: Array, *data: Array) -> Array:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            entries = tf.unstack(gradient(x, *data), num=x.shape[0])
        zero = tf.UnconnectedGradients.ZERO
        return tf.stack([tape.gradient(entry, x, unconnected_gradients=zero) for entry in entries])

    return hessian


def _forward_over_reverse(f: Function) -> Function:
    gradient = _gradient(f)

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        with tf.autodiff.ForwardAccumulator(x, v) as accumulator:
            g = gradient(x, *data)
        return accumulator.jvp(g, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return hvp


def _reverse_over_forward(f: Function) -> Function:
    def hvp(x: Array, v: Array, *data: Array) -> Array:
        zero = tf.UnconnectedGradients.ZERO
        with tf.GradientTape() as tape:
            tape.watch(x)
            with tf.autodiff.ForwardAccumulator(x, v) as accumulator:
                y = f(x, *data)
            slope = accumulator.jvp(y, unconnected_gradients=zero)
        return tf.convert_to_tensor(tape.gradient(slope, x, unconnected_gradients=zero))

    return hvp


def _vectorized(hvp_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """A Hessian as the hvp mapped over all basis vectors at once (pfor)."""

    def build(f: Function) -> Function:
        hvp = hvp_of(f)
        return lambda x, basis, *data: tf.vectorized_map(lambda v: hvp(x, v, *data), basis)

    return build


def _reverse_over_reverse(f: Function) -> Function:
    gradient = _gradient(f)

    def hvp(x: Array, v: Array, *data: Array) -> Array:
        with tf.GradientTape() as tape:
            tape.watch(x)
            g = gradient(x, *data)
        zero = tf.UnconnectedGradients.ZERO
        return tf.convert_to_tensor(tape.gradient(g, x, output_gradients=v, unconnected_gradients=zero))

    return hvp


_ALL = ("eager", "graph", "xla")
_COMPILED = ("graph", "xla")

METHODS: tuple[Method, ...] = (
    *declare("objective", _ALL, _objective, default=_ALL, operator="objective", summary="f itself."),
    *declare("gradient", _ALL, _gradient, default=_ALL, operator="gradient", inner="reverse",
             stock="tf.GradientTape.gradient", summary="One tape, one reverse sweep."),
    *declare("jacobian", _ALL, _jacobian, default=_ALL, operator="hessian", outer="reverse", inner="reverse",
             assembly="vmap", stock="tf.GradientTape.jacobian",
             summary="Nested tapes; the outer jacobian is vectorized over the rows (pfor)."),
    *declare("hessians", _COMPILED, _stock_hessians, default=("graph",), operator="hessian", outer="reverse",
             inner="reverse", assembly="loop", stock="tf.hessians",
             summary="The stock call: a while loop over the rows; only inside a tf.function."),
    *declare("forward-over-reverse", _ALL, _vectorized(_forward_over_reverse),
             operator="hessian", outer="forward", inner="reverse", assembly="vmap",
             stock="tf.autodiff.ForwardAccumulator", since="2.1", needs_basis=True,
             summary="A ForwardAccumulator around the tape, vectorized over the basis."),
    *declare("reverse-over-reverse", _ALL, _vectorized(_reverse_over_reverse), operator="hessian", outer="reverse",
             inner="reverse", assembly="vmap", stock="tf.vectorized_map", needs_basis=True,
             summary="The hvp by nested tapes, vectorized over the basis."),
    *declare("reverse-over-forward", _ALL, _vectorized(_reverse_over_forward), operator="hessian", outer="reverse",
             inner="forward", assembly="vmap", stock="tf.vectorized_map", since="2.1", needs_basis=True,
             summary="A tape around a ForwardAccumulator, vectorized over the basis."),
    *declare("batch-jacobian", _ALL, _batch_jacobian, operator="hessian", outer="reverse", inner="reverse",
             assembly="vmap", stock="tf.GradientTape.batch_jacobian",
             summary="Nested tapes over a batch of one: the route that also serves batches of small Hessians."),
    *declare("jacobian-chunk16", _COMPILED, _jacobian_options(parallel_iterations=16), operator="hessian",
             outer="reverse", inner="reverse", assembly="chunked", stock="tf.GradientTape.jacobian",
             summary="Nested tapes, 16 rows at a time: memory against speed (needs a persistent tape)."),
    *declare("jacobian-while", _ALL, _jacobian_options(experimental_use_pfor=False), operator="hessian",
             outer="reverse", inner="reverse", assembly="loop", stock="tf.GradientTape.jacobian",
             summary="Nested tapes without pfor: one row after the other in a while loop (tensorflow#36227)."),
    *declare("row-loop", _ALL, _row_loop, operator="hessian", outer="reverse", inner="reverse", assembly="loop",
             stock="tf.GradientTape.gradient",
             summary="A Python loop over the rows: what people write; compiled, it is unrolled into a huge program."),
    *declare("hvp-forward-over-reverse", _ALL, _forward_over_reverse, operator="hvp",
             outer="forward", inner="reverse", stock="tf.autodiff.ForwardAccumulator", since="2.1",
             summary="A ForwardAccumulator around the tape; eager, it traces every operation."),
    *declare("hvp-reverse-over-reverse", _ALL, _reverse_over_reverse, default=_ALL, operator="hvp",
             outer="reverse", inner="reverse", stock="tf.GradientTape",
             summary="Nested tapes, the outer gradient taken against v."),
    *declare("hvp-reverse-over-forward", _ALL, _reverse_over_forward, operator="hvp", outer="reverse",
             inner="forward", stock="tf.autodiff.ForwardAccumulator", since="2.1",
             summary="A tape around a ForwardAccumulator: the directional derivative pulled back."),
)  # fmt: skip


class TensorflowBackend(Backend):
    """TensorFlow 2 on CPU or GPU."""

    name = "tensorflow"
    requires = ("tensorflow",)
    extra = "tensorflow"
    methods = METHODS

    def __init__(self, dtype: str = "float64", device: str = "cpu") -> None:
        super().__init__(dtype, device)
        tf.config.experimental.enable_tensor_float_32_execution(False)
        if device not in self.devices() and f"{device}:0" not in self.devices():
            raise BackendUnavailable(f"device {device!r} is not there: TensorFlow sees {', '.join(self.devices())}")
        self._device = "/" + (device if ":" in device else f"{device}:0").upper()

    @staticmethod
    def environment(dtype: str, device: str) -> dict[str, str]:
        """Quiet start-up, and GPU memory as needed instead of all of it."""
        del dtype
        hidden = {"CUDA_VISIBLE_DEVICES": "-1"} if device == "cpu" else {}
        return {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_FORCE_GPU_ALLOW_GROWTH": "true", **hidden}

    def versions(self) -> dict[str, str]:
        """TensorFlow."""
        return {"tensorflow": str(tf.__version__)}

    def devices(self) -> tuple[str, ...]:
        """The CPU and every GPU."""
        return ("cpu", *(f"gpu:{i}" for i, _ in enumerate(tf.config.list_physical_devices("GPU"))))

    def threads(self) -> dict[str, int]:
        """Threads within an operation and between operations; 0 lets TensorFlow choose."""
        threading = tf.config.threading
        return {
            "intra_op": threading.get_intra_op_parallelism_threads(),
            "inter_op": threading.get_inter_op_parallelism_threads(),
        }

    def namespace(self) -> Any:
        """Our own adapter: array-api-compat does not know TensorFlow, and tf.experimental.numpy lacks names."""
        from backends import tensorflow_namespace

        return tensorflow_namespace

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The device on which operations run, and the dtype that `xp.ones(n)` and its like follow."""
        xp = self.namespace()
        before, xp.working_dtype = xp.working_dtype, getattr(tf, self.dtype)
        try:
            with tf.device(self._device):
                yield
        finally:
            xp.working_dtype = before

    def asarray(self, array: FloatArray) -> Array:
        """The array on the device, in the backend's dtype."""
        with tf.device(self._device):
            return tf.identity(tf.constant(cast(array, self.dtype)))

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """`graph`, `xla`: trace, then compile by one call (grappler and XLA run at the first call only)."""
        function = method.build(f)
        if method.execution == "eager":
            return function, {}
        compiled = tf.function(function, jit_compile=method.execution == "xla", autograph=False)
        start = time.perf_counter()
        compiled.get_concrete_function(*arguments)
        traced = time.perf_counter()
        self.synchronize(compiled(*arguments))
        return compiled, {"trace_s": traced - start, "compile_s": time.perf_counter() - traced}

    def synchronize(self, result: Array) -> None:
        """Wait for the device; on the CPU an eager call returns when it is done."""
        if self.device != "cpu":
            tf.test.experimental.sync_devices()

    def to_numpy(self, result: Array) -> FloatArray:
        """A copy on the host."""
        array: FloatArray = result.numpy()
        return array
