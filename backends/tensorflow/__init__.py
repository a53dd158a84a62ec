"""TensorFlow: nested `GradientTape`s, `ForwardAccumulator`, `tf.hessians`; eager, `tf.function`, and XLA.

Every tape asks for zeros where x has no influence: by default TensorFlow returns None there (a linear f has no
second derivative), which is not a matrix. `tf.hessians` cannot be asked, and raises for a linear f.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from hessbench.backends.contract.arrays import Array, FloatArray, cast
from hessbench.backends.contract.device import IN_ORDER
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.interface import Backend
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, with_faults
from hessbench.backends.contract.words import HIGHEST, PRECISIONS, TF32
from hessbench.backends.tensorflow import (
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
from hessbench.backends.tensorflow.curvature import biharmonic as biharmonic
from hessbench.backends.tensorflow.curvature import block_diagonal as block_diagonal
from hessbench.backends.tensorflow.curvature import gauss_newton as gauss_newton
from hessbench.backends.tensorflow.curvature import trace as trace
from hessbench.backends.tensorflow.faults import BY_MODE, CALLBACKS, NO_CALLBACKS, XLA_LACKS
from hessbench.backends.tensorflow.standard import promotion
from hessbench.backends.tensorflow.standard.attributes import standard_arrays
from hessbench.backends.tensorflow.standard.lacks import LACKS

tf = Lazy("tensorflow")

Function = Callable[..., Any]

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


@contextmanager
def _without_logs_of_pfor() -> Iterator[None]:
    """What pfor cannot vectorize it raises, and logs in thousands of lines before."""
    logger: logging.Logger = tf.get_logger()
    told: Callable[[logging.LogRecord], bool] = lambda record: record.filename != "pfor.py"  # noqa: E731
    logger.addFilter(told)
    try:
        yield
    finally:
        logger.removeFilter(told)


class TensorflowBackend(Backend):
    """TensorFlow 2 on CPU or GPU."""

    name = "tensorflow"
    title = "TensorFlow"
    lacks = LACKS
    takes_numpy = False
    requires = ("tensorflow",)
    extra = "tensorflow"
    precisions = PRECISIONS
    methods = METHODS
    natives = natives.NATIVES
    refusals = XLA_LACKS

    def __init__(self, dtype: str = "float64", device: str = "cpu", precision: str = HIGHEST) -> None:
        super().__init__(dtype, device, precision)
        tf.config.experimental.enable_tensor_float_32_execution(precision == TF32)
        self._device = f"/{device.partition(':')[0].upper()}:{self.device_index()}"

    @staticmethod
    def environment(dtype: str, device: str, precision: str = HIGHEST) -> dict[str, str]:
        """Quiet start-up (on a GPU with warnings: they say why there is none), and GPU memory as needed."""
        del dtype, precision
        cpu = device.startswith("cpu")
        hidden = {"CUDA_VISIBLE_DEVICES": "-1"} if cpu else IN_ORDER
        return {"TF_CPP_MIN_LOG_LEVEL": "2" if cpu else "1", "TF_FORCE_GPU_ALLOW_GROWTH": "true", **hidden}

    def versions(self) -> dict[str, str]:
        """TensorFlow."""
        return {"tensorflow": str(tf.__version__)}

    def devices(self) -> tuple[str, ...]:
        """The CPU and every GPU."""
        return ("cpu", *(f"gpu:{i}" for i, _ in enumerate(tf.config.list_physical_devices("GPU"))))

    def why_no_device(self, kind: str) -> str:
        """The build has no CUDA; else TensorFlow has said why in its log, and nowhere else."""
        if kind != "gpu":
            return ""
        if not tf.test.is_built_with_gpu_support():
            return f"TensorFlow {tf.__version__} was built without CUDA"
        wanted = tf.sysconfig.get_build_info().get("cuda_version", "")
        return f"no driver, or no libraries of CUDA {wanted}: pip install 'tensorflow[and-cuda]'; see the launch's log"

    def threads(self) -> dict[str, int]:
        """Threads within an operation and between operations; 0 lets TensorFlow choose."""
        threading = tf.config.threading
        return {
            "intra_op": threading.get_intra_op_parallelism_threads(),
            "inter_op": threading.get_inter_op_parallelism_threads(),
        }

    def calls(self, f: Function, arguments: Sequence[Array]) -> frozenset[str]:
        """Types of the operations of f's graph ("Xlogy"), those of functions that it calls included."""
        drawn = tf.function(f, autograph=False).get_concrete_function(*arguments).graph.as_graph_def()
        inner = (node for function in drawn.library.function for node in function.node_def)
        return frozenset(node.op for node in (*drawn.node, *inner))

    def namespace(self) -> Any:
        """Our own adapter: array-api-compat does not know TensorFlow, and tf.experimental.numpy lacks names."""
        from hessbench.backends.tensorflow.standard import namespace

        return namespace

    def switches(self) -> dict[str, str]:
        """TF32, and whether operations without a GPU kernel may run on the CPU unnoticed."""
        return {
            "tf32": str(tf.config.experimental.tensor_float_32_execution_enabled()),
            "soft_device_placement": str(tf.config.get_soft_device_placement()),
        }

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The device on which operations run, and the dtype that `xp.ones(n)` and its like follow."""
        before, promotion.working_dtype = promotion.working_dtype, self.dtype
        try:
            with tf.device(self._device), standard_arrays():
                yield
        finally:
            promotion.working_dtype = before

    def asarray(self, array: FloatArray) -> Array:
        """The array on the device, in the backend's dtype."""
        with tf.device(self._device):
            return tf.identity(tf.constant(cast(array, self.dtype)))

    def as_argument(self, method: Method, array: FloatArray) -> Array:
        """On the CPU a constant is there already; entering the device again would cost more than it."""
        return tf.constant(cast(array, self.dtype)) if self.device == "cpu" else self.asarray(array)

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """`graph`, `xla`: trace, then compile by one call (grappler and XLA run at the first call only)."""
        function = method.make(f)
        if method.execution == "eager":
            return function, {}
        compiled = tf.function(function, jit_compile=method.execution == "xla", autograph=False)
        start = time.perf_counter()
        with _without_logs_of_pfor():
            drawn = compiled.get_concrete_function(*arguments)
        traced = time.perf_counter()
        lost = CALLBACKS.get(method.operator, CALLBACKS["hessian"])
        if any(node.type in lost for node in drawn.graph.get_operations()):
            raise Unsupported(NO_CALLBACKS)
        seen = time.perf_counter()
        self.synchronize(compiled(*arguments))
        return compiled, {"trace_s": traced - start, "compile_s": time.perf_counter() - seen}

    def over_rows(self, f: Function, points: Array, data: Sequence[Array]) -> Function:
        """A while loop of a graph: 25 µs a point, where a call of a graph takes 280 µs."""
        one = tf.function(f, autograph=False).get_concrete_function(points[0], *data)
        dtype = one.structured_outputs.dtype  # not ours where f casts

        def values(points: Array, *data: Array) -> Array:
            return tf.map_fn(lambda x: one(x, *data), points, parallel_iterations=1, fn_output_signature=dtype)

        some = tf.TensorSpec((None, *points.shape[1:]), points.dtype)
        return tf.function(values, autograph=False).get_concrete_function(some, *data)

    def synchronize(self, result: Array) -> None:
        """Wait for the device; on the CPU an eager call returns when it is done."""
        if not self.device.startswith("cpu"):
            tf.test.experimental.sync_devices()

    def reset_device_peak(self) -> None:
        """TensorFlow keeps a peak for each GPU."""
        if not self.device.startswith("cpu"):
            tf.config.experimental.reset_memory_stats(self._device[1:])

    def device_peak(self) -> int | None:
        """The peak of the GPU's allocator."""
        if self.device.startswith("cpu"):
            return None
        return int(tf.config.experimental.get_memory_info(self._device[1:])["peak"])

    def to_numpy(self, result: Array) -> FloatArray:
        """A copy on the host."""
        array: FloatArray = result.numpy()
        return array
