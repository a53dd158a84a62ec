"""The tutorial's and the README's code, run as it stands there, and the docstrings' examples."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends

ROOT = Path(__file__).parents[1]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text()
BLOCK = re.compile(r"```(python|sh)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"# (\w+\.py)\n")
CALMLY = f"""import sys
sys.path.insert(0, {str(ROOT / "tests" / "faults")!r})
import calm_machine
del sys.path[0]  # the faulty backends are there, too
calm_machine.settle(report=True)
sys.exit(calm_machine.cli.main())
"""
"""Else what a neighbor disturbs would be measured again, for up to two minutes."""
NAMES = ("hessian", "hvp", "diagonal", "reference", "check", "problem", "native_problem", "run")


def blocks(text):
    return [(match[1], match[2]) for match in BLOCK.finditer(text)]


def test_the_tutorials_code_in_its_order(calm, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for kind, code in blocks(TUTORIAL):
        if named := FILE.match(code):
            Path(named[1]).write_text(code)
        elif kind == "python":
            exec(compile(code, f"{tmp_path}/block.py", "exec"), namespace)
    assert "makes a plain number of x" in capsys.readouterr().out
    assert (tmp_path / "my_other_run" / "report.html").exists()
    np.testing.assert_allclose(namespace["f"](np, [-1.2, 1.0]), 24.2)


@pytest.mark.slow
@pytest.mark.worker
def test_the_tutorials_commands(tmp_path):
    code = next(code for _, code in blocks(TUTORIAL) if FILE.match(code))
    (tmp_path / "my_problem.py").write_text(code)
    (line,) = (line for kind, code in blocks(TUTORIAL) if kind == "sh" for line in code.splitlines())
    command = [sys.executable, "-P", "-c", CALMLY, *line.split()[1:]]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=280, env={**os.environ, "COLUMNS": "120"}
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "my_run" / "report.html").exists()
    assert set(hb.load(tmp_path / "my_run").frame["status"]) <= {"ok", "unsupported"}


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_the_docstrings(calm, name):
    found = doctest.DocTestFinder(recurse=False).find(getattr(hb, name), name, globs={"np": np})
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in found:
        assert runner.run(test).failed == 0


def test_methods_that_are_named_exist():
    text = (ROOT / "docs" / "choosing.md").read_text()
    names = {m.name for name in backends.BUILT_IN for m in backends.load(name).methods}
    chunks = {
        re.sub(r"chunk\d+", "chunk16", name) for name in re.findall(r"`([a-z0-9-]+-(?:eager|jit|graph|xla))`", text)
    }
    assert len(chunks) > 5
    assert chunks <= names
