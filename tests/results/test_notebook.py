"""A run and a comparison say in a few lines what they are; a notebook shows them as a small table."""

from dataclasses import replace

from hessbench.results.comparing.comparison import Comparison
from hessbench.results.run import Run

HOSTILE = "<script>alert(1)</script>"


def test_a_run_is_a_few_lines(make_run, record):
    run = make_run([record(n=n, method=f"m{i}") for n in range(1, 60) for i in range(5)])
    lines = repr(run).splitlines()
    assert len(lines) == 2
    assert lines[0] == f"Run {run.directory}: 295 cells (295 ok)"
    assert "jax is the fastest correct framework in 59 of 59 problem sizes" in lines[1]


def test_what_went_wrong_is_counted(mixed):
    head = repr(mixed).splitlines()[0]
    assert "3 ok" in head
    assert "1 out_of_memory" in head


def test_a_run_without_records_can_be_printed(make_run, record):
    run = make_run([], planned=[record()])
    assert "1 cell (1 interrupted)" in repr(run)
    assert "no method was both measured" in run._repr_html_()


def test_a_run_that_cannot_be_read_can_be_printed(mixed):
    journal = mixed.directory / "journal.jsonl"
    journal.unlink()
    journal.mkdir()
    fresh = Run(mixed.directory, mixed.manifest)
    assert "cannot be read" in repr(fresh)
    assert "cannot be read" in fresh._repr_html_()


def test_a_notebook_shows_the_fastest(mixed):
    html = mixed._repr_html_()
    assert "<td>rosenbrock</td><td>10</td><td>jax</td><td>hessian-jit</td><td>1.00 ms</td><td>torch 5.00×</td>" in html
    assert len(html) < 3000


def test_a_notebook_shows_text_as_text(make_run, record):
    html = make_run([record(method=HOSTILE)])._repr_html_()
    assert "<script" not in html


def test_a_comparison_is_a_few_lines(mixed):
    found = Comparison(mixed, replace(mixed, directory=mixed.directory))
    assert len(repr(found).splitlines()) == 2
    assert "11 cells" in repr(found)
    assert len(repr(found)) < 500
    assert "<p>" in found._repr_html_()
    assert "not comparable: " in found._repr_html_()
