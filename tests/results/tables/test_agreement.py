"""Who agrees with whom, from sketches alone."""

import json

import pytest

from hessbench.results.tables.agreement import agrees_with, disagreements

RIGHT, OTHER = json.dumps([1.0, 2.0]), json.dumps([1.0, 2.1])


def test_frameworks_that_agree_are_named(make_run, record):
    rows = [record("jax", "a", sketch=RIGHT), record("torch", "b", sketch=RIGHT)]
    rows += [record("tensorflow", "c", sketch=OTHER), record("numpy", "d")]
    table = make_run(rows).summary
    assert list(agrees_with(table)) == ["torch", "jax", "", ""] == list(table["agrees_with"])


def test_disagreements_are_counted_by_pairs_and_within_a_framework(make_run, record):
    rows = [record("jax", "a", sketch=RIGHT), record("jax", "a2", sketch=OTHER), record("torch", "b", sketch=RIGHT)]
    counts = disagreements(make_run(rows).summary)
    assert counts.loc["jax", "torch"] == counts.loc["torch", "jax"] == counts.loc["jax", "jax"] == 1
    assert counts.loc["torch", "torch"] == 0


def test_results_of_different_problems_are_not_compared(make_run, record):
    rows = [record("jax", "a", sketch=RIGHT), record("torch", "b", n=50, sketch=OTHER)]
    assert not disagreements(make_run(rows).summary).to_numpy().any()


def test_float32_results_may_differ_by_more(make_run, record):
    near = json.dumps([1.0, 2.0001])
    rows = [record("jax", "a", sketch=RIGHT, dtype="float32"), record("torch", "b", sketch=near, dtype="float32")]
    assert not disagreements(make_run(rows).summary).to_numpy().any()


def test_what_is_within_the_stated_accuracy_is_no_disagreement(make_run, record):
    """The page said that nothing is wrong, and then that NumPy, whose differences are good to 1e-4, disagrees."""
    near = json.dumps([1.0, 2.0001])
    rows = [record("jax", "a", sketch=RIGHT, tolerance=1e-12), record("numpy", "b", sketch=near, tolerance=1e-4)]
    table = make_run(rows).summary
    assert not disagreements(table).to_numpy().any()
    assert list(agrees_with(table)) == ["numpy", "jax"]
    rows[1] = record("numpy", "b", sketch=OTHER, tolerance=1e-4)
    assert disagreements(make_run(rows).summary).to_numpy().any()


def test_zero_agrees_with_zero(make_run, record):
    zero = json.dumps([0.0, 0.0])
    assert list(
        make_run([record("jax", "a", sketch=zero), record("torch", "b", sketch=zero)]).summary["agrees_with"]
    ) == [
        "torch",
        "jax",
    ]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-200, 1e200, 1e308])
def test_huge_and_tiny_results_are_compared_like_others(make_run, record, size):
    """Squares of 1e200 overflow, of 1e-200 underflow."""
    same, other = (json.dumps([size, factor * size]) for factor in (-1.0, 1.0))
    rows = [record("jax", "a", sketch=same), record("torch", "b", sketch=same), record("tensorflow", "c", sketch=other)]
    assert list(agrees_with(make_run(rows).summary)) == ["torch", "jax", ""]
