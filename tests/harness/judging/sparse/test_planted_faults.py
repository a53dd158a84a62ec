"""Sparse Hessians with a fault planted in pattern or values: all are caught and named; what is right is not accused."""

from dataclasses import replace

import numpy as np
import pytest

import hessbench as hb
from hessbench import suites
from hessbench.backends.contract.compression import Compression
from hessbench.harness.judging.references import References
from hessbench.harness.judging.sparse.entries import Entries
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell
from hessbench.suites.definition.problem import Problem, draw


def banded(xp, x):
    """Chained: entry (i, i + 1) is 4 x_i, and (i, i + 2) vanishes where x_i is zero."""
    return xp.sum(2 * x[:-1] ** 2 * x[1:]) + xp.sum(x**4) + xp.sum(x[:-2] ** 2 * x[2:])


def entries(x):
    """The closed form of `banded`, as rows, columns and values."""
    n, i = x.size, np.arange(x.size)
    diagonal = 12 * x**2
    diagonal[:-1] += 4 * x[1:]
    diagonal[:-2] += 2 * x[2:]
    rows = np.concatenate([i, i[:-1], i[1:], i[:-2], i[2:]])
    cols = np.concatenate([i, i[1:], i[:-1], i[2:], i[:-2]])
    values = np.concatenate([diagonal, 4 * x[:-1], 4 * x[:-1], 2 * x[:-2], 2 * x[:-2]])
    order = np.lexsort((cols, rows))
    assert n == len(diagonal)
    return rows[order], cols[order], values[order]


def problem(n, judge):
    return Problem(
        "banded",
        banded,
        (n,),
        # Zero at every fifth place of the start point, and not nearby: a pattern taken there misses entries.
        lambda n, rng: np.where(np.arange(n) % 5 == 2, 0.0, rng.uniform(0.5, 1.5, n)),
        "made for this test",
        sparse_hessian=entries if judge == "closed_form" else None,
    )


SIZES = {"closed_form": 400, "differences": 12, "probes": 300}
REFERENCES = References()


def verdict(judge, fault=lambda rows, cols, values, x: (rows, cols, values), color_of=None, dtype="float64"):
    """The verdict on the right entries with a fault in them."""
    instance = draw(problem(SIZES[judge], judge), SIZES[judge], batch=1)
    found = [fault(*entries(x), x) for x in instance.points[:2]]
    (rows, cols, _), n = found[0], instance.n
    at = Compression(n=n, rows=rows, cols=cols, color_of=color_of)
    cell = Cell(judge, "banded", n, "sparse-hessian", "jax", "m", dtype, "cpu")
    question = Question(cell, 1.0, instance, compression=at)
    return judged(question, [values.astype(dtype) for _, _, values in found], REFERENCES)


JUDGES = pytest.mark.parametrize("judge", SIZES)


@JUDGES
def test_the_right_entries_are_right(judge):
    found = verdict(judge)
    assert (found.status, found.nnz_missing) == ("ok", 0), found.reason
    assert found.asymmetry == 0


@JUDGES
def test_in_any_order_and_with_zeros_among_them_too(judge):
    """What is there in vain is a cost, and counted where somebody knows."""

    def untidy(rows, cols, values, x):
        order = np.random.default_rng(0).permutation(len(rows))
        far = np.array([[0, 7], [7, 0]])
        return np.append(rows[order], far[0]), np.append(cols[order], far[1]), np.append(values[order], [0.0, 0.0])

    found = verdict(judge, untidy)
    assert found.status == "ok", found.reason
    assert found.nnz_extra == (2 if judge == "closed_form" else None)


@JUDGES
def test_a_dropped_entry(judge):
    def drop(rows, cols, values, x):
        kept = ~((rows == 3) & (cols == 4))
        return rows[kept], cols[kept], values[kept]

    found = verdict(judge, drop)
    assert (found.status, found.fault) == ("wrong", "pattern")
    assert "pattern misses (3, 4)" in found.reason


@JUDGES
def test_a_wrong_value(judge):
    def spoil(rows, cols, values, x):
        return rows, cols, np.where((rows == 5) & (cols == 6), 1.5 * values, values)

    found = verdict(judge, spoil)
    assert found.status == "wrong"
    assert "(5, 6)" in found.reason


@JUDGES
def test_two_columns_that_share_a_color(judge):
    """Columns 4 and 6 meet in row 5, so what is read there is their sum."""

    def share(rows, cols, values, x):
        both = values[(rows == 5) & ((cols == 4) | (cols == 6))].sum()
        return rows, cols, np.where((rows == 5) & ((cols == 4) | (cols == 6)), both, values)

    colors = np.arange(SIZES[judge])
    colors[6] = 4
    found = verdict(judge, share, colors)
    assert found.status == "wrong"
    if judge == "closed_form":
        assert "share a color and both meet row 5" in found.reason


