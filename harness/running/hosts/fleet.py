"""A run on many hosts: a thread for each, with a runner of its own, takes parts of the plan until nothing is left.

All that a runner learns (loop counts, what is usual, what is too large) is learned of one machine, so nothing of it is
shared. The journal is, and the records: what a lost host had not finished goes to another one of the same fingerprint.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from hessbench.harness.planning.grid import Cell, Group
from hessbench.harness.planning.settings import Settings
from hessbench.harness.running.forecast import NOTHING, Later
from hessbench.harness.running.hosts.host import Host
from hessbench.harness.running.hosts.share import Dealing, Part, Share, parts
from hessbench.harness.running.place import Here, HostLost, Place
from hessbench.harness.running.runner import HOST_LOST, Observer, Runner, launch_numbers
from hessbench.results.stored.record import Record
from hessbench.results.stored.store import Journal

Key = tuple[str, int]
FATAL = 2
"""Hosts that may be lost in one cell; it is not tried on a third one."""
LOOK_S = 0.2
ANOTHER = "another CPU, or other versions; `hessbench hosts` says what it is now"
END_S = 30.0
"""How long threads have to end when a run is stopped."""


class Source(Protocol):
    """Who knows the hosts (`harness.running.hosts.cluster`)."""

    stopping: bool
    changed: threading.Condition

    @property
    def hosts(self) -> list[Host]:
        """The hosts that are there now."""

    @property
    def lost(self) -> str:
        """Why nobody can come any more; empty while somebody can."""

    def gone(self, host: Host) -> str:
        """Why a host is not there any more; empty while it is."""

    def exclude(self, host: Host, reason: str) -> None:
        """Do not use a host any more."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a fleet is there for.

    Attributes:
        directory: The run folder.
        journal: Its journal.
        settings: How to measure.
        dealing: How the plan is cut.
        within_s: How long nobody may be there.
    """

    directory: Path
    journal: Journal
    settings: Settings
    dealing: Dealing
    within_s: float


class Fleet:
    """Carries out a plan on the hosts that there are, and on those that come.

    Args:
        aim: What for.
        source: Who knows the hosts.
        place: A host as a place.
        observer: Who watches the whole.
        eligible: Who may take part.
    """

    def __init__(
        self,
        aim: Aim,
        source: Source,
        place: Callable[[Host], Place],
        observer: Observer,
        eligible: Callable[[Host], bool] = lambda host: True,
    ) -> None:
        self._aim = aim
        self._source = source
        self._eligible = eligible
        self._place = place
        self._records = Shared(observer)
        self._numbers = Numbers(launch_numbers(aim.directory))
        self._runners: dict[str, Runner] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._introduced: set[tuple[str, str]] = set()
        self._whole: dict[str, str] = {}  # fingerprints of the machines that each do the whole plan, by name
        self._error: BaseException | None = None
        self._stopping = False
        self.disturbances: list[str] = []

    def run(self, cells: Sequence[Cell], done: Mapping[Key, Record]) -> list[Cell]:
        """Carry out what is not done.

        Args:
            cells: The plan.
            done: Records of an earlier, interrupted run by (cell key, round).

        Returns:
            The cells that nobody was left to finish; they are in the journal as interrupted.
        """
        for record in done.values():
            self._records.keep(record)
            self._whole.setdefault(record.measured_on, record.fingerprint)
        self._cells = cells
        hosts = self._hosts()
        alike = len({host.fingerprint for host in hosts}) < 2
        made = parts(cells, self._aim.dealing, len(hosts), self._aim.settings.seed, alike)
        waiting = [self._bound(part) for part in made]
        self._share = Share(waiting, self._aim.dealing, lambda: len(self._hosts()), self._records.expected_s)
        try:
            self._see_to_it()
        except BaseException:
            self.stop()
            raise
        if self._error:
            self.stop()
            raise self._error
        return self._leave()

    def _hosts(self) -> list[Host]:
        return [host for host in self._source.hosts if self._eligible(host)]

    def _bound(self, part: Part) -> Part:
        """A timed part that was begun, in an earlier run, stays with machines like the one where it was."""
        if self._aim.dealing != "timed":
            return part
        begun = (record.fingerprint for record in self._records.of(part.cells).values() if record.fingerprint)
        return replace(part, fingerprint=next(begun, ""))

    def _see_to_it(self) -> None:
        """Start a thread for every host that comes, until all is done or nobody is left."""
        last = time.monotonic()
        while not self._share.over and self._error is None:
            for host in self._hosts():
                self._begin(host)
            if any(thread.is_alive() for thread in self._threads.values()):
                last = time.monotonic()
            if self._source.lost or time.monotonic() - last > self._aim.within_s:
                break
            with self._source.changed:
                self._source.changed.wait(LOOK_S)
        for thread in list(self._threads.values()):
            thread.join(END_S)

    def _begin(self, host: Host) -> None:
        thread = self._threads.get(host.address)
        if thread is not None and thread.is_alive():
            return
        if not self._share.has_for(host.name, host.fingerprint):
            return
        if self._aim.dealing == "each" and self._whole.setdefault(host.name, host.fingerprint) != host.fingerprint:
            # It came back under its name with another version, say: its times would be taken for those of the first.
            said = f"{host.name} is left out: the machine of that name was another one before ({ANOTHER})"
            print(f"note: {said}", file=sys.stderr)
            self._source.exclude(host, said)
            return
        if (host.name, host.fingerprint) not in self._introduced:
            self._introduced.add((host.name, host.fingerprint))
            self._aim.journal.append(host.event())
        thread = threading.Thread(target=self._serve, args=(host,), name=f"hessbench-{host.name}", daemon=True)
        self._threads[host.address] = thread
        thread.start()

    def _serve(self, host: Host) -> None:
        """The life of a host's thread."""
        try:
            place = self._place(host)
            while taken := self._share.take(host.name, host.fingerprint, lambda: self._wanted(host)):
                if not self._carried_out(host, place, taken):
                    return
        except BaseException as error:  # a full disk, or a mistake of ours: the run ends with it
            self._error = self._error or error

    def _wanted(self, host: Host) -> bool:
        return not self._stopping and self._error is None and not self._source.gone(host)

    def _carried_out(self, host: Host, place: Place, taken: list[Part]) -> bool:
        """Do what was taken; False where the host is lost, and what it left is given back."""
        rest: list[Part] = taken
        try:
            runner = self._runner(place)
            self._runners[host.address] = runner
            cells = [cell for part in taken for cell in part.cells]
            runner.run(cells, self._records.of(cells))
            self.disturbances += [said] if (said := runner.disturbances()) else []
            rest = [] if not self._stopping else taken
        except HostLost as lost:
            self._source.exclude(host, str(lost))
            rest = [self._rest(part, host) for part in taken]
            return False
        finally:
            self._runners.pop(host.address, None)
            self._share.give_back(rest)
        return True

    def _runner(self, place: Place) -> Runner:
        settings = replace(self._aim.settings, workers=1)
        return Runner(self._aim.directory, self._aim.journal, settings, self._records, place, numbers=self._numbers)

    def _rest(self, part: Part, host: Host) -> Part:
        """What a lost host leaves of a part: for machines like it, if anything is timed."""
        cells = tuple(cell for cell in part.cells if self._records.losses[cell.key] < FATAL)
        timed = self._aim.dealing == "timed"
        return replace(part, cells=cells, fingerprint=host.fingerprint if timed else part.fingerprint)

    def _leave(self) -> list[Cell]:
        """Write down what nobody was left to do."""
        losses, done = self._records.losses, self._records.done
        left = [cell for part in self._share.left for cell in part.cells if not done.get(cell.key)]
        runner = self._runner(Here())
        for cell in left:
            if not losses[cell.key]:
                runner.leave(cell, f"{HOST_LOST}: no machine that may do it came within {self._aim.within_s:g} s")
        return left + [cell for cell in self._cells if losses[cell.key] >= FATAL and not done.get(cell.key)]

    def stop(self) -> None:
        """End everything; what is done is in the journal."""
        self._stopping = True
        for runner in list(self._runners.values()):
            runner.stop()
        self._source.stopping = True
        end = time.monotonic() + END_S
        for thread in list(self._threads.values()):
            thread.join(max(0.0, end - time.monotonic()))


