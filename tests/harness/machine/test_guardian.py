"""A process that ends with its parent, and what it has started with it."""

import os
import signal
import subprocess
import sys
import time

import pytest

CHILD = """
import subprocess, sys, time
from hessbench.harness.machine.guardian import guard
guard((1,))
sleeper = [sys.executable, "-c", "import time; time.sleep(100)"]
print(subprocess.Popen(sleeper, stdout=subprocess.DEVNULL).pid, flush=True)
time.sleep({lives_s})
"""


def runs(process):
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="says of processes whether they run")
@pytest.mark.parametrize("lives_s", [0, 100])
def test_what_it_started_ends_with_the_parent_also_where_it_has_ended_itself(lives_s):
    alive, held = os.pipe()
    command = [sys.executable, "-P", "-c", CHILD.format(lives_s=lives_s)]
    with subprocess.Popen(command, stdin=alive, stdout=subprocess.PIPE, text=True, start_new_session=True) as child:
        os.close(alive)
        started = int(child.stdout.readline())
        if not lives_s:
            child.wait()
        assert runs(started)
        os.close(held)  # as the system does when the parent is killed
        end = time.monotonic() + 30
        while runs(started) and time.monotonic() < end:
            time.sleep(0.05)
        assert not runs(started)
    assert child.returncode == (-signal.SIGKILL if lives_s else 0)
