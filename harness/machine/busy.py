"""How busy this machine is before a run begins, and waiting until it is quiet."""

from __future__ import annotations

import os
import time
from pathlib import Path

LOOK_S, QUIET_S = 0.5, 3.0
"""One look; so long nobody may compute for a machine to be called quiet."""
NOTICEABLE = 0.15
"""Cores that others may use before it is worth a line: services of an idle system take a few hundredths."""
STAT = Path("/proc/stat")
IDLE = (3, 4)
"""Fields of the first line of /proc/stat in which nothing computes: idle, and waiting for a disk (proc(5))."""


def cores_in_use(seconds: float = LOOK_S, stat: Path = STAT) -> float | None:
    """Cores that computed on average while this process slept; None where the system does not say.

    Args:
        seconds: How long to look.
        stat: The kernel's file.

    Returns:
        Between 0 and the number of cores; on systems without /proc/stat the load average of the last minute.
    """
    before = _busy_s(stat)
    if before is None:
        return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    start = time.monotonic()
    time.sleep(seconds)
    after = _busy_s(stat)
    return None if after is None else max(0.0, after - before) / (time.monotonic() - start)


def _busy_s(stat: Path) -> float | None:
    try:
        ticks = [int(word) for word in stat.read_text().split("\n", 1)[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    return sum(count for field, count in enumerate(ticks) if field not in IDLE) / os.sysconf("SC_CLK_TCK")


def wait_for_quiet(most_s: float) -> float | None:
    """Wait until others leave the machine alone.

    Args:
        most_s: Seconds to wait at most.

    Returns:
        Cores in use at the last look; None where the system does not say.
    """
    end = time.monotonic() + most_s
    while True:
        used = cores_in_use(min(QUIET_S, max(LOOK_S, end - time.monotonic())))
        if used is None or used < NOTICEABLE or time.monotonic() >= end:
            return used


def sentence(used: float, cores: int) -> str:
    """What that many cores in use mean for a run."""
    return (
        f"this machine is busy: other processes use {used:.1f} of {cores} cores. What they disturb is measured again "
        "later and marked where that does not help; --wait 10m waits for quiet"
    )
