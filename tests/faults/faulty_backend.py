"""Backends that go wrong in every way that the harness must catch. Methods start from the right Hessian."""

import os
import signal
import subprocess
import sys
import time

import numpy as np

from hessbench import suites
from hessbench.backends.contract.interface import Lazy, Unsupported
from hessbench.backends.contract.method import declare
from hessbench.backends.numpy import METHODS as NUMPY_METHODS
from hessbench.backends.numpy import NumpyBackend

broken_framework = Lazy("faulty_framework_broken")


def _hessian(f):
    return next(m for m in NUMPY_METHODS if m.name == "hyper-dual-eager").build(f)


def _spoiled(spoil):
    def build(f):
        hessian = _hessian(f)
        return lambda x, *data: spoil(hessian(x, *data))

    return build


def _set(entry, change):
    def spoil(h):
        h = h.copy()
        h[entry] = change(h[entry])
        return h

    return spoil


def _both(change):
    def spoil(h):
        h = h.copy()
        h[0, 1] = h[1, 0] = change(h[0, 1])
        return h

    return spoil


def _raise(error):
    def spoil(h):
        raise error

    return spoil


def _unconnected(h):
    """Zeros for a variable that f is not seen to depend on."""
    spoiled = h.copy()
    spoiled[2], spoiled[:, 2] = 0, 0
    return spoiled


def _transposed_block(h):
    """The block of rows 0 and 1 and columns 2 and 3 transposed, and its mirror image too."""
    spoiled = h.copy()
    spoiled[:2, 2:4] = h[:2, 2:4].T
    spoiled[2:4, :2] = spoiled[:2, 2:4].T
    return spoiled


def _hang(h):
    subprocess.Popen(["sleep", "600"])  # a child that must not outlive the worker
    time.sleep(600)


def _hang_in_native_code(h):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    import ctypes

    ctypes.PyDLL(None).sleep(600)  # holds the GIL: no Python thread or handler can run


def _hog(h):
    held = []
    while True:
        held.append(np.ones(1 << 24))
        time.sleep(0.02)  # slow enough to be seen, fast enough for a machine with busy neighbors


def _garbage(h):
    print('{"event": "cell_end", "key": "nonsense", "outcome": {"status": "ok"}}', flush=True)
    os.write(1, b"\xff\xfe\x00 not text \n")
    sys.stderr.write("a warning nobody asked for\n")
    return h


def _leak(h):
    return h.astype(np.float32)


class _Cached:
    """Answers every question with the first answer."""

    def __init__(self, f):
        self._hessian, self._answer = _hessian(f), None

    def __call__(self, x, *data):
        if self._answer is None:
            self._answer = self._hessian(x, *data)
        return self._answer


class _Elsewhere:
    """The Hessian at another point."""

    def __init__(self, f):
        self._hessian = _hessian(f)

    def __call__(self, x, *data):
        return self._hessian(x + 0.01, *data)


class _GaussNewton:
    """J'J of the chained Rosenbrock function's residuals, without their second derivatives."""

    def __init__(self, f):
        pass

    def __call__(self, x, *data):
        n = x.size
        jacobian = np.zeros((2 * (n - 1), n))
        rows = np.arange(n - 1)
        jacobian[rows, rows], jacobian[rows, rows + 1] = -20 * x[:-1], 10
        jacobian[n - 1 + rows, rows] = -1
        return 2 * jacobian.T @ jacobian


class _Late:
    """A result that is computed when it is first copied, for longer than a neighbor can hold up the call."""

    def __init__(self, value):
        self.value, self.left_s = value, 0.25


class _Unsynchronized:
    """Returns at once; the backend does not wait."""

    def __init__(self, f):
        self._hessian = _hessian(f)

    def __call__(self, x, *data):
        return _Late(self._hessian(x, *data))


class _PerValue:
    """Right and fast, but takes 50 ms at a point that it has not met: a compiler with a program for every value."""

    def __init__(self, f):
        self._known = set()

    def __call__(self, x, *data):
        if x.tobytes() not in self._known:
            self._known.add(x.tobytes())
            time.sleep(0.05)
        return suites.load("quick")["rosenbrock"].hessian(x, *data)


FAULTS = {
    "right": lambda h: h,
    "off-diagonal": _both(lambda v: v * (1 + 1e-6)),
    "transposed-block": _transposed_block,
    "leaked-float32": lambda h: h.astype(np.float32).astype(np.float64),
    "unconnected": _unconnected,
    "asymmetric": _set((0, 1), lambda v: v + 1e-3),
    "nan": _set((1, 1), lambda v: np.nan),
    "infinite": _set((1, 1), lambda v: np.inf),
    "float32": _leak,
    "tf32": lambda h: h * (1 + 3e-4),
    "zeros": lambda h: 0 * h,
    "shape": lambda h: h[:1],
    "garbage": _garbage,
    "raise": _raise(ValueError("first line\nsecond line")),
    "memory-error": _raise(MemoryError("cannot allocate 3732 GiB")),
    "resource-exhausted": _raise(RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 551 GB")),
    "sticky": _raise(RuntimeError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be")),
    "segfault": lambda h: os.kill(os.getpid(), signal.SIGSEGV),
    "killed": lambda h: os.kill(os.getpid(), signal.SIGKILL),
    "exit": lambda h: os._exit(7),
    "hang": _hang,
    "hang-native": _hang_in_native_code,
    "hog": _hog,
}

BUILT = {
    "cached": _Cached,
    "elsewhere": _Elsewhere,
    "gauss-newton": _GaussNewton,
    "unsynchronized": _Unsynchronized,
    "per-value": _PerValue,
}
EAGER = ("eager",)
METHODS = tuple(
    method
    for name, spoil in FAULTS.items()
    for method in declare(name, EAGER, _spoiled(spoil), default=EAGER, operator="hessian", summary=f"Fault: {name}.")
)
METHODS += tuple(
    method
    for name, build in BUILT.items()
    for method in declare(name, EAGER, build, default=EAGER, operator="hessian", summary=f"Fault: {name}.")
)


class FaultyBackend(NumpyBackend):
    name = "faulty"
    device_kinds = ("cpu", "gpu")
    methods = METHODS

    def versions(self):
        return {"faulty": "1.0"}

    def unsupported(self, method, facts):
        return "the tests refuse n = 12" if facts.n == 12 else None

    def to_numpy(self, result):
        if isinstance(result, _Late):
            time.sleep(result.left_s)
            result.left_s = 0.0
            result = result.value
        return super().to_numpy(result)

    def build(self, method, f, arguments):
        if arguments[0].size == 13:
            raise Unsupported("n = 13 is too large for the tests")
        return super().build(method, f, arguments)


class AbsentBackend(FaultyBackend):
    name = "absent"
    requires = ("no_such_framework",)
    extra = "absent"


class BrokenBackend(FaultyBackend):
    name = "broken"
    requires = ("faulty_framework_broken",)

    def __init__(self, dtype="float64", device="cpu"):
        super().__init__(dtype, device)
        broken_framework.anything  # noqa: B018
