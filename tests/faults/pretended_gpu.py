"""NumPy that calls itself a GPU: everything between the command line and the record, without a card."""

import time

import numpy as np

from hessbench.backends.contract.interface import HIGHEST, PRECISIONS, TF32, BackendUnavailable
from hessbench.backends.contract.method import declare
from hessbench.backends.numpy import METHODS, NumpyBackend

EAGER = ("eager",)
WHY = "PretendedError: all CUDA-capable devices are busy or unavailable"


def _method(name):
    return next(m for m in METHODS if m.name == name).build


def _full(f):
    def call(x, *data):
        raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB.\nGPU 0 has a total capacity of 8 GiB")

    return call


class _Rounding:
    """The Hessian with as many bits as the worker's switch says."""

    def __init__(self, f):
        self._hessian = _method("hyper-dual-eager")(f)

    def __call__(self, x, *data):
        found = self._hessian(x.astype("float64"), *(array.astype("float64") for array in data)).astype("float32")
        bits = 10 if PretendedBackend.switch == TF32 else 23
        mantissa, exponent = np.frexp(found)
        return np.ldexp(np.round(mantissa * 2.0**bits) / 2.0**bits, exponent).astype("float32")


class PretendedBackend(NumpyBackend):
    """Two GPUs; the second is in use by others."""

    name = "pretended"
    device_kinds = ("cpu", "gpu")
    precisions = PRECISIONS
    methods = (
        *declare("objective", EAGER, _method("objective-eager"), default=EAGER, operator="objective", summary="f."),
        *declare("right", EAGER, _method("hyper-dual-eager"), default=EAGER, operator="hessian", summary="Right."),
        *declare("full", EAGER, _full, default=EAGER, operator="hessian", summary="Needs more than there is."),
        *declare("rounded", EAGER, _Rounding, default=EAGER, operator="hessian", summary="Of few bits."),
    )
    switch = HIGHEST

    def __init__(self, dtype="float64", device="cpu", precision=HIGHEST):
        super().__init__(dtype)
        self.device, self.precision = device, precision
        self.device_index()
        PretendedBackend.switch = precision

    @staticmethod
    def environment(dtype, device, precision=HIGHEST):
        return {"PRETENDED_PRECISION": precision}

    def versions(self):
        return {"pretended": "1.0"}

    def devices(self):
        return ("cpu", "gpu:0", "gpu:1")

    def switches(self):
        return {"bits": "10" if self.precision == TF32 else "23"}

    def check_device(self):
        if self.device == "gpu:1":
            raise BackendUnavailable(f"device 'gpu:1' cannot be used: {WHY}")

    def event_seconds(self, call, arguments):
        if self.device == "cpu":
            return None
        start = time.perf_counter()
        call(*arguments)
        return time.perf_counter() - start

    def device_peak(self):
        return None if self.device == "cpu" else 12345
