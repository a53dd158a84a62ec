"""A block that is left in time: some functions try everything that they are given."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

PATIENCE_S = 60


@contextmanager
def in_time(seconds: int) -> Iterator[None]:
    """A block that is left after so many seconds; the alarm is then as it was before."""

    def stop(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        with suppress(TimeoutError):
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
