"""A block in which a person's function runs in their own session, and which leaves that session as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hessbench.harness.judging.explain import name_of
from hessbench.harness.machine.time_limit import limited
from hessbench.harness.python.reading.modules import buffers_in_training
from hessbench.harness.usage import UsageError


@contextmanager
def evaluating(f: Callable[..., Any]) -> Iterator[None]:
    """A block in which f ends in time, does not end the session, and leaves no trace in a module that it calls.

    Args:
        f: The function, or a problem.

    Yields:
        Nothing.

    Raises:
        UsageError: An evaluation took too long, or called sys.exit.
    """
    buffers = buffers_in_training(f)
    before = [buffer.detach().clone() for buffer in buffers]
    try:
        with limited(name_of(f)):
            yield
    except SystemExit:
        raise UsageError(f"{name_of(f)} ends the session (sys.exit); raise an exception instead") from None
    finally:
        for buffer, values in zip(buffers, before, strict=True):
            buffer.detach().copy_(values)
