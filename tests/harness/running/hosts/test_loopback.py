"""Dask itself, on the loopback: servers that start and stop here. Slow: every host and launch imports NumPy anew."""

import json
import os
import random
import signal
import socket
import subprocess
import time

import pytest
from kills import Loopback, marked, play

from hessbench.results.stored import store

pytestmark = [pytest.mark.slow, pytest.mark.worker, pytest.mark.timeout(600)]
CHECKS = ("verify", "traps", "--backend", "numpy")


@pytest.fixture(scope="module")
def loopback(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OMP_NUM_THREADS", raising=False)  # the tests' own (conftest), which a worker would be given too
        with Loopback(tmp_path_factory.mktemp("loopback"), ["a", "b"]) as made:
            yield made
    time.sleep(1)
    assert not marked(made.mark)


def records(folder):
    ends = (event["record"] for event in store.read_journal(folder) if event["event"] == "cell_end")
    return {(record["cell"], record["round"]): record for record in ends}


JUDGED = ("status", "fault", "rel_error", "max_error", "judge", "tolerance", "value", "sketch")


def test_what_is_verified_on_two_workers_is_what_is_verified_here(hessbench, tmp_path):
    alone, dask = (
        hessbench(*CHECKS, "--out", name, *more) for name, more in (("a", ()), ("b", ("--scheduler=local:2",)))
    )
    assert (alone.returncode, alone.stdout) == (dask.returncode, dask.stdout), dask.stderr
    a, b = (records(tmp_path / name) for name in "ab")
    assert a.keys() == b.keys()
    assert all(a[key][name] == b[key][name] for key in a for name in JUDGED)
    assert len({record["measured_on"] for record in b.values()}) == 2


def test_each_host_runs_everything_with_files_that_travel(hessbench, loopback, tmp_path):
    (tmp_path / "weights.txt").write_text("1.0 3.0")
    (tmp_path / "mine.py").write_text(
        "import numpy as np\nimport hessbench as hb\n\n\n"
        "@hb.problem(x0=[1.0, 2.0], data=(np.loadtxt('weights.txt'),))\ndef f(xp, x, w):\n    return xp.sum(w * x**4)\n"
    )
    options = "--backend", "numpy", "--quick", "--method", "hyper-dual-eager", "--scheduler", loopback.address
    done = hessbench("run", "mine.py", *options, "--out", "r", report=True)
    assert done.returncode == 0, done.stderr
    assert "a, b are on one machine" in done.stderr
    found = records(tmp_path / "r").values()
    assert {(record["host"], record["measured_on"]) for record in found} == {("a", "a"), ("b", "b")}
    assert {record["status"] for record in found} == {"ok"}
    manifest = json.loads((tmp_path / "r" / "manifest.json").read_text())
    assert manifest["configuration"]["hosts"] == ["a", "b"]
    assert "Machines side by side" in (tmp_path / "r" / "report.html").read_text()

    refused = hessbench("run", "--resume", "r", "--scheduler", "local:1", "--hosts-within", "3s")
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].startswith("hessbench: unknown host 'a'")


def test_a_measuring_worker_sees_nothing_of_dask(hessbench, loopback, tmp_path):
    (tmp_path / "nosy.py").write_text(
        "import os, sys\nimport hessbench as hb\n\n"
        "names = ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'MALLOC_TRIM_THRESHOLD_', 'DASK_INTERNAL_INHERIT_CONFIG')\n"
        "print('SEEN', [n for n in names if n in os.environ], {'distributed', 'dask'} & set(sys.modules))\n\n\n"
        "@hb.problem(x0=[1.0, 2.0])\ndef f(xp, x):\n    return xp.sum(x**4)\n"
    )
    options = "--backend", "numpy", "--method", "hyper-dual-eager", "--scheduler", loopback.address
    options += "--host", "a"  # two hosts of one machine that verify at a time divide its cores
    assert hessbench("verify", "nosy.py", *options, "--out", "r").returncode == 0
    logs = "".join(path.read_text() for path in (tmp_path / "r" / "logs").iterdir())
    assert "SEEN [] set()" in logs


