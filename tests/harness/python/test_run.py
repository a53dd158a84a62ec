"""`hb.run`: a run started from Python."""

import subprocess
import sys
import threading
from functools import partial

import pytest

import hessbench as hb
from hessbench.results.comparing.comparison import Comparison

SCALE = 100.0


@hb.problem(x0=[-1.2, 1.0])
def valley(xp, x):
    return (1 - x[0]) ** 2 + SCALE * (x[1] - x[0] ** 2) ** 2


OPTIONS = {"backends": "numpy", "quick": True, "methods": ["hyper-dual-eager", "central-eager"]}


def test_problems_of_this_process_and_of_suites(calm, tmp_path):
    run = hb.run([valley, "tutorial"], **OPTIONS, out=tmp_path / "r")
    assert run.directory == tmp_path / "r"
    assert set(run.frame["status"]) == {"ok"}
    assert set(run.frame["suite"]) == {"own", "tutorial"}
    assert run.best(operator="hessian", n=2, problem="valley")["backend"] == "numpy"
    assert run.best()["operator"] == "hessian"
    with pytest.raises(KeyError, match="no correct hessian at n = 7 was measured"):
        run.best(n=7)


def test_a_trap_is_checked_in_every_round_and_not_timed(calm, tmp_path):
    run = hb.run(["traps/constant", "tutorial"], **OPTIONS, rounds="3", out=tmp_path / "r")
    trap, other = (run.frame[run.frame["suite"] == suite] for suite in ("traps", "tutorial"))
    assert set(run.frame["status"]) == {"ok"}
    assert trap[["min_s", "samples", "loops"]].isna().to_numpy().all()
    assert trap.groupby("cell")["round"].count().eq(3).all()
    assert (trap["spent_s"] > 0).all()
    assert other["min_s"].notna().all()


def test_it_can_be_resumed_by_the_command(calm, hessbench, tmp_path):
    hb.run(valley, **OPTIONS, out=tmp_path / "r")
    journal = tmp_path / "r" / "journal.jsonl"
    journal.write_text("\n".join(journal.read_text().splitlines()[:-3]) + "\n")
    done = hessbench("run", "--resume", "r")
    assert done.returncode == 0, done.stderr
    assert set(hb.load(tmp_path / "r").frame["status"]) == {"ok"}


def test_what_cannot_be_sent_leaves_no_folder(calm, tmp_path):
    lock = threading.Lock()
    locked = hb.problem(lambda xp, x: xp.sum(x**4) if lock else x, x0=[1.0], name="locked")
    with pytest.raises(hb.UsageError, match="cannot be sent to a worker"):
        hb.run(locked, **OPTIONS, out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_another_function_of_the_same_name_is_told(calm, tmp_path):
    for times in (1, 3):
        same = hb.problem(lambda xp, x, times=times: times * xp.sum(x**4), x0=[1.0], name="f")
        hb.run(same, **OPTIONS, seed=times, out=tmp_path / f"r{times}")
    found = Comparison(hb.load(tmp_path / "r1"), hb.load(tmp_path / "r3"))
    assert [name for name, _, _ in found.changes] == ["seed", "sha256 of own"]


def scaled(xp, x, a):
    return a * xp.sum(x**4)


def test_a_partial_function_is_a_problem_too(calm, tmp_path):
    run = hb.run(hb.problem(partial(scaled, a=2.0), x0=[1.0], name="p"), **OPTIONS, out=tmp_path / "r")
    assert set(run.frame["status"]) == {"ok"}


def test_a_problem_of_an_earlier_run_is_passed_and_not_named(calm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "import hessbench as hb\n\nf = hb.problem(lambda xp, x: x[0], x0=[1.0], name='f')\n"
    )
    hb.run([valley, "mine.py"], **OPTIONS, out=tmp_path / "r")
    with pytest.raises(hb.UsageError, match=r"own is no suite by name; .*: hb.run\(valley\)"):
        hb.run("own/valley", **OPTIONS)
    with pytest.raises(hb.UsageError, match=r"mine.py is a file; write mine.py:f$"):
        hb.run("mine.py/f", **OPTIONS)


SCRIPT = """
import hessbench as hb


@hb.problem(x0=[1.0, 2.0])
def f(xp, x):
    return xp.sum(x**4)


run = hb.run([f, __file__], backends="numpy", methods="hyper-dual-eager", quick=True, out="r")
print(sorted(set(run.frame["suite"])), set(run.frame["status"]))
"""


def test_a_script_needs_no_guard(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['own', 'script.py'] {'ok'}"


@pytest.mark.parametrize(
    ("problems", "options", "message"),
    [
        ("quik", {}, "unknown suite 'quik'"),
        ("tutorial", {"backend": "numpy"}, "unknown option 'backend'; did you mean backends"),
        ("tutorial", {"backends": "nmpy"}, "unknown backend 'nmpy'"),
        ([valley, valley], {}, "two problems are called valley"),
        ("nowhere.py", {}, "cannot read .*nowhere.py"),
        (valley.objective, {}, r"valley is a function, .*hb.run\(hb.problem\(valley, x0=\[...\]\)\)"),
        ([valley.objective], {}, "valley is a function, and a run wants a start point too"),
        (lambda xp, x: x, {}, r"<lambda> is a function, .*hb.problem\(f, x0=\[...\], name=\"f\"\)"),
        (3, {}, "3 is no problem, suite or file; write hb.run"),
        (["tutorial", None], {}, "None is no problem, suite or file"),
        (None, {}, "None is no problem, suite or file"),
        ([], {}, "nothing to run; name problems, suites or files"),
    ],
)
def test_bad_input_is_named(problems, options, message):
    with pytest.raises(hb.UsageError, match=message):
        hb.run(problems, **options)
