"""The machines of a run: who takes part, what they are called, and the run itself carried out on them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hessbench import backends
from hessbench.harness.machine.fingerprint import differences
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.request import Request
from hessbench.harness.planning.settings import Settings
from hessbench.harness.running.folder import RunFolder, refuse
from hessbench.harness.running.hosts.content import gather
from hessbench.harness.running.hosts.fleet import Aim, Fleet, Key
from hessbench.harness.running.hosts.host import HOW, Host
from hessbench.harness.running.hosts.remote import HostPlace
from hessbench.harness.running.hosts.share import Dealing
from hessbench.harness.running.inspection import Finding
from hessbench.harness.running.memory_pass import memory_pass
from hessbench.harness.running.place import HostLost
from hessbench.harness.running.runner import Observer
from hessbench.harness.usage import UsageError, unknown
from hessbench.results.stored import store
from hessbench.results.stored.record import Record
from hessbench.results.stored.store import Journal

if TYPE_CHECKING:
    from hessbench.harness.running.hosts.cluster import Cluster

WITHIN_S = 60.0
"""So long a run waits for machines unless it is told otherwise."""
SETTLE_S = 1.5
"""Once one machine is there, others that were started with it have so long to be seen."""


class NoHosts(UsageError):
    """No machine is there that could do anything."""

    code = 3


class Machines:
    """The hosts of a scheduler, for a run.

    Args:
        cluster: Who knows and reaches them.
        within_s: Seconds that nobody may be there.
    """

    def __init__(self, cluster: Cluster, within_s: float) -> None:
        self.cluster = cluster
        self._within_s = within_s
        self._told: set[tuple[str, str]] = set()

    def ready(self, names: Collection[str] = ()) -> list[Host]:
        """Wait for machines.

        Args:
            names: Those that are wanted; empty for all that are there.

        Returns:
            The hosts, by name.

        Raises:
            NoHosts: Nobody is there in time.
            UsageError: Some are there, and not those that are wanted, or they cannot take part.
        """  # noqa: DOC501 - `unknown` makes a UsageError
        end = time.monotonic() + self._within_s
        cluster, count = self.cluster, int(self.cluster.local[1]) if self.cluster.local else 1
        with cluster.changed:
            cluster.changed.wait_for(lambda: self._enough(names, count), max(0.0, end - time.monotonic()))
        if not names and not cluster.local:
            time.sleep(SETTLE_S)
        found = cluster.hosts
        for name, reason in sorted(cluster.strangers.items() - self._told):
            print(f"note: the worker {name} is left out: {reason}", file=sys.stderr)
            self._told.add((name, reason))
        if absent := [name for name in names if name not in {host.name for host in found}]:
            if not found:
                raise NoHosts(self._nobody())
            raise unknown("host", absent[0], [host.name for host in found])
        if not found:
            if cluster.strangers:
                name, reason = next(iter(cluster.strangers.items()))
                raise UsageError(f"no worker at {cluster.address} can take part; {name}: {reason}")
            raise NoHosts(self._nobody())
        return [host for host in found if not names or host.name in names]

    def _enough(self, names: Collection[str], count: int) -> bool:
        there = {host.name for host in self.cluster.hosts}
        return bool(self.cluster.lost) or (set(names) <= there if names else len(there) >= count)

    def _nobody(self) -> str:
        how = HOW.replace("ADDRESS", self.cluster.address)
        return f"no machine is there for {self.cluster.address} after {self._within_s:g} s; start one with: {how}"

    def placed(self, request: Request) -> Request:
        """The request with the machines that are there, where each of them runs everything."""
        hosts = self.ready(request.selection.hosts)
        if request.sharing != "each":
            return request
        names = tuple(host.name for host in hosts)
        return replace(request, selection=replace(request.selection, hosts=names))

    def alike(self, request: Request) -> Request:
        """The request for machines of one fingerprint: that of the first of those that are there."""
        hosts = self.ready(request.selection.hosts)
        names = tuple(host.name for host in hosts if host.fingerprint == hosts[0].fingerprint)
        return replace(request, selection=replace(request.selection, hosts=names))

    def cores_in_use(self, hosts: Sequence[Host]) -> dict[str, float | None]:
        """Cores that are in use on each host, by name; None where it does not say."""
        said = self.cluster.ask("cores_in_use", hosts)
        return {name: None if isinstance(used, Exception) else used for name, used in said.items()}

    def inspected(self, hosts: Sequence[Host], names: Sequence[str]) -> dict[str, dict[str, Finding | str]]:
        """What each host says of each backend; where it does not answer, why."""
        found: dict[str, dict[str, Finding | str]] = {host.name: {} for host in hosts}
        for backend in names:
            for name, said in self.cluster.ask("inspect", hosts, backend).items():
                found[name][backend] = f"no answer: {said}" if isinstance(said, Exception) else Finding(**said)
        return found

    def run(
        self,
        folder: RunFolder,
        journal: Journal,
        settings: Settings,
        observer: Observer,
        done: Mapping[Key, Record],
    ) -> list[Cell]:
        """Carry out what is missing of a run.

        Args:
            folder: Where it is.
            journal: Its journal.
            settings: How to measure.
            observer: Who watches.
            done: What is done.

        Returns:
            The cells that nobody was left to do.
        """
        request = folder.request
        hosts = self.ready(request.selection.hosts)
        if request.sharing == "each":
            refuse_others(folder, hosts)
        self._note(hosts, settings)
        files = gather(str(folder.directory / path) for path in settings.sources.values())
        turns: dict[str, threading.Lock] = {}

        def place(host: Host) -> HostPlace:
            limit = request.memory_limit_bytes
            if settings.policy.times:  # one after the other
                return HostPlace(host, self.cluster, files, limit, turns.setdefault(host.node, threading.Lock()))
            neighbors = sum(other.node == host.node for other in hosts)
            return HostPlace(host, self.cluster, files, limit, at_once=max(1, neighbors))

        dealing: Dealing = "each" if request.sharing == "each" else "timed" if settings.policy.times else "checked"
        chosen = _able(hosts, folder.cells) if request.sharing == "share" else hosts
        left_out = {host.fingerprint for host in hosts} - {host.fingerprint for host in chosen}
        names = set(request.selection.hosts)

        def eligible(host: Host) -> bool:
            return (not names or host.name in names) and host.fingerprint not in left_out

        fleet = Fleet(
            Aim(folder.directory, journal, settings, dealing, self._within_s), self.cluster, place, observer, eligible
        )
        left = fleet.run(folder.cells, done)
        for said in fleet.disturbances:
            print(said, file=sys.stderr)
        if request.memory and not left:
            self._weigh(folder, journal, settings, observer, place)
        return left

    def _weigh(
        self,
        folder: RunFolder,
        journal: Journal,
        settings: Settings,
        observer: Observer,
        place: Callable[[Host], HostPlace],
    ) -> None:
        """The memory pass: each cell where it was measured; what a host that is lost had stays unweighed."""
        where = {key: record.measured_on for (key, _), record in folder.finished().items()}
        unweighed = folder.unweighed()
        for host in self.cluster.hosts:
            mine = [cell for cell in unweighed if where.get(cell.key) == host.name]
            with suppress(HostLost):
                memory_pass(folder.directory, journal, settings, mine, observer, place(host))

    def _note(self, hosts: Sequence[Host], settings: Settings) -> None:
        """Say who takes part, and what is odd about it."""
        names = ", ".join(f"{host.name} ({host.fingerprint})" for host in hosts)
        print(f"note: machines: {names}", file=sys.stderr)
        nodes = [host.node for host in hosts]
        shared = [host.name for host in hosts if nodes.count(host.node) > 1]
        if shared and settings.policy.times:
            print(
                f"note: {', '.join(shared)} are on one machine and would disturb each other, so they take turns",
                file=sys.stderr,
            )


def refuse_others(folder: RunFolder, hosts: Sequence[Host]) -> None:
    """Refuse to go on with machines of which one is not what it was: its times would be those of two."""
    met = (event for event in store.read_journal(folder.directory) if event["event"] == "host")
    before = {event["name"]: event["facts"] for event in met}
    for host in hosts:
        if differ := differences(before.get(host.name, host.facts), host.facts):
            refuse(folder.directory, f"{host.name} is another machine now: {'; '.join(differ)} (before and now)")


def _able(hosts: Sequence[Host], cells: Sequence[Cell]) -> list[Host]:
    """Of hosts that share a plan those that lack nothing that another one has; what others lack is said."""
    wanted = {cell.backend for cell in cells} & set(backends.registry())
    best = [name for name in sorted(wanted) if any(name not in host.missing for host in hosts)]
    lacking = {host.name: [name for name in best if name in host.missing] for host in hosts}
    if all(lacking.values()):
        return list(hosts)
    for host in hosts:
        if lacking[host.name]:
            absent = ", ".join(host.missing[name] for name in lacking[host.name])
            print(f"note: {host.name} is left out: {absent} there", file=sys.stderr)
    return [host for host in hosts if not lacking[host.name]]
