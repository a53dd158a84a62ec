"""Standard output and standard error as they may be: of any encoding, closed, a pipe nobody reads, a full disk."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, TextIO

IN_ASCII: Mapping[str, str] = MappingProxyType(
    {
        "★": "*",
        "µ": "u",
        "×": "x",
        "–": "-",
        "─": "-",
        "│": "|",
        "…": "~",
        "≈": "~",
        "\u00a0": " ",
    }
)
"""What is written where the encoding lacks a sign: one letter for one, so that tables stay in line."""

HANDLER = "hessbench.in_ascii"


def _in_ascii(error: UnicodeError) -> tuple[str | bytes, int]:
    """The signs that cannot be encoded, as the nearest ones that can; others as escapes, which lose nothing."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    sign = error.object[error.start]
    if sign in IN_ASCII:
        return IN_ASCII[sign], error.start + 1
    error.end = error.start + 1
    return codecs.backslashreplace_errors(error)


codecs.register_error(HANDLER, _in_ascii)


class CannotPrint(Exception):
    """Standard output takes nothing more.

    Attributes:
        closed: Whether its reader has left, as `| head` does, which is no failure.
        reason: Why, in words.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.closed = isinstance(error, BrokenPipeError)
        self.reason = error.strerror or str(error)


class _Stream:
    """A text stream whose failures are handled in one place; all else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, or do what becomes of a failure."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._failed(error)
            return len(text)

    def flush(self) -> None:
        """Flush, or do what becomes of a failure."""
        try:
            self._stream.flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        _to_nowhere(self._stream)  # what is buffered must not fail again when Python ends


class _Results(_Stream):
    """Standard output: a command whose results nobody can read ends."""

    def _failed(self, error: OSError) -> None:
        super()._failed(error)
        raise CannotPrint(error)


def _to_nowhere(stream: TextIO) -> None:
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):  # a stream in memory has no number
        pass


@contextmanager
def ready() -> Iterator[None]:
    """Both streams take every text while this lasts; a failure of standard output is a `CannotPrint`.

    Notes and progress on standard error are no results: where they cannot be written, the command goes on without.

    Yields:
        Nothing.
    """
    _fill_in_what_is_closed()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Results(_open(before[0])), _Stream(_open(before[1]))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _fill_in_what_is_closed() -> None:
    """Give 0, 1 and 2 to the null device where they are closed: a journal or a pipe would get those numbers."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def _open(stream: TextIO | None) -> TextIO:
    """A stream that takes every text; Python has None where it was started with a closed one."""
    if stream is None:
        return open(os.devnull, "w")
    reconfigure = getattr(stream, "reconfigure", None)  # a stream in memory has none
    if reconfigure:
        reconfigure(errors=HANDLER)
    return stream
