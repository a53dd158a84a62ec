"""Whatever happens to the parent, no finished cell is lost, no worker is left, and the run can go on."""

import json
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

import hessbench as hb
from hessbench.results.stored import sealed
from hessbench.results.stored.store import JOURNAL, MANIFEST, read_journal
from tests.harness.waiting import wait_for

RUN = (
    "run",
    "quick/rosenbrock",
    "-n",
    "4",
    "--backend",
    "numpy,faulty",
    "--method",
    "*-richardson-*,richardson-*,central-*,right-*,hang-eager",
    "--rounds",
    "2",
    "--timeout",
    "30",
)

SMALL = ("quick/rosenbrock", "quick/quadratic", "--backend", "numpy", "--quick", "-n", "10")


def finished(directory):
    return [event for event in read_journal(directory) if event["event"] == "cell_end"]


def begun(directory):
    """Whether a cell was: who kills a worker before that, while it imports, takes all of its cells."""
    return any(event["event"] == "cell_start" for event in read_journal(directory))


def workers_of(directory):
    """Processes that hold a file of the run folder open: its workers, by their log."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in ("1", "2")]
        except OSError:
            continue
        if any(link.startswith(str(directory)) for link in links):
            found.append(int(pid))
    return found


def scratch_of(pid):
    """The temporary folder that a worker was given."""
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next(v.removeprefix(b"TMPDIR=") for v in variables if v.startswith(b"TMPDIR="))


@pytest.fixture
def hanging(hessbench, tmp_path):
    """A run that has come to its hanging cell."""
    directory = tmp_path / "run"
    process = hessbench.start(*RUN, "--out", directory)

    def hangs():
        events = list(read_journal(directory))
        return (
            events and events[-1]["event"] == "cell_start" and workers_of(directory) and is_hang(directory, events[-1])
        )

    wait_for(hangs)
    yield process, directory
    process.kill()
    process.communicate()


def is_hang(directory, event):
    cells = json.loads((directory / MANIFEST).read_text())["cells"]
    return next(cell["method"] for cell in cells if cell["cell"] == event["cell"]) == "hang-eager"


def test_kill_9_of_the_parent_leaves_no_worker_and_loses_nothing(hanging):
    process, directory = hanging
    before = finished(directory)
    wait_for(lambda: len(workers_of(directory)) == 3)  # the worker, its guardian, and a child that it started
    scratch = {scratch_of(pid) for pid in workers_of(directory)}
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: not workers_of(directory), timeout=5)
    assert not any(os.path.exists(folder) for folder in scratch)
    assert finished(directory) == before
    frame = hb.load(directory).frame
    assert (frame["status"] == "interrupted").sum() == len(frame) - len(before)


@pytest.mark.parametrize("how", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT] * 2], ids=str)
def test_ctrl_c_leaves_a_readable_run_and_says_how_to_go_on(hanging, how):
    process, directory = hanging
    for number in how:  # twice as `timeout -s INT` sends it, and a hand in haste
        process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert f"hessbench run --resume {directory}" in said
    assert "Traceback" not in said
    wait_for(lambda: not workers_of(directory), timeout=5)
    row = hb.load(directory).frame.set_index("method").loc["hang-eager"]
    assert "interrupted" in set(row["status"])


def test_two_runs_in_one_folder_are_refused(hanging, hessbench):
    _, directory = hanging
    done = hessbench("run", "--resume", directory)
    assert done.returncode == 2
    assert "another hessbench is writing" in done.stderr


def test_resume_runs_only_what_is_missing(hessbench, tmp_path):
    directory = tmp_path / "run"
    hessbench("run", "tutorial", "--backend", "numpy", "--quick", "--rounds", "2", "--out", directory)
    journal = directory / JOURNAL
    whole = hb.load(directory).frame
    events = list(read_journal(directory))
    journal.write_text("".join(json.dumps(event) + "\n" for event in events[: len(events) // 2]) + '{"event": "cell_e')
    kept = finished(directory)
    done = hessbench("run", "--resume", directory)
    assert done.returncode == 0
    assert f"{len(whole) - len(kept)} cells to do" in done.stderr
    assert finished(directory)[: len(kept)] == kept
    resumed = hb.load(directory).frame
    assert len(resumed) == len(whole)
    assert set(resumed["status"]) == {"ok"}
    assert "0 cells to do" in hessbench("run", "--resume", directory).stderr


@pytest.fixture(scope="module")
def tutorial_run(tmp_path_factory, command_line):
    """The folder of a finished run, for tests that copy it."""
    directory = tmp_path_factory.mktemp("finished") / "run"
    done = command_line("run", "tutorial", "--backend", "numpy", "--quick", "--out", directory)
    assert done.returncode == 0, done.stderr
    return directory


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--backend", "jax"), "backends is ['numpy'] there, ['jax'] here"),
        (("--rounds", "5"), "rounds is 1 there, 5 here"),
        (("quick",), "suites is ['tutorial'] there, ['quick'] here"),
    ],
)
def test_resume_with_another_configuration_is_refused(hessbench, tutorial_run, tmp_path, options, what):
    directory = shutil.copytree(tutorial_run, tmp_path / "run")
    before = (directory / JOURNAL).read_bytes()
    done = hessbench("run", *options, "--resume", directory)
    assert done.returncode == 2
    assert what in done.stderr
    assert (directory / JOURNAL).read_bytes() == before


def test_resume_with_other_versions_is_refused(hessbench, tutorial_run, tmp_path):
    directory = shutil.copytree(tutorial_run, tmp_path / "run")
    path = directory / MANIFEST
    manifest = json.loads(path.read_text())
    manifest["versions"]["numpy"] = "1.0"
    manifest["crc32"] = sealed.checksum(manifest)
    path.write_text(json.dumps(manifest))
    done = hessbench("run", "--resume", directory)
    assert done.returncode == 2
    assert "numpy was 1.0, is" in done.stderr


KILLS = int(os.environ.get("HESSBENCH_KILLS", "8"))
"""Each takes some ten seconds; set the variable for a longer siege."""


@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.timeout(1200)
def test_random_kills_of_workers_and_parents_lose_nothing(hessbench, tmp_path):
    """Runs in each of which a worker or the parent is killed at a random moment, and which are resumed."""
    dice = random.Random(0)
    for attempt in range(KILLS):
        directory = tmp_path / f"run{attempt}"
        process = hessbench.start("run", *SMALL, "--out", directory)
        wait_for(lambda directory=directory: workers_of(directory) and begun(directory))
        time.sleep(dice.uniform(0, 1.5))
        victims = workers_of(directory) if attempt % 2 else [process.pid]
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        process.communicate(timeout=120)
        wait_for(lambda directory=directory: not workers_of(directory), timeout=5)
        kept = finished(directory)
        assert hessbench("run", "--resume", directory).returncode == 0
        assert finished(directory)[: len(kept)] == kept
        frame = hb.load(directory).frame
        assert set(frame["status"]) <= {"ok", "crashed"}
        assert (frame["status"] == "crashed").sum() <= len(victims)
        assert not frame.duplicated(["cell", "round"]).any()
