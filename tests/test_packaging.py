"""What is uploaded and installed: one package, its templates and its command; no tests, no runs, no second name."""

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import hessbench as hb

ROOT = Path(__file__).parents[1]
ROOMS = ("backends", "harness", "results", "suites")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

PROBLEM = """
import hessbench as hb
import backends, harness, results, suites

for own in (backends, harness, results, suites):
    assert own.WHOSE == "theirs", own.__file__


@hb.problem(x0=[1.0, 2.0])
def parabola(xp, x):
    return results.SCALE * xp.sum(x * x)
"""


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The sdist, and the wheel that is built from it."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT], check=True, capture_output=True
    )
    return next(out.glob("*.tar.gz")), next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def in_sdist(archives):
    with tarfile.open(archives[0]) as sdist:
        return {name.removeprefix(f"hessbench-{VERSION}/") for name in sdist.getnames()}


@pytest.fixture(scope="module")
def in_wheel(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        return set(wheel.namelist())


@pytest.fixture(scope="module")
def site(archives, tmp_path_factory):
    """A folder in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", folder, archives[1]], check=True, capture_output=True)
    return folder


@pytest.fixture
def python(site, tmp_path):
    """Runs Python with that installation, in the folder of a person who has files of the rooms' names."""
    for room in ROOMS:
        (tmp_path / f"{room}.py").write_text('WHOSE, SCALE = "theirs", 3.0\n')
    (tmp_path / "my_problem.py").write_text(PROBLEM)
    options = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(site)}, "capture_output": True, "text": True}

    def run(*arguments):
        done = subprocess.run([sys.executable, *map(str, arguments)], **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def files():
    """Every module and template, as it is called once it is installed."""
    return {"hessbench/__init__.py", "hessbench/__main__.py"} | {
        f"hessbench/{path.relative_to(ROOT)}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in (".py", ".html", ".css", ".js")
    }


def test_every_module_and_template_is_in_the_wheel(in_wheel):
    assert files() <= in_wheel


def test_nothing_else_is_in_the_wheel(in_wheel):
    assert {name.partition("/")[0] for name in in_wheel} == {"hessbench", f"hessbench-{VERSION}.dist-info"}
    assert not any("__pycache__" in name for name in in_wheel)


def test_the_sdist_is_an_ordinary_src_layout(in_sdist):
    assert {f"src/{name}" for name in files()} <= in_sdist
    beside = {name for name in in_sdist if not name.startswith("src/hessbench/")}
    assert beside == {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO", ".gitignore"}


def test_the_command_and_the_plugins_are_declared(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        declared = wheel.read(f"hessbench-{VERSION}.dist-info/entry_points.txt").decode()
    assert "hessbench = hessbench.harness.commands.cli:main" in declared
    assert "hessbench = hessbench.harness.python.pytest_plugin" in declared
    assert "cutest = hessbench.suites.published.cutest" in declared


def test_both_archives_could_be_uploaded(archives):
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *archives], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_person_gets_both_hessbench_and_their_own(site, python):
    """With `-c` a person's folder is on the path before everything else, with `-P` it is not on it."""
    both = "import hessbench, hessbench.harness.commands.cli, results; print(hessbench.__file__, results.WHOSE)"
    installed = str(site / "hessbench" / "__init__.py")
    assert python("-c", both).split() == [installed, "theirs"]
    assert python("-P", "-c", "import hessbench; print(hessbench.__file__)").split() == [installed]


def test_no_room_is_a_module_of_its_own(site):
    code = f"from importlib.util import find_spec; print([name for name in {ROOMS} if find_spec(name)])"
    options = {"cwd": site, "env": {**os.environ, "PYTHONPATH": str(site)}, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, **options)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", [("{site}/bin/hessbench",), ("-m", "hessbench")], ids=["script", "module"])
def test_a_persons_problem_imports_their_own_results(site, python, tmp_path, command):
    """In the process that first reads the file, and in the worker; with `-m` all of hessbench runs beside them."""
    start = [part.format(site=site) for part in command]
    python(*start, "run", "my_problem.py", "--backend", "numpy", "--operator", "gradient", "--quick", "--out", "r")
    frame = hb.load(tmp_path / "r").frame
    assert set(frame["status"]) == {"ok"}
