"""The plugin in a foreign project, by entry point, as its users have it."""

import inspect
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

import hessbench as hb
from hessbench import backends
from hessbench.harness.python.pytest_plugin import assert_agreement

REGISTERED = bool(entry_points(group="pytest11", name="hessbench"))
QUIET = ("-p", "no:cacheprovider", "-p", "no:randomly", "-rs")


@pytest.fixture
def project(tmp_path):
    """A folder that is nobody's, with the entry point where this environment was installed before it had one."""
    if not REGISTERED:
        info = tmp_path / "plugin" / "hessbench_plugin-0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hessbench-plugin\nVersion: 0\n")
        (info / "entry_points.txt").write_text("[pytest11]\nhessbench = hessbench.harness.python.pytest_plugin\n")

    def run(text, *arguments, **files):
        (tmp_path / "test_mine.py").write_text(text)
        for name, content in files.items():
            (tmp_path / f"{name}.py").write_text(content)
        command = [sys.executable, "-m", "pytest", *QUIET, *arguments, "test_mine.py"]
        path = os.pathsep.join([str(tmp_path / "plugin"), *filter(None, [os.environ.get("PYTHONPATH")])])
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        env = {**inherited, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}  # PYTEST_XDIST_WORKER would stop timing
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=env, timeout=240)

    return run


CHECK = """
import math


def f(xp, x):
    return xp.sum(xp.exp(x) * x)


def test_right(hessian_check):
    hessian_check(f, [0.5, 1.5], backends="numpy")
    hessian_check(f, [0.5, 1.5], backends="numpy", operator="sparse-hessian", pattern=([0, 1], [0, 1]))


def test_wrong(hessian_check):
    def drops(xp, x):
        return math.sin(x[0]) * x[1]

    hessian_check(drops, [0.5, 1.5], backends="numpy")


def test_absent(hessian_check, monkeypatch):
    from hessbench import backends

    monkeypatch.setattr(backends, "missing", lambda name: f"not installed ({name})")
    hessian_check(f, [0.5, 1.5], backends="jax")
"""


def test_it_takes_what_check_takes():
    assert [*inspect.signature(assert_agreement).parameters] == [*inspect.signature(hb.check).parameters]


def test_agreement_and_a_readable_failure(project):
    done = project(CHECK)
    assert "1 failed, 1 passed, 1 skipped" in done.stdout, done.stdout
    assert "hessian of drops: 1 of 4 methods fail; judge: richardson-" in done.stdout
    assert re.search(r"hyper-dual-eager: error: drops, line \d+, in numpy: makes a plain number of x", done.stdout)
    assert "not installed (jax)" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.skipif(bool(backends.missing("torch")), reason="PyTorch is not installed")
def test_who_disagrees_and_where(project):
    done = project(CHECK.replace('drops, [0.5, 1.5], backends="numpy"', 'drops, [0.5, 1.5], backends="numpy,torch"'))
    assert "torch jacrev-grad-eager: wrong: entry (0, 1) is off by" in done.stdout
    assert "agree with the judge: no backend in all its methods" in done.stdout


MARKED = """
import pytest


@pytest.mark.hessbench("tutorial", "quick/rosenbrock", backends="numpy", methods=["hyper-dual-eager", "central-eager"])
def test_method(hessbench_case, benchmark):
    hessbench_case.verify()
    assert benchmark(hessbench_case).shape == (hessbench_case.cell.n,) * 2


@pytest.mark.hessbench("quick", sizes=10)
def test_problem(hessbench_problem):
    assert hessbench_problem.points[0].shape == (10,)


@pytest.mark.hessbench("quick/rosenbrock", sizes="smallest")
def test_smallest(hessbench_problem):
    assert hessbench_problem.n == hessbench_problem.problem.sizes[0]
"""


def test_the_mark_runs_over_problems_and_methods(project):
    done = project(MARKED, "--benchmark-disable", "--strict-markers", "-v")
    assert done.returncode == 0, done.stdout
    assert "test_method[quick/rosenbrock-n=10-numpy-hyper-dual-eager]" in done.stdout
    assert "test_problem[quick/rosenbrock-n=10]" in done.stdout
    assert "test_smallest[quick/rosenbrock-n=" in done.stdout


def test_benchmarks_are_timed_and_compared_in_groups(project):
    done = project(MARKED, "--benchmark-only", "--benchmark-max-time=0.05", "--benchmark-min-rounds=2")
    assert done.returncode == 0, done.stdout
    assert "benchmark 'hessian quick/rosenbrock n=10': 2 tests" in done.stdout


def test_it_works_with_xdist(project):
    done = project(MARKED, "--benchmark-disable", "-n", "1")
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


@pytest.mark.parametrize(
    ("text", "fixture", "message"),
    [
        ('@pytest.mark.hessbench("quik")', "case", "unknown suite 'quik'; did you mean quick?"),
        ('@pytest.mark.hessbench("quick", backend="jax")', "case", "unknown argument 'backend'"),
        ('@pytest.mark.hessbench("quick", size=2)', "problem", "unknown argument 'size'"),
        ('@pytest.mark.hessbench("quick", sizes="small")', "problem", "size 'small' is not a whole number"),
        ('@pytest.mark.hessbench("quick/rosenbrock", sizes=1)', "problem", "no selected problem takes size 1"),
        ("", "case", "hessbench_case needs a mark"),
    ],
)
def test_bad_marks_are_one_line(project, text, fixture, message):
    done = project(f"import pytest\n\n\n{text}\ndef test_it(hessbench_{fixture}):\n    pass\n")
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout


def test_pytest_itself_stays_light():
    """Whoever has hessbench installed pays nothing in their own tests."""
    code = "import sys, pytest; import hessbench.harness.python.pytest_plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not {"numpy", "pandas", "jax", "torch", "tensorflow"} & loaded
    assert {name for name in loaded if name.startswith("hessbench.")} == {
        "hessbench.harness",
        "hessbench.harness.python",
        "hessbench.harness.python.pytest_plugin",
    }


def test_a_users_file_is_a_suite_too(project):
    own = "import hessbench as hb\n\n\n@hb.problem(x0=[1.0, 2.0])\ndef mine(xp, x):\n    return xp.sum(x**4)\n"
    text = """
import pytest


@pytest.mark.hessbench("own.py", backends="numpy", operators="hessian")
def test_mine(hessbench_case):
    hessbench_case.verify()
"""
    done = project(text, "-v", own=own)
    assert done.returncode == 0, done.stdout
    assert "test_mine[own.py/mine-n=2-numpy-central-eager]" in done.stdout
