"""A process that ends with its parent, however that one ends: a guardian waits for the end of standard input."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Collection
from contextlib import suppress


def guard(closed: Collection[int] = (), scratch: str = "") -> None:
    """Split off a process that outlives a killed parent just long enough to end the whole group.

    The group is the caller's own (`start_new_session`), and standard input stays open for as long as the parent lives.
    It is forked before anything large is imported, so it is small and holds no framework's threads. A thread would not
    do: a native call that holds the GIL would stop it, and the children of the caller would live on.

    Args:
        closed: File descriptors whose end the parent waits for, and which only this process would hold open.
        scratch: A folder that is removed then.
    """
    guarded = os.getpid()
    if os.fork():
        return
    for descriptor in closed:
        os.close(descriptor)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while os.read(0, 1 << 16):
        pass
    with suppress(ProcessLookupError):  # it has ended, and what it started may live on
        os.kill(guarded, signal.SIGKILL)
    if scratch:
        shutil.rmtree(scratch, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
