"""Kill hosts, measuring workers and the coordinator at random, again and again, and see what is left.

A scheduler and some workers of Dask run on the loopback. After every kill: no finished cell is lost, no process of a
dead coordinator is left on a host after ten seconds, and in the end a resumed run is complete.

    python benchmarks/hosts/kills.py --kills 30
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

MARK = "HESSBENCH_KILLS"
WORKER = "hessbench.harness.worker"
PLAN = ["verify", "classic", "traps", "--backend", "numpy,autograd"]
ENDS = (0, 1, 3)
"""Done; done, with faults that are new; nobody was there for too long."""
ORPHANS_S = 10.0
TARGETS = ("host", "measuring worker", "coordinator")


class Lost(AssertionError):
    """Something that was finished is gone, or something that should be gone is there."""


class Loopback:
    """A scheduler and workers of Dask on this machine; a context manager.

    Args:
        folder: For their files.
        names: Of the workers.
        python: Interpreter of each worker by name, if not this one.
    """

    def __init__(self, folder: Path, names: Sequence[str] = (), python: dict[str, str] | None = None) -> None:
        self.mark = uuid.uuid4().hex
        self._folder = folder
        self._python = python or {}
        self._names = names
        self.workers: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Loopback:
        file = self._folder / f"scheduler-{self.mark}.json"
        self._scheduler = self._start(
            sys.executable,
            "scheduler",
            "--port=0",
            "--host=127.0.0.1",
            "--no-dashboard",
            "--no-jupyter",
            f"--scheduler-file={file}",
        )
        end = time.monotonic() + 60
        while not file.exists() or not file.read_text():
            if time.monotonic() > end:
                raise TimeoutError("the scheduler does not start")
            time.sleep(0.1)
        self.address: str = json.loads(file.read_text())["address"]
        for name in self._names:
            self.add(name)
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers.values(), self._scheduler):
            end_group(process)

    def add(self, name: str, *more: str) -> None:
        """Start a worker."""
        self.workers[name] = self._start(
            self._python.get(name, sys.executable),
            "worker",
            self.address,
            "--host=127.0.0.1",
            "--nworkers=1",
            "--nthreads=1",
            f"--name={name}",
            "--no-dashboard",
            f"--local-directory={self._folder}",
            *(more or ("--resources=hessbench=1",)),
        )

    def _start(self, python: str, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        with open(self._folder / f"{kind}-{uuid.uuid4().hex[:6]}.log", "wb") as log:
            return subprocess.Popen(
                [python, "-m", f"distributed.cli.dask_{kind}", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, MARK: self.mark},
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """As if the machine lost its power: the worker, and its nanny."""
        end_group(self.workers.pop(name))

    def measuring(self) -> list[int]:
        """The measuring workers, and what they have started."""
        return [pid for pid in marked(self.mark) if WORKER in command_of(pid)]


def end_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process and its group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def marked(mark: str) -> list[int]:
    """Processes that inherited a mark."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def command_of(pid: int) -> str:
    """The command line of a process; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def finished(folder: Path) -> dict[tuple[str, int, int], str]:
    """The status of every finished visit of a run."""
    from hessbench.results.stored import store

    ends = (event["record"] for event in store.read_journal(folder) if event["event"] == "cell_end")
    return {(r["cell"], r["round"], r["visit"]): r["status"] for r in ends if r["status"] != "interrupted"}


class Run:
    """A coordinator that is started again whenever it is gone.

    Args:
        loopback: Where its hosts are.
        folder: The run folder.
        plan: Command and arguments.
        log: For what it prints.
    """

    def __init__(self, loopback: Loopback, folder: Path, plan: Sequence[str], log: Path) -> None:
        self._loopback = loopback
        self._folder = folder
        self._plan = plan
        self._log = log
        self.start()

    def start(self) -> None:
        """Start it, or go on."""
        again = (
            ["run", "--resume", str(self._folder)]
            if (self._folder / "manifest.json").exists()
            else [*self._plan, "--hosts", "share", "--out", str(self._folder)]
        )
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "hessbench", *again, "--scheduler", self._loopback.address],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def over(self) -> bool:
        """Whether it has ended by itself."""
        return self.process.poll() is not None


def play(folder: Path, kills: int, seed: int, plan: Sequence[str] = PLAN) -> dict[str, int]:
    """Start a run, kill, go on, until it is complete.

    Args:
        folder: For everything.
        kills: How many.
        seed: Of what and when.
        plan: Command and arguments.

    Returns:
        Kills by target, and cells that were finished.

    Raises:
        Lost: What must hold did not.
    """
    dice, counts, run_folder = random.Random(seed), dict.fromkeys(TARGETS, 0), folder / "run"
    with Loopback(folder, ["a", "b"]) as loopback:
        run = Run(loopback, run_folder, plan, folder / "coordinator.log")
        before: dict[tuple[str, int, int], str] = {}
        while sum(counts.values()) < kills:
            in_the_middle(loopback, run, dice)
            if run.over:
                if run.process.returncode not in ENDS:
                    raise Lost(f"the coordinator ended with {run.process.returncode}; see {folder}")
                break
            target = dice.choice(TARGETS)
            counts[target] += hit(target, loopback, run, dice)
            before = grown(before, finished(run_folder))
        code = conclude(run, loopback, before, run_folder)
        if code not in ENDS:
            raise Lost(f"the resumed run ended with {code}; see {folder}")
    time.sleep(1)
    if left := [command_of(pid) for pid in marked(loopback.mark)]:
        raise Lost(f"left behind: {left}")
    return {**counts, "cells": len(finished(run_folder))}


def in_the_middle(loopback: Loopback, run: Run, dice: random.Random) -> None:
    """Wait until something is being measured, and then a little."""
    end = time.monotonic() + 60
    while not run.over and not loopback.measuring() and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(dice.uniform(0.0, 4.0))


def hit(target: str, loopback: Loopback, run: Run, dice: random.Random) -> int:
    """Kill one of a kind; 0 where there is none now."""
    if target == "host":
        name = dice.choice(sorted(loopback.workers))
        loopback.kill(name)
        loopback.add(name)
        return 1
    if target == "measuring worker":
        there = loopback.measuring()
        for pid in dice.sample(there, min(1, len(there))):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return 0
        return min(1, len(there))
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait()
    end = time.monotonic() + ORPHANS_S
    while left := loopback.measuring():
        if time.monotonic() > end:
            raise Lost(f"{ORPHANS_S:g} s after the coordinator these are left: {[command_of(pid) for pid in left]}")
        time.sleep(0.2)
    run.start()
    return 1


def grown(
    before: dict[tuple[str, int, int], str], after: dict[tuple[str, int, int], str]
) -> dict[tuple[str, int, int], str]:
    """What is finished now; all that was before must be among it.

    Raises:
        Lost: It is not.
    """
    if missing := [key for key in before if after.get(key) != before[key]]:
        raise Lost(f"{len(missing)} finished cells are lost: {missing[:3]}")
    return after


def conclude(run: Run, loopback: Loopback, before: dict[tuple[str, int, int], str], folder: Path) -> int:
    """Let the run come to its end, and see that nothing of it is missing."""
    code = run.process.wait(timeout=600)
    if code == 3:  # it was left alone for too long
        run.start()
        code = run.process.wait(timeout=600)
    after = grown(before, finished(folder))
    planned = {cell["cell"] for cell in json.loads((folder / "manifest.json").read_text())["cells"]}
    if missing := planned - {cell for cell, _, _ in after}:
        raise Lost(f"{len(missing)} of {len(planned)} cells are missing; code {code}")
    return code


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hessbench-kills-"))
    total = dict.fromkeys((*TARGETS, "cells", "runs"), 0)
    while (left := options.kills - sum(total[target] for target in TARGETS)) > 0:
        place = folder / str(total["runs"])
        place.mkdir()
        found = play(place, left, options.seed + total["runs"])
        total = {name: total[name] + found.get(name, 1) for name in total}
        print(f"{found}; nothing lost, nothing left behind", flush=True)
    print(f"in all: {total}")


if __name__ == "__main__":
    main()
