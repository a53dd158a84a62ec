"""Devices in words: what the command line says, how a cell names it, and whose turn it is on the GPU.

A framework is never asked here: what it sees is found out in a worker (`harness.running.discovery`).
"""

from __future__ import annotations

import fcntl
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hessbench.harness.usage import UsageError

ALL = "all"
_WORDS = re.compile(r"(cpu|gpu)(?::(\d+))?")


def canonical(device: str) -> str:
    """One spelling for one device, since it is part of a cell's key: "gpu:0" is "gpu", "cpu:0" is "cpu".

    Args:
        device: A device as it was asked for.

    Returns:
        The spelling of cells.

    Raises:
        UsageError: The text names no device.
    """
    match = _WORDS.fullmatch(device)
    if not match:
        raise UsageError(f"unknown device {device!r}; write cpu, gpu, gpu:<index> or all")
    index = int(match[2] or 0)
    return f"{match[1]}:{index}" if index else match[1]


def kind_of(device: str) -> str:
    """The kind, "cpu" or "gpu", of a device."""
    return device.partition(":")[0]


def index_of(device: str) -> int:
    """Which one of its kind, from 0."""
    return int(device.partition(":")[2] or 0)


@contextmanager
def turn(device: str) -> Iterator[None]:
    """A block in which no other hessbench of this user computes on a GPU of this machine: one GPU worker at a time.

    A run starts one worker after the other anyway; this holds for several runs. CPU workers do not wait.
    """
    if kind_of(device) != "gpu":
        yield
        return
    path = Path(tempfile.gettempdir()) / f"hessbench-gpu-{os.getuid()}.lock"
    with open(path, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("note: waiting for another hessbench to leave the GPU", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
