"""Numbers and texts for people: times and ratios with three digits and a unit, texts that only show."""

from __future__ import annotations

import math
import re

_STEPS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def seconds(value: float | None) -> str:
    """A time such as "1.23 ms"; a dash for none."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0 s"
    size, unit = next(((s, u) for s, u in _STEPS if abs(value) >= s), _STEPS[-1])
    return f"{digits(value / size)} {unit}"


def ratio(value: float | None) -> str:
    """A ratio such as "1.23×"; a dash for none."""
    return "–" if value is None or not math.isfinite(value) else f"{digits(value)}×"


def digits(value: float) -> str:
    """Three significant digits without an exponent up to a million."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(value) >= 1e6:
        return f"{value:.2e}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def scientific(value: float | None) -> str:
    """An error such as "1e-15"; a dash for none."""
    if value == 0:
        return "0"
    return "–" if value is None or not math.isfinite(value) else f"{value:.0e}"


CONTROLS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colors, movements of the cursor
    r"|\x1b\][^\x07\x1b]*(\x07|\x1b\\)"  # titles, links
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
"""What a terminal obeys in the place of showing it, but for line ends and tabs."""


def printable(text: str) -> str:
    """A text without what a terminal obeys: an exception of a person's f may hold anything."""
    return CONTROLS.sub("", text)
