"""What Dask's worker does for us on a host: say what the machine is, and carry out one launch after the other.

The measuring worker is a process of its own, as on one machine, and never sees Dask: its variables are cleaned of what
Dask sets. Its messages go back as they come, numbered, through the scheduler. It is killed when the coordinator does
not want it any more or is gone (the scheduler then takes the task back), and dies with Dask's worker, since its
guardian waits on a pipe that this process holds.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from hessbench import backends
from hessbench.harness.machine import busy, environment, fingerprint
from hessbench.harness.planning.grid import Group
from hessbench.harness.planning.settings import Limits
from hessbench.harness.protocol import Task, decode_task, encode
from hessbench.harness.running.hosts import content
from hessbench.harness.running.hosts.host import own_versions
from hessbench.harness.running.inspection import inspect_backend
from hessbench.harness.running.launch import WorkerDied
from hessbench.harness.running.place import Here, Order

LOOK_S = 0.2
"""How often it is asked whether a launch is still wanted."""
LOG_ENDS = 1 << 19
"""Bytes of a worker's output that go back: so many of its beginning, and so many of its end."""
PROFILES = ("profile", "profile-cycle")
"""What Dask does a hundred times a second beside a task, and must not beside a measured one."""
INTERNAL = ("DASK_INTERNAL_INHERIT_CONFIG",)


def describe() -> Mapping[str, Any]:
    """What this host is."""
    machine = environment.machine()
    return {
        "node": platform.node(),
        "own": own_versions(),
        "facts": fingerprint.facts(machine, environment.versions()),
        "memory_bytes": machine["memory_bytes"],
        "missing": {name: reason for name in backends.registry() if (reason := backends.missing(name))},
    }


def cores_in_use() -> float | None:
    """Cores that others use now."""
    return busy.cores_in_use()


def inspect(name: str) -> Mapping[str, Any]:
    """What a backend is like on this host (`harness.running.inspection.Finding`)."""
    return asdict(inspect_backend(name, _inherited()))


def serve(parcel: Mapping[str, Any]) -> None:
    """Carry out a launch; what comes of it goes through the scheduler.

    Args:
        parcel: As `harness.running.hosts.remote` packs it.
    """
    worker = _worker()
    folder = Path(worker.local_directory) / f"hessbench-{parcel['session']}"
    for name in ("references", "logs", "files"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    content.unpack(folder / "files", parcel["files"])
    begin = content.below(folder / "files", parcel["folder"])
    begin.mkdir(parents=True, exist_ok=True)
    order = Order(
        parcel["name"],
        Group(**parcel["group"]),
        _there(decode_task(parcel["task"]), folder),
        parcel["variables"],
        Limits(**parcel["limits"]),
        folder / "logs" / f"{parcel['name']}.log",
    )
    teller = Teller(worker, parcel["topic"], parcel["name"])
    here = Here(inherited=_inherited(), folder=begin, at_once=parcel["at_once"])
    with _undisturbed(worker), here.launched(order) as launch, watched(launch.kill):
        teller.say("start", dict(launch.started))
        try:
            for message in launch.messages():
                teller.say("message", encode(message))
        except WorkerDied as death:
            teller.say("died", [death.status, death.reason, launch.log_tail()])
        teller.say("end", {"seen": dict(launch.ended()), "log": _ends(order.log)})
    with suppress(OSError):
        order.log.unlink()


class Teller:
    """Sends what happens, numbered, so that nothing is lost unseen.

    Args:
        worker: Dask's worker.
        topic: Where the coordinator listens.
        launch: The launch's name.
    """

    def __init__(self, worker: Any, topic: str, launch: str) -> None:
        self._worker = worker
        self._topic = topic
        self._launch = launch
        self._count = 0

    def say(self, kind: str, data: Any) -> None:
        """Send one thing."""
        self._worker.log_event(self._topic, {"launch": self._launch, "number": self._count, "kind": kind, "data": data})
        self._count += 1


def _worker() -> Any:
    from distributed import get_worker  # here, in Dask's worker, it is loaded anyway

    return get_worker()


def _there(task: Task, folder: Path) -> Task:
    """The task with the folders of this host."""
    sources = {name: str(content.below(folder / "files", path)) for name, path in task.sources.items()}
    return replace(task, references=str(folder / "references"), sources=sources)


@contextmanager
def watched(kill: Callable[[], None]) -> Iterator[None]:
    """A block of a task that ends what it has begun as soon as nobody wants it any more.

    Args:
        kill: Ends it, from another thread.
    """
    worker = _worker()
    key, over = worker.get_current_task(), threading.Event()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing" and worker.status.name in ("running", "paused")

    def watch() -> None:
        while not over.wait(LOOK_S):
            if not wanted():
                kill()
                return

    thread = threading.Thread(target=watch, name="hessbench-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _undisturbed(worker: Any) -> Iterator[None]:
    """A block in which Dask does not profile."""
    callbacks = [worker.periodic_callbacks[name] for name in PROFILES if name in worker.periodic_callbacks]
    for callback in callbacks:
        worker.loop.add_callback(callback.stop)
    try:
        yield
    finally:
        for callback in callbacks:
            worker.loop.add_callback(callback.start)


def _inherited() -> dict[str, str]:
    """The variables of this process without what Dask has set in it."""
    import dask

    worker = _worker()
    if worker.nanny is None:  # then nobody has set anything
        return cleaned(os.environ, {}, {})
    names = ("distributed.nanny.pre-spawn-environ", "distributed.nanny.environ")
    return cleaned(os.environ, {k: v for name in names for k, v in dask.config.get(name, {}).items()}, _at_first())


def cleaned(variables: Mapping[str, str], by_dask: Mapping[str, Any], at_first: Mapping[str, str]) -> dict[str, str]:
    """The variables that a person has set.

    Args:
        variables: Those of Dask's worker.
        by_dask: What Dask's nanny sets, unless a person has.
        at_first: Those with which the nanny was started.

    Returns:
        All but those that are Dask's.
    """
    theirs = {name for name in by_dask if name not in at_first}
    return {name: value for name, value in variables.items() if name not in theirs and name not in INTERNAL}


def _at_first() -> dict[str, str]:
    """The variables with which this process's parent, the nanny, was started; none where the system does not say."""
    try:
        lines = Path(f"/proc/{os.getppid()}/environ").read_bytes().split(b"\0")
    except OSError:
        return {}
    pairs = (os.fsdecode(line).partition("=") for line in lines if line)
    return {name: value for name, _, value in pairs}


def _ends(path: Path) -> bytes:
    """A log, or its beginning and its end."""
    try:
        data = path.read_bytes()
    except OSError:
        return b""
    if len(data) <= 2 * LOG_ENDS:
        return data
    return data[:LOG_ENDS] + b"\n... the middle stayed on the host ...\n" + data[-LOG_ENDS:]
