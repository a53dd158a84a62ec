"""The answer on the terminal survives at every width: who is fastest, how fast, by which method, how far others are."""

import io
import re

import pytest
from rich.console import Console

from hessbench.results.terminal import show, show_budget

WIDTHS = (40, 60, 80, 100, 120, 200)
BACKENDS = ("jax", "torch", "tensorflow", "numpy", "autograd", "casadi")
METHOD = "jacobian-of-gradient-symbolic"


@pytest.fixture
def contest(make_run, record):
    """Six backends on three problems of two sizes; jax wins, casadi is wrong."""
    rows = []
    for problem in ("rosenbrock", "gaussian_process", "tutorial"):
        for n in (10, 100):
            for place, name in enumerate(BACKENDS):
                facts = {"problem": problem, "n": n, "status": "wrong" if name == "casadi" else "ok"}
                mode = {"mode": "difference-over-difference"} if name == "numpy" else {}
                method = METHOD if name == "jax" else f"{name}-hessian"
                rows.append(record(name, method, min_s=1.5e-6 * n * 3**place, **facts, **mode))
    return make_run(rows)


def printed(run, width, say=show, *more):
    stream = io.StringIO()
    say(run, Console(file=stream, width=width), *more)
    return stream.getvalue()


def words(text):
    """The text without its line ends: what is wrapped at a word is whole."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_answer_is_there_at_every_width(contest, width):
    shown = printed(contest, width)
    assert all(len(line) <= width for line in shown.splitlines() if not line.startswith("wrong casadi"))
    assert "…" not in shown, "nothing is cut"
    said = words(shown)
    for problem in ("rosenbrock", "gaussian_process", "tutorial"):
        assert problem in said
    assert said.count("15.0 µs ★") == said.count("150 µs ★") == 3
    assert said.count(METHOD) >= 6
    assert "torch" in said
    assert "hessian: jax is the fastest correct framework in 6 of 6 problem sizes" in said


@pytest.mark.parametrize("width", WIDTHS)
def test_how_far_the_others_are_is_there_at_every_width(contest, width):
    said = words(printed(contest, width))
    times = (45.0, 135.0, 405.0, 1215.0)
    for time, multiple in zip(times, ("3.00×", "9.00×", "27.0×", "81.0×"), strict=True):
        assert multiple in said or f"{time:.3g} µs" in said or "ms" in said
    assert said.count("wrong") >= 6, "who is not right is named"


def test_a_wide_terminal_has_a_column_for_every_backend(contest):
    head = next(line for line in printed(contest, 200).splitlines() if "fastest correct" in line and "problem" in line)
    assert all(name in head for name in BACKENDS)


@pytest.mark.parametrize("width", WIDTHS)
def test_how_the_cells_ended_is_there_at_every_width(mixed, width):
    said = words(printed(mixed, width))
    for status in ("wrong", "out_of_memory", "timeout", "unverifiable"):
        assert status in said
    assert "1e-15" in said


@pytest.mark.parametrize("width", WIDTHS)
def test_the_largest_size_within_a_budget_is_there_at_every_width(make_run, record, width):
    rows = [record(method=METHOD, n=n, min_s=1e-8 * n**2) for n in (10, 100, 1000)]
    said = words(printed(make_run(rows), width, show_budget, "1s", 1.0, "min_s"))
    assert METHOD in said
    assert "10000" in said


def test_what_a_terminal_would_obey_is_not_printed(make_run, record):
    run = make_run([record(status="error", reason="\x1b[31mred\x1b[0m \x1b]0;title\x07and\x1b[2J gone")])
    shown = printed(run, 200)
    assert "\x1b" not in shown
    assert "red and gone" in shown
