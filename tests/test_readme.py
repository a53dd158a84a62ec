"""The commands and the code of the README and of the manual's pages, run as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (
    ROOT / "README.md",
    *(DOCS / f"{name}.md" for name in ("installing", "commands", "suites", "python", "choosing")),
)
TEXTS = {page.stem: page.read_text() for page in PAGES}
SHELL = [block for text in TEXTS.values() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]
PYTHON = {name: re.findall(r"```python\n(.*?)```", text, re.DOTALL) for name, text in TEXTS.items()}
COMMANDS = sorted(
    {line.partition("#")[0].strip() for block in SHELL for line in block.splitlines() if "hessbench " in line}
)
MOST_LINES = 150
"""The README is for the first minutes; what is looked up later has pages of its own."""


def arguments(command):
    words = shlex.split(command)
    return words[words.index(next(w for w in words if w.endswith("hessbench"))) + 1 :]


def test_the_readme_is_short():
    assert len(TEXTS["README"].splitlines()) <= MOST_LINES


def test_there_are_commands():
    assert len(COMMANDS) > 8


def runs():
    """Every command `run`, and those of my_problem.py with each page's problem."""
    commands = [c for c in COMMANDS if arguments(c)[0] == "run" and "--scheduler" not in c]  # which must answer
    return [(c, page) for page in ("README", "python") for c in commands if page == "README" or "my_problem.py" in c]


@pytest.mark.parametrize(("command", "page"), runs())
def test_a_run_command_can_be_planned(command, page, capsys, tmp_path, monkeypatch):
    from hessbench.harness.commands.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_problem.py").write_text(next(code for code in PYTHON[page] if "@hb.problem" in code))
    words = arguments(command)
    assert main([*words, *([] if "--dry-run" in words else ["--dry-run"])]) == 0
    assert "cells; nothing was started" in capsys.readouterr().out


@pytest.mark.parametrize("command", [c for c in COMMANDS if arguments(c)[0] not in ("run", "list")])
def test_another_command_can_be_parsed(command):
    from hessbench.harness.commands.cli import parser

    assert vars(parser().parse_args(arguments(command)))  # a flag or value that does not exist raises


@pytest.mark.parametrize("command", [c for c in COMMANDS if arguments(c)[0] == "list"])
def test_a_list_command_works(command, capsys):
    from hessbench.harness.commands.cli import main

    assert main(arguments(command)) == 0
    assert len(capsys.readouterr().out.splitlines()) > 3


def test_the_page_of_suites_counts_the_problems():
    from hessbench import suites

    section = TEXTS["suites"].partition("## Suites")[2].partition("\n#")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", section, re.MULTILINE))
    counts = {name: len(suites.load(name)) for name in (*suites.BUILT_IN, *suites.BY_NAME)}
    wrong = {name: count for name, count in counts.items() if told.get(name) != str(count)}
    assert not wrong, f"docs/suites.md counts other problems than there are: {wrong}"


def test_the_page_of_suites_has_every_operator():
    from hessbench.backends.contract.operators import OPERATORS

    section = TEXTS["suites"].partition("## What can be asked for")[2]
    assert set(OPERATORS) <= set(re.findall(r"`([a-z-]+)`", section))


def test_the_page_of_commands_has_every_format():
    from hessbench.results.exports import FORMATS

    assert set(FORMATS) <= set(re.findall(r"`([a-z-]+)`", TEXTS["commands"].partition("| `--format` |")[2]))


def test_the_page_on_installing_has_every_extra():
    declared = (
        (ROOT / "pyproject.toml").read_text().partition("[project.optional-dependencies]")[2].partition("\n[project")[0]
    )
    table = TEXTS["installing"].partition("## Extras")[2].partition("\n#")[0]
    named = {name for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    extras = set(re.findall(r"^(\w+) = \[", declared, re.MULTILINE))
    assert named == extras, f"the table of docs/installing.md, and pyproject.toml: {sorted(named ^ extras)}"


def test_make_targets_exist():
    targets = re.findall(r"^make ([\w-]+)", "\n".join(SHELL), re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()
    assert {"bench", "test"} <= set(targets)
    assert all(f"\n{target}: " in makefile for target in targets)


@pytest.mark.parametrize("page", ["README", "python"])
def test_the_python_example_gives_what_it_says(page):
    pytest.importorskip("torch")
    namespace = {}
    exec(PYTHON[page][0].partition("run = ")[0], namespace)
    found = namespace["hb"].hessian(namespace["f"], [0.1, 0.2], [1.0, 3.0], backend="torch")
    assert found.shape == (2, 2)
