"""Resident memory of a process on Linux, and the machine's limit; None where the system does not say."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int) -> int | None:
    """Bytes of resident memory of a process now."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return None


def reset_peak() -> None:
    """Start this process's peak afresh (Linux: write 5 to clear_refs); where that is refused the peak only grows."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def peak() -> int | None:
    """Bytes of peak resident memory of this process since `reset_peak`."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def machine_limit() -> int | None:
    """Bytes that this process may use: the cgroup's limit or the machine's memory, whichever is smaller."""
    limits = []
    try:
        limits.append(os.sysconf("SC_PHYS_PAGES") * _PAGE)
        text = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        limits.append(int(text))
    except (OSError, ValueError):
        pass
    return min(limits, default=None)
