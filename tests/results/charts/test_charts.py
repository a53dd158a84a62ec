"""Charts: every one compiles to a picture, whatever the run; what they stand on is computed right."""

import math
from xml.etree.ElementTree import fromstring

import pandas as pd
import pytest
import vl_convert

from hessbench.results.charts import CHARTS
from hessbench.results.charts.figures import specification
from hessbench.results.charts.look import FRAMEWORKS, look, styles
from hessbench.results.tables.break_even import break_even
from hessbench.results.tables.cells import cells
from hessbench.results.tables.pareto import front


@pytest.fixture
def curves(make_run, record):
    rows = [
        record(
            backend,
            f"{backend}-method",
            n=n,
            round=r,
            device=device,
            min_s=scale * n**2 * (1 + r / 10),
            peak_host_bytes=10**8 * n,
            cell=f"{backend}{n}{device}",
            judge=judge,
        )
        for backend, scale, judge in (("jax", 1e-6, "closed_form"), ("torch", 3e-6, "richardson-64"))
        for n in (10, 100, 1000)
        for r in (1, 2, 3)
        for device in ("cpu", "gpu:0")
    ]
    rows += [record("numpy", "off", n=n, round=r, status="wrong", cell=f"w{n}") for n in (10, 100) for r in (1, 2, 3)]
    rows += [
        record(backend, "gradient", "gradient", n=n, round=r, min_s=1e-6 * n, cell=f"g{backend}{n}")
        for backend in ("jax", "torch")
        for n in (10, 100, 1000)
        for r in (1, 2, 3)
    ]
    return make_run(rows, rounds=3)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_every_chart_is_a_picture(curves, chart):
    table = cells(curves.summary)
    rows = chart.rows(table[table["operator"] == "hessian"])
    assert len(rows)
    picture = fromstring(vl_convert.vegalite_to_svg(specification(chart, rows)))
    assert len(list(picture.iter())) > 50


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_every_chart_keeps_to_altairs_schema(curves, chart):
    """The page leaves this check out, because it takes as long as all the rest."""
    table = cells(curves.summary)
    assert chart.build(look(table)).to_dict(validate=True) == chart.spec(look(table))


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_one_size_and_one_framework_are_enough(make_run, record, chart):
    rows = chart.rows(cells(make_run([record(peak_host_bytes=10**8)]).summary))
    if len(rows):
        assert "NaN" not in vl_convert.vegalite_to_svg(specification(chart, rows))


def test_a_wrong_cell_is_in_no_picture_of_winners(curves):
    table = cells(curves.summary)
    for chart in CHARTS:
        if chart.name not in ("accuracy", "heat"):
            assert set(chart.rows(table)["status"]) == {"ok"}


def test_names_are_unique_and_say_how_to_read_them():
    assert len({chart.name for chart in CHARTS}) == len(CHARTS)
    assert all(chart.says.endswith(".") and chart.option for chart in CHARTS)


def test_figures_are_written_for_every_operator(curves, tmp_path):
    names = {path.name for path in curves.figures(tmp_path / "deep" / "er", ("svg",))}
    assert {"time-hessian.svg", "accuracy-hessian.svg", "heat-hessian.svg", "devices-hessian.svg"} <= names


def test_a_framework_looks_the_same_whoever_is_beside_it():
    assert styles(["torch", "mine"])["torch"] == styles(["jax", "torch"])["torch"] == FRAMEWORKS["torch"]
    assert len(set(styles([*FRAMEWORKS, "a", "b", "c"]).values())) == len(FRAMEWORKS) + 3


def test_the_exponent_and_its_interval_are_said(curves):
    said = cells(curves.summary).query("backend == 'jax' and operator == 'hessian'")["growth"]
    assert set(said) == {"n^2.00 (2.00 to 2.00)"}


def test_one_size_has_no_exponent(make_run, record):
    assert list(cells(make_run([record()]).summary)["growth"]) == [""]


def test_break_even_is_where_the_totals_cross():
    rows = pd.DataFrame({"prepare_s": [0.0, 1.0, 0.5], "first_call_s": [0.1, 0.1, 0.1], "min_s": [0.1, 0.01, 0.2]})
    assert list(break_even(rows)) == [1.0, 13.0, math.inf]
    k, start = 13, rows["prepare_s"] + rows["first_call_s"]
    assert start[1] + (k - 1) * 0.01 <= start[0] + (k - 1) * 0.1
    assert start[1] + (k - 2) * 0.01 > start[0] + (k - 2) * 0.1


def test_break_even_counts_what_is_not_known_as_nothing():
    rows = pd.DataFrame({"prepare_s": [math.nan, 1.0], "first_call_s": [0.1, 0.1], "min_s": [0.1, 0.1]})
    assert list(break_even(rows)) == [1.0, math.inf]


def test_the_front_has_what_nothing_beats_in_both():
    assert front([1.0, 2.0, 3.0, 2.0], [1e-3, 1e-9, 1e-8, 1e-12]) == [True, False, False, True]
    assert front([1.0, 1.0], [1e-3, 1e-3]) == [True, False]


def test_the_best_stand_for_their_framework(make_run, record):
    rows = [record("jax", "a", n=n, min_s=1e-3 * n) for n in (1, 2)]
    rows += [
        record("jax", "b", n=1, min_s=1e-4),
        record("jax", "b", n=2, min_s=9.0),
        record("torch", "c", n=3, status="wrong"),
    ]
    table = cells(make_run(rows).summary).set_index(["method", "n"])
    assert table.loc[("a", 1), "champion"]
    assert not table.loc[("b", 1), "champion"]
    assert table.loc[("b", 1), "best_here"]
    assert list(table["largest"]) == [False, True, False, True, False]
    assert table.loc[("b", 1), "share"] == pytest.approx(2 / 3)
