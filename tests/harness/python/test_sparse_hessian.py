"""`hb.sparse_hessian`: right, sparse all the way, and clear about patterns that are wrong or pointless."""

import numpy as np
import pytest
from scipy.sparse import csr_array

import hessbench as hb

HYPER_DUAL = {"backend": "numpy", "method": "sparse-hyper-dual-eager"}


def chain(xp, x):
    return xp.sum(x**4) + xp.sum(x[:-1] * x[1:])


def weighted(xp, x, w, pairs):
    return xp.sum(w * x**3) + xp.sum(xp.take(x, pairs[:, 0]) * xp.take(x, pairs[:, 1]))


X = np.linspace(0.5, 1.5, 40)


def test_the_values_are_those_of_the_dense_hessian():
    found = hb.sparse_hessian(chain, X, **HYPER_DUAL)
    assert isinstance(found, csr_array)
    assert found.nnz == 3 * 40 - 2
    np.testing.assert_allclose(found.toarray(), hb.hessian(chain, X, backend="numpy", method="hyper-dual-eager"))


def test_the_pattern_follows_indices_in_the_data():
    """What was prepared for one set of indices is not used for another."""
    w = np.ones(6)
    for pairs in ([[0, 5]], [[1, 2]]):
        found = hb.sparse_hessian(weighted, np.ones(6), w, np.array(pairs), **HYPER_DUAL)
        i, j = pairs[0]
        assert found[i, j] == found[j, i] == 1
        assert found.nnz == 8


@pytest.mark.parametrize("pattern", [(np.r_[:40, :39], np.r_[:40, 1:40]), csr_array(np.eye(40) + np.eye(40, k=-1))])
def test_a_pattern_of_ones_own_in_any_form(pattern):
    """One triangle is enough, since a Hessian is symmetric."""
    found = hb.sparse_hessian(chain, X, pattern=pattern, **HYPER_DUAL)
    np.testing.assert_allclose(found.toarray(), hb.sparse_hessian(chain, X, **HYPER_DUAL).toarray())


def test_what_sparsity_gives_is_a_pattern():
    pattern = hb.sparsity(chain, X)
    assert hb.sparse_hessian(chain, X, pattern=pattern, **HYPER_DUAL).nnz == pattern.nnz


def test_a_pattern_that_misses_an_entry_is_caught():
    i = np.arange(40)
    kept = i[:-1] != 7
    with pytest.raises(hb.UsageError, match=r"wrong: pattern misses \((7, 8|8, 7)\)"):
        hb.sparse_hessian(chain, X, pattern=(np.r_[i, i[:-1][kept]], np.r_[i, i[1:][kept]]), **HYPER_DUAL)


def test_check_judges_it_too():
    i = np.arange(40)
    methods = {"backends": "numpy", "methods": "sparse-hyper-dual-eager", "operator": "sparse-hessian"}
    assert hb.check(chain, X, **methods)["status"].tolist() == ["ok"]
    found = hb.check(chain, X, pattern=(i, i), **methods).iloc[0]
    assert (found["status"], found["fault"]) == ("wrong", "pattern")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ((np.arange(1, 41), np.arange(40)), "rows holds 40, which is not in 0..39"),
        (np.eye(3), "pattern is of 3 variables, x has 40"),
        (7, "pattern: a int is none; give"),
        (([0.5], [1]), "give whole numbers"),
    ],
)
def test_what_is_no_pattern_is_said_in_one_line(pattern, says):
    with pytest.raises(hb.UsageError, match=says):
        hb.sparse_hessian(chain, X, pattern=pattern, **HYPER_DUAL)


def test_a_dense_hessian_is_said_to_be_dense():
    with pytest.warns(UserWarning, match=r"100% dense .* hb.hessian"):
        found = hb.sparse_hessian(lambda xp, x: xp.sum(x) ** 3, X, **HYPER_DUAL)
    assert found.nnz == 1600


def test_f_that_is_not_finite_at_x():
    with pytest.raises(hb.UsageError, match="NaN at this x"):
        hb.sparse_hessian(lambda xp, x: xp.sum(xp.log(x)), -X, **HYPER_DUAL)


def test_a_branch_on_x_has_no_pattern():
    with pytest.raises(hb.UsageError, match="no pattern holds for every x"):
        hb.sparse_hessian(lambda xp, x: xp.sum(x**2) if x[0] > 0 else xp.sum(x), X, **HYPER_DUAL)


def test_what_has_no_room_is_refused_before_it_is_begun(monkeypatch):
    monkeypatch.setattr("os.sysconf", lambda name: 10)
    with pytest.raises(hb.UsageError, match=r"products of 40 numbers take .* use products with single vectors"):
        hb.sparse_hessian(lambda xp, x: xp.sum(x**4) + xp.sum(x[:-1] * x[1:]), X, **HYPER_DUAL)


def test_a_frameworks_own_function_with_a_pattern():
    def own(x):
        return np.sum(x**4)

    i = np.arange(40)
    found = hb.sparse_hessian(own, X, backend="numpy", method="sparse-central-eager", pattern=(i, i), framework="numpy")
    np.testing.assert_allclose(found.diagonal(), 12 * X**2, rtol=1e-5)
