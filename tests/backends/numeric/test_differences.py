"""Stencils and their extrapolation against derivatives known by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hessbench.backends.numeric.differences import central_gradient, directional, four_point, seven_point
from hessbench.backends.numeric.extrapolation import richardson
from hessbench.backends.numeric.scales import LADDERS, steps

EXTENDED = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps
DTYPES = [
    np.float64,
    pytest.param(np.longdouble, marks=pytest.mark.skipif(not EXTENDED, reason="longdouble is float64 here")),
]
PRECISION = {np.float64: 1e-9, np.longdouble: 1e-12}
"""The relative error that `backends.finite_difference` promises."""

SLOPE = np.array([0.5, -0.8, 0.3])
X = np.array([0.3, 0.7, -1.4])
V = np.array([0.6, 0.0, -0.8])


def at_points(f):
    """f of one point as what stencils want: (m, n) -> (m,)."""
    return lambda points: np.array([f(x) for x in points], dtype=points.dtype)


@at_points
def exponential(x):
    return np.exp(np.dot(SLOPE.astype(x.dtype), x))


VALUE = float(exponential(X[None])[0])
KNOWN = [
    pytest.param(central_gradient, VALUE * SLOPE, id="central_gradient"),
    pytest.param(seven_point, VALUE * np.outer(SLOPE, SLOPE), id="seven_point"),
    pytest.param(four_point, VALUE * np.outer(SLOPE, SLOPE), id="four_point"),
    pytest.param(directional(V), VALUE * np.outer(SLOPE, SLOPE) @ V, id="directional"),
]


def rel_error(result, value):
    return float(np.linalg.norm((result - value).astype(np.float64)) / np.linalg.norm(value))


@pytest.mark.parametrize(("stencil", "value"), KNOWN)
def test_error_of_a_stencil_falls_with_the_square_of_the_step(stencil, value):
    coarse, fine = (rel_error(stencil(exponential, X, np.full(3, h)), value) for h in (0.02, 0.01))
    assert coarse / fine == pytest.approx(4, rel=0.02)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("stencil", "value"), KNOWN)
def test_extrapolation_keeps_its_promise(stencil, value, dtype):
    result, _ = richardson(stencil, exponential, X.astype(dtype))
    assert result.dtype == dtype
    assert rel_error(result, value) <= PRECISION[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
def test_hessian_is_exactly_symmetric(dtype):
    hessian, _ = richardson(seven_point, exponential, X.astype(dtype))
    np.testing.assert_array_equal(hessian, hessian.T)


def test_extrapolation_in_float32_stays_in_float32():
    result, _ = richardson(seven_point, exponential, X.astype(np.float32))
    assert result.dtype == np.float32
    assert rel_error(result, VALUE * np.outer(SLOPE, SLOPE)) <= 1e-2


def test_four_points_at_the_best_step_give_half_the_digits():
    hessian = four_point(exponential, X, steps(X, 1 / 4))
    assert rel_error(hessian, VALUE * np.outer(SLOPE, SLOPE)) <= 1e-6


def test_steps_grow_with_the_coordinate_and_not_below_one():
    np.testing.assert_allclose(steps(np.array([0.5, -8.0]), 1 / 4), np.finfo(float).eps ** 0.25 * np.array([1.0, 8.0]))


@pytest.mark.parametrize(
    ("stencil", "count"),
    [
        pytest.param(central_gradient, lambda n: 2 * n, id="central_gradient"),
        pytest.param(seven_point, lambda n: n**2 + n + 1, id="seven_point"),
        pytest.param(four_point, lambda n: 2 * n**2 + 2 * n, id="four_point"),
    ],
)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_number_of_evaluations_is_the_documented_one(stencil, count, n):
    calls = []

    @at_points
    def counted(x):
        calls.append(x)
        return np.sum(x * x)

    stencil(counted, np.ones(n), np.full(n, 0.1))
    assert len(calls) == count(n)


def polynomial(dtype, quadratic, cubic, slope):
    """f(x) = x'Ax/2 + b'x + sum_ijk T_ijk x_i x_j x_k / 6 with A, T symmetric, and its gradient and Hessian."""
    a = (quadratic + quadratic.T).astype(dtype)
    t = sum(np.transpose(cubic, axes) for axes in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)))
    t, b = t.astype(dtype), slope.astype(dtype)
    return (
        at_points(lambda x: x @ a @ x / 2 + b @ x + np.einsum("ijk,i,j,k", t, x, x, x) / 6),
        lambda x: a @ x + b + np.einsum("ijk,j,k->i", t, x, x) / 2,
        lambda x: a + np.einsum("ijk,k->ij", t, x),
    )


entries = st.floats(-1, 1, width=32)


def arrays(*shape):
    return st.lists(entries, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))).map(
        lambda values: np.reshape(np.array(values, dtype=np.float64), shape)
    )


@pytest.mark.parametrize("dtype", DTYPES)
@given(quadratic=arrays(2, 2), cubic=arrays(2, 2, 2), slope=arrays(2), x=arrays(2))
def test_polynomials_of_third_degree_are_reproduced(dtype, quadratic, cubic, slope, x):
    f, gradient, hessian = polynomial(dtype, quadratic, cubic, slope)
    x = x.astype(dtype)
    np.testing.assert_allclose(richardson(seven_point, f, x)[0], hessian(x), rtol=0, atol=10 * PRECISION[dtype])
    np.testing.assert_allclose(richardson(central_gradient, f, x)[0], gradient(x), rtol=0, atol=PRECISION[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_bound_covers_the_error_where_the_objective_is_zero(dtype):
    """Rounding follows the values of f around the point, not the value at the point."""
    x = np.array([1.0, 0.0], dtype=dtype)
    hessian, error = richardson(seven_point, at_points(lambda y: np.exp(y[0]) * np.cos(y[1]) - np.exp(x[0])), x)
    assert np.all(np.abs(hessian - np.exp(x[0]) * np.diag([1, -1])) <= 4 * error)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("x0", [0.5, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 1e-4])
def test_near_the_edge_of_the_domain_a_value_is_right_or_known_to_be_unknown(dtype, x0):
    x = np.array([x0, 1.0], dtype=dtype)
    hessian, error = richardson(seven_point, at_points(lambda y: np.log(y[0]) * y[1]), x)
    truth = np.array([[-1 / x[0] ** 2, 1 / x[0]], [1 / x[0], 0]])
    unknown = np.isnan(hessian)
    assert np.all(np.isinf(error[unknown]))
    assert np.all(np.abs(hessian - truth)[~unknown] <= 4 * error[~unknown])


def test_a_level_outside_the_domain_is_left_out():
    assert LADDERS["float64"][0] > 0.05  # the coarsest step reaches below zero
    hessian, _ = richardson(seven_point, at_points(lambda y: np.log(y[0])), np.array([0.05]))
    assert hessian[0, 0] == pytest.approx(-400, rel=1e-5)


def test_no_finite_level_gives_nan_with_an_infinite_error():
    hessian, error = richardson(seven_point, at_points(lambda y: np.log(y[0])), np.array([1e-4]))
    assert np.isnan(hessian[0, 0])
    assert np.isinf(error[0, 0])
