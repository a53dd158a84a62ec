"""The child: one backend at one dtype on one device; a task in, cells computed, events out.

Started as `python -P -m hessbench.harness.worker EVENTS_FD SCRATCH` with the task as one JSON line on standard input.
Events go to their own pipe as JSON lines, because frameworks print to standard output. Standard input stays
open for as long as the parent lives; a guardian process waits for its end and then ends the whole group.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import sys


def main() -> None:
    """Read the task, answer with messages, leave."""
    events, scratch = int(sys.argv[1]), sys.argv[2]
    line = _read_line()
    if not line:
        os._exit(1)  # the parent died before it could say what to do
    _fork_guardian(events, scratch)
    faulthandler.enable()
    faulthandler.register(signal.SIGTERM, all_threads=True, chain=True)

    from hessbench.harness.protocol import Message, decode_task, encode
    from hessbench.harness.worker.session import serve

    def emit(message: Message) -> None:
        data = encode(message)
        while data:  # a pipe may take a part at a time
            data = data[os.write(events, data) :]

    serve(decode_task(line), emit)
    sys.stdout.flush()
    os._exit(0)  # frameworks' exit handlers can hang or crash, and everything is said


def _read_line() -> bytes:
    """The first line of standard input, without buffering what comes after; empty if it never ends."""
    line = b""
    while not line.endswith(b"\n"):
        chunk = os.read(0, 1 << 16)
        if not chunk:
            return b""
        line += chunk
    return line


def _fork_guardian(events: int, scratch: str) -> None:
    """Split off a process that outlives a killed parent just long enough to clean up after it.

    It is forked before anything is imported, so it is small and holds no framework's threads. A thread would not
    do: a native call that holds the GIL would stop it, and the children of a worker would live on.
    """
    worker = os.getpid()
    if os.fork():
        return
    os.close(events)  # else the parent would wait for the end of events that only it can bring about
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while os.read(0, 1 << 16):
        pass
    os.kill(worker, signal.SIGKILL)
    shutil.rmtree(scratch, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
