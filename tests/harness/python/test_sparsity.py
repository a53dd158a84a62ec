"""`hb.sparsity` and `hb.coloring` of a person's own function, and what they are told when it cannot be."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import hessbench as hb


def chain(xp, x):
    return xp.sum((x[1:] - x[:-1] ** 2) ** 2)


def test_a_chain():
    pattern = hb.sparsity(chain, np.ones(6))
    assert (pattern.n, pattern.nnz) == (6, 16)
    coloring = hb.coloring(pattern)
    assert coloring.colors == 3
    assert coloring.color_of.shape == (6,)


def test_nested_parameters_and_shapes_are_counted_block_by_block():
    net = {"w": np.ones((2, 2)), "b": np.ones(3)}
    pattern = hb.sparsity(lambda xp, p: xp.sum(p["w"] ** 2) * xp.sum(p["b"]), net)
    assert pattern.n == 7
    assert not pattern.matrix()[4:, 4:].any()
    assert hb.sparsity(lambda xp, x: xp.sum(x[0] * x[1]), np.ones((2, 2))).keys.tolist() == [2, 7, 8, 13]


def test_data_and_problems():
    assert hb.sparsity(lambda xp, x, a: xp.sum(a * x * x), np.ones(3), np.zeros(3)).nnz == 3
    assert hb.sparsity(hb.problem(chain, x0=np.ones(4)), np.ones(4)).nnz == 10


def branching(xp, x):
    return x[0] ** 2 if x[0] > 0 else x[1] ** 2


def test_near_x_f_may_branch():
    assert hb.sparsity(branching, np.ones(3), everywhere=False).keys.tolist() == [0]


@pytest.mark.parametrize(
    ("f", "x", "reason"),
    [
        (branching, np.ones(3), "branching: .*everywhere=False"),
        (lambda xp, x: math.exp(x[0]) * x[1], np.ones(3), "plain number .*use xp's functions instead$"),
        (lambda x: x.sum(), np.ones(3), r"\(x\) cannot be called as .*; write def <lambda>\(xp, x, \*data\)$"),
        (lambda xp, x: xp.sum(xp.foo(x)), np.ones(3), "VOCABULARY"),
        (lambda xp, x: xp.sum(x[x > 0]), np.ones(3), "shape depends on x"),
        (chain, [1.0, np.nan], r"x\[1\] is not finite"),
        (chain, [1, 2], "dtype int64"),
        (lambda xp, x: xp.log(xp.sum(xp.exp(x))), np.ones(100_000), "density 1"),
    ],
)
def test_bad_input_is_one_line(f, x, reason):
    with pytest.raises(hb.UsageError, match=reason) as raised:
        hb.sparsity(f, x)
    assert len(str(raised.value).splitlines()) == 1


def test_f_must_be_finite_where_its_values_count():
    with pytest.raises(hb.UsageError, match="not finite at x"):
        hb.sparsity(lambda xp, x: xp.sum(xp.log(x)), -np.ones(3), everywhere=False)
    with pytest.raises(hb.NotScalar, match=r"shape \(3,\)"):
        hb.sparsity(lambda xp, x: x * x, np.ones(3))


@pytest.mark.parametrize("everywhere", [True, False])
def test_what_f_does_to_all_is_told_near_x_too(everywhere):
    with pytest.raises(hb.NotScalar, match=r"is a return missing\?"):
        hb.sparsity(lambda xp, x: None, np.ones(3), everywhere=everywhere)
    with pytest.raises(hb.UsageError, match=r"plain number .*use xp's functions instead$"):
        hb.sparsity(lambda xp, x: math.exp(x[0]) * x[1] ** 2, [1.0, 2.0], everywhere=everywhere)


def interpolated(xp, x, t, v):
    i = xp.clip(xp.searchsorted(t, x) - 1, 0, 2)
    return xp.sum(xp.take(v, i) * x**2)


@pytest.mark.parametrize("everywhere", [True, False])
def test_data_are_looked_up_by_indices_made_of_x(everywhere):
    found = hb.sparsity(interpolated, np.array([0.5, 1.5, 2.5]), np.arange(4.0), np.ones(4), everywhere=everywhere)
    assert found.keys.tolist() == [0, 4, 8]


@pytest.mark.parametrize("seed", [-1, "a", 1.5, None, True])
def test_a_seed_that_is_none_is_said_in_one_line(seed):
    for call in (
        lambda: hb.coloring(np.eye(3), "star", "random", seed=seed),
        lambda: hb.sparsity(chain, np.ones(3), everywhere=False, seed=seed),
    ):
        with pytest.raises(hb.UsageError, match="give a whole number of 0 or more"):
            call()


BAND = np.tri(3, k=1) * np.tri(3, k=1).T
FORMS = {
    "pattern": hb.sparsity(lambda xp, x: xp.sum(x[1:] * x[:-1]) + xp.sum(x**2), np.ones(3)),
    "array": BAND,
    "booleans": BAND > 0,
    "lists": BAND.tolist(),
    "tuples": tuple(map(tuple, BAND)),
    "frame": pd.DataFrame(BAND),
    "sparse array": scipy.sparse.csr_array(BAND),
    "sparse matrix": scipy.sparse.coo_matrix(BAND),
    "one triangle": np.tril(BAND),
    "rows and columns": np.nonzero(BAND),
    "lists of rows and columns": ([0, 1, 2, 1, 2], [0, 1, 2, 0, 1]),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_pattern_is_the_same_in_all_its_forms(form):
    """In both places that take one."""
    assert hb.coloring(FORMS[form]).pattern == FORMS["pattern"]
    f = lambda xp, x: xp.sum(x[1:] * x[:-1]) + xp.sum(x**2)  # noqa: E731
    found = hb.sparse_hessian(f, np.ones(3), backend="numpy", pattern=FORMS[form])
    np.testing.assert_array_equal(found.toarray(), BAND + np.eye(3))


def test_of_two_variables_a_tuple_is_rows_and_columns_and_nothing_else_is():
    for matrix in ([[1, 1], [1, 0]], np.array([[1, 1], [1, 0]])):
        assert hb.coloring(matrix).pattern.keys.tolist() == [0, 1, 2]
    assert hb.coloring(([1, 1], [1, 0])).pattern.keys.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (np.array(np.nonzero(np.ones((3, 3)))), r"shape \(2, 9\) is no square matrix.*tuple\(a\)$"),
        (np.argwhere(np.ones((3, 3))), r"shape \(9, 2\) is no square matrix.*tuple\(a\.T\)$"),
        ([[0, 1, 2], [1, 2, 0]], r"as a tuple, tuple\(a\)$"),
        ("x", "a str is none; give what hb.sparsity returns"),
        ([["a", "b"], ["c", "d"]], "a list of <U1 is none; give what"),
        (([0, 1], [0]), "give one of each per entry"),
        (([0, 1], [0, -1]), "not in 0..1"),
        ((["a"], ["b"]), "give whole numbers"),
    ],
)
def test_what_is_no_pattern_is_refused_with_a_remedy(given, reason):
    with pytest.raises(hb.UsageError, match=reason) as raised:
        hb.coloring(given)
    assert len(str(raised.value).splitlines()) == 1


def test_no_variables_need_no_color():
    assert hb.coloring(np.zeros((0, 0))).colors == 0


def test_colorings_of_matrices_and_bad_ones():
    assert hb.coloring(scipy.sparse.eye_array(5)).colors == 1
    assert hb.coloring(np.tri(6, k=0), kind="acyclic", order="natural").kind == "acyclic"
    for pattern, options, reason in [
        (np.ones((2, 3)), {}, "square matrix"),
        ("x", {}, "square matrix"),
        (np.eye(3), {"kind": "stars"}, "did you mean star"),
        (np.eye(3), {"order": "smallest"}, "did you mean smallest-last"),
    ]:
        with pytest.raises(hb.UsageError, match=reason):
            hb.coloring(pattern, **options)


def test_a_dense_pattern_is_said_with_its_density():
    with pytest.warns(UserWarning, match=r"density 1.*hb\.hessian"):
        hb.coloring(np.ones((20, 20)))
