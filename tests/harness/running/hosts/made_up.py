"""Hosts that are made up: no process is started, launches answer at once."""

import threading
import time
from contextlib import contextmanager

from hessbench.harness.planning.settings import CHECK_ONLY, QUICK, Limits, Settings
from hessbench.harness.protocol import CellEnd, CellStart, End, Outcome, Ready
from hessbench.harness.running.hosts.fleet import Aim, Fleet
from hessbench.harness.running.hosts.host import Host
from hessbench.harness.running.launch import WorkerDied
from hessbench.harness.running.place import HostLost
from hessbench.results.stored import store

FACTS = {
    "cpu": "made up",
    "cores": 2,
    "usable_cores": 2,
    "memory_gb": 8,
    "gpus": [],
    "blas": "none",
    "python": "3.11",
    "versions": {},
}


def host(name, **facts):
    return Host(name, f"tcp://{name}:1", name, {**FACTS, **facts})


class Hosts:
    """A cluster that knows what it is told."""

    def __init__(self, *hosts):
        self.changed = threading.Condition()
        self.hosts = list(hosts)
        self.stopping = False
        self.lost = ""

    def gone(self, host):
        return "" if host in self.hosts else "gone"

    def exclude(self, lost, reason):
        with self.changed:
            self.hosts = [host for host in self.hosts if host.address != lost.address]
            self.changed.notify_all()


class Place:
    """A host whose worker says of a cell what `answer(host, cell)` does: an outcome, or an error that it raises."""

    def __init__(self, made, answer):
        self.host, self.fingerprint = made.name, made.fingerprint
        self._answer = answer

    def absent(self, backend):
        return None

    @contextmanager
    def launched(self, order):
        yield Running(order, lambda cell: self._answer(self.host, cell))


class Running:
    started = {"time": 0.0}  # noqa: RUF012

    def __init__(self, order, answer):
        self._order = order
        self._answer = answer
        self._killed = False

    def messages(self):
        yield Ready(0.0)
        for visit in self._order.task.visits:
            yield CellStart(visit.cell.key)
            outcome = self._answer(visit.cell)
            if self._killed:
                raise WorkerDied("crashed", "killed")
            if isinstance(outcome, BaseException):
                raise outcome
            yield CellEnd(visit.cell.key, outcome)
        yield End()

    def log_tail(self):
        return ""

    def ended(self):
        return {}

    def kill(self):
        self._killed = True


class Observer:
    def launching(self, *facts): ...
    def expecting(self, cells, later=None): ...
    def finished(self, record, again=False): ...


def right(host, cell):
    return Outcome("ok", facts={"min_s": 1.0, "rel_error": 0.0, "loops": 1})


def lost(host, cell):
    return HostLost(f"{host}: gone")


def crashed(host, cell):
    return WorkerDied("crashed", "measure: killed by SIGSEGV")


def run(folder, cells, hosts, answer=right, dealing="timed", done=None, within_s=0.3, rounds=1):
    """A run on made-up hosts: the cells that are left, and the records in their order."""
    policy = CHECK_ONLY if dealing == "checked" else QUICK
    settings = Settings(policy, rounds, rounds, 0, Limits())
    with store.Journal(folder) as journal:
        aim = Aim(folder, journal, settings, dealing, within_s)
        left = Fleet(aim, hosts, lambda made: Place(made, answer), Observer()).run(cells, done or {})
    events = store.read_journal(folder)
    return left, [event["record"] for event in events if event["event"] == "cell_end"]


def slowly(answer, seconds=0.01):
    """The same, but so that others come to their turn."""

    def wait(host, cell):
        time.sleep(seconds)
        return answer(host, cell)

    return wait
