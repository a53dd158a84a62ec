"""Time by the device's own clock beside wall time: least of a few calls, where the framework has such a clock.

Wall time counts the wait for the host to notice the end; events do not. Where both differ by much for calls of over a
millisecond, one of them is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

CALLS = 7

Call = Callable[..., Any]


def least_event_time(
    clock: Callable[[Call, tuple[Any, ...]], float | None],
    call: Call,
    inputs: Sequence[tuple[Any, ...]],
    budget_s: float,
) -> float | None:
    """Least seconds of a call by the device's clock.

    Args:
        clock: Makes one call and times it on the device; None where there is no clock.
        call: The prepared call.
        inputs: Tuples of device arrays, used in turn.
        budget_s: After so long no further call is begun.

    Returns:
        The least of a few calls, or None where there is no clock.
    """
    seen: list[float] = []
    end = time.perf_counter() + budget_s
    while len(seen) < CALLS and (not seen or time.perf_counter() < end):
        seconds = clock(call, inputs[len(seen) % len(inputs)])
        if seconds is None:
            return None
        seen.append(seconds)
    return min(seen)
