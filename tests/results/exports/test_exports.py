"""Every form of a run, read again by the programs that it is made for."""

import io
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from hessbench.results.exports import FORMATS
from hessbench.results.exports.benchmarks import benchmark_name
from hessbench.results.stored.record import columns

HOSTILE = "</script><b>@all|x` $\\input{/etc/passwd}$ =1+1\n| y & 50 % _z_"


@pytest.fixture
def hostile(make_run, record):
    return make_run([record(), record("torch", HOSTILE, status="error", reason=HOSTILE, log_tail=HOSTILE)])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_made_of_any_run(make_run, record, name):
    for rows in ([record(status="error")], [record("torch", HOSTILE, problem=HOSTILE)]):
        path = make_run(rows).export(name)
        assert path.name == FORMATS[name].file
        assert path.stat().st_size


@pytest.mark.parametrize("kind", [str, Path])
def test_a_folder_for_a_form_is_made_where_it_is_missing(make_run, record, tmp_path, kind):
    path = make_run([record()]).export("csv", kind(tmp_path / "new" / "folder"))
    assert path == tmp_path / "new" / "folder" / "results.csv"
    assert path.is_file()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_can_be_made_before_the_first_cell(make_run, record, name):
    assert make_run([], planned=[record()]).export(name).exists()


def test_the_wide_table_has_a_row_per_contest_and_no_time_of_what_is_wrong(make_run, record):
    rows = [record(n=10), record(n=20, min_s=2e-3), record("torch", "fast", n=20, status="wrong", min_s=1e-9)]
    wide = pd.read_csv(make_run(rows).export("wide"))
    assert list(wide["n"]) == [10, 20]
    assert list(wide["jax/hessian-jit min_s"]) == [1e-3, 2e-3]
    assert wide["torch/fast min_s"].isna().all()
    assert wide["torch/fast status"].iloc[1] == "wrong"


@pytest.mark.parametrize("name", ["csv", "wide"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_a_csv_runs_as_a_formula(make_run, record, name, start):
    run = make_run([record(f"{start}a", f"{start}b", problem=f"{start}c", reason=f"{start}d", version=f"{start}e")])
    table = pd.read_csv(run.export(name), dtype=str, keep_default_na=False)
    assert not [text for text in [*table.columns, *table.to_numpy().ravel()] if str(text).startswith(start)]


def test_parquet_keeps_types_units_and_meanings(mixed):
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(mixed.export("parquet"))
    assert table.column_names == [column.name for column in columns()]
    assert table.schema.field("min_s").metadata[b"unit"] == b"s"
    again = table.to_pandas()
    assert list(again["min_s"].dropna()) == list(mixed.frame["min_s"].dropna())
    assert list(again["status"]) == list(mixed.frame["status"])


def test_the_markdown_answers_and_keeps_its_cells(hostile):
    text = hostile.export("markdown").read_text()
    assert "jax is the fastest correct framework in 1 of 1" in text
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert "</script>" not in text
    assert "@all" not in text


def test_the_latex_escapes_what_tex_would_run(hostile):
    text = hostile.export("latex").read_text()
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert r"\textbf{1.00 ms}" in body
    assert body.count(r"\begin{tabular}") == body.count(r"\end{tabular}") == 1


def test_latex_specials_are_text():
    from hessbench.results.exports.latex import escape

    assert escape("a_b & 50 % $x$ #1 {~^\\}") == (
        r"a\_b \& 50 \% \$x\$ \#1 \{\textasciitilde{}\textasciicircum{}\textbackslash{}\}"
    )


def test_pytest_benchmark_compares_it(make_run, record):
    path = make_run([record(min_s=1e-3), record("torch", "wrong-one", status="wrong")]).export("pytest-benchmark")
    data = json.loads(path.read_text())
    (one,) = data["benchmarks"]
    assert one["stats"]["min"] == one["stats"]["median"] == 1e-3
    assert one["name"] == "hessian[quick/rosenbrock-10-jax-hessian-jit-float64-cpu]"
    command = [sys.executable, "-P", "-m", "pytest_benchmark", "compare", path.name, "--columns", "min,median,rounds"]
    shown = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=True)
    assert one["name"] in shown.stdout


def test_its_statistics_are_those_of_pytest_benchmark(make_run, record):
    from pytest_benchmark.stats import Stats

    from hessbench.results.exports.benchmarks import _statistics

    values = [3.0, 1.0, 2.0, 10.0, 2.5, 2.25]
    theirs = Stats()
    for value in values:
        theirs.update(value)
    ours = _statistics(values, 1)
    for name in ("min", "max", "mean", "stddev", "rounds", "median", "ops", "total", "stddev_outliers"):
        assert ours[name] == pytest.approx(getattr(theirs, name)), name
    assert set(theirs.as_dict()) <= {*ours, "iterations"}


def test_names_of_benchmarks_are_unique(record):
    rows = [record(), record(batch=4), record(text="native"), record(dtype="float32"), record(device="gpu:0")]
    assert len({benchmark_name(row) for row in rows}) == len(rows)


def test_the_action_gets_only_what_is_right(make_run, record):
    rows = [record(min_s=r * 1e-3, round=r) for r in (1, 2, 3)]
    rows += [record("torch", "bad", status="wrong", round=r) for r in (1, 2, 3)]
    (one,) = json.loads(make_run(rows, rounds=3).export("github-action").read_text())
    assert one == {
        "name": "hessian quick/rosenbrock n=10 jax hessian-jit",
        "unit": "s",
        "value": 2e-3,
        "range": "1.00 ms to 3.00 ms",
        "extra": "median over 3 launches of their fastest samples",
    }


def test_the_csv_is_read_by_pandas_whatever_is_in_it(hostile):
    again = pd.read_csv(io.StringIO(hostile.export("csv").read_text()))
    assert list(again["reason"].dropna()) == [HOSTILE]
    assert math.isclose(again["min_s"].dropna().iloc[0], 1e-3)
