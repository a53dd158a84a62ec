"""What the kernel saw of a stretch of time: whether this process's threads had a core whenever they wanted one.

A wall clock cannot tell a slow call from a call that waited for its turn; the scheduler can. On Linux it counts, for
each thread, the nanoseconds on a run queue without running (second field of /proc/self/task/*/schedstat, proc(5));
other systems tell at least how often a thread was made to give its core away (getrusage(2), `ru_nivcsw`). What nobody
tells is None, never zero. Two readings enclose a stretch; they are taken outside it.

Threads of one process wait for each other too: JAX and TensorFlow hand small operations from thread to thread, and the
one that is woken waits until the one that woke it has left the core (seen on an idle machine: twice the length of a
call). So a reading also tells how many threads of *other* processes wanted a core at that moment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from hessbench.harness.machine.pace import Pace

PROC = Path("/proc")
NANO = 1e-9
T = TypeVar("T", int, float)
LOOKS = 2
"""At who wants a core, each after offering this one."""
STEAL = 8
"""Field of the first line of /proc/stat: ticks in which the hypervisor ran somebody else (proc(5))."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one stretch.

    Attributes:
        waited_s: Seconds that threads waited for a core, summed over all of them; None where the system does not say,
            or a thread has ended meanwhile and took its count with it.
        cpu_s: Seconds that threads computed, summed over all of them.
        switches: How often a thread had to give its core away before it was done; None where the system does not say.
        sleeps: How often a thread slept until another one woke it; None where the system does not say.
        steal_s: Seconds, over all cores, that a hypervisor gave to other machines, in ticks (4 or 10 ms); None where
            the system does not say.
        throttled_s: Seconds for which a quota of processor time held the threads back (cgroups); None where there is
            none.
        others: Threads of other processes that wanted a core at the beginning or at the end, whichever is more; None
            where the system does not say.
        pace_s: Seconds that a fixed piece of work took at the beginning or at the end, whichever is more; None where it
            was not tried, or other threads of this process shared the cores.
        pace: How many times that is what it usually takes.
    """

    waited_s: float | None
    cpu_s: float
    switches: int | None
    sleeps: int | None
    steal_s: float | None
    throttled_s: float | None
    others: int | None
    pace_s: float | None = None
    pace: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters at one moment; waits by thread, in nanoseconds."""

    waits: Mapping[str, int] | None
    cpu_s: float
    switches: int | None
    sleeps: int | None
    steal_s: float | None
    throttled_s: float | None
    others: int | None
    pace_s: float | None = None
    pace: float | None = None

    def until(self, later: Reading) -> Observation:
        """What was seen between this reading and a later one."""
        waited = None
        # A thread that is gone has waited nobody knows how long. One that is new, or bears the number of one that is
        # gone, has waited since it began.
        if self.waits is not None and later.waits is not None and self.waits.keys() <= later.waits.keys():
            known = ((count, self.waits.get(thread, 0)) for thread, count in later.waits.items())
            waited = sum(count - before if count >= before else count for count, before in known) * NANO
        return Observation(
            waited,
            max(0.0, later.cpu_s - self.cpu_s),
            _beyond(self.switches, later.switches),
            _beyond(self.sleeps, later.sleeps),
            _beyond(self.steal_s, later.steal_s),
            _beyond(self.throttled_s, later.throttled_s),
            _most(self.others, later.others),
            _most(self.pace_s, later.pace_s),
            _most(self.pace, later.pace),
        )


def _most(*known: T | None) -> T | None:
    """The largest of what is known."""
    return max((number for number in known if number is not None), default=None)


def _beyond(before: T | None, after: T | None) -> T | None:
    """What was added meanwhile; counters of a machine that was moved or stopped may go back."""
    return None if before is None or after is None else max(after - before, type(after)(0))


