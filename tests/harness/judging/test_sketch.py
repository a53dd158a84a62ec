"""Sketches stand for results: equal for equal ones, as far apart as the results are."""

import numpy as np
import pytest

from hessbench.harness.judging.sketch import LENGTH, sketch

SHAPES = [(), (7,), (6, 6), (3, 4, 4)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sketch_is_linear(shape):
    rng = np.random.default_rng(5)
    a, b = rng.standard_normal(shape), rng.standard_normal(shape)
    np.testing.assert_allclose(sketch(2 * a - b), 2 * np.array(sketch(a)) - np.array(sketch(b)), atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES[1:])
def test_its_length_estimates_the_norm(shape):
    norms = [
        np.linalg.norm(sketch(r)) / np.sqrt(LENGTH) / np.linalg.norm(r)
        for r in np.random.default_rng(6).standard_normal((200, *shape))
    ]
    assert np.sqrt(np.mean(np.square(norms))) == pytest.approx(1, abs=0.1)


def test_one_wrong_entry_shows():
    h = np.eye(50)
    other = h.copy()
    other[3, 40] += 1e-3
    assert np.linalg.norm(np.subtract(sketch(h), sketch(other))) == pytest.approx(1e-3 * np.sqrt(LENGTH))
