"""Where launches happen: in a process of this machine, or on a host (`harness.running.hosts`); a runner does not care.

A place starts a measuring worker, passes on its messages, and says what was seen of the machine before and after.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from hessbench import backends
from hessbench.harness.machine import devices, environment
from hessbench.harness.machine.nvml import Gauge
from hessbench.harness.planning.grid import Group
from hessbench.harness.planning.settings import Limits
from hessbench.harness.protocol import CellEnd, Message, Outcome, Task
from hessbench.harness.running.launch import Launch


class HostLost(Exception):
    """The place is gone, or not fit for measuring any more: what it had begun is not known."""


@dataclass(frozen=True, slots=True)
class Order:
    """A launch that is wanted.

    Attributes:
        name: Unique within the run.
        group: The switches of its process.
        task: What the worker does.
        variables: Set before the framework is imported.
        limits: Deadlines and memory.
        log: Where the worker's output goes, on this machine.
    """

    name: str
    group: Group
    task: Task
    variables: Mapping[str, str]
    limits: Limits
    log: Path


class Running(Protocol):
    """A launch that has been started."""

    @property
    def started(self) -> Mapping[str, Any]:
        """What was seen of the machine when it was started: time, load, clocks."""

    def messages(self) -> Iterator[Message]:
        """What the worker says, as it comes; `WorkerDied` and `HostLost` are raised where that ends early."""

    def log_tail(self) -> str:
        """The last lines of the worker's output."""

    def ended(self) -> Mapping[str, Any]:
        """What is seen of the machine at the end."""

    def kill(self) -> None:
        """End it, from whichever thread."""


class Place(Protocol):
    """Who starts launches."""

    @property
    def host(self) -> str:
        """The name of the machine; empty where it is this one."""

    @property
    def fingerprint(self) -> str:
        """Of that machine (`harness.machine.fingerprint`); empty where it is this one."""

    def absent(self, backend: str) -> str | None:
        """Why a backend cannot be there, or None."""

    def launched(self, order: Order) -> AbstractContextManager[Running]:
        """Start a launch; it is over when the block is left."""


class Here:
    """This machine.

    Args:
        python: The interpreter of the workers.
        inherited: Variables that workers inherit (default: those of this process).
        folder: Where workers begin (default: where this process is).
        at_once: Launches at a time that share the machine's cores.
    """

    host = fingerprint = ""

    def __init__(
        self,
        python: str = sys.executable,
        inherited: Mapping[str, str] | None = None,
        folder: Path | None = None,
        at_once: int = 1,
    ) -> None:
        self._python = python
        self._inherited = inherited
        self._folder = folder
        self._at_once = at_once

    def absent(self, backend: str) -> str | None:
        """Why a backend cannot be there, or None; of another interpreter only its worker knows."""
        return backends.missing(backend) if self._python == sys.executable else None

    def launched(self, order: Order) -> RunningHere:
        """Start a launch; of several at a time, one may compute on a GPU."""
        known = os.environ if self._inherited is None else self._inherited
        threads = environment.shared_out(self._at_once, known)
        order = replace(order, variables={**threads, **order.variables})
        return RunningHere(order, self._python, self._inherited, self._folder)


class RunningHere:
    """A launch on this machine; a context manager.

    Args:
        order: What is wanted.
        python: The worker's interpreter.
        inherited: Variables that the worker inherits.
        folder: Where it begins.
    """

    def __init__(self, order: Order, python: str, inherited: Mapping[str, str] | None, folder: Path | None) -> None:
        self._order = order
        self._python = python
        self._inherited = inherited
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> RunningHere:
        order = self._order
        with ExitStack() as stack:
            stack.enter_context(devices.turn(order.group.device))
            self._gauge = Gauge(order.group.device)
            self.started: Mapping[str, Any] = {**environment.moment(), **self._gauge.note()}
            self._launch = stack.enter_context(
                Launch(
                    order.task, order.variables, order.limits, order.log, self._python, self._inherited, self._folder
                )
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def messages(self) -> Iterator[Message]:
        """The worker's messages; the outcome of a cell on a GPU gets what is known of that.

        Yields:
            Each message.
        """
        for message in self._launch.messages():
            yield self._seen(message) if isinstance(message, CellEnd) else message

    def _seen(self, end: CellEnd) -> CellEnd:
        return replace(end, outcome=with_gpu(end.outcome, self._gauge.facts()))

    def log_tail(self) -> str:
        """The last lines of the worker's output."""
        return self._launch.log_tail()

    def ended(self) -> Mapping[str, Any]:
        """What is seen of the machine now."""
        return {**environment.moment(), **self._gauge.note()}

    def kill(self) -> None:
        """End it."""
        self._launch.kill()


def with_gpu(outcome: Outcome, gauge: Mapping[str, str]) -> Outcome:
    """The outcome with what is known of its GPU; what disturbs it there is added to what disturbs it here."""
    disturbed = "; ".join(text for text in (outcome.facts.get("disturbed"), gauge.get("disturbed")) if text)
    return outcome.known(**{**gauge, "disturbed": disturbed}) if gauge else outcome