def test_hosts_are_told(hessbench, loopback):
    loopback.add("poor", "--no-nanny")
    done = hessbench("hosts", "--scheduler", loopback.address, "--backend", "numpy", "--json")
    loopback.kill("poor")
    assert done.returncode == 0, done.stderr
    assert [host["name"] for host in json.loads(done.stdout)["hosts"]] == ["a", "b"]
    assert "the worker poor is left out: it offers no resource" in done.stderr


BAD = {
    "no address": (("--scheduler", "here"), 2, "is no address"),
    "nobody listens": (("--scheduler", "tcp://127.0.0.1:1"), 2, "no scheduler answers at tcp://127.0.0.1:1"),
    "no certificates": (("--scheduler", "tls://127.0.0.1:1"), 2, "name the certificates"),
    "no scheduler": (("--hosts", "each"), 2, "--hosts belongs to a run on several machines"),
    "nobody to wait for": (("--hosts-within", "5s"), 2, "--hosts-within belongs to a run on several machines"),
    "neither": (("--hosts", "some"), 2, "is neither each nor share"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line(hessbench, case):
    options, code, said = BAD[case]
    done = hessbench("run", "tutorial", *options)
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


def test_what_listens_and_is_no_scheduler_gets_one_line(hessbench):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        done = hessbench("hosts", "--scheduler", address, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(f"hessbench: no scheduler answers at {address}")
    assert len(done.stderr.splitlines()) == 1


def test_a_host_that_is_not_there(hessbench, loopback):
    options = "--scheduler", loopback.address, "--hosts-within", "5s"
    done = hessbench("run", "tutorial", "--host", "aa", *options)
    assert done.returncode == 2
    assert "unknown host 'aa'; did you mean a?" in done.stderr


def test_without_any_host_there_is_one_line_and_code_3(hessbench, tmp_path):
    with Loopback(tmp_path) as empty:
        done = hessbench("run", "tutorial", "--scheduler", empty.address, "--hosts-within", "3s")
    assert done.returncode == 3
    assert done.stderr.startswith("hessbench: no machine is there for ")
    assert not (tmp_path / "runs").exists()


def wait_for_measuring(loopback, seconds=60):
    end = time.monotonic() + seconds
    while not loopback.measuring():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_coordinator_that_ends_leaves_nothing_on_hosts(hessbench, loopback, tmp_path, how):
    command = hessbench.command(
        "verify", "classic", "--backend", "numpy", "--out", "r", "--scheduler", loopback.address
    )
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **hessbench.options
    )
    wait_for_measuring(loopback)
    time.sleep(1)
    process.send_signal(how)
    end = time.monotonic() + 10
    while loopback.measuring():
        assert time.monotonic() < end
        time.sleep(0.1)
    said = process.communicate(timeout=60)[1]
    if how != signal.SIGKILL:
        assert process.returncode == 130, said
        assert "go on with" in said.lower()
    before = {key: r for key, r in records(tmp_path / "r").items() if r["status"] != "interrupted"}
    again = hessbench("run", "--resume", "r", "--scheduler", "local:1")  # other hosts
    assert again.returncode == 0, again.stderr
    after = records(tmp_path / "r")
    assert all(after[key] == before[key] for key in before)
    planned = json.loads((tmp_path / "r" / "manifest.json").read_text())["cells"]
    assert len(after) == len(planned)
    assert all(record["status"] != "interrupted" for record in after.values())


def test_a_host_that_hangs_is_lost_and_another_takes_over(hessbench, tmp_path):
    with Loopback(tmp_path, ["a", "b"]) as loopback:
        command = hessbench.command(
            "verify", "classic", "--backend", "numpy", "--out", "r", "--scheduler", loopback.address
        )
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **hessbench.options
        )
        wait_for_measuring(loopback)
        os.killpg(loopback.workers["a"].pid, signal.SIGSTOP)
        said = process.communicate(timeout=400)[1]
        os.killpg(loopback.workers["a"].pid, signal.SIGCONT)
    found = records(tmp_path / "r")
    assert process.returncode in (0, 1), said
    assert all(record["status"] != "interrupted" for record in found.values())
    assert "b" in {record["measured_on"] for record in found.values()} <= {"a", "b"}


def test_random_kills_lose_nothing(tmp_path):
    assert play(tmp_path, kills=4, seed=random.randrange(1000))["cells"] > 500
