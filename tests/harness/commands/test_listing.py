"""Lists can be read at any width, and searched line by line in a pipe."""

import subprocess

import pytest


def shown(hessbench, *arguments, columns=None):
    environment = {name: value for name, value in hessbench.options["env"].items() if name != "COLUMNS"}
    environment |= {"COLUMNS": str(columns)} if columns else {}
    options = {**hessbench.options, "env": environment}
    done = subprocess.run(
        hessbench.command("list", *arguments), capture_output=True, text=True, timeout=120, check=True, **options
    )
    return [line.split() for line in done.stdout.splitlines() if line.strip()], done.stderr


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_names_are_never_folded(hessbench, columns):
    rows, notes = shown(hessbench, "methods", "--backend", "numpy", columns=columns)
    assert ["numpy", "richardson-longdouble-eager"] in [row[:2] for row in rows]
    assert all(row[0] == "numpy" for row in rows[2:]), "one line each"
    assert "no room for: " in notes
    assert "--json has them" in notes


def test_what_is_left_out_is_what_can_be_missed(hessbench):
    rows, notes = shown(hessbench, "methods", "--backend", "numpy", columns=80)
    assert rows[0] == ["backend", "name", "operator"]
    assert "mode, assembly, stock, default" in notes
    rows, notes = shown(hessbench, "problems", "--suite", "sparse", columns=60)
    assert rows[0] == ["suite", "name", "definition"]


def test_prose_goes_before_its_words_are_folded(hessbench):
    rows, notes = shown(hessbench, "problems", columns=60)
    assert rows[0] == ["suite", "name"]
    assert ["quick", "rosenbrock"] in rows
    assert "no room for: " in notes
    assert "definition" in notes


@pytest.mark.parametrize("what", ["methods", "problems", "suites", "vocabulary", "columns"])
def test_in_a_pipe_every_row_is_one_line(hessbench, what):
    rows, notes = shown(hessbench, what)
    firsts = {row[0] for row in rows[2:]}
    assert notes == ""
    assert firsts <= {row[0] for row in rows[2:] if len(row) >= 2}
    if what == "methods":
        assert "mode" in rows[0]
        assert any(row[:3] == ["numpy", "richardson-eager", "hessian"] for row in rows)
    if what == "problems":
        (row,) = [row for row in rows if row[:2] == ["quick", "rosenbrock"]]
        assert len(row) > 6, "the definition stands in the same line"


def test_a_wide_terminal_has_all(hessbench):
    rows, notes = shown(hessbench, "methods", "--backend", "numpy", columns=200)
    assert rows[0] == ["backend", "name", "operator", "mode", "assembly", "stock", "default"]
    assert notes == ""
