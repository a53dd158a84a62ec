"""Counters of a made-up /proc, of threads that come and go, and of this process while somebody really takes its
core."""

import os
import subprocess
import sys
import threading
import time
from itertools import pairwise

import pytest

from hessbench.harness.machine.witness import Observation, Reading, Witness


@pytest.fixture
def proc(tmp_path):
    """A small /proc: `set(thread, waited_ns)`, `stat`, `loadavg`."""

    class Proc:
        root = tmp_path

        def set(self, thread, waited_ns, state="S"):
            task = tmp_path / "self" / "task" / thread
            task.mkdir(parents=True, exist_ok=True)
            (task / "schedstat").write_text(f"123456 {waited_ns} 7\n")
            (task / "stat").write_text(f"{thread} (a (b) c) {state} 1 2 3\n")

        def end(self, thread):
            task = tmp_path / "self" / "task" / thread
            for file in task.iterdir():
                file.unlink()
            task.rmdir()

        def runnable(self, count):
            (tmp_path / "loadavg").write_text(f"0.10 0.20 0.30 {count}/180 4242\n")

    (tmp_path / "self" / "task").mkdir(parents=True)
    (tmp_path / "self" / "schedstat").write_text("5 6 7\n")
    (tmp_path / "stat").write_text("cpu  10 0 10 100 0 0 0 3 0 0\ncpu0 1 2 3\n")
    made = Proc()
    made.runnable(1)
    made.set("1", 1000)
    return made


def seen_between(proc, change):
    witness = Witness(proc.root)
    before = witness.read()
    change()
    return before.until(witness.read())


def test_waiting_is_summed_over_threads(proc):
    proc.set("2", 500)
    seen = seen_between(proc, lambda: (proc.set("1", 2_000_001_000), proc.set("2", 1_000_000_500)))
    assert seen.waited_s == pytest.approx(3.0)


def test_a_thread_that_began_meanwhile_has_waited_since_then(proc):
    assert seen_between(proc, lambda: proc.set("9", 250_000_000)).waited_s == pytest.approx(0.25)


def test_a_number_that_another_thread_got_counts_from_its_beginning():
    before = Reading({"1": 0, "2": 9_000_000_000}, 0.0, 0, 0, None, None, None)
    after = Reading({"1": 0, "2": 1_000_000_000}, 0.0, 0, 0, None, None, None)
    assert before.until(after).waited_s == pytest.approx(1.0)


def test_a_thread_that_has_ended_took_its_count_with_it(proc):
    proc.set("2", 500)
    seen = seen_between(proc, lambda: proc.end("2"))
    assert seen.waited_s is None
    assert seen.cpu_s >= 0


def test_a_scheduler_that_does_not_count_is_no_witness(proc):
    (proc.root / "self" / "schedstat").write_text("0 0 0\n")
    assert seen_between(proc, lambda: None).waited_s is None


def test_a_system_without_proc_tells_switches_and_time_only(tmp_path):
    witness = Witness(tmp_path / "none")
    seen = witness.read().until(witness.read())
    assert (seen.waited_s, seen.steal_s, seen.others, seen.pace) == (None, None, None, None)
    assert isinstance(seen.switches, int)


@pytest.mark.parametrize("text", ["", "cpu", "cpu a b c d e f g h i\n"])
def test_a_file_of_another_form_is_not_understood_and_does_no_harm(proc, text):
    (proc.root / "stat").write_text(text)
    (proc.root / "loadavg").write_text(text)
    seen = seen_between(proc, lambda: None)
    assert (seen.steal_s, seen.others) == (None, None)


def test_steal_is_read_in_ticks(proc):
    tick = 1 / os.sysconf("SC_CLK_TCK")
    later = "cpu  10 0 10 100 0 0 0 8 0 0\ncpu0 1 2 3\n"
    seen = seen_between(proc, lambda: (proc.root / "stat").write_text(later))
    assert seen.steal_s == pytest.approx(5 * tick)


def test_a_clock_that_jumps_back_gives_no_negative_time():
    before = Reading({}, 5.0, 0, 0, 9.0, 9.0, 0)
    assert before.until(Reading({}, 4.0, 0, 0, 1.0, 1.0, 0)) == Observation(0, 0.0, 0, 0, 0.0, 0.0, 0)


@pytest.mark.parametrize(("runnable", "own", "others"), [(1, 1, 0), (3, 1, 2), (3, 3, 0), (2, 3, 0)])
def test_threads_of_this_process_are_not_others(proc, runnable, own, others):
    for thread in range(own):
        proc.set(str(thread + 1), 0, "R")
    proc.runnable(runnable)
    assert Witness(proc.root).read().others == others


def test_threads_that_end_while_they_are_read_do_no_harm():
    stop = threading.Event()

    def come_and_go():
        while not stop.is_set():
            thread = threading.Thread(target=time.sleep, args=(1e-4,))
            thread.start()
            thread.join()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    witness = Witness()
    readings = [witness.read() for _ in range(300)]
    stop.set()
    thread.join()
    assert all(later.cpu_s >= before.cpu_s for before, later in pairwise(readings))


@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="the scheduler does not count here")
def test_who_shares_a_core_with_others_waits_for_it():
    """This process and a spinning one on one core: half of the time somebody else has it."""
    mine = os.sched_getaffinity(0)
    core = {min(mine)}
    spin = f"import os; os.sched_setaffinity(0, {core});\nwhile True: pass"
    other = subprocess.Popen([sys.executable, "-c", spin])
    witness = Witness()
    try:
        os.sched_setaffinity(0, core)
        before, start = witness.read(), time.perf_counter()
        while time.perf_counter() < start + 1:
            pass
        seen = before.until(witness.read())
    finally:
        os.sched_setaffinity(0, mine)
        other.kill()
        other.wait()
    assert seen.waited_s > 0.1
    assert seen.cpu_s < 0.95
    assert seen.switches > 0
