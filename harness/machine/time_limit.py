"""A limit on the time of one evaluation of f in a person's own process, where a worker's deadline does not hold.

Differences and judges evaluate f around x, and a loop in f that ends at x need not end there. Each such evaluation,
with NumPy or of a native text, starts a timer of the operating system; it interrupts Python, not a library's own loop,
and only in the main thread. Where a person has an alarm of their own, ours stays out of its way. Tracing and compiling
are not limited.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from hessbench.harness.usage import UsageError

LIMIT_S = 60.0
"""Seconds for one evaluation."""

_active = False


class _TooLong(BaseException):
    """No `Exception`: whoever tries f for what it can do would take it for an answer of f."""


class Limited:
    """A function of which an evaluation with NumPy ends in time; elsewhere the function itself.

    Args:
        f: The function f(xp, x, *data).
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        update_wrapper(self, f, updated=())

    def __call__(self, xp: Any, x: Any, *data: Any) -> Any:
        """The value of f."""
        if not (_active and _is_numpys(x)):
            return self.f(xp, x, *data)
        with in_time():
            return self.f(xp, x, *data)


@contextmanager
def in_time() -> Iterator[None]:
    """One evaluation, which ends in time within a block of `limited`; elsewhere it may take any."""
    if not _active:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _is_numpys(x: Any) -> bool:
    """Whether x is an array of NumPy, or of the arithmetic that judges."""
    while isinstance(x, (dict, list, tuple)) and x:
        x = next(iter(x.values())) if isinstance(x, dict) else x[0]
    return isinstance(x, np.ndarray) or type(x).__module__.startswith("hessbench.backends.numeric")


@contextmanager
def limited(name: str) -> Iterator[None]:
    """A block in which evaluations of `Limited` functions are limited.

    Args:
        name: What f is called.

    Raises:
        UsageError: One took too long.
    """
    global _active
    if _active or not _may():
        yield
        return
    before = signal.signal(signal.SIGALRM, _interrupt)
    _active = True
    try:
        yield
    except _TooLong:
        raise UsageError(
            f"{name}: an evaluation near x did not end within {LIMIT_S:g} s. Differences evaluate f around "
            "x: a loop in f must end there too"
        ) from None
    finally:
        _active = False
        signal.signal(signal.SIGALRM, before)


def _may() -> bool:
    """Whether the alarm is free, in the thread that may set it."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return False
    return signal.getsignal(signal.SIGALRM) is signal.SIG_DFL and signal.getitimer(signal.ITIMER_REAL)[0] == 0


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise _TooLong
