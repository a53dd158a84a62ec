"""`hb.sparse_hessian`: right, sparse all the way, and clear about patterns that are wrong or pointless."""

import numpy as np
import pytest
from scipy.sparse import csr_array

import hessbench as hb
from hessbench import backends
from hessbench.harness.python.computing import engine_of

HYPER_DUAL = {"backend": "numpy", "method": "sparse-hyper-dual-eager"}


def chain(xp, x):
    return xp.sum(x**4) + xp.sum(x[:-1] * x[1:])


def weighted(xp, x, w, pairs):
    return xp.sum(w * x**3) + xp.sum(xp.take(x, pairs[:, 0]) * xp.take(x, pairs[:, 1]))


X = np.linspace(0.5, 1.5, 40)


def engine(name):
    """Its name, where it is installed."""
    return pytest.skip(missing) if (missing := backends.missing(name)) else name


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


def switching(xp, x):
    """Entries (0, 1) and (1, 0) from x[0] = 2 on."""
    return xp.sum(x**4) + xp.where(x[0] > 2, (x[0] - 2) ** 3 * x[1], 0.0 * x[0])


def branching(xp, x):
    return xp.sum(x**4) + ((x[0] - 2) ** 3 * x[1] if x[0] > 2 else 0.0)


def own(x):
    return np.sum(x**4) + np.where(x[0] > 2, (x[0] - 2) ** 3 * x[1], 0.0 * x[0])


