"""How fast the core computes just now: a fixed piece of work, timed again and again.

What shares a core's units from outside this system (the other hyper-thread, another machine of the same host, a clock
that is turned down) leaves no trace in the scheduler's counts, and the same call then takes up to twice as long, for
tenths of a second or for many: seen in 8 % of a minute of an idle virtual machine, and in all of other minutes. A loop
of the interpreter feels it too: where it took 50 µs a compiled gradient of TensorFlow took 220, where it took 70 that
took 450.
"""

from __future__ import annotations

import time
from collections import deque

from hessbench.results.stored.pace import usual

STEPS, TRIES = 500, 3
"""Of the loop, about 25 µs: short beside a sample of 1.5 ms, and long beside an interrupt. Of several the least."""
KEPT, AFRESH, FIRST = 4096, 64, 64
"""Readings that the usual pace is taken from, readings until it is taken again, readings at the beginning."""


def work() -> float:
    """Seconds of the fixed piece of work, the least of some tries."""
    return min(_once() for _ in range(TRIES))


def _once() -> float:
    start = time.perf_counter()
    total = 0
    for step in range(STEPS):
        total += step * step
    return time.perf_counter() - start


class Pace:
    """The pace of this process's core beside the usual one, of all that was read so far.

    Args:
        usual_s: What was usual in earlier processes, or None; a whole process may fall into slow seconds.
    """

    def __init__(self, usual_s: float | None = None) -> None:
        self._given_s = usual_s
        self._seen = deque((work() for _ in range(FIRST)), maxlen=KEPT)
        self._count = 0
        self._usual_s = self._learned()

    def _learned(self) -> float:
        own = usual(self._seen)
        return own if self._given_s is None else min(own, self._given_s)

    def read(self) -> tuple[float, float]:
        """Seconds that the fixed work takes now, and how many times that is what it usually takes."""
        seconds = work()
        self._seen.append(seconds)
        self._count += 1
        if self._count % AFRESH == 0:
            self._usual_s = self._learned()
        return seconds, seconds / self._usual_s
