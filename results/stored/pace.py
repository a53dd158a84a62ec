"""The pace of a core: what is usual among many readings, and what is too slow to be its own.

A reading is the time of a fixed piece of work (`harness.machine.pace`), the column `pace_s` of the record. What is
usual differs between backends: threads of JAX that still spin after a call slow the work by a fifth.
"""

from __future__ import annotations

from collections.abc import Iterable

SLOW = 1.15
"""So many times slower than usually a core is not its own. Readings of an idle one lie within 8 % of each other, and 30
to 45 % above where its units are shared."""
ENOUGH = 20
"""Cells that must have told before anything is usual in a run."""


def usual(seconds: Iterable[float]) -> float:
    """What a core takes that is left alone, of many readings: their lower quartile.

    Args:
        seconds: The readings, one at least.

    Returns:
        Seconds. Not the least: that is what a core does at first, before it is warm and its clock goes down.
    """
    ordered = sorted(seconds)
    return ordered[len(ordered) // 4]


def said(times: float) -> str:
    """In words, how slow a core was."""
    return f"the core was {times:.2g} times slower than usual"
