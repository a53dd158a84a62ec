"""What an exception means for a cell and for its worker: memory ran out, the GPU's context is broken, or just an error.

Frameworks say these things in exceptions of their own, so their texts are what can be told apart. After an illegal
access or a failed assertion every later call of the process fails (CUDA keeps the error), so the worker must end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hessbench.backends.contract.errors import LONGEST, first_line, readable
from hessbench.harness.judging.explain import explain
from hessbench.harness.machine.devices import kind_of
from hessbench.harness.planning.grid import Cell
from hessbench.harness.protocol import Outcome
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.problem import Problem

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


def failure(error: BaseException, f: Any, backend: str) -> Outcome:
    """What an exception means for its cell: memory or error, and in one line what happened.

    Args:
        error: What the framework, or f, raised.
        f: The problem or function that was differentiated.
        backend: Name of the backend.

    Returns:
        The outcome; its reason says what to do where a rule of `explain` knows it.
    """
    error = readable(error)
    text = f"{type(error).__name__}: {error}".lower()
    explained = explain(error, f, backend)[:LONGEST]
    if isinstance(error, MemoryError) or any(sign in text for sign in OUT_OF_MEMORY):
        return Outcome("out_of_memory", explained or first_line(error))
    return Outcome("error", explained or _telling(error), "exception")


def undrawn(error: Exception, problem: Problem, cell: Cell) -> Outcome:
    """What it means that a problem's own functions of n, its x0 and data, raise: an error of each of its cells.

    Args:
        error: What they raised.
        problem: The problem.
        cell: The cell.

    Returns:
        The outcome.
    """
    found = failure(error, problem, cell.backend)
    said = str(error) if isinstance(error, UsageError) else found.reason
    return replace(found, reason=f"x0 or data of {problem.name} at n = {cell.n}: {said}"[:LONGEST])


def _telling(error: BaseException) -> str:
    """The first line of an exception; where a later one tells that the GPU is lost, that one too."""
    first = first_line(error)
    later = (line.strip() for line in str(error).splitlines() if any(sign in line.lower() for sign in STICKY))
    sign = next(later, "")
    return first if not sign or sign[:200] in first else f"{first}; {sign}"[:LONGEST]


def spoiled(outcome: Outcome, device: str) -> bool:
    """Whether the next cell needs a fresh worker: the GPU's context is broken, or its memory full or in pieces."""
    if outcome.status == "out_of_memory":
        return kind_of(device) == "gpu"
    return outcome.status == "error" and any(sign in outcome.reason.lower() for sign in STICKY)
