"""A host as a place for launches: an order is packed and submitted, and what comes back is handed to the runner."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from types import TracebackType
from typing import Any, Protocol, cast

from hessbench.harness.planning.request import MEMORY_SHARE
from hessbench.harness.protocol import Message, NotUnderstood, decode, encode_task
from hessbench.harness.running.hosts.host import Host
from hessbench.harness.running.launch import WorkerDied
from hessbench.harness.running.place import HostLost, Order
from hessbench.results.stored.record import Status

TICK_S = 0.5
"""How often it is looked whether a host that says nothing is still there."""
Event = Mapping[str, Any]


class Submitted(Protocol):
    """A launch that has been handed over."""

    def failure(self) -> str:
        """Why it could not be carried out; empty where nothing is known against it."""

    def cancel(self) -> None:
        """Take it back."""


class Transport(Protocol):
    """Who carries parcels to hosts and events back (`harness.running.hosts.cluster`)."""

    session: str
    topic: str

    def submit(self, host: Host, parcel: Mapping[str, Any]) -> Submitted:
        """Hand over a launch."""

    def listen(self, launch: str, inbox: queue.SimpleQueue[Event]) -> None:
        """Bring what a launch says there."""

    def forget(self, launch: str) -> None:
        """Nobody listens any more."""

    def gone(self, host: Host) -> str:
        """Why a host is not there any more; empty while it is."""


class HostPlace:
    """A host on which launches happen, one at a time.

    Args:
        host: The host.
        transport: Who carries.
        files: A person's own files, sent with the first launch.
        memory_limit_bytes: Of a worker; None for most of the host's memory.
        turn: Held during a launch, where several hosts are one machine and something is timed.
        at_once: Hosts that are one machine and have launches at the same time.
    """

    def __init__(
        self,
        host: Host,
        transport: Transport,
        files: Mapping[str, bytes],
        memory_limit_bytes: int | None = None,
        turn: threading.Lock | None = None,
        at_once: int = 1,
    ) -> None:
        self.there = host
        self.host = host.name
        self.fingerprint = host.fingerprint
        self.transport = transport
        self.turn = turn
        self._at_once = at_once
        self._files = files
        self._delivered = False
        machine = host.memory_bytes
        self._memory = memory_limit_bytes or (int(MEMORY_SHARE * machine) if machine else None)

    def absent(self, backend: str) -> str | None:
        """Why a backend cannot be there, or None."""
        reason = self.there.missing.get(backend)
        return f"{reason} on {self.host}" if reason else None

    def launched(self, order: Order) -> RunningThere:
        """Start a launch."""
        return RunningThere(order, self)

    def parcel(self, order: Order) -> Mapping[str, Any]:
        """An order as plain data."""
        return {
            "session": self.transport.session,
            "topic": self.transport.topic,
            "name": order.name,
            "group": asdict(order.group),
            "task": encode_task(order.task),
            "variables": dict(order.variables),
            "limits": {"phase_s": order.limits.phase_s, "memory_bytes": self._memory},
            "folder": os.getcwd(),
            "at_once": self._at_once,
            "files": {} if self._delivered else dict(self._files),
        }

    def delivered(self) -> None:
        """The files have arrived."""
        self._delivered = True


class RunningThere:
    """A launch on a host; a context manager.

    Args:
        order: What is wanted.
        place: Where.
    """

    def __init__(self, order: Order, place: HostPlace) -> None:
        self._order = order
        self._place = place
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._number = 0
        self._over = False
        self._killed = False
        self._tail = ""
        self._ended: Mapping[str, Any] = {}
        self._stack = ExitStack()

    def __enter__(self) -> RunningThere:
        place, name = self._place, self._order.name
        with ExitStack() as stack:
            if place.turn:
                stack.enter_context(place.turn)
            place.transport.listen(name, self._inbox)
            stack.callback(place.transport.forget, name)
            self._submitted = place.transport.submit(place.there, place.parcel(self._order))
            stack.callback(self._take_back)
            event = self._next()
            self.started: Mapping[str, Any] = event["data"] if event["kind"] == "start" else {}
            place.delivered()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _take_back(self) -> None:
        if not self._over:
            self._submitted.cancel()

    def messages(self) -> Iterator[Message]:
        """What the worker says, as it comes.

        Yields:
            Each message.

        Raises:
            WorkerDied: The worker ended early, or was killed from here.
            HostLost: The host is gone, or what it says is not understood.
        """
        death: WorkerDied | None = None
        while not self._over:
            event = self._next()
            match event["kind"]:
                case "message":
                    try:
                        yield decode(event["data"])
                    except NotUnderstood as error:
                        raise HostLost(f"{self._place.host} says what is not understood: {error}") from None
                case "died":
                    status, reason, self._tail = event["data"]
                    death = WorkerDied(cast(Status, status), reason)
                case "end":
                    self._finish(event["data"])
                case "killed":
                    raise WorkerDied("crashed", "killed by hessbench")
        if death:
            raise death

    def _finish(self, data: Mapping[str, Any]) -> None:
        self._over = True
        self._ended = data["seen"]
        self._order.log.write_bytes(data["log"])

    def _next(self) -> Event:
        """The next event, in order."""
        while True:
            try:
                event = self._inbox.get(timeout=TICK_S)
            except queue.Empty:
                if self._killed:
                    return {"kind": "killed"}
                self._check()
                continue
            if event["kind"] == "killed":
                return event
            if event["number"] != self._number:
                raise HostLost(f"what {self._place.host} said was lost on the way")
            self._number += 1
            return event

    def _check(self) -> None:
        """Whether somebody is left to wait for; what is under way is read first."""
        place = self._place
        reason = place.transport.gone(place.there) or self._submitted.failure()
        if reason and self._inbox.empty():
            raise HostLost(f"{place.host}: {reason}")

    def log_tail(self) -> str:
        """The last lines of the worker's output."""
        return self._tail

    def ended(self) -> Mapping[str, Any]:
        """What was seen of the machine at the end."""
        return self._ended

    def kill(self) -> None:
        """End it, from whichever thread."""
        self._killed = True
        self._inbox.put({"kind": "killed"})
        self._submitted.cancel()
