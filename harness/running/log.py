"""What a worker prints, in a file: all of it, or where it prints without end, its beginning and its end.

An f that prints at every call fills a disk in minutes (6.3 GB in a minute were seen), and nobody reads that.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

MOST = 16 << 20
"""Bytes from which the middle is left out."""
BEGINNING, END = 1 << 20, 1 << 16
"""Bytes of a long log that stay: warnings come first, what a worker died of comes last."""
LINES = 20
"""Lines of the end that a record gets."""
NEAR = 8192
"""Bytes in which those are looked for."""


class WorkerLog:
    """The log of one worker.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left_out = 0

    def opened(self) -> BinaryIO:
        """The empty file as the worker gets it: what is written goes to its end, wherever that is by then."""
        number = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        return open(number, "wb", buffering=0)

    def trim(self) -> None:
        """Leave out the middle where the file has grown too long; the worker goes on writing at its end."""
        try:
            size = self._path.stat().st_size
            if size <= MOST:
                return
            with open(self._path, "r+b") as stream:
                stream.seek(size - END)
                end = stream.read()
                self._left_out += size - BEGINNING - len(end)
                stream.truncate(BEGINNING)
            note = f"\n... hessbench leaves out {self._left_out / 1e6:.0f} MB of what was printed here ...\n"
            with open(self._path, "ab") as stream:
                stream.write(note.encode() + end)
        except OSError:  # a full disk, say: the journal will meet it, too
            pass

    def tail(self) -> str:
        """The last lines."""
        try:
            with open(self._path, "rb") as stream:
                stream.seek(max(0, self._path.stat().st_size - NEAR))
                text = stream.read().decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-LINES:])
