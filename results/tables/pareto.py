"""The Pareto front of error against time: what nothing else beats in both."""

from __future__ import annotations

from collections.abc import Sequence


def front(times: Sequence[float], errors: Sequence[float]) -> list[bool]:
    """For each method, whether every faster one has a larger error; of equals the first counts.

    Args:
        times: Seconds per call.
        errors: Relative errors, in the same order.

    Returns:
        A flag for each method, in the same order.
    """
    least, kept = float("inf"), [False] * len(times)
    for i in sorted(range(len(times)), key=lambda i: (times[i], errors[i])):
        if errors[i] < least:
            least, kept[i] = errors[i], True
    return kept
