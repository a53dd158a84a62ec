"""How busy a machine is: of counters that are made up, and of a process that really spins."""

import subprocess
import sys

import pytest

from hessbench.harness.machine import busy


def test_cores_in_use_are_ticks_over_time(tmp_path, monkeypatch):
    stat = tmp_path / "stat"
    stat.write_text("cpu  100 0 50 1000 20 0 0 0 0 0\ncpu0 1\n")
    monkeypatch.setattr(busy.os, "sysconf", lambda name: 100)
    moments = iter([0.0, 2.0])
    monkeypatch.setattr(busy.time, "monotonic", lambda: next(moments))
    monkeypatch.setattr(
        busy.time, "sleep", lambda seconds: stat.write_text("cpu  250 0 100 1300 30 0 0 0 0 0\ncpu0 1\n")
    )
    assert busy.cores_in_use(2.0, stat) == pytest.approx(1.0)  # 200 ticks of 10 ms in 2 s; idle ones do not count


def test_without_proc_the_load_average_must_do(tmp_path, monkeypatch):
    monkeypatch.setattr(busy.os, "getloadavg", lambda: (1.5, 0, 0))
    assert busy.cores_in_use(0.0, tmp_path / "none") == 1.5


def test_waiting_ends_when_it_is_quiet_or_time_is_up(monkeypatch):
    looks = iter([1.0, 0.9, 0.01])
    monkeypatch.setattr(busy, "cores_in_use", lambda seconds: next(looks))
    assert busy.wait_for_quiet(1000.0) == 0.01
    looks = iter([1.0])
    assert busy.wait_for_quiet(0.0) == 1.0


def test_a_spinning_process_is_seen():
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        assert busy.cores_in_use(1.0) > 0.4
    finally:
        other.kill()
        other.wait()
