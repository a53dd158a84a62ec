"""Linear algebra in extended precision: LAPACK's values, and residuals that LAPACK cannot have."""

import numpy as np
import pytest

from hessbench.backends.contract.namespace import LINALG
from hessbench.backends.numeric import extended_linalg as extended

EPS = float(np.finfo(np.longdouble).eps)
RNG = np.random.default_rng(7)
GENERAL = RNG.standard_normal((3, 5, 5))
SYMMETRIC = GENERAL + np.swapaxes(GENERAL, -1, -2)
POSITIVE = GENERAL @ np.swapaxes(GENERAL, -1, -2) + np.eye(5)


def wide(a):
    return np.asarray(a, dtype=np.longdouble)


def small(residual, factor=100):
    return float(np.max(np.abs(residual))) <= factor * EPS


@pytest.mark.parametrize("b", [RNG.standard_normal((5, 2)), RNG.standard_normal((3, 5, 2)), RNG.standard_normal(5)])
@pytest.mark.parametrize("a", [GENERAL[0], GENERAL])
def test_solutions_are_numpys_and_their_residuals_are_those_of_extended_precision(a, b):
    x = extended.solve(wide(a), wide(b))
    np.testing.assert_allclose(x.astype(float), np.linalg.solve(a, b), rtol=1e-11, atol=1e-12)
    columns = x[..., None] if b.ndim == 1 else x
    assert small(wide(a) @ columns - (b[:, None] if b.ndim == 1 else b))


def test_the_inverse_is_one_from_both_sides():
    inverse = extended.inv(wide(GENERAL))
    assert small(inverse @ GENERAL - np.eye(5), 1000)
    assert small(GENERAL @ inverse - np.eye(5), 1000)


def test_a_pivot_of_zero_is_exchanged():
    a = wide([[0, 1], [2, 3]])
    assert extended.det(a) == -2
    np.testing.assert_array_equal(extended.solve(a, wide([1.0, 5.0])), [1, 1])


def test_determinants_are_numpys():
    np.testing.assert_allclose(extended.det(wide(GENERAL)).astype(float), np.linalg.det(GENERAL), rtol=1e-13)
    for found, known in zip(extended.slogdet(wide(GENERAL)), np.linalg.slogdet(GENERAL), strict=True):
        np.testing.assert_allclose(found.astype(float), known, rtol=1e-13)
    assert np.array_equal(extended.slogdet(wide(GENERAL)).logabsdet, extended.slogdet(wide(GENERAL))[1])


def test_a_singular_matrix_has_determinant_zero_and_no_inverse():
    singular = wide(np.ones((3, 3)))
    assert extended.det(singular) == 0
    assert tuple(map(float, extended.slogdet(singular))) == (0, -np.inf)
    with pytest.raises(np.linalg.LinAlgError):
        extended.inv(singular)


def test_cholesky_is_numpys_and_multiplies_back():
    lower = extended.cholesky(wide(POSITIVE))
    np.testing.assert_allclose(lower.astype(float), np.linalg.cholesky(POSITIVE), rtol=1e-12)
    assert small(lower @ np.swapaxes(lower, -1, -2) - POSITIVE, 1000)
    with pytest.raises(np.linalg.LinAlgError):
        extended.cholesky(-wide(np.eye(2)))


@pytest.mark.parametrize("a", [SYMMETRIC, POSITIVE, np.eye(4)[None], np.diag([1.0, 1.0, 2.0])[None]])
def test_eigenvalues_are_numpys_and_leave_no_characteristic_residual(a):
    eigenvalues = extended.eigvalsh(wide(a))
    np.testing.assert_allclose(eigenvalues.astype(float), np.linalg.eigvalsh(a), rtol=0, atol=1e-13)
    cubes = np.trace(wide(a) @ wide(a) @ wide(a), axis1=-2, axis2=-1)
    assert small((np.sum(eigenvalues**3, axis=-1) - cubes) / np.maximum(np.abs(cubes), 1), 1000)


@pytest.mark.parametrize("name", ["cholesky", "eigvalsh"])
def test_only_the_lower_triangle_is_read(name):
    spoiled = wide(POSITIVE[0]) + np.triu(np.ones((5, 5)), 1)
    np.testing.assert_array_equal(getattr(extended, name)(spoiled), getattr(extended, name)(wide(POSITIVE[0])))


@pytest.mark.parametrize("name", LINALG)
def test_every_linear_algebra_name_runs_in_extended_precision(name):
    arguments = {"solve": (POSITIVE[0], np.ones(5)), "outer": (np.ones(2), np.ones(3))}.get(name, (POSITIVE[0],))
    found = getattr(extended.namespace.linalg, name)(*map(wide, arguments))
    assert all(part.dtype == np.longdouble for part in (found if isinstance(found, tuple) else (found,)))
