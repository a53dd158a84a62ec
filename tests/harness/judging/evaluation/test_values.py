"""Values of a framework's own function: several points in one program are what they are one by one."""

import numpy as np
import pytest

from hessbench.backends.numeric.batched import Batch
from hessbench.harness.judging.evaluation.values import Values

POINTS = np.linspace(0.2, 0.9, 21).reshape(7, 3)


@pytest.fixture
def values(engine):
    def of(f, *data):
        backend = engine("tensorflow")
        with backend.scope():
            return Values(backend, lambda xp, x, *given: f(x, *given), POINTS[0], data)

    return of


def both(f, *data):
    """All points at once, and one after the other."""
    together = f(np, Batch(POINTS), *data)
    return together.values, np.array([f(np, x, *data) for x in POINTS])


@pytest.fixture
def whatever_it_takes(monkeypatch):
    monkeypatch.setattr("hessbench.harness.judging.evaluation.values.WORTH_S", np.inf)


@pytest.mark.usefixtures("whatever_it_takes")
def test_several_points_are_what_each_of_them_is(values):
    import tensorflow as tf

    scale = np.array([1.0, 2.0, 3.0])
    together, one_by_one = both(values(lambda x, a: tf.reduce_sum(tf.sin(a * x)), scale), scale)
    np.testing.assert_allclose(together, one_by_one, rtol=1e-14)
    np.testing.assert_allclose(together, np.sin(scale * POINTS).sum(axis=1), rtol=1e-14)


@pytest.mark.usefixtures("whatever_it_takes")
def test_a_cast_in_f_stays_one(values):
    import tensorflow as tf

    together, one_by_one = both(values(lambda x: tf.reduce_sum(tf.cast(x, tf.float32) ** 2)))
    np.testing.assert_array_equal(together, one_by_one)
    assert (together != (POINTS**2).sum(axis=1)).any()


@pytest.mark.parametrize("why", ["it cannot be traced", "it takes long"])
def test_else_each_point_is_asked_for(values, monkeypatch, why):
    import tensorflow as tf

    if why == "it takes long":
        monkeypatch.setattr("hessbench.harness.judging.evaluation.values.WORTH_S", 0.0)
        f = values(lambda x: tf.reduce_sum(x**2))
    else:
        f = values(lambda x: tf.constant(float((x.numpy() ** 2).sum()), tf.float64))
    with pytest.raises(TypeError, match="one point at a time"):
        f(np, Batch(POINTS))
    assert f(np, POINTS[0]) == pytest.approx((POINTS[0] ** 2).sum())
