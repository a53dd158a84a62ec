"""Resident memory of a process on Linux, and the machine's limit; None where the system does not say."""

from __future__ import annotations

import ctypes
import gc
import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(pid: int) -> int | None:
    """Bytes of resident memory of a process now."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return None


def of_session(leader: int, enough: int) -> int | None:
    """Bytes of resident memory of a process that leads a session, and of all in it: what it has started, and so on.

    Args:
        leader: Its process id.
        enough: Where the sum is not above this, it may be too large: memory that processes share (a fork's, before
            anything is written) is counted for each of them. Above, every process counts for its share.

    Returns:
        The bytes; None where the system does not say.
    """
    members = [leader, *_started_by(leader)]
    known = [size for size in map(resident, members) if size is not None]
    if not known or sum(known) <= enough:
        return sum(known) if known else None
    return sum(_share(pid) for pid in members)


def _started_by(leader: int) -> list[int]:
    """The other processes of a session. They are younger, so have larger numbers (until those begin anew)."""
    try:
        younger = sorted(int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) > leader)
    except OSError:
        return []
    return [pid for pid in younger if _session(pid) == leader]


def _session(pid: int) -> int | None:
    try:  # the name, in parentheses, may hold spaces; behind it: state, parent, group, session
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[3])
    except (OSError, IndexError, ValueError):
        return None


def _share(pid: int) -> int:
    """Bytes of a process, where what several share counts in parts."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:  # it has ended, or the kernel is old
        pass
    return resident(pid) or 0


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


def settle() -> int | None:
    """Give back what is free, start the peak afresh, and return the bytes of resident memory that are left."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):  # not glibc
        pass
    reset_peak()
    return resident(os.getpid())


def machine_limit() -> int | None:
    """Bytes that this process may use: the cgroup's limit or the machine's memory, whichever is smaller."""
    limits = [os.sysconf("SC_PHYS_PAGES") * _PAGE]
    text = _cgroup("memory.max") or _cgroup("memory.limit_in_bytes")
    if text.isdigit():
        limits.append(int(text))
    return min(limits)


def too_large(operator: str, n: int, batch: int) -> str | None:
    """Why a result can be no array of this machine ("a result of 8.0 TB ..."), or None."""
    numbers = {"hessian": n * n, "batched-hessian": batch * n * n, "multi-hvp": batch * n}.get(operator, n)
    limit = machine_limit()
    if limit is None or numbers * 8 <= limit:
        return None
    return f"a result of {numbers * 8 / 1e9:,.0f} GB in float64; this machine has {limit / 1e9:.0f} GB"


def kernel_kills() -> int:
    """How often the kernel has killed a process of this cgroup for want of memory; 0 where it does not say."""
    for line in (_cgroup("memory.events") or _cgroup("memory.oom_control")).splitlines():
        if line.startswith("oom_kill "):
            return int(line.split()[1])
    return 0


def _cgroup(name: str) -> str:
    """A file of this process's memory cgroup (version 2 or 1), or the empty string."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return ""
    for _, controllers, path in (line.split(":", 2) for line in lines):
        for root in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory") if controllers in ("", "memory") else ():
            for folder in (root + path, root):
                try:
                    return (Path(folder) / name).read_text().strip()
                except OSError:
                    continue
    return ""
