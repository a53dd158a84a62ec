"""The only module that talks to Dask: who is there, who is gone, launches handed over, events brought back.

What Dask does by default with tasks, and must not with launches: it runs one again whose worker died, moves one to
another worker, and waits for ever for one that nobody can run. So every launch is bound to its host, and a host that is
gone is noticed here.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import re
import signal
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import dask
import distributed

from hessbench.harness.running.hosts import agent
from hessbench.harness.running.hosts.host import HOW, RESOURCE, Host, named, stranger
from hessbench.harness.running.hosts.remote import Event
from hessbench.harness.usage import UsageError

GONE = "gone"
CONNECT_S = 10.0
LOOK_S = 1.0
"""How often the scheduler is asked who is there; with very many hosts less often."""
SILENT_S = 20.0
"""A host that the scheduler has not heard of for so long is lost: stopped, hung, or without network."""
ANSWER_S = 60.0
"""A host has so long to say what it is."""
ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://[^\s/]+:\d+/?")
LOCAL = re.compile(r"local:([1-9]\d{0,2})")
SETTINGS: Mapping[str, Any] = {
    "distributed.nanny.pre-spawn-environ": {},
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
}
"""Of a scheduler and its workers that are started here."""


async def _answer(address: str) -> None:
    """Have a scheduler say who it is: Dask's client waits for ever for what listens there and speaks otherwise."""
    arguments = distributed.Security().get_connection_args("client")
    async with distributed.core.rpc(address, timeout=CONNECT_S, connection_args=arguments) as there:
        await there.identity()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """A block whose child processes leave Ctrl-C, which a terminal sends to all of them, to this one, who ends them."""
    if threading.current_thread() is not threading.main_thread():  # where no handler can be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Submitted:
    """What Dask has been handed, a launch above all.

    Args:
        future: Dask's.
    """

    def __init__(self, future: distributed.Future) -> None:
        self._future = future

    def failure(self) -> str:
        """Why it could not be carried out; empty where nothing is known against it."""
        if self._future.status == "error":
            error = self._future.exception(timeout=CONNECT_S)
            if isinstance(error, distributed.KilledWorker):
                return GONE
            return f"{type(error).__name__}: {error}"
        return "the scheduler has dropped the launch" if self._future.status in ("cancelled", "lost") else ""

    def result(self, within_s: float) -> Any:
        """What it returned, or raised; a `TimeoutError` where that is not there in time."""
        return self._future.result(timeout=within_s)

    def cancel(self) -> None:
        """Take it back."""
        try:
            self._future.cancel(force=True)
        except Exception:  # Dask's own errors: the scheduler is gone, and with it the task
            pass


