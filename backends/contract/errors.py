"""What a backend raises where something is missing or cannot be done, and how an exception becomes one line."""

from __future__ import annotations


class BackendUnavailable(Exception):
    """The framework or the device is not there; the message says why, in one line."""


class BackendBroken(Exception):
    """The framework is installed and cannot be imported; the message says why, in one line."""


class Unsupported(Exception):
    """A method found out while it was built that it does not do this problem; the message says why, in one line."""


class NotScalar(ValueError):
    """The objective returned an array instead of a scalar."""


def first_line(error: BaseException) -> str:
    """Type and first non-empty line of an exception, at most 300 characters."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"[:300]
