"""A whole run: plan a request, make its folder, carry it out. `hb.run` and the commands call this and nothing else."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Literal

from hessbench import backends, suites
from hessbench.harness.machine import busy, environment
from hessbench.harness.planning.grid import ALL, HERE, Cell
from hessbench.harness.planning.plan import left_out, plan
from hessbench.harness.planning.request import Request
from hessbench.harness.running.discovery import discover
from hessbench.harness.running.folder import RunFolder
from hessbench.harness.running.memory_pass import memory_pass
from hessbench.harness.running.progress import Accounts, Watcher
from hessbench.harness.running.racing import later
from hessbench.harness.running.runner import Observer, Runner
from hessbench.harness.usage import UsageError
from hessbench.results.stored import store
from hessbench.results.stored.record import Record

if TYPE_CHECKING:
    from hessbench.harness.running.hosts.machines import Machines

SAME_S = 5.0
"""Signals to stop that come within so long are one: `timeout` sends two, and so does a hand in haste."""

How = Literal["done", "stopped", "cannot-write", "no-hosts"]
"""How a run ends: all cells have their records, a person stopped it, the folder could not be written any more, or
machines were lost that nobody replaced."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a run.

    Attributes:
        folder: Where it is.
        how: How it ended.
        accounts: Where its time went.
    """

    folder: RunFolder
    how: How
    accounts: Accounts


def planned(request: Request) -> tuple[Cell, ...]:
    """Plan a request on the devices that there are; what is left out is noted on standard error.

    Returns:
        The cells. A `UsageError` says which name or size does not exist, or that nothing is left.
    """
    hosts = request.selection.hosts if request.sharing == "each" else (HERE,)
    cells = plan(request.selection, _devices(request), hosts)
    for line in left_out(request.selection):
        _note(line)
    return cells


def _devices(request: Request) -> Mapping[str, tuple[str, ...]]:
    """The devices that frameworks see here, where all are asked for; those of other machines must be named."""
    if request.sharing and ALL in request.selection.devices:
        raise UsageError("--device all is asked of this machine; with --scheduler name them: --device cpu,gpu")
    return discover(request.selection)


def carry_out(folder: RunFolder, wait_s: float = 0.0, machines: Machines | None = None) -> Ended:
    """Run what is missing of a run.

    Args:
        folder: Where it is.
        wait_s: Seconds to wait at most until the machine is quiet.
        machines: Where, if not here.

    Returns:
        How it ended.

    Raises:
        UsageError: The folder cannot be written, or another process is writing there.
    """
    settings = folder.request.settings()
    try:
        journal = store.Journal(folder.directory)
    except store.NotARun as error:
        raise UsageError(f"cannot write to {folder.directory}: {error}") from None
    except OSError as error:
        raise UsageError(f"cannot write to {error.filename or folder.directory}: {error.strerror}") from None
    # The journal is open, and so locked, before anything is read of it: no other run adds records meanwhile.
    with journal, _stopped_once():
        done = folder.finished()
        if machines is None:
            _note_absent(folder.cells)
        to_come = [c for c in folder.cells for r in range(1, settings.rounds + 1) if (c.key, r) not in done]
        print(f"{len(to_come)} cells to do, into {folder.directory}", file=sys.stderr)
        with Watcher(to_come, later(1, settings)) as watcher:
            try:
                if machines is not None:
                    left = machines.run(folder, journal, settings, watcher, done)
                    if left:
                        _say_left(folder, left)
                        return Ended(folder, "no-hosts", watcher.accounts)
                else:
                    _run_here(folder, journal, watcher, done, wait_s if to_come else None)
            except KeyboardInterrupt:
                _say_stopped(folder)
                return Ended(folder, "stopped", watcher.accounts)
            except OSError as error:
                _say_cannot_write(folder, error)
                return Ended(folder, "cannot-write", watcher.accounts)
    return Ended(folder, "done", watcher.accounts)


def _run_here(
    folder: RunFolder,
    journal: store.Journal,
    watcher: Observer,
    done: Mapping[tuple[str, int], Record],
    wait_s: float | None,
) -> None:
    """Run what is missing on this machine; look around first, unless there is nothing to come."""
    settings = folder.request.settings()
    if settings.policy.times and wait_s is not None:
        _look_around(wait_s)
    runner = Runner(folder.directory, journal, settings, watcher)
    runner.run(folder.cells, done)
    if folder.request.memory:
        memory_pass(folder.directory, journal, settings, folder.unweighed(), watcher)
    if said := runner.disturbances():
        print(said, file=sys.stderr)


def _look_around(wait_s: float) -> None:
    """Say in one line that the machine is busy, where it is; wait first, where that is asked for."""
    used = busy.wait_for_quiet(wait_s) if wait_s else busy.cores_in_use()
    if used is not None and used >= busy.NOTICEABLE:
        _note(busy.sentence(used, environment.usable_cores()))


@contextmanager
def _stopped_once() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: with a readable folder, and no worker left behind.

    A second signal soon after the first would interrupt just that, and the run would go on; it is taken for the same.
    """
    if threading.current_thread() is not threading.main_thread():  # where no handler can be set
        yield
        return
    stopped_at = -math.inf

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped_at
        now = time.monotonic()
        if now - stopped_at > SAME_S:
            stopped_at = now
            raise KeyboardInterrupt

    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else a person has another one, or ignores
    numbers = (signal.SIGTERM, signal.SIGINT) if usual else (signal.SIGTERM,)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _note(line: str) -> None:
    print(f"note: {line}", file=sys.stderr)


def _note_absent(cells: tuple[Cell, ...]) -> None:
    for name in dict.fromkeys(cell.backend for cell in cells):
        if absent := backends.missing(name):
            _note(f"{name} is {absent}")
    for name, reason in {**backends.broken(), **suites.broken()}.items():
        _note(f"{name} is left out: {reason}")


def _resume(folder: RunFolder) -> str:
    """The command that goes on."""
    return f"hessbench {'run' if folder.request.policy.times else 'verify'} --resume {folder.directory}"


def _say_stopped(folder: RunFolder) -> None:
    directory = folder.directory
    print(f"\nstopped; what is done is kept. Go on with: {_resume(folder)}", file=sys.stderr)
    print(f"Look at it with: hessbench report {directory}", file=sys.stderr)


def _say_left(folder: RunFolder, left: Sequence[Cell]) -> None:
    print(
        f"hessbench: {len(left)} cells are left, because their machines were lost; what is done is kept. Go on with: "
        f"{_resume(folder)} --scheduler ...",
        file=sys.stderr,
    )


def _say_cannot_write(folder: RunFolder, error: OSError) -> None:
    print(
        f"hessbench: {error}; what is done is kept. Go on with: {_resume(folder)}",
        file=sys.stderr,
    )
