"""Words of the command line as values: every small parser, made to be an argparse `type=`.

Each raises a `UsageError` with one whole line, which argparse passes on as it is. Nothing heavy is imported here, since
`hessbench --help` passes through.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from hessbench.harness.usage import UsageError

_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


Several = str | int | Iterable[str | int] | None
"""One value of an option or several; None leaves the default."""


class Rounds(NamedTuple):
    """Launches per backend.

    Attributes:
        least: Launches in any case.
        most: Launches of cells whose times do not settle.
    """

    least: int
    most: int


class Budget(NamedTuple):
    """What one call may cost.

    Attributes:
        text: The budget as it was written.
        amount: Seconds or bytes.
        column: The column of the record that it limits.
    """

    text: str
    amount: float
    column: str


def names(text: str) -> list[str]:
    """The parts of "a,b".

    Returns:
        One name or more.

    Raises:
        UsageError: There is none: nothing is asked for, which is not the default.
    """
    if not (parts := [part for part in text.split(",") if part]):
        raise UsageError("a list of names is empty; name one or more, or leave the option out")
    return parts


def several(value: Several) -> list[str] | None:
    """What Python was given for an option, as the command line has it; None leaves the default."""
    return None if value is None else names(line(value))


def line(value: str | int | Iterable[str | int]) -> str:
    """One value or several as the command line has them."""
    parts = value if isinstance(value, Iterable) and not isinstance(value, str) else [value]
    return ",".join(map(str, parts))


def sizes(text: str) -> list[int | str]:
    """Numbers of "10,..50,smallest"; words stay words, which `size_range` reads once the tiers are known."""
    return [int(part) if re.fullmatch(r"-?\d+", part) else part for part in names(text)]


def numbers(text: str) -> list[int]:
    """Whole numbers of "4,16".

    Returns:
        The numbers in their order.

    Raises:
        UsageError: A part is not a whole number.
    """
    try:
        return [int(part) for part in names(text)]
    except ValueError:
        raise UsageError(f"{text!r} is not a whole number, nor several; write for example 4,16") from None


def size_range(text: str, tiers: Iterable[str]) -> tuple[float, float]:
    """Least and most of a range of sizes: "..50", "10.." or "10..50".

    Args:
        text: The range.
        tiers: Words that could have been meant instead, for the message.

    Returns:
        The limits, both included.

    Raises:
        UsageError: The text is not a range, or its end lies before its start.
    """
    match = re.fullmatch(r"(\d*)\.\.(\d*)", text)
    if not match:
        raise UsageError(
            f"size {text!r} is not a whole number; write for example 10,100 or ..50, or one of {', '.join(tiers)}"
        )
    low, high = float(match[1] or 1), float(match[2] or math.inf)
    if low > high or text == "..":
        raise UsageError(f"size range {text!r} is none; write for example ..50, 10.. or 10..50")
    return low, high


def rounds(text: str) -> Rounds:
    """Least and most launches of "5" or "3..10".

    Returns:
        Twice the same where there is one number.

    Raises:
        UsageError: The text is neither a number of 1 or more nor a range of such numbers.
    """
    match = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", text)
    least, most = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= least <= most:
        raise UsageError(f"--rounds {text} is no number of launches; write for example 5, or 3..10 for at least 3")
    return Rounds(least, most)


def memory_size(text: str) -> int:
    """A size in memory such as "4GB", "512M" (powers of 1000) or "4GiB" (of 1024).

    Returns:
        Bytes.

    Raises:
        UsageError: The text is not a size.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([KMGT]?)(I?)B?\s*", text.upper())
    if not match or float(match[1]) == 0:
        raise UsageError(f"memory limit {text!r} is not a size; write for example 4GB")
    power = " KMGT".index(match[2] or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def duration(text: str) -> float:
    """A length of time: "90", "90s", "10m" or "2h".

    Returns:
        Seconds.

    Raises:
        UsageError: The text is not a duration.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*([smh]?)\s*", text)
    if not match or float(match[1]) == 0:
        raise UsageError(f"{text!r} is no time; write for example 90s, 10m or 2h")
    return float(match[1]) * _SECONDS[match[2] or "s"]


def budget(text: str) -> Budget:
    """A budget per call: a time such as "10ms" or "2s", or a size such as "4GB".

    Returns:
        Seconds or bytes, with the column that they limit.

    Raises:
        UsageError: The text is neither a time nor a size.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*(ns|us|µs|ms|s|m|h)\s*", text)
    if match and float(match[1]) > 0:
        return Budget(text, float(match[1]) * _SECONDS[match[2]], "min_s")
    try:
        return Budget(text, memory_size(text), "extra_host_bytes")
    except UsageError:
        raise UsageError(f"--budget {text!r} is neither a time nor a size; write for example 10ms or 4GB") from None
