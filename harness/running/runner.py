"""The parent: rounds of launches in seeded random order, every planned cell ending as exactly one record per round.

A round has one launch per group (backend, dtype, device); a launch visits its cells in random order.
When a worker dies, the cell it was at gets the cause of death as its status, and the next cell goes on in
a fresh worker. Nothing is retried silently. Everything is in the journal before it is anywhere else.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

from hessbench import backends
from hessbench.harness.planning.grid import Cell, Group
from hessbench.harness.planning.methods import declared
from hessbench.harness.planning.order import ascending, dealt
from hessbench.harness.planning.settings import Settings
from hessbench.harness.protocol import STARTED, CellEnd, CellStart, Message, Outcome, Ready, Task, Unavailable, Visit
from hessbench.harness.running.forecast import NOTHING, REVISITS, Later
from hessbench.harness.running.history import History
from hessbench.harness.running.launch import WorkerDied
from hessbench.harness.running.place import Here, HostLost, Order, Place, Running
from hessbench.harness.running.racing import later
from hessbench.results.stored.record import RAW_FIELD, WITNESS_FIELD, Record
from hessbench.results.stored.store import DECIDED, Journal

LOGS, REFERENCES = "logs", "references"
HOST_LOST = "host lost"
"""How the reason of a cell begins that was interrupted because its host is gone."""


class Observer(Protocol):
    """Who watches a run; see `harness.running.progress`."""

    def expecting(self, cells: Sequence[Cell], later: Later = NOTHING) -> None:
        """Records of these cells will come beyond those that were planned, and more after them."""

    def launching(self, group: Group, round_: int, cells: int) -> None:
        """A worker is about to start."""

    def finished(self, record: Record, again: bool = False) -> None:
        """A record is in the journal; whether the cell will be measured again, as things stand."""


class Runner:
    """Executes cells into a journal.

    Args:
        directory: The run folder; logs and references go below it.
        journal: Where records go.
        settings: How to measure.
        observer: Who watches.
        place: Where launches happen (default: here).
        loops: Loop counts by cell key, shared by runners that are compared.
        numbers: Of launches, shared by runners of one folder.
    """

    def __init__(
        self,
        directory: Path,
        journal: Journal,
        settings: Settings,
        observer: Observer,
        place: Place | None = None,
        loops: dict[str, int] | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._directory = directory
        self._journal = journal
        self._settings = settings
        self._observer = observer
        self._place: Place = place or Here(at_once=settings.workers)
        self._loops: dict[str, int] = {} if loops is None else loops
        self._history = History(settings)
        self._open: set[str] = set()
        self._live: set[Running] = set()
        self._stopping = False
        self._lock = threading.RLock()
        (directory / LOGS).mkdir(exist_ok=True)
        (directory / REFERENCES).mkdir(exist_ok=True)
        self._numbers = numbers or launch_numbers(directory)

    def run(self, cells: Iterable[Cell], done: Mapping[tuple[str, int], Record]) -> None:
        """All rounds of all cells that are not done, and more of those whose times have not settled.

        Args:
            cells: The plan.
            done: Records of an earlier, interrupted run by (cell key, round).

        A `HostLost` says that the place is gone: what is not in the journal by then is to be done elsewhere.
        """
        begin = time.monotonic()
        self._loops |= {key: record.loops for (key, _), record in done.items() if record.loops}
        for _, record in sorted(done.items(), key=lambda item: item[0][1]):
            self._history.add(record)
        for mark in (self._directory / REFERENCES).glob(f"*{STARTED}"):
            mark.unlink()  # left by a worker that was stopped, not by one that died of its judge
        groups: dict[Group, list[Cell]] = {}
        cells = list(cells)
        self._open = {cell.key for cell in cells}
        for cell in cells:
            groups.setdefault(cell.group, []).append(cell)
        for round_ in range(1, self._settings.max_rounds + 1):
            if self._stopping:
                return
            order = random.Random(f"{self._settings.seed}-{round_}")
            if self._settings.racing and round_ > self._settings.rounds:
                self._decide(groups, round_)
            visits = []
            for group in order.sample(sorted(groups), len(groups)):
                pending = [
                    cell for cell in groups[group] if (cell.key, round_) not in done and self._wanted(cell, round_)
                ]
                order.shuffle(pending)
                visits.append((group, ascending(pending), round_))
            if round_ > self._settings.rounds:
                named = [cell for _, pending, _ in visits for cell in pending]
                self._observer.expecting(named, later(round_, self._settings))
            self._carry_out(visits)
        self._revisit(groups, time.monotonic() - begin)

    def _wanted(self, cell: Cell, round_: int) -> bool:
        if round_ <= self._settings.rounds:
            return True
        return cell.key in self._open if self._settings.racing else self._history.unsettled(cell, round_)

    def _decide(self, groups: Mapping[Group, list[Cell]], round_: int) -> None:
        """Find what this round is worth, and note what is decided now."""
        cells = [cell for all_ in groups.values() for cell in all_]
        still_open = {cell.key for cell in self._history.undecided(cells)}
        decided = [cell.key for cell in cells if cell.key in self._open - still_open and self._history.raced(cell)]
        self._append({"event": DECIDED, "round": round_ - 1, "cells": decided})
        self._open = still_open

    def _carry_out(self, visits: list[tuple[Group, list[Cell], int]]) -> None:
        if self._settings.workers == 1:
            for visit in visits:
                self.visit(*visit)
        else:
            self._at_once(visits)

    def _revisit(self, groups: Mapping[Group, list[Cell]], most_s: float) -> None:
        """Measure again what was disturbed or does not tell: another launch, another fate; after that time no more."""
        begin = time.monotonic()
        for visit in range(2, 2 + REVISITS):
            due = {
                (group, round_): cells
                for group, all_ in groups.items()
                for round_ in range(1, self._settings.max_rounds + 1)
                if (cells := [cell for cell in all_ if self._history.due(cell, round_, visit)])
            }
            self._observer.expecting([cell for cells in due.values() for cell in cells])
            order = random.Random(f"{self._settings.seed}-visit-{visit}")
            for group, round_ in order.sample(sorted(due), len(due)):
                cells = due[group, round_]
                self.visit(group, ascending(order.sample(cells, len(cells))), round_)
            if not due or time.monotonic() - begin > most_s:
                break

    def _at_once(self, visits: list[tuple[Group, list[Cell], int]]) -> None:
        """Several launches at a time; each group is dealt out, so that the workers end together."""
        count = self._settings.workers
        parts = [(group, part, round_) for group, cells, round_ in visits for part in dealt(cells, count)]
        with ThreadPoolExecutor(count) as pool:
            waiting = [pool.submit(self.visit, *part) for part in parts]
            try:
                for future in waiting:
                    future.result()
            except BaseException:  # the others stop too, above all when a person says so
                for future in waiting:
                    future.cancel()
                self.stop()
                raise

    def stop(self) -> None:
        """Begin nothing more, and end what is going on; what was begun is recorded as interrupted."""
        self._stopping = True
        for launch in list(self._live):
            launch.kill()

    def leave(self, cell: Cell, why: str) -> None:
        """Note that nobody was there to do a cell."""
        self._record(cell, 1, Outcome("interrupted", why))

    def disturbances(self) -> str:
        """How many cells were disturbed, in words; empty where none was."""
        return self._history.disturbances()

    def visit(self, group: Group, pending: list[Cell], round_: int) -> None:
        """One launch of a group, and further ones where a worker dies, until every cell has its record.

        Args:
            group: Backend, dtype, device.
            pending: Its cells, in the order in which they are visited.
            round_: The number of the round, from 1.
        """
        absent = self._place.absent(group.backend)
        not_installed = Outcome("unsupported", absent) if absent else None
        while pending and not self._stopping:
            skipped = {c: reason for c in pending if (reason := not_installed or self._history.skip_reason(c))}
            for cell, reason in skipped.items():
                self._record(cell, round_, reason)
            pending = [cell for cell in pending if cell not in skipped]
            if pending:
                pending = self._launch(group, pending, round_)

    def _launch(self, group: Group, pending: list[Cell], round_: int) -> list[Cell]:
        """One worker; returns the cells that it left undone."""
        with self._lock:
            name = f"{next(self._numbers):03d}-{group}"
            self._observer.launching(group, round_, len(pending))
        state = LaunchState(name, pending)
        with self._place.launched(self._order(name, group, pending)) as launch:
            if self._stopping:
                return []
            start = {"launch": name, "round": round_, "group": asdict(group), **self._host(), **launch.started}
            self._append({"event": "launch_start", **start})
            self._live.add(launch)
            try:
                for message in launch.messages():
                    self._on_message(message, state, round_)
            except WorkerDied as death:
                if self._stopping:
                    self._on_stop(state, round_)
                else:
                    self._on_death(death, state, round_, launch.log_tail())
            except HostLost as lost:
                self._on_stop(state, round_, f"{HOST_LOST}: {lost}")
                raise
            except KeyboardInterrupt:
                self._on_stop(state, round_)
                raise
            finally:
                self._live.discard(launch)
            facts = asdict(state.ready) if state.ready else {}
            self._append({"event": "launch_end", "launch": name, **facts, **launch.ended()})
        return list(state.pending.values())

    def _order(self, name: str, group: Group, pending: Sequence[Cell]) -> Order:
        backend = backends.load(group.backend)
        variables = backend.environment(*group.switches) | (
            {} if self._settings.policy.times else backend.fast_compile_environment()
        )
        log = self._directory / LOGS / f"{name}.log"
        return Order(name, group, self._task(group, pending), variables, self._settings.limits, log)

    def _host(self) -> dict[str, str]:
        return {"measured_on": self._place.host} if self._place.host else {}

    def _task(self, group: Group, cells: Sequence[Cell]) -> Task:
        visits = tuple(Visit(cell, self._loops.get(cell.key)) for cell in cells)
        task = task_of(group, self._settings, self._directory, visits)
        return replace(task, pace_s=self._history.pace_s(group.backend))

    def _on_message(self, message: Message, state: LaunchState, round_: int) -> None:
        match message:
            case Ready():
                state.ready = message
            case CellStart(key):
                state.current = state.pending.pop(key)
                self._append({"event": "cell_start", "launch": state.name, "cell": key, "round": round_})
            case CellEnd(_, outcome):
                assert state.current is not None
                cell, state.current = state.current, None
                self._record(cell, round_, outcome, state)
            case Unavailable(status, reason):
                self._give_up(state, round_, Outcome(status, reason))

    def _on_death(self, death: WorkerDied, state: LaunchState, round_: int, log_tail: str) -> None:
        outcome = Outcome(death.status, death.reason, facts={"log_tail": log_tail})
        if state.current:
            self._record(state.current, round_, outcome, state)
        elif state.untouched:  # it died before its first cell: another try would end the same way
            self._give_up(state, round_, outcome)

    def _on_stop(self, state: LaunchState, round_: int, why: str = "the run was stopped") -> None:
        if state.current:
            self._record(state.current, round_, Outcome("interrupted", why), state)

    def _give_up(self, state: LaunchState, round_: int, outcome: Outcome) -> None:
        for cell in state.pending.values():
            self._record(cell, round_, outcome, state)
        state.pending = {}

    def _record(self, cell: Cell, round_: int, outcome: Outcome, state: LaunchState | None = None) -> None:
        method = declared(cell)
        ready = state.ready if state else None
        reason = outcome.reason
        if outcome.status == "crashed":  # nobody is left who could tell
            reason += method.known(outcome.status, reason, frozenset())
        record = Record(
            **cell.as_dict(),
            mode=method.mode,
            execution=method.execution,
            assembly=method.assembly,
            chunk=method.chunk,
            estimator=method.estimate.estimator if method.estimate else "",
            products=method.estimate.products if method.estimate else None,
            round=round_,
            cell=cell.key,
            launch=state.name if state else "",
            measured_on=self._place.host,
            fingerprint=self._place.fingerprint,
            import_s=ready.import_s if ready else None,
            version=ready.versions.get(cell.backend, "") if ready else "",
            status=outcome.status,
            reason=reason,
            fault=outcome.fault,
            **outcome.facts,
            visit=self._history.visits(cell, round_) + 1,
        )
        raw = {RAW_FIELD: outcome.sample_seconds, WITNESS_FIELD: outcome.sample_witness}
        raw = raw if outcome.sample_seconds else {}
        with self._lock:
            record = replace(record, stop=self._history.add(record))
            if record.loops:
                self._loops.setdefault(cell.key, record.loops)
            self._append({"event": "cell_end", "record": record.as_dict(), **raw})
            again = record.visit <= REVISITS and self._history.due(cell, round_, record.visit + 1)
            self._observer.finished(record, again)

    def _append(self, event: dict[str, Any]) -> None:
        with self._lock:
            self._journal.append(event)


class LaunchState:
    """What a launch has done so far."""

    def __init__(self, name: str, pending: Sequence[Cell]) -> None:
        self.name = name
        self.pending = {cell.key: cell for cell in pending}
        self.current: Cell | None = None
        self.ready: Ready | None = None
        self._planned = len(pending)

    @property
    def untouched(self) -> bool:
        """Whether no cell was begun."""
        return self.current is None and len(self.pending) == self._planned


def launch_numbers(directory: Path) -> Iterator[int]:
    """The numbers of launches that a run folder has not had yet."""
    logs = directory / LOGS
    return itertools.count(1 + (len(list(logs.iterdir())) if logs.is_dir() else 0))


def task_of(group: Group, settings: Settings, directory: Path, visits: tuple[Visit, ...]) -> Task:
    """What a worker of a run folder is told.

    Args:
        group: The switches of its process.
        settings: How to measure.
        directory: The run folder.
        visits: The cells it is sent to.

    Returns:
        The task.
    """
    directory = directory.resolve()  # f may change the working directory
    return Task(
        **asdict(group),
        policy=settings.policy_of_launches,
        seed=settings.seed,
        references=str(directory / REFERENCES),
        visits=visits,
        sources={name: str(directory / path) for name, path in settings.sources.items()},
        slowdown=settings.slowdown,
    )