@JUDGES
def test_a_transposed_triangle(judge):
    """The lower triangle's values in the order of its columns, at places in the order of its rows."""

    def transpose(rows, cols, values, x):
        lower = cols <= rows
        i, j, v = rows[lower], cols[lower], values[lower]
        values = values.copy()
        values[lower] = v[np.lexsort((i, j))]
        return rows, cols, values

    found = verdict(judge, transpose)
    assert found.status == "wrong"
    if judge == "closed_form":
        assert "the lower triangle in the order of its columns" in found.reason


@JUDGES
def test_only_one_triangle(judge):
    def lower(rows, cols, values, x):
        kept = cols <= rows
        return rows[kept], cols[kept], values[kept]

    found = verdict(judge, lower)
    assert (found.status, found.fault) == ("wrong", "pattern")
    if judge != "probes":
        assert "only the lower triangle" in found.reason


@JUDGES
def test_a_pattern_taken_at_a_special_point(judge):
    """Where x_i = 0 these entries are zero by chance: right at the start point, and wrong at the next one."""

    def special(rows, cols, values, x):
        i = np.minimum(rows, cols)
        kept = ~((i % 5 == 2) & (rows != cols))
        return rows[kept], cols[kept], values[kept]

    found = verdict(judge, special)
    assert (found.status, found.fault) == ("wrong", "pattern")
    assert "pattern misses (" in found.reason
    if judge != "probes":
        assert "a pattern taken at the start point" in found.reason


@JUDGES
def test_indices_off_by_one(judge):
    def shift(rows, cols, values, x):
        kept = rows < x.size - 1
        return rows[kept] + 1, cols[kept], values[kept]

    found = verdict(judge, shift)
    assert found.status == "wrong"
    if judge == "closed_form":
        assert "indices off by one" in found.reason


def test_indices_that_count_from_one_are_out_of_range():
    found = verdict("closed_form", lambda rows, cols, values, x: (rows + 1, cols + 1, values))
    assert (found.status, found.fault) == ("wrong", "pattern")
    assert "indices count from 0" in found.reason


def test_an_entry_that_is_there_twice():
    def twice(rows, cols, values, x):
        return np.append(rows, 3), np.append(cols, 3), np.append(values, 0.0)

    assert "(3, 3) is in the pattern twice" in verdict("closed_form", twice).reason


@pytest.mark.parametrize("n", [6, 300])
def test_where_f_has_no_value_nobody_is_wrong(n):
    """As of a dense Hessian: neither at x, nor at the point beside it."""
    found = hb.check(
        lambda xp, x: xp.sum(xp.log(x)),
        np.where(np.arange(n) == 1, 0.0, 1.0),
        operator="sparse-hessian",
        backends="numpy",
        methods="sparse-hyper-dual-eager",
    ).iloc[0]
    assert (found["status"], found["fault"]) == ("unverifiable", "")
    assert "not finite near x" in found["reason"]


@JUDGES
def test_one_wrong_entry_of_a_band_is_no_transposed_triangle(judge):
    """Whose order by columns is nearly that by rows."""

    def one(rows, cols, values, x):
        return rows, cols, values * np.where((rows == 6) & (cols == 6), 1.1, 1.0)

    assert "in the order of its" not in verdict(judge, one).reason


@JUDGES
def test_nan_and_a_missing_value(judge):
    nan = verdict(judge, lambda rows, cols, values, x: (rows, cols, np.where(rows == 1, np.nan, values)))
    assert nan.fault == "derivative-nan"
    short = verdict(judge, lambda rows, cols, values, x: (rows, cols, values[1:]))
    assert short.fault == "shape"


@JUDGES
def test_an_asymmetric_pair(judge):
    def tilt(rows, cols, values, x):
        size = np.abs(values).max()
        return (
            rows,
            cols,
            values + 1e-9 * size * ((rows == 6) & (cols == 7)) - 1e-9 * size * ((rows == 7) & (cols == 6)),
        )

    found = verdict(judge, tilt)
    assert found.status == "wrong"


def missing_pair(rows, cols, values):
    kept = ~(np.isin(rows, (5, 6)) & np.isin(cols, (5, 6)) & (rows != cols))
    return rows[kept], cols[kept], values[kept]


