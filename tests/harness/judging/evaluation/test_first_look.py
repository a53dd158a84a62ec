"""What a first look with NumPy tells of a function that is not what it seems; one line each."""

import itertools

import numpy as np
import pytest

import hessbench as hb
from hessbench.harness.usage import UsageError

X = [1.0, 2.0]


def random(xp, x):
    return xp.sum(x**2) * np.random.default_rng().random()


def another_type(calls):
    return lambda xp, x: float(np.sum(x**2)) if next(calls) % 2 else xp.sum(x**2)


def changes(xp, x):
    x[0] = 2.0
    return xp.sum(x**2)


def in_jax(xp, x):
    import jax.numpy as jnp

    return jnp.sum(jnp.sin(x))


STRANGE = {
    "another value at each call": random,
    "another type at each call": another_type(itertools.count()),
    "changes its argument x in place": changes,
    "returns an array of jax where NumPy's were given": in_jax,
}


@pytest.mark.parametrize(("said", "f"), STRANGE.items(), ids=STRANGE)
def test_it_is_said_in_one_line(said, f):
    for compute in (hb.reference, lambda f, x: hb.hessian(f, x, backend="numpy")):
        with pytest.raises(UsageError, match=said) as caught:
            compute(f, X)
        assert "\n" not in str(caught.value)
    row = hb.check(f, X, backends="numpy", methods="hyper-dual-eager").loc[0]
    assert row["status"] == "error"
    assert said in row["reason"]


def test_a_function_in_jax_is_a_function_in_jax():
    assert hb.check(in_jax, X, backends="jax", methods="hessian-jit").loc[0, "status"] == "ok"


@pytest.mark.parametrize("compute", [hb.hessian, hb.gradient])
def test_an_index_out_of_range_is_refused_where_jax_would_clamp_it(compute):
    with pytest.raises(UsageError, match="in jax: takes index 5 of 2 entries, which is out of range"):
        compute(lambda xp, x: x[5] ** 2 + x[0] ** 3, X, backend="jax")


def test_text_for_a_value_is_said_of_a_frameworks_own_function():
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(UsageError, match="in tensorflow: returns text"):
        hb.hessian(lambda x: tf.constant("a"), X, framework="tensorflow")


def test_a_function_that_is_finite_at_x_only_is_unverifiable():
    row = hb.check(
        lambda xp, x: xp.where(xp.all(x == xp.asarray(X)), 0.0, xp.inf) + xp.sum(x**2),
        X,
        backends="numpy",
        methods="hyper-dual-eager",
    ).loc[0]
    assert row["status"] == "unverifiable"
    assert row["reason"].startswith("objective is not finite near x")


def test_a_function_that_returns_float32_is_said_to():
    with pytest.warns(UserWarning, match="returns float32 where x is float64"):
        hb.hessian(lambda xp, x: xp.sum(xp.asarray(x, dtype=xp.float32) ** 3), X, backend="numpy")
