"""What is in the wheel: the rooms, the public face, the templates; no tests, no runs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("backends", "harness", "results", "suites")


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = out.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_every_module_and_template_is_in_the_wheel(names):
    files = {
        f"hessbench/{path.relative_to(ROOT)}"
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in (".py", ".html", ".css", ".js")
    }
    assert files | {"hessbench/__init__.py"} <= names


def test_nothing_else_is_in_the_wheel(names):
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"hessbench", "hessbench-0.1.0.dist-info"}
    assert not any("__pycache__" in name for name in names)


def test_the_command_is_declared(names):
    assert "hessbench-0.1.0.dist-info/entry_points.txt" in names
