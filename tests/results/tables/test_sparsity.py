"""Sparse beside dense: who is faster from which n on, and when finding and coloring have paid."""

import math

import pytest

from hessbench.results.page.subjects.patterns import picture, shown
from hessbench.results.tables.sparsity import crossings, patterns

PATTERN = {"colors": 3, "nnz_missing": 0, "nnz_extra": 2, "detect_s": 0.2, "color_s": 0.1, "picture": "aa.\naab\n.bb"}


@pytest.fixture
def table(make_run, record):
    """The sparse time grows as n, the dense one as n^2; they meet at n = 30."""
    rows = []
    for n in (10, 100, 1000):
        rows += [
            record("jax", "s", "sparse-hessian", n=n, min_s=1e-6 * n, prepare_s=1.0, nnz=3 * n - 2, **PATTERN),
            record(
                "casadi", "t", "sparse-hessian", n=n, min_s=1e-5 * n, nnz=3 * n - 2, colors=2, picture="++.\n+++\n.++"
            ),
            record("jax", "d", "hessian", n=n, min_s=1e-6 * n**2 / 30, prepare_s=0.5),
        ]
    return make_run(rows).summary


def test_the_fastest_of_both_are_compared(table):
    found = patterns(table).set_index("n")
    assert found["method"].tolist() == ["s", "s", "s"]
    assert found.loc[1000, "faster"] == pytest.approx(1000 / 30)
    assert found.loc[1000, "density"] == pytest.approx(2998 / 1e6)
    assert (found.loc[1000, "colors"], found.loc[1000, "fewest_colors"]) == (3, 2)
    assert found.loc[10, "break_even"] == math.inf
    # Half a second more to prepare, 33.3 - 1 ms less per call.
    assert found.loc[1000, "break_even"] == 1 + math.ceil(0.5 / (1e-3 * (1000 / 30 - 1)))


def test_where_sparse_begins_to_beat_dense(table):
    (one,) = crossings(table)
    assert (one["n"], one["measured"]) == (100, True)
    assert one["sparse"] == pytest.approx(1)
    assert one["dense"] == pytest.approx(2)
    (forecast,) = crossings(table[table["n"] < 100].assign(n=10))
    assert math.isnan(forecast["n"])


def test_without_a_sparse_operator_there_is_no_section(make_run, record):
    assert shown(make_run([record()]).summary) is None


def test_a_pattern_is_drawn_in_the_colors_of_its_products(table):
    drawn = shown(table)["patterns"][0]["svg"]
    assert drawn.count("<path") == 2
    assert picture("") == ""


def test_a_number_that_nobody_knows_is_a_question_mark(make_run, record):
    """As in a run in which nobody counted the entries in vain: the column is one of None, then."""
    facts = {name: value for name, value in PATTERN.items() if not name.startswith("nnz")}
    run = make_run([record("jax", "s", "sparse-hessian", n=10, nnz=28, **facts)])
    assert '<td class="number">?</td>' in run.report().read_text()