class Witness:
    """Reads the counters of this process; about 1 µs for each thread, since files stay open.

    Args:
        proc: Where the kernel's files are.
        pace: Tells how fast the core is; None where nobody wants to know.
    """

    def __init__(self, proc: Path = PROC, pace: Pace | None = None) -> None:
        self._pace = pace
        self._tasks = proc / "self" / "task"
        self._files: dict[str, int] = {}
        self._stat = _opened(proc / "stat")
        self._load = _opened(proc / "loadavg")
        self._quota = next((file for path in _quotas(proc) if (file := _opened(path)) is not None), None)
        self._tick = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01
        self._tells = _tells(proc / "self" / "schedstat")

    def __del__(self) -> None:
        for file in (*self._files.values(), self._stat, self._load, self._quota):
            if file is not None:
                with suppress(OSError):
                    os.close(file)

    def read(self) -> Reading:
        """The counters now."""
        own, others = self._runnable()  # first: what follows may wake somebody
        pace_s, pace = self._pace.read() if self._pace and own == 1 else (None, None)
        return Reading(
            self._waits(),
            time.process_time(),
            *_switches(),
            self._stolen(),
            self._throttled(),
            others,
            pace_s,
            pace,
        )

    def _runnable(self) -> tuple[int | None, int | None]:
        """Threads that run or want to: this process's, and all others."""
        runnable = self._runnable_at_all()
        if runnable is None or runnable <= 1:  # this thread runs
            return runnable, None if runnable is None else 0
        # Linux keeps a thread that has gone to sleep in the queue, and counts it, until its core looks there again
        # (delayed dequeue, since 6.12): TensorFlow's own threads looked like a neighbor after each call. A neighbor is
        # still there after this thread has offered its core.
        own = others = None
        for _ in range(LOOKS):
            os.sched_yield()
            runnable = self._runnable_at_all() or 1
            own = 1 if runnable <= 1 else self._running()
            seen = max(0, runnable - own)
            others = seen if others is None else min(others, seen)
            if not others:
                break
        return own, others

    def _runnable_at_all(self) -> int | None:
        if self._load is None:
            return None
        try:
            return max(1, int(os.pread(self._load, 80, 0).split()[3].split(b"/")[0]))
        except (OSError, IndexError, ValueError):
            return None

    def _running(self) -> int:
        """Threads of this process that run or want to."""
        try:
            return sum(_state(self._tasks / thread) == b"R" for thread in os.listdir(self._tasks))
        except OSError:
            return 1

    def _waits(self) -> Mapping[str, int] | None:
        if not self._tells:
            return None
        try:
            threads = os.listdir(self._tasks)
        except OSError:
            return None
        found = {}
        for thread in threads:
            wait = self._wait(thread)
            if wait is not None:  # it ended between the listing and the look
                found[thread] = wait
        for gone in self._files.keys() - found.keys():
            os.close(self._files.pop(gone))
        return MappingProxyType(found)

    def _wait(self, thread: str) -> int | None:
        try:
            if thread not in self._files:
                self._files[thread] = os.open(self._tasks / thread / "schedstat", os.O_RDONLY)
            return int(os.pread(self._files[thread], 80, 0).split()[1])
        except (OSError, IndexError, ValueError):
            return None

    def _throttled(self) -> float | None:
        if self._quota is None:
            return None
        try:
            counts = dict(line.split() for line in os.pread(self._quota, 1024, 0).splitlines())
            micro, nano = counts.get(b"throttled_usec"), counts.get(b"throttled_time")
            return int(micro) * 1e-6 if micro is not None else None if nano is None else int(nano) * NANO
        except (OSError, ValueError):
            return None

    def _stolen(self) -> float | None:
        if self._stat is None:
            return None
        try:
            return int(os.pread(self._stat, 160, 0).split()[STEAL]) * self._tick
        except (OSError, IndexError, ValueError):
            return None


def _opened(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY)
    except OSError:
        return None


def _quotas(proc: Path) -> list[Path]:
    """Where the quota of this process's cgroup may be told (version 2, then 1), its own folder first."""
    try:
        lines = (proc / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if controllers == "" or "cpu" in controllers.split(","):
            root = Path("/sys/fs/cgroup") / ("cpu" if controllers else "")
            found += [root / path.lstrip("/") / "cpu.stat", root / "cpu.stat"]
    return found


def _state(task: Path) -> bytes:
    """The state of a thread, such as R; empty where it has ended."""
    try:
        # The name in parentheses may hold anything, blanks and parentheses too.
        return (task / "stat").read_bytes().rpartition(b") ")[2][:1]
    except OSError:
        return b""


def _tells(path: Path) -> bool:
    """Whether the scheduler counts at all; a process that has come this far has run, and been counted."""
    try:
        return any(int(number) for number in path.read_text().split())
    except (OSError, ValueError):
        return False


def _switches() -> tuple[int | None, int | None]:
    """How often threads had to give their core away, and how often they slept."""
    try:
        import resource
    except ImportError:  # Windows
        return None, None
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_nivcsw, usage.ru_nvcsw
