"""A disturbed time is shown and takes part in nothing: no rank, no ratio, no fit, no comparison, no recommendation."""

import pytest

from hessbench.results.comparing.comparison import launches
from hessbench.results.page.answers import answer, trust
from hessbench.results.stored.record import better
from hessbench.results.tables.growth import growth
from hessbench.results.tables.ranking import disturbed, ranked, standings, winners
from hessbench.results.tables.recommendation import totals

WHY = "waited for a core for 80% of the time"


@pytest.fixture
def row(record):
    def make(method, min_s, why="", **more):
        key = f"{method}-{more.get('n', 10)}"
        return record(method=method, min_s=min_s, disturbed=why, waited=0.8 if why else 0.0, cell=key, **more)

    return make


def test_a_disturbed_time_never_wins_and_is_shown(make_run, row):
    table = make_run([row("a", 3.0, WHY), row("b", 2.0)]).summary
    assert list(winners(table)["method"]) == ["b"]
    assert list(table["relative"].isna()) == [True, False]
    assert list(disturbed(table)["min_s"]) == [3.0]


def test_a_backend_with_disturbed_times_only_says_so(make_run, row):
    (standing,) = standings(make_run([row("a", 1.0, WHY)]).summary)
    assert (standing.best, standing.disturbed) == ({}, {"jax": 1.0})


def test_calm_launches_speak_for_a_cell(make_run, row):
    table = make_run([row("a", 1.0, round=1), row("a", 9.0, WHY, round=2), row("a", 1.1, round=3)], rounds=3).summary
    assert table["min_s"].tolist() == [pytest.approx(1.05)]
    assert (table["disturbed"].tolist(), table["launches"].tolist()) == ([""], [2])
    assert len(ranked(table)) == 1


def test_ratios_have_no_disturbed_side(make_run, row, record):
    gradient = record(method="gradient", operator="gradient", min_s=1.0, disturbed=WHY, cell="g")
    frame = make_run([row("a", 3.0), gradient]).frame
    assert frame["ratio_to_gradient"].isna().all()


def test_a_fit_and_a_comparison_leave_it_out(make_run, row):
    run = make_run([row("a", n / 10, WHY if n == 1000 else "", n=n) for n in (10, 100, 1000)])
    assert growth(run.summary)["sizes"].tolist() == [2]
    assert sorted(seconds for side in launches(run.frame).values() for seconds in side.values()) == [1.0, 10.0]


def test_a_recommendation_rests_on_calm_launches(make_run, row):
    rows = [row("a", 0.5, WHY, prepare_s=0.0, first_call_s=0.0), row("b", 2.0, prepare_s=0.0, first_call_s=0.0)]
    assert totals(make_run(rows), "hessian", 10)["method"].tolist() == ["b"]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ((1.0, WHY), (2.0, ""), 2.0),
        ((1.0, WHY), (2.0, WHY), 1.0),
        ((2.0, WHY), (1.0, WHY), 1.0),
        ((1.0, ""), (2.0, ""), 1.0),  # threads were woken faster
    ],
)
def test_of_two_visits_the_calmer_one_counts(row, first, second, kept):
    found = better(row("a", *first, visit=1), row("a", *second, visit=2))
    assert (found.min_s, found.visit) == (kept, 2)


def test_a_visit_that_fails_counts(row, record):
    wrong = record(method="a", status="wrong", cell="a-10", visit=2)
    assert better(row("a", 1.0, WHY), wrong) is wrong


def test_the_reader_is_told(make_run, row):
    table = make_run([row("a", 1.0, WHY), row("b", 2.0)]).summary
    assert "1 of 2 cells was disturbed" in trust(table)


def test_without_a_witness_the_reader_is_told_that(make_run, record):
    assert "No witness on this system" in trust(make_run([record(min_s=1.0, waited=None)]).summary)


def test_who_is_slower_than_a_disturbed_one_has_not_won(make_run, row):
    """A neighbor only makes slower: the disturbed one is faster for certain, by how much nobody knows."""
    table = make_run([row("a", 1.0, WHY), row("b", 2.0, backend="torch"), row("c", 3.0, backend="torch")]).summary
    (standing,) = standings(table)
    assert standing.winner is None
    assert "disturbed" in standing.open
    assert winners(table).empty
    assert table["relative"].isna().all()
    assert "was disturbed" in answer(table, "hessian")


def test_who_is_faster_than_a_disturbed_one_has_won(make_run, row):
    (standing,) = standings(make_run([row("a", 2.0, WHY), row("b", 1.0, backend="torch")]).summary)
    assert (standing.winner, standing.open) == ("torch", "")
