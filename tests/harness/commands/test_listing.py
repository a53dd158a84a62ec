"""Lists can be read at any width, and searched line by line in a pipe."""

import json
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


OWN = """
import hessbench as hb

print("noise")


@hb.problem(x0=[1.0, 2.0], hessian=lambda x: [[2.0, 0.0], [0.0, 2.0]], gradient=lambda x: 2 * x)
def bowl(xp, x):
    return xp.sum(x**2)


@hb.problem(x0=[1.0])
def plain_numbers(xp, x):
    return float(x[0])
"""


def test_the_page_of_a_file_has_its_problems(hessbench, tmp_path):
    (tmp_path / "mine.py").write_text(OWN)
    done = hessbench("list", "problems", "--suite", "mine.py", "--markdown")
    assert done.returncode == 0, done.stderr
    assert "noise" not in done.stdout
    assert "## mine.py" in done.stdout
    assert "closed form: gradient and Hessian" in done.stdout
    assert "■ ·\n· ■" in done.stdout
    assert "### plain_numbers" in done.stdout


def test_the_page_of_an_unknown_suite_is_refused(refused):
    done = refused("list", "problems", "--suite", "quik", "--markdown")
    assert done.returncode == 2
    assert "unknown suite 'quik'; did you mean quick" in done.stderr


def test_suites_can_be_named(hessbench, refused):
    listed = json.loads(hessbench("list", "suites", "--suite", "quick", "--json").stdout)
    assert [row["suite"] for row in listed] == ["quick"]
    assert "unknown suite 'quik'; did you mean quick" in refused("list", "suites", "--suite", "quik").stderr


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
