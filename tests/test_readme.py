"""The README's own commands and code, run as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = sorted(
    {line.partition("#")[0].strip() for block in SHELL for line in block.splitlines() if "hessbench " in line}
)


def arguments(command):
    words = shlex.split(command)
    return words[words.index(next(w for w in words if w.endswith("hessbench"))) + 1 :]


def test_there_are_commands():
    assert len(COMMANDS) > 8


@pytest.mark.parametrize("command", [c for c in COMMANDS if arguments(c)[0] == "run"])
def test_a_run_command_can_be_planned(command, capsys, tmp_path, monkeypatch):
    from hessbench.harness.commands.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_problem.py").write_text(next(code for code in PYTHON if "@hb.problem" in code))
    words = arguments(command)
    assert main([*words, *([] if "--dry-run" in words else ["--dry-run"])]) == 0
    assert "cells; nothing was started" in capsys.readouterr().out


@pytest.mark.parametrize("command", [c for c in COMMANDS if arguments(c)[0] == "list"])
def test_a_list_command_works(command, capsys):
    from hessbench.harness.commands.cli import main

    assert main(arguments(command)) == 0
    assert len(capsys.readouterr().out.splitlines()) > 3


def test_the_readme_counts_the_methods():
    from hessbench import backends

    counts = {name: len(backends.load(name).methods) for name in backends.BUILT_IN}
    words = ", ".join(f"{name} {count}" for name, count in counts.items())
    assert f"{sum(counts.values())} ({words})" in " ".join(README.split())


def test_the_readme_counts_the_problems():
    from hessbench import suites

    section = README.partition("### Suites")[2].partition("\n#")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", section, re.MULTILINE))
    assert {name: told[name] for name in suites.BUILT_IN} == {n: str(len(suites.load(n))) for n in suites.BUILT_IN}


def test_make_targets_exist():
    targets = re.findall(r"^make (\w+)", "\n".join(SHELL), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()
    assert {"bench", "test"} <= set(targets)
    assert all(f"\n{target}: " in makefile for target in targets)


def test_the_python_example_gives_what_it_says(tmp_path):
    pytest.importorskip("torch")
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    namespace = {}
    exec(code.partition("run = ")[0], namespace)
    found = namespace["hb"].hessian(namespace["f"], [0.1, 0.2], [1.0, 3.0], backend="torch")
    assert found.shape == (2, 2)
