"""The page is right and safe for every kind of run."""

import base64
import gzip
import io
import json
import re
from dataclasses import replace

import pytest
from rich.console import Console

from hessbench.results.page.answers import winner_rows
from hessbench.results.page.report import render
from hessbench.results.page.sections import SECTIONS
from hessbench.results.stored.record import STATUSES, columns
from hessbench.results.terminal import show

pytest.importorskip("altair")
pytest.importorskip("itables")

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> [bold]=1+1 {{ 7*7 }} \u2028"


def page(run):
    return run.report().read_text()


def terminal(run, width=120):
    stream = io.StringIO()
    show(run, Console(file=stream, width=width))
    return stream.getvalue().rstrip()


def test_the_page_needs_no_network(mixed):
    html = page(mixed)
    assert not re.search(r"""<(?:script|img|iframe)[^>]+src\s*=\s*["']?(?:https?:)?//""", html)
    assert not re.search(r"""<link[^>]+href\s*=\s*["']?(?:https?:)?//""", html)
    assert not re.search(r"""import\s*\(?\s*["']https?://""", html)
    assert "@import url" not in html


def test_the_page_answers_first(mixed):
    html = page(mixed)
    assert html.index("jax is the fastest correct framework in 1 of 1 problem sizes") < html.index(
        ">What is wrong or missing, and why</h2>"
    )
    assert "torch, takes 5.00× the fastest time" in html


def test_every_outcome_and_reason_is_on_the_page(mixed):
    html = page(mixed)
    for status in STATUSES:
        assert status in html
        if status != "ok":
            assert f"because {status}" in html


def test_every_column_is_defined_on_the_page(mixed):
    html = page(mixed)
    assert all(f"<code>{column.name}</code>" in html for column in columns())


def test_hostile_text_stays_text(make_run, record):
    run = make_run([record(), record("torch", HOSTILE, status="error", reason=HOSTILE, log_tail=HOSTILE)])
    html = page(run)
    assert "<script>alert(1)" not in html
    assert "<img src=x" not in html
    assert "{{ 7*7 }}" in html
    assert "[bold]=1+1" in terminal(run, width=400)


@pytest.mark.parametrize("status", STATUSES)
def test_a_run_of_one_cell_has_a_page(make_run, record, status):
    run = make_run([record(status=status)])
    assert "What every number means" in page(run)
    assert status in terminal(run)


def test_a_run_killed_before_its_first_cell_has_a_page(make_run, record):
    run = make_run([], planned=[record()])
    assert "no method was both measured and found right" in page(run)
    assert "hessian: no method was both measured and found right" in terminal(run)


def test_problems_of_several_dtypes_and_suites_are_told_apart(make_run, record):
    rows = [
        record(dtype=dtype, suite=suite, cell=f"{dtype}{suite}", min_s=seconds)
        for dtype, suite, seconds in (("float64", "a", 1e-3), ("float32", "a", 2e-3), ("float64", "b", 3e-3))
    ]
    run = make_run(rows)
    assert set(run.summary["label"]) == {"a/rosenbrock float64", "a/rosenbrock float32", "b/rosenbrock float64"}
    for label in run.summary["label"]:
        assert label in page(run)
    assert "a/rosenbrock float32" in terminal(run)


def test_thousands_of_cells_have_a_page(make_run, record):
    run = make_run([record(method=f"m{i % 51}", problem=f"p{i // 51}", cell=str(i)) for i in range(5100)])
    assert len(page(run)) < 4e6


def test_long_messages_do_not_break_the_page(make_run, record):
    assert "x" * 1000 in page(make_run([record(status="error", reason="x" * 1000)]))


def test_few_rounds_are_said_to_be_few(make_run, record):
    assert "not for differences below about 20\u00a0%" in page(make_run([record()]))
    assert "median over 3 launches" in page(make_run([record(round=r) for r in (1, 2, 3)], rounds=3))
    assert "not for differences" in page(make_run([record()], rounds=3))


@pytest.mark.parametrize(
    ("min_s", "sleeps", "rounds", "said"),
    [(2e-5, 1.0, 1, True), (2e-3, 1.0, 1, False), (2e-5, 0.1, 1, False), (2e-5, None, 1, False), (2e-5, 1.0, 3, False)],
)
def test_times_that_hang_on_waking_threads_are_not_even_factors_in_one_launch(
    make_run, record, min_s, sleeps, rounds, said
):
    run = make_run([record(min_s=min_s, sleeps=sleeps, round=r + 1) for r in range(rounds)], rounds=rounds)
    assert ("hang on how fast threads are woken" in page(run)) == said


def test_a_narrow_terminal_keeps_the_times_whole(mixed):
    assert "5.00 ms" in terminal(mixed, width=80)
    assert max(map(len, terminal(mixed, width=80).splitlines())) <= 110


