"""The smoke script for machines with a GPU: its plan, its bad input, and a run where next to nothing is installed."""

import functools
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hessbench as hb
from hessbench import backends
from hessbench.results.stored.store import read_journal

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu_smoke.py"

BLOCKER = '''
"""Python imports this at its start, in the script and in its workers: most packages are then not to be had."""
import sys

BLOCKED = {"pandas", "rich", "scipy", "altair", "itables", "vl_convert", "pynvml", "jax", "tensorflow", "pytest"}


class Sieve:
    def __init__(self, finder):
        self._finder = finder

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in BLOCKED else self._finder.find_spec(name, path, target)


sys.meta_path[:] = [Sieve(finder) for finder in sys.meta_path]
'''


@pytest.fixture(scope="module")
def smoke():
    environment = dict(os.environ)
    spec = importlib.util.spec_from_file_location("gpu_smoke", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    os.environ.clear()
    os.environ.update(environment)  # the script puts itself on the path of its workers
    return module


def start(folder, *arguments, wait=lambda: False):
    """The script's output; `wait` returns when its clock is to ring."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    options = {"cwd": SCRIPT.parents[1], "env": {**os.environ, "PYTHONPATH": str(folder)}}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, **options) as process:
        if wait():
            process.send_signal(signal.SIGALRM)
        out, err = process.communicate(timeout=240)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


@pytest.mark.parametrize("name", ["jax", "torch", "tensorflow"])
def test_every_part_has_cells_on_the_gpu_and_no_cell_comes_twice(smoke, name):
    parts = smoke.planned((name,))
    keys = [cell.key for _, cells in parts for cell in cells]
    assert len(keys) == len(set(keys))
    assert [title for title, cells in parts if not cells] == []
    assert {cell.device for _, cells in parts for cell in cells} == {"cpu", "gpu"}
    assert {cell.precision for _, cells in parts for cell in cells if cell.device == "gpu"} == {"highest", "tf32"}
    assert {cell.backend for _, cells in parts for cell in cells} == {name}


def test_the_time_is_under_five_minutes(smoke):
    assert smoke.SECONDS + 2 < 300
    assert smoke.SLOWEST_S < smoke.SECONDS / 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--backend", "numpy"), "unknown framework 'numpy'"),
        (("--out", "/proc/nowhere"), "cannot write to /proc/no"),
        (("--seconds", "0.01"), "the time was up before anything could be measured"),
    ],
)
def test_bad_input_is_one_line(tmp_path, words, said):
    if backends.missing("torch"):
        pytest.skip("one framework at least")
    done = start(tmp_path, "--backend", "torch", *words)
    assert done.returncode == 2, done
    assert done.stderr.splitlines()[-1].startswith("gpu_smoke: ")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.worker
def test_numpy_array_api_compat_and_one_framework_are_enough(tmp_path):
    """The beginning of it, stopped by the clock; what it leaves can be read here."""
    if reason := backends.missing("torch"):
        pytest.skip(reason)
    (tmp_path / "sitecustomize.py").write_text(BLOCKER)
    folder = tmp_path / "run"
    journal = functools.partial(read_journal, folder)

    def a_cell_is_ok():
        end = time.monotonic() + 200
        while not folder.is_dir() or not any(event.get("record", {}).get("status") == "ok" for event in journal()):
            assert time.monotonic() < end
            time.sleep(0.1)
        return True

    done = start(tmp_path, "--backend", "torch,jax", "--seconds", "240", "--out", folder, wait=a_cell_is_ok)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "note: jax is not installed" in done.stdout
    assert "torch sees cpu" in done.stdout
    run = hb.load(folder)
    assert len(run.frame) == len(run.manifest["cells"])
    assert (run.frame["status"] == "ok").any()
    assert {event["event"] for event in journal()} >= {"launch_start", "cell_end", "launch_end"}
    assert run.csv().exists()