GIVEN = {
    "text": (switching, {"method": "sparse-hyper-dual-eager"}),
    "text by differences": (switching, {"method": "sparse-central-eager"}),
    "branch": (branching, {"method": "sparse-hyper-dual-eager"}),
    "own function": (own, {"method": "sparse-hyper-dual-eager", "framework": "numpy"}),
    "substitution": (switching, {"backend": "autograd"}),
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_pattern_is_judged_at_every_new_x(name):
    """Right at the first x, it misses an entry at the next one."""
    f, options = GIVEN[name]
    options = {"backend": "numpy", **options}
    if options["backend"] == "autograd":
        pytest.importorskip("autograd")
        options["method"] = next(
            m.name for m in engine_of("autograd", "float64", "cpu").methods if m.assembly == "substitution"
        )
    for _ in range(2):
        found = hb.sparse_hessian(f, np.ones(3), pattern=np.eye(3), **options)
        np.testing.assert_allclose(found.toarray(), 12 * np.eye(3), rtol=1e-5)
    with pytest.raises(hb.UsageError, match=r"wrong: pattern misses \(0, 1\).*that entry is (up to )?3"):
        hb.sparse_hessian(f, 3 * np.ones(3), pattern=np.eye(3), **options)


def rooted(xp, x):
    """Finite at x[0] = 0, where its second derivative is not."""
    return xp.sqrt(x[0]) + x[1] * x[2] + xp.sum(x**2)


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize("backend", ["jax", "torch", "autograd"])
def test_beside_an_entry_that_is_infinite_the_others_are_looked_at(backend):
    options, edge = {"backend": engine(backend)}, np.array([0.0, 1.0, 1.0])
    with pytest.raises(hb.UsageError, match=r"pattern misses \((1, 2|2, 1)\): that entry is 1 "):
        hb.sparse_hessian(rooted, edge, pattern=np.eye(3), **options)


@pytest.mark.parametrize("x", [np.array([0.0, 1.0, 1.0]), np.ones(3)], ids=["infinite", "finite"])
def test_an_infinite_entry_is_no_fault_of_the_pattern(x):
    """Whether that is the first call or a later one."""
    jnp = pytest.importorskip("jax.numpy")
    f = lambda x: rooted(jnp, x)  # noqa: E731
    for at in (x, np.array([0.0, 1.0, 1.0])):
        found = hb.sparse_hessian(f, at, framework="jax", pattern=([0, 1, 2, 1], [0, 1, 2, 2]))
        np.testing.assert_array_equal(found.toarray()[1:, 1:], [[2, 1], [1, 2]])


@pytest.mark.filterwarnings("error")
def test_where_no_row_is_finite_it_is_said_that_the_pattern_was_not_checked():
    with pytest.warns(UserWarning, match="so the pattern was not checked"), np.errstate(all="ignore"):
        hb.sparse_hessian(lambda xp, x: xp.sum(xp.sqrt(x) * x[0]), np.zeros(3), pattern=np.eye(3), **HYPER_DUAL)


def test_a_small_entry_beside_large_ones_is_missed_by_no_pattern():
    with pytest.raises(hb.UsageError, match=r"pattern misses \((3, 50|50, 3)\): that entry is 1 "):
        hb.sparse_hessian(
            lambda xp, x: xp.sum(1e12 * x**2) + x[3] * x[50], np.ones(100), pattern=np.eye(100), **HYPER_DUAL
        )


def cancelling(xp, x):
    angle = x[1] * x[2]
    return xp.sum(x**2) + x[0] * x[1] - x[1] * x[0] + xp.sin(angle) ** 2 + xp.cos(angle) ** 2


@pytest.mark.parametrize("f", [cancelling, lambda xp, x: cancelling(xp, x) - xp.sum(x**2)])
def test_entries_that_cancel_may_be_left_out(f):
    """Where nothing else is in a row, all that is seen of them is rounding."""
    for x in ([1.0, 1.0, 1.0], [3.0, 3.0, 3.0], [0.1, 2.0, 3.0], [1.7, -0.3, 40.0]):
        found = hb.sparse_hessian(f, np.array(x), pattern=np.eye(3), **HYPER_DUAL).toarray()
        np.testing.assert_allclose(found, (2 if f is cancelling else 0) * np.eye(3), atol=1e-12)


def test_a_pattern_with_all_that_f_can_have_costs_nothing(monkeypatch):
    """It holds at every x."""
    monkeypatch.setattr("hessbench.harness.python.sparse_hessian.Compressed", None)
    monkeypatch.setattr("hessbench.harness.python.sparse_hessian.Case", None)
    found = hb.sparse_hessian(switching, 3 * np.ones(3), pattern=np.ones((3, 3)), **HYPER_DUAL)
    assert found[0, 1] == found[1, 0] == 3


@pytest.mark.parametrize("x", [-np.ones(2), np.array([1.0, -1.0])])
def test_what_f_is_at_x_does_not_hang_on_earlier_calls(x):
    def root(xp, x):
        return xp.sum(xp.sqrt(x))

    for _ in range(2):
        with pytest.raises(hb.UsageError, match="is NaN at this x"):
            hb.sparse_hessian(root, x, **HYPER_DUAL)
        hb.sparse_hessian(root, np.ones(2), **HYPER_DUAL)


def test_nothing_returned_is_no_hessian_of_zeros():
    for pattern in (None, np.eye(3)):
        with pytest.raises(hb.NotScalar, match=r"is a return missing\?"):
            hb.sparse_hessian(lambda xp, x: None, np.ones(3), pattern=pattern, **HYPER_DUAL)


SLIPS = {
    "name": (lambda xp, x: xp.summ(x), r"line \d+, in numpy: uses xp.summ.*did you mean xp.sum\?"),
    "method": (lambda xp, x: (x**2).sum(), r"line \d+, in numpy: .*write xp.sum\(...\)"),
    "division": (lambda xp, x: 1 / 0 * x[0], r"line \d+, in numpy: ZeroDivisionError"),
    "shapes": (lambda xp, x: xp.sum(x + np.ones(4)), r"line \d+, in numpy: ValueError: .*broadcast"),
    "indices": (lambda xp, x: xp.sum(xp.take(x, np.array([0.0, 1.0]))), r"line \d+, in numpy: TypeError: .*int64"),
    "matrix": (lambda xp, x: xp.sum((csr_array(np.eye(3)) @ x) ** 2), r"xp.asarray\(a.toarray\(\)\)"),
    "numbers": (lambda xp, x: float(x[0]) * x[1], "plain number of x .*use xp's functions"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_slips_are_told_as_elsewhere_and_no_pattern_is_asked_for(name):
    f, reason = SLIPS[name]
    with pytest.raises(hb.UsageError, match=reason) as raised:
        hb.sparse_hessian(f, np.ones(3), **HYPER_DUAL)
    assert "pattern=" not in str(raised.value)


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
    def f(xp, x):
        return xp.sum(x**2) if x[0] > 0 else xp.sum(x)

    with pytest.raises(hb.UsageError, match=r"misses .*; complete it, or give hb.sparsity\(f, x, everywhere=False\)"):
        hb.sparse_hessian(f, X, pattern=np.eye(40)[:, ::-1], **HYPER_DUAL)
    remedy = r"no pattern holds for every x; .*give pattern=hb.sparsity\(f, x, everywhere=False\)$"
    with pytest.raises(hb.UsageError, match=remedy):
        hb.sparse_hessian(f, X, **HYPER_DUAL)
    assert hb.sparse_hessian(f, X, pattern=hb.sparsity(f, X, everywhere=False), **HYPER_DUAL).nnz == 40
    told = hb.check(f, X, backends="numpy", methods="sparse-hyper-dual-eager", operator="sparse-hessian")["reason"][0]
    assert "write xp.where" in told
    assert "everywhere" not in told


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
