"""Versions that are verified on the machines of a scheduler, on each of them one at a time.

A host makes the environment in a cache of its own and verifies there, as is done here without a scheduler; what was
found comes back. Nothing is timed, so hosts need not be alike.
"""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hessbench.harness.planning.request import Said
from hessbench.harness.running.place import HostLost
from hessbench.harness.usage import UsageError
from hessbench.harness.versions import asking, pythons
from hessbench.harness.versions.environments import Environment, Resolved
from hessbench.harness.versions.gathering import Wanted, gather, ready, say
from hessbench.results.versions.verified import Verified

if TYPE_CHECKING:
    from hessbench.harness.running.hosts.cluster import Cluster, Submitted
    from hessbench.harness.running.hosts.host import Host
    from hessbench.harness.running.hosts.machines import Machines

TICK_S = 0.5
"""How often it is looked whether a host that says nothing is still there."""


class Elsewhere:
    """Verifies versions on hosts, from as many threads as there are hosts.

    Args:
        machines: The machines of a scheduler; those that are there now take part.
        wanted: What versions were asked for, and where they come from.
        asked: What was said of the request.
    """

    def __init__(self, machines: Machines, wanted: Wanted, asked: Mapping[str, Said]) -> None:
        hosts = machines.ready([str(name) for name in asking.several(asked.get("hosts"))])
        self.at_once = len(hosts)
        self._cluster: Cluster = machines.cluster
        self._wanted = wanted
        self._asked = {name: value for name, value in asked.items() if name != "hosts"}
        self._free: queue.SimpleQueue[Host] = queue.SimpleQueue()
        for host in hosts:
            self._free.put(host)
        self._lost = 0
        self._stopping = False
        self._lock = threading.Lock()
        self._under_way: set[Submitted] = set()

    def __call__(self, environment: Environment, resolved: Resolved | None) -> Verified:
        """Verify a version where there is room; where its host is lost, on another one.

        Args:
            environment: The version; it is made on the host.
            resolved: Not used: the host finds its own packages.

        Returns:
            What was found.

        Raises:
            Failed: It cannot be had or verified there, or no host is left.
        """
        wanted = replace(self._wanted, parts=(environment.version,), python=_number(environment.base), yes=True)
        while True:
            host = self._next()
            say(f"{environment.backend} {environment.version}: verifying on {host.name}")
            try:
                found = self._verified(host, wanted)
            except HostLost as lost:
                if self._stopping:
                    raise asking.Failed("stopped") from None
                with self._lock:
                    self._lost += 1
                say(f"note: {host.name} takes no further version: {lost}")
                continue
            self._free.put(host)
            if isinstance(found, str):
                raise asking.Failed(found)
            return found

    def _next(self) -> Host:
        while self._lost < self.at_once:
            try:
                return self._free.get(timeout=TICK_S)
            except queue.Empty:
                continue
        raise asking.Failed("no machine was left to verify it")

    def _verified(self, host: Host, wanted: Wanted) -> Verified | str:
        task = self._cluster.send(host, verified_here, wanted, self._asked)
        self._under_way.add(task)
        try:
            while True:
                try:
                    found: Verified | str = task.result(TICK_S)
                    return found
                except TimeoutError:
                    if reason := self._cluster.gone(host) or task.failure():
                        raise HostLost(reason) from None
                except Exception as error:  # Dask's own errors, and what the host raised
                    raise HostLost(f"{type(error).__name__}: {error}") from None
        finally:
            self._under_way.discard(task)

    def stop(self) -> None:
        """Take back what is under way; hosts end it."""
        self._stopping = True
        for task in list(self._under_way):
            task.cancel()


def verified_here(wanted: Wanted, asked: Mapping[str, Said]) -> Verified | str:
    """Verify a version on this host, in a task of Dask's worker.

    Args:
        wanted: The version.
        asked: What was said of the request.

    Returns:
        What was found, or why nothing was.
    """
    from hessbench.harness.running.hosts import agent  # Dask's, so on a host only

    with agent.watched(asking.stop), tempfile.TemporaryDirectory(prefix="hessbench-versions-") as scratch:
        try:
            ((environment, resolved),) = gather(wanted, lambda line: None).environments
            if reason := ready(environment, resolved):
                return reason
            return asking.verified(environment, asked, Path(scratch) / "verified")
        except (UsageError, asking.Failed) as error:
            return str(error)
        except OSError as error:
            return f"cannot write to {error.filename}: {error.strerror}"


def _number(python: str) -> str | None:
    """The version "3.12" of an interpreter, which has another path on another machine."""
    version = pythons.version_of(python)
    return ".".join(version.split(".")[:2]) if version else None
