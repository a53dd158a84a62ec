"""Values read from products are those of the matrix: exactly where read directly, to rounding where subtracted."""

import numpy as np
import pytest

from hessbench.backends.sparsity.analysis import analyze
from hessbench.backends.sparsity.coloring import Coloring, color
from hessbench.backends.sparsity.coloring.coloring import KINDS
from hessbench.backends.sparsity.pattern import Pattern
from hessbench.backends.sparsity.recovery import Recovery


def symmetric(pattern, seed=0, whole=False):
    """Random values at a pattern, and the matrix."""
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-99, 99, (pattern.n, pattern.n)) if whole else rng.standard_normal((pattern.n, pattern.n))
    matrix = (matrix + matrix.T) * pattern.matrix()
    return matrix[pattern.rows, pattern.cols], matrix


def random_pattern(rng):
    n = int(rng.integers(1, 25))
    return Pattern.of_matrix(rng.random((n, n)) < rng.uniform(0, 0.4))


@pytest.mark.parametrize("kind", KINDS)
def test_values_come_back(kind):
    rng = np.random.default_rng(1)
    for trial in range(40):
        pattern = random_pattern(rng)
        coloring = color(pattern, kind)
        values, matrix = symmetric(pattern, trial, whole=True)
        found = Recovery.of(coloring)(coloring.seeds() @ matrix)
        np.testing.assert_array_equal(found, values)  # whole numbers: no rounding


def test_what_is_prepared_for_substitution_can_be_unpacked_whatever_the_coloring():
    """Where diagonal entries are zero, a star coloring may be the better one."""
    hub = Pattern.of_pairs(6, np.zeros(5, dtype=int), np.arange(1, 6))
    for pattern in (hub, path(9), random_pattern(np.random.default_rng(3))):
        given = (pattern.rows, pattern.cols)
        found = analyze(lambda xp, x: 0.0, np.ones(pattern.n), (), given, "acyclic")
        seeds, *places = found.arrays
        assert len(places) == found.plan
        values, matrix = symmetric(pattern, whole=True)
        np.testing.assert_array_equal(Recovery.unpacked(places)(seeds @ matrix), values)


def test_direct_recovery_is_one_gather():
    pattern = random_pattern(np.random.default_rng(5))
    recovery = Recovery.of(color(pattern))
    assert recovery.rounds == ()
    assert recovery.spread is None
    assert recovery.gather.shape == (pattern.nnz,)


def path(n):
    i = np.arange(n)
    return Pattern.of_pairs(n, np.append(i, i[1:]), np.append(i, i[:-1]))


def test_substitution_along_a_long_path_takes_few_rounds_and_keeps_the_digits():
    n = 4000
    rng = np.random.default_rng(0)
    diagonal, beside = rng.standard_normal(n), rng.standard_normal(n - 1)
    coloring = Coloring(path(n), "acyclic", np.arange(n) % 2)
    recovery = Recovery.of(coloring)
    assert len(recovery.rounds) <= 12
    v = coloring.seeds()
    products = v * diagonal
    products[:, 1:] += v[:, :-1] * beside
    products[:, :-1] += v[:, 1:] * beside
    values = recovery(products)
    rows, cols = coloring.pattern.rows, coloring.pattern.cols
    np.testing.assert_array_equal(values[rows == cols], diagonal)
    # Each is a sum of up to n / 2 products, by halves.
    np.testing.assert_allclose(values[rows == cols + 1], beside, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(values[rows == cols + 1], values[cols == rows + 1])


def test_float32_stays_float32():
    coloring = color(path(9), "acyclic")
    products = coloring.seeds(np.float32)
    assert Recovery.of(coloring)(products).dtype == np.float32


def test_patterns_are_built_from_anything_and_complain():
    full = Pattern.of_matrix(np.array([[1.0, 0, 2], [0, 0, 0], [0, 0, 3]]))
    assert full == Pattern.of_pairs(3, [2, 0, 2, 0], [0, 0, 2, 2])
    assert hash(full) == hash(Pattern.of_pairs(3, [0, 2, 2], [0, 0, 2]))
    assert (full.nnz, full.density, full.starts.tolist()) == (4, 4 / 9, [0, 2, 2, 4])
    assert full.lower().tolist() == [0, 2, 3]
    less = Pattern.of_pairs(3, [0], [0])
    assert full.contains(less)
    assert not less.contains(full)
    assert [part.tolist() for part in less.missing(full)] == [[0, 2, 2], [2, 0, 2]]
    assert [part.tolist() for part in full.extra(less)] == [[0, 2, 2], [2, 0, 2]]
    for rows, cols, reason in [
        ([3], [0], "not in 0..2"),
        ([-1], [0], "not in 0..2"),
        ([0.5], [0], "whole numbers"),
        ([0, 1], [0], "one of each"),
    ]:
        with pytest.raises(ValueError, match=reason):
            Pattern.of_pairs(3, rows, cols)
    with pytest.raises(ValueError, match="square"):
        Pattern.of_matrix(np.ones((2, 3)))


def test_a_transposed_triangle_or_a_dropped_entry_shows():
    pattern = Pattern.of_matrix(np.tri(5, k=0) * (np.abs(np.subtract.outer(np.arange(5), np.arange(5))) <= 1))
    lower = Pattern(5, pattern.rows[pattern.lower()], pattern.cols[pattern.lower()])
    upper = Pattern(5, lower.cols, lower.rows)
    dropped = Pattern(5, pattern.rows[1:], pattern.cols[1:])
    for other in (lower, upper, dropped):
        assert not other.contains(pattern)
        assert pattern.missing(other)[0].size == 0


def test_what_a_program_is_given_is_the_recovery():
    coloring = color(path(40), "acyclic")
    recovery = Recovery.of(coloring)
    products = np.random.default_rng(0).normal(size=(coloring.colors, 40))
    assert len(recovery.rounds) > 2
    np.testing.assert_array_equal(Recovery.unpacked(recovery.packed())(products), recovery(products))
