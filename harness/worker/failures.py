"""What an exception means for a cell and for its worker: memory ran out, the GPU's context is broken, or just an error.

Frameworks say these things in exceptions of their own, so their texts are what can be told apart. After an illegal
access or a failed assertion every later call of the process fails (CUDA keeps the error), so the worker must end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hessbench.backends.contract.interface import first_line
from hessbench.harness.machine.devices import kind_of

OUT_OF_MEMORY = (
    "out of memory",
    "resource_exhausted",
    "resourceexhausted",
    "bad_alloc",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "failed to allocate",
    "unable to allocate",
    "oom when allocating",
    "status_alloc_failed",
    "cuda_error_out_of_memory",
    "cudaerrormemoryallocation",
)

STICKY = (
    "cuda error",
    "cuda_error_",
    "cudaerror",
    "hip error",
    "hiperror",
    "illegal memory access",
    "device-side assert",
    "unspecified launch failure",
    "misaligned address",
    "illegal instruction was encountered",
    "launch timed out",
    "uncorrectable ecc",
    "cublas_status_",
    "cudnn_status_",
    "cusolver_status_",
    "cusparse_status_",
)
"""Signs that nothing more can be computed in this process. A library that reports a bad state is not trusted either."""

ABORTED = ("bad_alloc", "CUDA_ERROR_OUT_OF_MEMORY")
"""What the log of a worker says that aborted for want of memory."""


def failure(problem: BaseException) -> dict[str, Any]:
    """An exception as record fields: memory or error, and the first line of what it says."""
    text = f"{type(problem).__name__}: {problem}".lower()
    exhausted = isinstance(problem, MemoryError) or any(sign in text for sign in OUT_OF_MEMORY)
    if exhausted:
        return {"status": "out_of_memory", "reason": first_line(problem)}
    return {"status": "error", "fault": "exception", "reason": _telling(problem)}


def _telling(problem: BaseException) -> str:
    """The first line of an exception; where a later one tells that the GPU is lost, that one too."""
    first = first_line(problem)
    later = (line.strip() for line in str(problem).splitlines() if any(sign in line.lower() for sign in STICKY))
    sign = next(later, "")
    return first if not sign or sign[:200] in first else f"{first}; {sign}"[:300]


def spoiled(outcome: Mapping[str, Any], device: str) -> bool:
    """Whether the next cell needs a fresh worker: the GPU's context is broken, or its memory full or in pieces."""
    if outcome["status"] == "out_of_memory":
        return kind_of(device) == "gpu"
    return outcome["status"] == "error" and any(sign in outcome["reason"].lower() for sign in STICKY)
