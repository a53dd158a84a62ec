"""Versions on other machines: each host has one at a time, and what a lost host had goes to another. No Dask here."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hessbench.harness.running.hosts.host import Host
from hessbench.harness.versions import asking
from hessbench.harness.versions.elsewhere import Elsewhere
from hessbench.harness.versions.environments import Environment
from hessbench.harness.versions.gathering import Wanted
from hessbench.results.versions.verified import Verified


class Task:
    """What a host makes of a version: what it found, a reason, or nothing because it is lost."""

    def __init__(self, outcome):
        self.outcome = outcome

    def result(self, within_s):
        if self.outcome is None:
            raise TimeoutError
        return self.outcome

    def failure(self):
        return ""

    def cancel(self):
        pass


class Machines:
    """Two hosts that answer at once, but for those that are lost."""

    def __init__(self, lost=()):
        self.cluster, self.lost, self.sent, self._lock = self, lost, [], threading.Lock()

    def ready(self, names):
        return [Host(name, f"tcp://{name}", name, {}) for name in names or ("a", "b")]

    def gone(self, host):
        return "gone" if host.name in self.lost else ""

    def send(self, host, function, wanted, asked):
        with self._lock:
            self.sent.append((host.name, wanted, asked))
        (version,) = wanted.parts
        if host.name in self.lost:
            return Task(None)
        return Task("it does not import" if version == "2.0" else Verified(wanted.backend, version, {}, {}))


def verified(machines, versions, asked=None):
    verify = Elsewhere(machines, Wanted("jax", tuple(versions)), asked or {"suites": ["traps"]})

    def one(version):
        try:
            return verify(Environment("jax", version, "python-that-is-not-there"), None).version
        except asking.Failed as error:
            return str(error)

    with ThreadPoolExecutor(verify.at_once) as pool:
        return list(pool.map(one, versions))


def test_every_version_is_verified_and_one_that_cannot_be_says_why():
    machines = Machines()
    assert verified(machines, ["1.0", "1.1", "2.0", "1.2"]) == ["1.0", "1.1", "it does not import", "1.2"]
    assert all(wanted.yes and len(wanted.parts) == 1 for _, wanted, _ in machines.sent)


@pytest.mark.parametrize("lost", [{"a"}, {"b"}])
def test_what_a_lost_host_had_goes_to_the_other(lost, capsys):
    machines = Machines(lost)
    assert verified(machines, ["1.0", "1.1", "1.2"]) == ["1.0", "1.1", "1.2"]
    assert sum(host in lost for host, _, _ in machines.sent) <= 1
    assert capsys.readouterr().err.count("takes no further version: gone") <= 1


def test_without_a_host_every_version_is_left_out_with_the_reason():
    assert set(verified(Machines({"a", "b"}), ["1.0", "1.1", "1.2"])) == {"no machine was left to verify it"}


def test_machines_that_are_named_take_part_and_are_no_part_of_the_question():
    machines = Machines()
    verified(machines, ["1.0", "1.1"], {"suites": ["traps"], "hosts": ["b"]})
    assert {(host, "hosts" in asked) for host, _, asked in machines.sent} == {("b", False)}
