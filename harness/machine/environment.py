"""On what machine, with which versions: read without importing any framework."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from hessbench.harness.machine import memory, nvml

PACKAGES = (
    "hessbench",
    "numpy",
    "jax",
    "jaxlib",
    "torch",
    "tensorflow",
    "array-api-compat",
    "jax-cuda12-plugin",
    "jax-cuda13-plugin",
    "nvidia-cublas-cu12",
    "nvidia-cudnn-cu12",
    "nvidia-cublas",
    "nvidia-cudnn-cu13",
)
POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Each says how many threads a library computes with."""
THREAD_VARIABLES = (*POOLS, "XLA_FLAGS")


def versions() -> dict[str, str]:
    """Installed versions of the packages that decide a result."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """Processor, cores, memory, system, Python, linear algebra, commit, and the thread variables that are set."""
    return {
        "host": platform.node(),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "usable_cores": usable_cores(),
        "memory_bytes": memory.machine_limit(),
        **({"gpus": cards} if (cards := nvml.cards()) else {}),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "blas": blas(),
        "commit": commit(),
        "threads": {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ},
    }


def usable_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared_out(launches: int, inherited: Mapping[str, str]) -> dict[str, str]:
    """Variables with which several processes at a time divide the cores among them.

    OpenMP's threads spin while they wait for one another: of two processes on two cores each then waits for threads
    that the other one keeps from their core, and an FFT of a dozen numbers took 8 ms instead of 27 µs.

    Args:
        launches: Processes at a time.
        inherited: The variables that they inherit; what a person has set stays.

    Returns:
        The variables to add; none where a process has the machine to itself.
    """
    if launches == 1:
        return {}
    share = max(1, usable_cores() // launches)
    return {name: str(share) for name in POOLS if name not in inherited}


def moment() -> dict[str, Any]:
    """What changes while a run goes on, for the start and the end of a launch: time, load, clock of the processor."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"time": time.time(), "load": load, "cpu_mhz": _cpu_mhz()}


def commit() -> str:
    """The git commit of the checkout that hessbench runs from, "+" where it has changes; empty where it is none."""
    git = ["git", "-C", str(Path(__file__).parent)]
    describe = ["describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    try:
        found = subprocess.run([*git, *describe], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip()


def blas() -> str:
    """The linear algebra library that NumPy was built with, and its version."""
    built: Any = np.show_config(mode="dicts")
    library = built.get("Build Dependencies", {}).get("blas", {})
    return f"{library.get('name', 'unknown')} {library.get('version', '')}".strip()


def _cpu_model() -> str:
    return next(iter(_cpuinfo("model name")), "") or platform.processor() or platform.machine()


def _cpu_mhz() -> float | None:
    """The mean clock of the cores now, where the system says."""
    clocks = [float(mhz) for mhz in _cpuinfo("cpu MHz")]
    return sum(clocks) / len(clocks) if clocks else None


def _cpuinfo(name: str) -> list[str]:
    """The values of one line of /proc/cpuinfo, one per core."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []
    return [line.partition(":")[2].strip() for line in lines if line.startswith(name)]