def test_the_terminal_names_the_winner_and_the_failures(mixed):
    text = " ".join(terminal(mixed).split())
    assert "1.00 ms ★" in text
    assert "5.00 ms 5.00×" in text
    assert (
        "hessian: jax is the fastest correct framework in 1 of 1 problem sizes; the next one, torch, takes 5.00×"
        in text
    )
    assert "out_of_memory torch method-out_of_memory, 1 cell: because out_of_memory" in text


def test_the_terminal_answers_for_the_operators_of_the_run(make_run, record):
    run = make_run([record("jax", "laplacian-trace-jit", "laplacian", batch=16)])
    text = " ".join(terminal(run).split())
    assert "laplacian: jax is the fastest correct framework in 1 of 1 problem sizes." in text
    assert "laplacian error" in text
    assert "hvp error" not in text


def test_batches_of_several_sizes_are_told_apart(make_run, record):
    rows = [record(operator="laplacian", method="m", batch=batch, cell=f"c{batch}") for batch in (16, 256)]
    run = make_run([*rows, record()])
    assert set(run.summary["label"]) == {"rosenbrock", "rosenbrock batch 16", "rosenbrock batch 256"}
    assert "rosenbrock batch 256" in page(run)


def test_sections_have_their_templates_and_their_anchors(mixed):
    html = page(mixed)
    absent = {section.name for section in SECTIONS if f'<h2 id="{section.name}">' not in html}
    assert absent == {"memory", "devices", "disagreements", "machines", "sparsity", "uses", "models"}


def test_both_devices_have_a_section_and_several_launches_an_interval(make_run, record):
    rows = [
        record(device=d, n=n, round=r, cell=f"{d}{n}", min_s=n * r * 1e-4)
        for d in ("cpu", "gpu:0")
        for n in (10, 100)
        for r in (1, 2, 3)
    ]
    html = page(make_run(rows, rounds=3))
    assert '<h2 id="devices"' in html
    assert "1.00 ms–3.00 ms" in html


def test_a_calibration_stands_in_the_footer(mixed):
    assert "calibration" not in render(mixed).partition("<footer>")[2].partition("</footer>")[0]
    known = {**mixed.manifest, "calibration": {"sentence": "wrong 1 of 1000 times"}}
    assert '<p id="calibration">wrong 1 of 1000 times</p>' in render(replace(mixed, manifest=known))


def test_the_packed_cells_are_all_cells(mixed):
    cells = unpacked(page(mixed), "cells-data")
    assert len(cells["min_s"]) == len(mixed.summary)
    statuses = cells["status"]
    assert sorted(statuses["texts"][at] for at in statuses["at"]) == sorted(mixed.summary["status"])


def test_the_packed_records_are_all_records(make_run, record):
    run = make_run([record(round=r, reason=HOSTILE) for r in (1, 2, 3)], rounds=3)
    records = unpacked(page(run), "records-data")
    assert len(records["min_s"]) == 3
    assert records["reason"]["texts"] == [HOSTILE]


def unpacked(html, name):
    text = re.search(rf'id="{name}">([^<]*)<', html)[1]
    return json.loads(gzip.decompress(base64.b64decode(text)))


def test_the_terminal_ends_with_the_answer_and_the_files(mixed):
    stream = io.StringIO()
    files = [mixed.csv(), mixed.export("markdown"), mixed.directory / "f" / "a.svg", mixed.directory / "f" / "b.svg"]
    show(mixed, Console(file=stream, width=400), files)
    lines = stream.getvalue().splitlines()
    assert lines[-3].startswith(f"{mixed.directory / 'results.csv'}  one row per cell")
    assert lines[-1] == f"{mixed.directory / 'f'}  2 figures"


def test_the_answer_says_where_the_intervals_overlap(make_run, record):
    rows = []
    for r in (1, 2, 3):
        rows += [record("jax", n=n, round=r, min_s=1e-3 * (1 + r / 10)) for n in (10, 20)]
        rows += [
            record("torch", n=10, round=r, min_s=1.1e-3 * (1 + r / 10)),
            record("torch", n=20, round=r, min_s=9e-3),
        ]
    html = page(make_run(rows, rounds=3))
    assert "in 2 of 2 problem sizes (1 of 2 beyond the intervals over launches); the next one, torch" in html
    assert "≈ 1.10×" in html


def test_what_is_checked_and_not_timed_is_no_contest(make_run, record):
    untimed = dict.fromkeys(("min_s", "median_s", "q1_s", "q3_s", "samples", "loops"))
    traps = [
        record(suite="traps", problem="tie", backend=name, method=f"m-{name}", status=status, **untimed)
        for name, status in (("jax", "ok"), ("torch", "wrong"))
    ]
    run = make_run([*traps, record(min_s=1e-3), record(backend="torch", method="m", min_s=2e-3)])
    assert "fastest correct framework in 1 of 1 problem sizes" in terminal(run)
    assert [row["label"] for row in winner_rows(run.summary)] == ["rosenbrock"]
    assert page(run)
    html = page(make_run(traps))
    assert "no method was both measured and found right" in html