class Cluster:
    """The hosts of a scheduler; a context manager.

    Args:
        address: "tcp://HOST:PORT", "tls://HOST:PORT", or "local:2" for two that are started here.

    Raises:
        UsageError: The address is none, or nobody answers there.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = uuid.uuid4().hex[:12]
        self.topic = f"hessbench-{self.session}"
        self.local = LOCAL.fullmatch(address)
        self.changed = threading.Condition()
        self.strangers: dict[str, str] = {}
        self.stopping = False
        self._hosts: dict[str, Host] = {}
        self._asked: set[str] = set()
        self._gone: dict[str, str] = {}
        self._bad: set[str] = set()
        self._seen: dict[str, tuple[Any, float]] = {}
        self._inboxes: dict[str, queue.SimpleQueue[Event]] = {}
        self._lost = ""
        self._closed = threading.Event()
        warnings.filterwarnings("ignore", module="distributed")  # of versions and large parcels, in many lines
        for name in ("distributed", "distributed.client", "distributed.comm", "tornado.application"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._own = self._started(int(self.local[1])) if self.local else None
        self._client = self._connected()
        self._client.subscribe_topic(self.topic, self._heard)
        self._thread = threading.Thread(target=self._watch, name="hessbench-hosts", daemon=True)
        self._thread.start()

    def _started(self, count: int) -> distributed.LocalCluster:
        with dask.config.set(SETTINGS), _deaf_to_ctrl_c():
            return distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                resources={RESOURCE: 1},
                dashboard_address=None,
                memory_limit=None,
                host="127.0.0.1",
                silence_logs=logging.CRITICAL,
            )

    def _connected(self) -> distributed.Client:
        if self._own is None and not ADDRESS.fullmatch(self.address):
            raise UsageError(f"--scheduler {self.address!r} is no address; write tcp://HOST:PORT or local:2")
        if self.address.startswith("tls") and not distributed.Security().tls_ca_file:
            raise UsageError(self._refused("no certificate authority is named"))
        try:
            where = self._own or self.address
            if self._own is None:
                asyncio.run(asyncio.wait_for(_answer(self.address), CONNECT_S))
            return distributed.Client(where, timeout=CONNECT_S, set_as_default=False, name="hessbench")
        except Exception as error:  # Dask raises OSError, TypeError and ValueError here, and wraps those of TLS
            self._stop_own()
            raise UsageError(self._refused(f"{error} {error.__cause__ or ''}")) from None

    def _refused(self, error: str) -> str:
        said = " ".join(error.split())
        speaks = said and self.address.startswith("tls")  # where nobody listens, time runs out without a word
        if speaks or "TLS" in said or "SSL" in said or "encryption" in said:
            return (
                f"the scheduler at {self.address} refuses this connection: {said:.200}; name the certificates with "
                "DASK_DISTRIBUTED__COMM__TLS__CA_FILE and DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and __KEY"
            )
        return (
            f"no scheduler answers at {self.address}; start one with: dask scheduler (one with certificates is tls://)"
        )

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- Who is there ---

    @property
    def hosts(self) -> list[Host]:
        """The hosts that are there now, by name."""
        with self.changed:
            return sorted(self._hosts.values(), key=lambda host: host.name)

    def gone(self, host: Host) -> str:
        """Why a host is not there any more; empty while it is."""
        if self.stopping:
            return "the run was stopped"
        with self.changed:
            if self._lost:
                return self._lost
            return "" if host.address in self._hosts else self._gone.get(host.address, GONE)

    @property
    def lost(self) -> str:
        """Why the scheduler is not there any more; empty while it is."""
        return self._lost

    def exclude(self, host: Host, reason: str) -> None:
        """Do not use a host any more that is still there, though launches fail on it."""
        with self.changed:
            if host.address in self._hosts and GONE not in reason:
                self._bad.add(host.address)
                self._drop(host.address, reason)

    def _watch(self) -> None:
        silent_since: float | None = None
        while not self._closed.wait(max(LOOK_S, len(self._hosts) / 200)):
            try:
                found = self._client.scheduler_info()["workers"]
                silent_since = None
            except Exception:  # Dask's own errors: no scheduler
                silent_since = silent_since or time.monotonic()
                if self._client.status == "closed" or time.monotonic() - silent_since > SILENT_S:
                    self._forget_all(f"the scheduler at {self.address} is gone")
                    return
                continue
            self._compare(found)

    def _forget_all(self, reason: str) -> None:
        with self.changed:
            self._lost = reason
            self._hosts.clear()
            self.changed.notify_all()

    def _compare(self, found: Mapping[str, Mapping[str, Any]]) -> None:
        """Take note of who came and who went."""
        now = time.monotonic()
        usable = {address: info for address, info in found.items() if info.get("resources", {}).get(RESOURCE)}
        for address in found.keys() - usable.keys():
            self.strangers.setdefault(str(found[address].get("name")), f"it offers no resource; start it with: {HOW}")
        with self.changed:
            for address in [*self._hosts]:
                heard = usable.get(address, {}).get("last_seen")
                if address not in usable:
                    self._drop(address, GONE)
                elif self._seen.get(address, (None, 0.0))[0] != heard:
                    self._seen[address] = (heard, now)
                elif now - self._seen[address][1] > SILENT_S:
                    self._drop(address, f"silent for {SILENT_S:.0f} s")
            new = {address: info["name"] for address, info in usable.items() if address not in self._asked}
            self._asked |= new.keys()
        for address, name in new.items():  # a host that hangs keeps its thread, which nobody waits for
            threading.Thread(target=self._ask, args=(address, name), name="hessbench-ask", daemon=True).start()

    def _drop(self, address: str, reason: str) -> None:
        self._gone[address] = reason
        self._asked.discard(address)  # one that comes back is asked again
        del self._hosts[address]
        self.changed.notify_all()

    def _ask(self, address: str, given: object) -> None:
        """Find out what a new host is."""
        try:
            said: Any = self._client.run(agent.describe, workers=[address], on_error="return")[address]
        except Exception as error:  # Dask's own errors, and a host that went meanwhile
            said = error
        if isinstance(said, BaseException):
            with self.changed:
                absent = isinstance(said, ImportError)
                self.strangers[str(given)] = f"it has no working hessbench ({said})" if absent else f"{said}"
                self.changed.notify_all()
            return
        with self.changed:
            if reason := stranger(said["own"]):
                self.strangers[str(given)] = reason
            elif address not in self._bad:
                name = named(given, said["node"], [host.name for host in self._hosts.values()])
                self._seen[address] = (None, time.monotonic())
                self._hosts[address] = Host(
                    name, address, said["node"], said["facts"], said["missing"], said["memory_bytes"]
                )
            self.changed.notify_all()

    # --- Launches ---

    def submit(self, host: Host, parcel: Mapping[str, Any]) -> Submitted:
        """Hand over a launch to one host and no other."""
        return self.send(host, agent.serve, dict(parcel), key=f"hessbench-{self.session}-{parcel['name']}")

    def send(self, host: Host, function: Callable[..., Any], *arguments: Any, key: str | None = None) -> Submitted:
        """Have one host and no other carry out a function that it can import, once."""
        future = self._client.submit(
            function,
            *arguments,
            key=key,
            workers=[host.address],
            allow_other_workers=False,
            resources={RESOURCE: 1},
            retries=0,
            pure=False,
        )
        return Submitted(future)

    def ask(self, question: str, hosts: Iterable[Host], *arguments: Any) -> Mapping[str, Any]:
        """Have every host answer a question, a function of `agent`; by name what it says, or the error."""
        asked = {host.name: self.send(host, getattr(agent, question), *arguments) for host in hosts}
        return {name: self._answer(one) for name, one in asked.items()}

    def _answer(self, asked: Submitted) -> Any:
        try:
            return asked.result(ANSWER_S)
        except Exception as error:  # whatever the host raised, or Dask's own
            return error

    def listen(self, launch: str, inbox: queue.SimpleQueue[Event]) -> None:
        """Bring what a launch says there."""
        self._inboxes[launch] = inbox

    def forget(self, launch: str) -> None:
        """Nobody listens any more."""
        self._inboxes.pop(launch, None)

    def _heard(self, event: tuple[float, Event]) -> None:
        inbox = self._inboxes.get(event[1]["launch"])
        if inbox is not None:
            inbox.put(event[1])

    def close(self) -> None:
        """Leave; what was started here ends."""
        self.stopping = True
        self._closed.set()
        try:
            self._client.close(timeout=CONNECT_S)
        except Exception:  # Dask's own errors: the scheduler is gone
            pass
        self._stop_own()

    def _stop_own(self) -> None:
        if self._own is not None:
            try:
                self._own.close(timeout=CONNECT_S)
            except Exception:  # Dask's own errors: what does not end in time ends with this process
                pass
