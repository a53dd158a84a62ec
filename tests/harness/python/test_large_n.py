"""n = 100,000: what is n numbers needs no n^2 of them, and what does is refused in one line."""

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends
from hessbench.backends.numeric import complex_step, differences, hyper_dual, moves
from hessbench.backends.numeric.scales import scales
from hessbench.harness.python.session import patience

N = 100_000
LIMIT = 1 << 24
"""Numbers; n^2 are 10^10."""
COMPILED = [name for name in ("jax", "torch") if not backends.missing(name)]


def f(xp, x):
    return xp.sum(x * x * x) + xp.sum(x[1:] * x[:-1])


class Enough(BaseException):
    """All that was to be seen has been."""


def points_of(calls):
    """f at many points, which looks at how many come at once, and ends after some calls."""

    def values(points):
        assert points.size <= LIMIT
        calls.append(len(points))
        if len(calls) > 5:
            raise Enough
        return points[:, 0] ** 2

    return values


X = np.linspace(0.5, 1.5, N)


@pytest.mark.parametrize(
    "formula",
    [
        lambda g: differences.second_central(g, X, np.full(N, 0.1)),
        lambda g: differences.central_gradient(g, X, np.full(N, 0.1)),
        lambda g: differences.directional(X / np.linalg.norm(X))(g, X, np.full(N, 0.1)),
        lambda g: scales(g, X),
    ],
)
def test_differences_hold_some_points_at_a_time(formula):
    with pytest.raises(Enough):
        formula(points_of([]))


@pytest.mark.parametrize("formula", [hyper_dual.gradient, hyper_dual.diagonal, complex_step.gradient])
def test_unit_vectors_are_made_one_by_one(formula):
    calls = []

    def g(x):
        calls.append(x.size)
        if len(calls) > 5:
            raise Enough
        return x[0] * x[0]

    with pytest.raises(Enough):
        formula(g, X)


@pytest.mark.parametrize("numbers", [1, 7, 64])
def test_the_same_values_whatever_is_held_at_once(numbers, monkeypatch):
    x, v = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, -1.0])
    values = lambda points: np.sum(np.exp(points) * points[:, ::-1], axis=1)  # noqa: E731
    whole = [formula(values, x) for formula in (differences.hessian, differences.gradient, differences.diagonal)]
    whole.append(differences.hvp(values, x, v))
    monkeypatch.setattr(moves, "NUMBERS", numbers)
    parts = [formula(values, x) for formula in (differences.hessian, differences.gradient, differences.diagonal)]
    parts.append(differences.hvp(values, x, v))
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("operator", "name"), list(zip(["hvp", "gradient"], COMPILED, strict=False)))
def test_a_check_of_what_is_n_numbers(name, operator):
    frame = hb.check(f, X, backends=name, operator=operator)
    assert set(frame["judge"]) == {"probes"}
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()


@pytest.mark.parametrize("name", COMPILED[:1])
def test_what_is_too_large_is_refused_in_one_line(name):
    for call in (
        lambda: hb.hessian(f, X, backend=name),
        lambda: hb.reference(f, X),
        lambda: hb.diagonal(f, X, backend=name, method=None),
    ):
        with pytest.raises(hb.UsageError, match=r"80 GB in float64; this machine has \d+ GB") as caught:
            call()
        assert "\n" not in str(caught.value)


def test_a_diagonal_is_judged_by_some_of_its_entries():
    x = X[::50]
    frame = hb.check(f, x, backends="numpy", methods="diagonal-hyper-dual-eager", operator="diagonal")
    assert list(frame["status"]) == ["ok"], frame["reason"].tolist()
    assert list(frame["judge"]) == ["entries"]


def test_who_will_wait_for_minutes_is_told_before(monkeypatch):
    monkeypatch.setattr(patience, "LONG_S", 0.0)
    with pytest.warns(UserWarning, match=r"f: the hvp takes 2,000 evaluations of f in numpy, .* a framework"):
        hb.hvp(f, X[::50], X[::50], backend="numpy")
    with pytest.warns(UserWarning, match="1,000 evaluations"):
        hb.gradient(f, X[::50], backend="numpy", method="gradient-hyper-dual-eager")


def test_who_will_not_wait_is_told_nothing(recwarn):
    hb.hvp(f, X[::1000], X[::1000], backend="numpy")
    hb.hessian(f, X[::10000], backend="numpy")
    assert not recwarn.list
    assert patience._words(45) == "45 s"
    assert patience._words(600) == "10 minutes"
    assert patience._words(1e6) == "12 days"