class Numbers:
    """The numbers of launches, for many threads.

    Args:
        numbers: The numbers.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._lock = threading.Lock()

    def __iter__(self) -> Numbers:
        return self

    def __next__(self) -> int:
        with self._lock:
            return next(self._numbers)


class Shared:
    """What all hosts have found: hears records from many threads, keeps them, and passes them on one at a time.

    Args:
        observer: Who watches the whole.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._lock = threading.Lock()
        self._spent_s: defaultdict[str, float] = defaultdict(float)
        self._count: Counter[str] = Counter()
        self.done: dict[str, dict[int, Record]] = {}
        self.losses: Counter[str] = Counter()

    def keep(self, record: Record) -> None:
        """Note what is done."""
        self.done.setdefault(record.cell, {})[record.round] = record
        self._spent_s[record.backend] += record.spent_s or 0.0
        self._count[record.backend] += 1

    def expected_s(self, launch: Part) -> float:
        """How long a launch may take, as cells of its backend did; without end where none is known, to know one."""
        with self._lock:
            backend = launch.cells[0].backend
            each = self._spent_s[backend] / self._count[backend] if self._count[backend] else math.inf
        return each * len(launch.cells)

    def of(self, cells: Sequence[Cell]) -> dict[Key, Record]:
        """The records of some cells."""
        with self._lock:
            return {(cell.key, n): record for cell in cells for n, record in self.done.get(cell.key, {}).items()}

    def expecting(self, cells: Sequence[Cell], later: Later = NOTHING) -> None:
        """Pass on."""
        with self._lock:
            self._observer.expecting(cells, later)

    def launching(self, group: Group, round_: int, cells: int) -> None:
        """Pass on."""
        with self._lock:
            self._observer.launching(group, round_, cells)

    def finished(self, record: Record, again: bool = False) -> None:
        """Keep, and pass on."""
        with self._lock:
            if record.status != "interrupted":
                self.keep(record)
            elif record.reason.startswith(HOST_LOST):
                self.losses[record.cell] += 1
            self._observer.finished(record, again)
