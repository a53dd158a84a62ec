"""A worker seen from the parent: what it prints is bounded, and what it starts counts as its own."""

import sys

import pytest

from hessbench.harness.planning.settings import QUICK, Limits
from hessbench.harness.protocol import Task
from hessbench.harness.running import launch as launch_module
from hessbench.harness.running import log as log_module
from hessbench.harness.running.launch import Launch, WorkerDied
from hessbench.harness.running.log import WorkerLog

TASK = Task("numpy", "float64", "cpu", "highest", QUICK, 0, "nowhere", ())
WORKER = """#!{python}
import os, subprocess, sys, time
events = int(sys.argv[4])
def say(line):
    os.write(events, line.encode() + b"\\n")
{body}
say('{{"event": "end"}}')
time.sleep(0.2)
"""


@pytest.fixture
def worker(tmp_path):
    """Makes an interpreter that is a worker which does something."""

    def make(body):
        path = tmp_path / "python"
        path.write_text(WORKER.format(python=sys.executable, body=body))
        path.chmod(0o755)
        return str(path)

    return make


def finish(python, log, limits=None):
    with Launch(TASK, {}, limits or Limits(), log, python) as launch:
        list(launch.messages())
        return launch.log_tail()


PRINTS = """
print("first line", flush=True)
for i in range(40):
    print("x" * 2**18, flush=True)
    time.sleep(0.02)
print("last line", flush=True)
"""


def test_a_log_without_end_is_cut_in_the_middle(worker, tmp_path, monkeypatch):
    monkeypatch.setattr(log_module, "MOST", 1 << 20)
    monkeypatch.setattr(log_module, "BEGINNING", 1 << 12)
    log = tmp_path / "log"
    tail = finish(worker(PRINTS), log)
    assert log.stat().st_size < 3 << 20, "40 times 256 KiB were printed"
    text = log.read_text()
    assert text.startswith("first line\n")
    assert "hessbench leaves out" in text
    assert tail.endswith("last line")


def test_a_short_log_is_kept_whole(worker, tmp_path):
    finish(worker("print('a'); print('b', file=sys.stderr)"), tmp_path / "log")
    assert sorted((tmp_path / "log").read_text().split()) == ["a", "b"]


def test_a_log_says_how_much_was_left_out_in_all(tmp_path, monkeypatch):
    monkeypatch.setattr(log_module, "MOST", 3_000_000)
    log = WorkerLog(tmp_path / "log")
    with log.opened() as stream:
        for _ in range(10):
            stream.write(b"y" * 4_000_000)
            log.trim()
    left = tmp_path.joinpath("log").stat().st_size
    assert left < 3_000_000
    assert b"hessbench leaves out 39 MB" in tmp_path.joinpath("log").read_bytes()


CHILD = "child = subprocess.Popen([{python!r}, '-c', 'import time; a = b\"a\" * {size}; time.sleep(60)'])"


@pytest.mark.parametrize("depth", [1, 2])
def test_the_memory_limit_counts_what_a_worker_starts(worker, tmp_path, depth):
    child = CHILD.format(python=sys.executable, size=300_000_000)
    if depth == 2:
        inner = f"import subprocess, time; {child}; time.sleep(60)"
        child = f"child = subprocess.Popen([{sys.executable!r}, '-c', {inner!r}])"
    with pytest.raises(WorkerDied, match=r"used 0\.\d GB with the processes that it has started; the limit is 0.2 GB"):
        finish(worker(f"{child}\ntime.sleep(60)"), tmp_path / "log", Limits(memory_bytes=200_000_000))


def test_processes_within_the_limit_are_let_be(worker, tmp_path, monkeypatch):
    monkeypatch.setattr(launch_module, "GROUP_S", 0.0)
    child = CHILD.format(python=sys.executable, size=1000)
    finish(worker(f"{child}\ntime.sleep(0.5)"), tmp_path / "log", Limits(memory_bytes=500_000_000))


FORKS = """
block = bytearray(os.urandom(1000)) * 200_000
children = []
for i in range(3):
    if not (pid := os.fork()):
        time.sleep(60)
    children.append(pid)
time.sleep(1.5)
"""


def test_memory_that_processes_share_is_counted_once(worker, tmp_path, monkeypatch):
    """Three forks that have written nothing take nothing, though each has 200 MB."""
    monkeypatch.setattr(launch_module, "GROUP_S", 0.0)
    finish(worker(FORKS), tmp_path / "log", Limits(memory_bytes=500_000_000))