FALSE = {
    "an entry is missing": missing_pair,
    "two entries too many": lambda rows, cols, values: (
        np.append(rows, [1, 9]),
        np.append(cols, [9, 1]),
        np.append(values, [1.0, 1.0]),
    ),
    "one triangle is off": lambda rows, cols, values: (
        rows,
        cols,
        np.where((rows == 5) & (cols == 6), 1.01 * values, values),
    ),
    "half of it all": lambda rows, cols, values: (rows, cols, 0.5 * values),
}


@pytest.mark.parametrize("name", FALSE)
@pytest.mark.parametrize("n", [12, 400])
def test_a_false_closed_form_is_named_and_nobody_accused(name, n):
    """Who is wrong beside it is told all the same."""
    false = replace(problem(n, "closed_form"), sparse_hessian=lambda x: FALSE[name](*entries(x)))
    instance = draw(false, n, batch=1)
    cell = Cell("own", "banded", n, "sparse-hessian", "jax", "m", "float64", "cpu")
    found = [entries(x) for x in instance.points[:2]]
    question = Question(cell, 1.0, instance, compression=Compression(n=n, rows=found[0][0], cols=found[0][1]))
    told = judged(question, [values for _, _, values in found], References())
    assert (told.status, told.fault) == ("unverifiable", ""), told.reason
    assert "the closed form of banded disagrees with differences of f" in told.reason
    spoiled = [np.where(rows == 8, 1.1 * values, values) for rows, _, values in found]
    assert judged(question, spoiled, References()).status == "wrong"


def test_single_precision_is_not_accused():
    assert verdict("closed_form", dtype="float32").status == "ok"


def test_many_variables_take_seconds_and_no_square():
    """Nothing of size n^2 is made, or this would not end."""
    n = 30_000
    instance = draw(problem(n, "closed_form"), n, batch=1)
    found = [entries(x) for x in instance.points[:2]]
    at = Compression(n=n, rows=found[0][0], cols=found[0][1])
    cell = Cell("own", "banded", n, "sparse-hessian", "jax", "m", "float64", "cpu")
    assert judged(Question(cell, 1.0, instance, compression=at), [v for _, _, v in found], References()).status == "ok"


def test_entries_are_the_matrix():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((7, 7)) * (rng.uniform(size=(7, 7)) < 0.4)
    seen = Entries.of_matrix(matrix)
    v = rng.standard_normal(7)
    np.testing.assert_allclose(seen.times(v), matrix @ v)
    np.testing.assert_array_equal(seen.at(np.arange(49)), matrix.ravel())
    np.testing.assert_array_equal(seen.row_sizes(), np.abs(matrix).max(axis=1))


def test_the_suite_says_what_it_is_for():
    assert suites.operators("sparse")[0] == "sparse-hessian"
    assert suites.operators("classic") == ()


@pytest.mark.parametrize(("accuracy", "status"), [(1.0, "wrong"), (0.5, "ok")])
def test_differences_are_not_accused_of_a_zero_beside_a_large_entry(accuracy, status):
    """Their errors are of the size of the largest entry in every row; who is exact has no such excuse."""
    i = np.arange(3)
    quartic = Problem(
        "quartic",
        lambda xp, x: xp.sum(x**4),
        (3,),
        lambda n, rng: np.array([1.0, 0.0, 2.0]),
        "made for this test",
        spread=0.0,
        sparse_hessian=lambda x: (i, i, 12 * x**2),
    )
    cell = Cell("own", "quartic", 3, "sparse-hessian", "numpy", "m", "float64", "cpu")
    question = Question(cell, accuracy, draw(quartic, 3, points=1), compression=Compression(n=3, rows=i, cols=i))
    assert judged(question, [np.array([12.0, 6e-10, 48.0])], References()).status == status


@pytest.mark.parametrize("correlation", [0.9, 0.99])
def test_what_an_inverse_leaves_where_it_has_zeros_is_no_entry(correlation):
    """The precision matrix of an autoregressive process is tridiagonal, and as an inverse only nearly so."""
    n = 12
    index = np.arange(n)
    covariance = correlation ** np.abs(index[:, None] - index)

    def energy(xp, x):
        ends, products = x[0] ** 2 + x[-1] ** 2, xp.sum(x[1:] * x[:-1])
        inner = (1 + correlation**2) * xp.sum(x[1:-1] ** 2)
        return (inner + ends - 2 * correlation * products) / (2 * (1 - correlation**2))

    stated = hb.problem(energy, x0=np.linspace(0.5, 1.5, n), hessian=lambda x: np.linalg.inv(covariance))
    found = hb.check(stated, np.linspace(0.5, 1.5, n), operator="sparse-hessian", backends="jax")
    assert "wrong" not in set(found["status"]), found["reason"].tolist()
