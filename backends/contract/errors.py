"""What a backend raises where something is missing or cannot be done, and how that becomes one line."""

from __future__ import annotations

import math
import sys


class BackendUnavailable(Exception):
    """The framework or the device is not there; the message says why, in one line."""


class BackendBroken(Exception):
    """The framework is installed and cannot be imported; the message says why, in one line."""


class Unsupported(Exception):
    """A method found out while it was built that it does not do this problem; the message says why, in one line."""


class NoRule(Unsupported, TypeError):
    """Numbers with derivatives have no rule for a function; a `TypeError`, too, as NumPy raises for foreign arrays."""


class NotScalar(ValueError):
    """The objective returned an array instead of a scalar."""


def readable(error: BaseException) -> BaseException:
    """The exception itself, or one that names it where its own text cannot be had: a person's `__str__` may raise."""
    try:
        str(error)
    except Exception:
        return RuntimeError(f"{type(error).__name__}, whose __str__ fails").with_traceback(error.__traceback__)
    return error


LONGEST = 300
"""Characters of an exception in one line."""
END = 90
"""Of these, characters of its end where the middle is left out."""


def first_line(error: BaseException) -> str:
    """Type and first non-empty line of an exception, at most 300 characters.

    Where that line opens a bracket, the lines up to its end belong to it: a tensor is printed in several, and what the
    exception says of it comes behind.

    Returns:
        One line; of a longer one the beginning and the end.
    """
    error = readable(error)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text, *more = lines or ["no message"]
    for line in more:
        if _closed(text) or len(text) > 100 * LONGEST:
            break
        text += f" {line}"
    text = f"{type(error).__name__}: {text}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - END - 5]} ... {text[-END:]}"


def _closed(text: str) -> bool:
    """Whether all brackets that a text opens are closed in it."""
    return all(text.count(opening) <= text.count(closing) for opening, closing in ("()", "[]", "{}"))


def told_apart(number: float, other: float, least: int = 6) -> str:
    """A number in a message, with as many digits as tell it from another one.

    Args:
        number: The number.
        other: The other one.
        least: Digits at least.

    Returns:
        Its text.
    """
    if not math.isfinite(number - other):
        return f"{number:.{least}g}"
    size = max(abs(number), abs(other), sys.float_info.min)
    apart = max(abs(number - other) / size, sys.float_info.epsilon)
    return f"{number:.{max(least, 2 - math.floor(math.log10(apart)))}g}"
