"""What a host adds to a launch, and must not: variables, files, names. Nothing here needs Dask."""

import os
import subprocess
import sys

import pytest
from made_up import FACTS

from hessbench.harness.machine import fingerprint
from hessbench.harness.running.hosts import agent, content
from hessbench.harness.running.hosts.host import named, own_versions, stranger

BY_DASK = {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "MALLOC_TRIM_THRESHOLD_": 65536}


def test_what_dask_sets_is_taken_away_and_what_a_person_sets_is_kept():
    in_worker = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "4", "MALLOC_TRIM_THRESHOLD_": "65536", "HOME": "/h"}
    kept = agent.cleaned(in_worker | {"DASK_INTERNAL_INHERIT_CONFIG": "x"}, BY_DASK, {"MKL_NUM_THREADS": "4"})
    assert kept == {"MKL_NUM_THREADS": "4", "HOME": "/h"}


@pytest.mark.parametrize(
    ("given", "taken", "name"),
    [
        ("gpu-box", [], "gpu-box"),
        ("tcp://10.0.0.1:3333", [], "node"),
        ("tcp://10.0.0.1:3334", ["node"], "node-2"),
        (0, [], "node-0"),
        ("gpu-box", ["gpu-box", "gpu-box-2"], "gpu-box-3"),
    ],
)
def test_every_host_has_a_name_of_its_own(given, taken, name):
    assert named(given, "node", taken) == name


def test_hosts_of_another_version_are_strangers():
    assert stranger(own_versions()) == ""
    assert stranger({**own_versions(), "hessbench": "0.0.1"}).startswith("hessbench 0.0.1 there, ")
    assert stranger({**own_versions(), "Python": "3.9"}).startswith("Python 3.9 there, ")


def test_a_fingerprint_knows_versions_and_no_clock():
    machine = {**FACTS, "memory_bytes": 8 << 30, "cpu_mhz": 2100.0}
    first = fingerprint.facts(machine, {"jax": "0.10.2"})
    assert fingerprint.of(first) == fingerprint.of(
        fingerprint.facts({**machine, "cpu_mhz": 3000.0, "memory_bytes": (8 << 30) - 4096}, {"jax": "0.10.2"})
    )
    other = fingerprint.facts(machine, {"jax": "0.11.0"})
    assert fingerprint.of(first) != fingerprint.of(other)
    assert fingerprint.differences(first, other) == ["jax 0.10.2 and 0.11.0"]


PROBLEM = """
import numpy as np
import hessbench as hb
from beside import scale

HERE = __import__("pathlib").Path(__file__).parent
A = np.load(HERE / "data" / "a.npy")


@hb.problem(x0=[1.0, 2.0], data=(A,))
def f(xp, x, a):
    return scale * xp.sum(a * x**4)


@hb.problem(x0=np.ones, sizes=(2, 3), data=lambda n: (np.loadtxt(HERE / f"{n}.csv"),))
def late(xp, x, a):
    return xp.sum(xp.asarray(np.loadtxt(HERE / "when called.csv")) * x[0] ** 2) + xp.sum(a * x)
"""


def test_a_file_travels_with_what_it_opens(tmp_path, monkeypatch):
    import numpy as np

    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    np.save(home / "data" / "a.npy", np.array([1.0, 2.0]))
    (home / "beside.py").write_text("scale = 3.0\n")
    for name in ("2.csv", "3.csv", "when called.csv"):
        np.savetxt(home / name, np.ones(int(name[0]) if name[0].isdigit() else 4))
    (home / "stranger.txt").write_text("stays at home")
    (home / "problem.py").write_text(PROBLEM)
    monkeypatch.chdir(tmp_path)
    found = content.gather([str(home / "problem.py")])
    assert {os.path.relpath(name, home) for name in found} == {
        "problem.py",
        "beside.py",
        "data/a.npy",
        "2.csv",
        "3.csv",
        "when called.csv",
    }

    root = tmp_path / "host"
    content.unpack(root, found)
    for path in home.rglob("*.*"):
        path.unlink()
    there = content.below(root, str(home / "problem.py"))
    load = f"print(files.load(Path({str(there)!r})))"
    code = f"from pathlib import Path; from hessbench.suites.definition import files; {load}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert "Problem(name='f'" in done.stdout, done.stderr
