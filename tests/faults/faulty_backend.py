"""Backends that go wrong in every way that the harness must catch. Methods start from the right Hessian."""

import os
import signal
import subprocess
import sys
import time

import numpy as np

from backends.interface import Lazy, Unsupported
from backends.method import declare
from backends.numpy import METHODS as NUMPY_METHODS
from backends.numpy import NumpyBackend

broken_framework = Lazy("faulty_framework_broken")


def _hessian(f):
    return next(m for m in NUMPY_METHODS if m.name == "richardson-eager").build(f)


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
        held.append(np.ones(1 << 22))
        time.sleep(0.005)


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


class _PerValue:
    """Right, but takes 50 ms at a point that it has not met: a compiler that keeps a program for every value."""

    def __init__(self, f):
        self._hessian, self._known = _hessian(f), set()

    def __call__(self, x, *data):
        if x.tobytes() not in self._known:
            self._known.add(x.tobytes())
            time.sleep(0.05)
        return self._hessian(x, *data)


FAULTS = {
    "right": lambda h: h,
    "off-diagonal": _both(lambda v: v * (1 + 1e-5)),
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
    "segfault": lambda h: os.kill(os.getpid(), signal.SIGSEGV),
    "killed": lambda h: os.kill(os.getpid(), signal.SIGKILL),
    "exit": lambda h: os._exit(7),
    "hang": _hang,
    "hang-native": _hang_in_native_code,
    "hog": _hog,
}

EAGER = ("eager",)
METHODS = tuple(
    method
    for name, spoil in FAULTS.items()
    for method in declare(
        name, EAGER, _spoiled(spoil), default=EAGER, operator="hessian", accuracy=2 / 3, summary=f"Fault: {name}."
    )
)
METHODS += tuple(
    method
    for name, build in {"cached": _Cached, "per-value": _PerValue}.items()
    for method in declare(
        name, EAGER, build, default=EAGER, operator="hessian", accuracy=2 / 3, summary=f"Fault: {name}."
    )
)


class FaultyBackend(NumpyBackend):
    name = "faulty"
    device_kinds = ("cpu", "gpu")
    methods = METHODS

    def versions(self):
        return {"faulty": "1.0"}

    def unsupported(self, method, facts):
        return "the tests refuse n = 12" if facts.n == 12 else None

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
