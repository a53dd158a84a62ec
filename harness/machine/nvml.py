"""Clocks, temperature, throttling and other users of a GPU, as NVIDIA's management library (NVML) tells them.

It is read in the parent, which never touches a GPU otherwise: at the start and end of every launch, for the journal,
and at the end of every cell, for the columns `held_back` and `disturbed`. Without the package `nvidia-ml-py` (the extra
`gpu`) or without a driver nothing is known, and nothing is said.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import MappingProxyType
from typing import Any

from hessbench.harness.machine.devices import index_of, kind_of

HELD_BACK = MappingProxyType(
    {
        0x04: "power cap",
        0x08: "hardware slowdown",
        0x10: "sync boost",
        0x20: "software thermal slowdown",
        0x40: "hardware thermal slowdown",
        0x80: "power brake",
    }
)
"""nvmlClocksEventReasons of nvml.h that lower the clocks below what was asked for. (1 is an idle GPU, 2 the
application's own setting, 0x100 the display's.)"""

SM, MEMORY, DIE = 1, 2, 0
"""NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_TEMPERATURE_GPU."""


@cache
def library() -> Any | None:
    """NVML, started; None where the package, the library or the driver is missing."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # an ImportError, or one of NVML's own errors
        return None
    return pynvml


class Gauge:
    """What can be read of the GPU of a launch; empty for a CPU.

    Args:
        device: As in cells: "cpu", "gpu", "gpu:1".
    """

    def __init__(self, device: str) -> None:
        self._nvml = library() if kind_of(device) == "gpu" else None
        self._handle = _handle(self._nvml, index_of(device)) if self._nvml else None
        self._others = len(self.read().get("processes", ()))

    def read(self) -> dict[str, Any]:
        """The GPU now; what NVML refuses to tell is left out."""
        if self._nvml is None or self._handle is None:
            return {}
        nvml, handle = self._nvml, self._handle
        questions: dict[str, Callable[[], Any]] = {
            "name": lambda: _text(nvml.nvmlDeviceGetName(handle)),
            "driver": lambda: _text(nvml.nvmlSystemGetDriverVersion()),
            "sm_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(handle, SM),
            "sm_clock_max_mhz": lambda: nvml.nvmlDeviceGetMaxClockInfo(handle, SM),
            "memory_clock_mhz": lambda: nvml.nvmlDeviceGetClockInfo(handle, MEMORY),
            "temperature_c": lambda: nvml.nvmlDeviceGetTemperature(handle, DIE),
            "power_w": lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1000,
            "held_back": lambda: _reasons(nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle)),
            "memory_used_bytes": lambda: int(nvml.nvmlDeviceGetMemoryInfo(handle).used),
            "memory_bytes": lambda: int(nvml.nvmlDeviceGetMemoryInfo(handle).total),
            "processes": lambda: [p.pid for p in nvml.nvmlDeviceGetComputeRunningProcesses(handle)],
        }
        found = {}
        for name, ask in questions.items():
            with suppress(Exception):  # NVMLError_NotSupported, NVMLError_NoPermission, ...
                found[name] = ask()
        return found

    def note(self) -> dict[str, Any]:
        """The reading as a field of a journal event, where there is one."""
        found = self.read()
        return {"gpu": found} if found else {}

    def facts(self) -> dict[str, str]:
        """As fields of a record: what holds the GPU back now, and who else computes on it; nothing on a CPU."""
        found = self.read()
        if not found:
            return {}
        # Processes have other numbers outside a container, so they are counted: all that were there before the
        # launch, and all now but the launch's own.
        others = max(self._others, len(found.get("processes", ())) - 1)
        shared = [f"{others} other process{'es' if others > 1 else ''} on the GPU"] if others else []
        return {"held_back": "; ".join(found.get("held_back", ())), "disturbed": "".join(shared)}


def cards() -> list[str]:
    """The GPUs of this machine in words, for the manifest and `hessbench doctor`."""
    nvml = library()
    if nvml is None:
        return []
    found = []
    with suppress(Exception):
        for index in range(nvml.nvmlDeviceGetCount()):
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            memory_gb = nvml.nvmlDeviceGetMemoryInfo(handle).total / 1e9
            driver = _text(nvml.nvmlSystemGetDriverVersion())
            found.append(f"{_text(nvml.nvmlDeviceGetName(handle))}, {memory_gb:.0f} GB, driver {driver}")
    return found


def _handle(nvml: Any, index: int) -> Any | None:
    """The GPU that a framework calls by that index; NVML does not heed CUDA_VISIBLE_DEVICES, frameworks do."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").strip()
    with suppress(Exception):
        if not visible:
            return nvml.nvmlDeviceGetHandleByIndex(index)
        entry = visible.split(",")[index].strip()
        return nvml.nvmlDeviceGetHandleByIndex(int(entry)) if entry.isdigit() else nvml.nvmlDeviceGetHandleByUUID(entry)
    return None


def _reasons(bits: int) -> list[str]:
    return [word for bit, word in HELD_BACK.items() if bits & bit]


def _text(text: Any) -> str:
    return text.decode() if isinstance(text, bytes) else str(text)
