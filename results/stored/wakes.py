"""Calls that wake other threads: which of their times one launch cannot tell.

A call that is handed to another thread ends when that one has been woken, and the caller has. What this takes is the
system's mood: on an idle virtual machine with two cores 1 or 20 µs, for seconds each. The column `sleeps` of the record
counts how often threads of the worker went to sleep.
"""

from __future__ import annotations

WAKE_S = 20e-6
"""What waking a thread took in slow spells beyond the usual: 14 to 30 µs over 12 of JAX's calls of 7 to 90 µs."""
PART = 0.25
"""So large a part of a time may not hang on that. Of 290 times of JAX beyond it one in five was more than 1.5 times
as long as in the best of five launches, of 153 others none."""
AGREE = 1.25
"""Two launches agree where one is at most so many times longer: both met the same mood, most likely the usual one."""


def doubtful(min_s: float, sleeps: float | None) -> bool:
    """Whether a time may hang on how fast threads were woken.

    Args:
        min_s: Seconds of a call.
        sleeps: How often threads went to sleep in it; None where the system does not tell.

    Returns:
        False where nothing is known.
    """
    return (sleeps or 0.0) * WAKE_S > PART * min_s
