"""The child: one backend at one dtype on one device; a task in, cells computed, events out.

Started as `python -P -m harness.worker EVENTS_FD PARENT_PID` with the task as one JSON line on standard
input. Events go to their own pipe as JSON lines, because frameworks print to standard output. Standard input
stays open for as long as the parent lives: when it ends, the worker kills its process group.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import signal
import sys
import threading
import time
from typing import Any

Emit = Any


def main() -> None:
    """Read the task, answer with events, leave."""
    events, parent = int(sys.argv[1]), int(sys.argv[2])
    _die_with(parent)
    faulthandler.enable()
    faulthandler.register(signal.SIGTERM, all_threads=True, chain=True)
    task = json.loads(sys.stdin.readline())
    threading.Thread(target=_watch_parent, daemon=True).start()

    def emit(event: str, **fields: Any) -> None:
        line = json.dumps({"event": event, **fields}).encode() + b"\n"
        while line:
            line = line[os.write(events, line) :]

    from harness.session import serve

    serve(task, emit)
    sys.stdout.flush()
    os._exit(0)  # frameworks' exit handlers can hang or crash, and everything is said


def _die_with(parent: int) -> None:
    """Linux: be killed the moment the parent dies, even inside a native call that holds the GIL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def _watch_parent() -> None:
    """Everywhere: end the whole group when standard input does."""
    while os.read(0, 4096):
        pass
    time.sleep(0.1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
