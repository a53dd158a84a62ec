"""The child: one backend at one dtype on one device; a task in, cells computed, events out.

Started as `python -P -m hessbench.harness.worker EVENTS_FD SCRATCH` with the task as one JSON line on standard input.
Events go to their own pipe as JSON lines, because frameworks print to standard output. Standard input stays
open for as long as the parent lives, and the guardian ends the whole group with it.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys

from hessbench.harness.machine.guardian import guard


def main() -> None:
    """Read the task, answer with messages, leave."""
    events, scratch = int(sys.argv[1]), sys.argv[2]
    line = _read_line()
    if not line:
        os._exit(1)  # the parent died before it could say what to do
    guard([events], scratch)
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


if __name__ == "__main__":
    main()
