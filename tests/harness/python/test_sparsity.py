"""`hb.sparsity` and `hb.coloring` of a person's own function, and what they are told when it cannot be."""

import numpy as np
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
        (lambda x: x.sum(), np.ones(3), r"f\(xp, x\)|framework"),
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
