"""Complex steps: every name of the vocabulary, the functions that NumPy makes non-analytic, and the step."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.contract.arrays import cast
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.namespace import CORE
from hessbench.backends.numeric.complex_step import (
    Holomorphic,
    gradient,
    hessian,
    hessian_forward,
    hvp,
    namespace,
    step,
)
from hessbench.backends.numeric.reference import reference
from hessbench.backends.numpy.namespace import namespace as lifted_namespace
from hessbench.suites.definition.problem import closed_form, draw

SPEC = importlib.util.spec_from_file_location("calls", Path(__file__).parents[1] / "contract" / "test_namespace.py")
CALLS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(CALLS)
X, DATA = CALLS.POINT, CALLS.DATA

EXTENDED = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps
LAPACK = tuple(f"linalg.{name}" for name in ("cholesky", "det", "eigvalsh", "inv", "slogdet", "solve"))
"""What `numpy.linalg` itself cannot do in extended precision."""
DTYPES = [
    np.float32,
    np.float64,
    pytest.param(np.longdouble, marks=pytest.mark.skipif(not EXTENDED, reason="longdouble is float64 here")),
]

THIRD = np.array([0.3, 0.7, 1.4])


def bound(name, xp=None):
    """The sum of squares of a name's calls as f(x)."""
    f = CALLS.squares(name)
    return lambda x: f(xp or namespace(), x, *(cast(array, x.dtype) for array in DATA))


def norm(array):
    return float(np.linalg.norm(array.astype(np.float64)))


def error(result, value):
    """Relative, but no stricter than for values around one."""
    return float(
        np.linalg.norm((result - value).astype(np.float64)) / max(np.linalg.norm(value.astype(np.float64)), 1.0)
    )


def lift(x, change=1.0):
    return Holomorphic.of(x, step(x.dtype) * np.broadcast_to(x.dtype.type(change), x.shape))


@pytest.mark.parametrize("name", CORE)
def test_derivatives_are_those_of_differences(name):
    slopes, curvatures = (reference(operator, CALLS.squares(name), X, DATA) for operator in ("gradient", "hessian"))
    assert error(gradient(bound(name), X), slopes.value) <= 1e-14 + np.linalg.norm(slopes.bound)
    known = curvatures.value
    assert error(hessian(bound(name), X), known) <= 2e-9
    assert error(hessian_forward(bound(name), X), known) <= 2e-7
    assert error(hvp(bound(name), X, X), known @ X) <= 2e-9


@pytest.mark.parametrize("name", CORE)
def test_float32_stays_float32(name):
    x = X.astype(np.float32)
    slopes, curvatures, product = gradient(bound(name), x), hessian(bound(name), x), hvp(bound(name), x, X)
    assert slopes.dtype == curvatures.dtype == product.dtype == hessian_forward(bound(name), x).dtype == np.float32
    assert error(slopes, gradient(bound(name), X)) <= 1e-5
    assert error(curvatures, hessian(bound(name), X)) <= 5e-3
    assert error(product, hessian(bound(name), X) @ X) <= 5e-3


@pytest.mark.skipif(not EXTENDED, reason="longdouble is float64 here")
@pytest.mark.parametrize("name", [name for name in CORE if name not in LAPACK])
def test_extended_precision_stays_and_shows_the_rounding_of_float64(name):
    x = X.astype(np.longdouble)
    exact = gradient(bound(name), x)
    assert exact.dtype == hessian(bound(name), x).dtype == np.longdouble
    assert error(gradient(bound(name), X), exact) <= 1e-14
    assert error(hessian(bound(name), X), hessian(bound(name), x)) <= 2e-9


ELEMENTWISE = {
    "acos": (np.acos, (-0.999, -1e-9, 1e-9, 0.5, 0.999), lambda x: -1 / np.sqrt((1 - x) * (1 + x))),
    "acosh": (np.acosh, (1.001, 2.0, 1e3), lambda x: 1 / np.sqrt((x - 1) * (x + 1))),
    "asin": (np.asin, (-0.999, -1e-9, 1e-9, 0.5, 0.999), lambda x: 1 / np.sqrt((1 - x) * (1 + x))),
    "asinh": (np.asinh, (-1e3, -1e-9, 0.5, 1e3), lambda x: 1 / np.hypot(1, x)),
    "atan": (np.atan, (-1e3, -1e-9, 0.5, 1e3), lambda x: 1 / (1 + x * x)),
    "atanh": (np.atanh, (-0.999, -1e-9, 0.5, 0.999), lambda x: 1 / ((1 - x) * (1 + x))),
    "exp": (np.exp, (-30.0, -1e-9, 0.5, 30.0), np.exp),
    "expm1": (np.expm1, (-30.0, -1e-9, 1e-9, 30.0), np.exp),
    "log": (np.log, (1e-9, 0.5, 1.0, 1e9), lambda x: 1 / x),
    "log1p": (np.log1p, (-0.9, 1e-9, 1e9), lambda x: 1 / (1 + x)),
    "sqrt": (np.sqrt, (1e-9, 0.5, 1e9), lambda x: 0.5 / np.sqrt(x)),
    "tan": (np.tan, (-1.5, 1e-9, 1.5, 3.0), lambda x: 1 / np.cos(x) ** 2),
    "tanh": (np.tanh, (-15.0, 1e-9, 1.5, 15.0), lambda x: 1 / np.cosh(x) ** 2),
    "pow": (lambda x: x**101, (-1.1, -0.5, 1.1), lambda x: 101 * x**100),
    "reciprocal": (lambda x: 1 / x, (-1e3, -1e-3, 0.5, 1e3), lambda x: -1 / (x * x)),
    "logaddexp": (lambda x: np.logaddexp(x, 20), (-10.0, 20.0, 40.0), lambda x: 1 / (1 + np.exp(20 - x))),
    "atan2": (lambda x: np.atan2(x, -2 * abs(x)), (-2.0, 2.0), lambda x: 0 * x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_value_and_slope_are_right_to_rounding(name, dtype):
    f, points, derivative = ELEMENTWISE[name]
    x = np.array(points, dtype=dtype)
    y, eps = f(lift(x)), np.finfo(dtype).eps
    np.testing.assert_allclose(y.real, f(x), rtol=4 * eps)
    np.testing.assert_allclose(y.imag / step(dtype), derivative(x), rtol=40 * eps, atol=4 * eps * (name == "atan2"))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_step_is_a_power_of_two_whose_square_is_lost_and_which_stays_normal(dtype):
    h, info = step(dtype), np.finfo(dtype)
    assert h.dtype == dtype
    assert np.frexp(h)[0] == 0.5
    assert h * h < info.eps**3
    assert h * info.eps**2 > info.tiny


def test_dtype_is_the_working_precision_whatever_the_storage():
    for dtype, storage in ((np.float32, np.complex64), (np.float64, np.complex128), (np.longdouble, np.clongdouble)):
        x = lift(THIRD.astype(dtype))
        assert x.dtype == dtype
        assert (2 * x + 1).parts[0].dtype == storage
        assert np.sum(x, dtype=x.dtype).parts[0].dtype == np.prod(x, dtype=x.dtype).parts[0].dtype == storage


def test_products_do_not_conjugate():
    x = lift(THIRD)
    for function in (np.vecdot, np.matmul, lambda a, b: np.tensordot(a, b, axes=1)):
        np.testing.assert_allclose(gradient(lambda x, g=function: g(x, x), THIRD), 2 * THIRD, rtol=1e-15)
        np.testing.assert_array_equal(gradient(lambda x, g=function: g(np.ones(3), x), THIRD), np.ones(3))
        np.testing.assert_array_equal(gradient(lambda x, g=function: g(x, np.ones(3)), THIRD), np.ones(3))
    np.testing.assert_allclose(np.linalg.outer(x, x).imag, np.add.outer(THIRD, THIRD) * step(x.dtype), rtol=1e-15)


def test_linear_algebra_satisfies_its_equations():
    rng = np.random.default_rng(0)
    change = rng.uniform(-1, 1, (2, 4, 4))
    a = Holomorphic.of(change[0] + change[0].T + 8 * np.eye(4), step(np.float64) * (change[1] + change[1].T))
    lower = np.linalg.cholesky(a)
    w = np.linalg.eigvalsh(a)
    pairs = [
        (np.matmul(lower, np.matrix_transpose(lower)), a),
        (np.linalg.cholesky(a, upper=True), np.matrix_transpose(lower)),
        (np.matmul(a, np.linalg.inv(a)), lift(np.eye(4), 0)),
        (np.sum(w), np.linalg.trace(a)),
        (np.sum(w * w), np.linalg.trace(np.matmul(a, a))),
        (np.prod(w), np.linalg.det(a)),
        (np.linalg.slogdet(a)[1], np.log(np.linalg.det(a))),
    ]
    for one, other in pairs:
        np.testing.assert_allclose(one.real, other.real, rtol=1e-13, atol=1e-14)
        np.testing.assert_allclose(one.imag / step(np.float64), other.imag / step(np.float64), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "function", [np.log, np.log2, np.log10, np.log1p, np.sqrt, np.acosh, np.asin, lambda x: x**1.5]
)
def test_outside_the_domain_of_f_nothing_is_known(function):
    """NumPy's complex functions go on there: log -2 would be a number with a huge imaginary part."""
    assert np.all(np.isnan(gradient(lambda x: x[1] + function(x[0]), np.array([-2.0, 1.0]))))


@pytest.mark.parametrize("zeros", [(), (1,), (1, 2)])
def test_product_with_zeros(zeros):
    x = np.array([3.0, 2.0, 5.0, 7.0])
    x[list(zeros)] = 0
    known = [[np.prod(np.delete(x, [i, j])) * (i != j) for j in range(4)] for i in range(4)]
    np.testing.assert_allclose(gradient(np.prod, x), [np.prod(np.delete(x, i)) for i in range(4)], rtol=1e-14)
    np.testing.assert_allclose(hessian(np.prod, x), known, atol=1e-8)


def test_ties_go_the_documented_way():
    x, y = lift(THIRD, 1), lift(THIRD, 2)
    both = np.stack([y, x])
    for result, taken in [
        (np.maximum(x, y), x),
        (np.minimum(y, x), y),
        (np.max(both, axis=0), y),
        (np.min(both, axis=0), y),
        (np.abs(x - THIRD), lift(np.zeros(3), 0)),
    ]:
        np.testing.assert_array_equal(result.parts[0], taken.parts[0])


def test_a_kink_within_the_step_is_a_large_number():
    assert hessian(lambda x: np.abs(x[0]), np.zeros(1))[0, 0] > 1e4


@pytest.mark.parametrize(
    "call",
    [
        np.asarray,
        np.median,
        lambda x: x * 1j,
        lambda x: np.multiply(np.complex128(1j), x),
        lambda x: lifted_namespace().astype(x, np.complex128),
        np.floor,
        np.conj,
        np.real,
        np.add.reduce,
        lambda x: np.array([x[0], x[1]]),
        lambda x: np.sum(x, initial=1.0),
        lambda x: np.sum(x, dtype=np.int64),
        lambda x: float(x[0]),
    ],
)
def test_what_would_lose_derivatives_raises_one_line(call):
    with pytest.raises((TypeError, Unsupported)) as raised:  # complex numbers are what differences can do
        call(lift(THIRD))
    assert len(str(raised.value).splitlines()) == 1


def test_product_scales_with_the_vector_and_is_zero_for_zero():
    def f(x):
        return np.sum(np.exp(x)) * x[0]

    x, v = np.array([0.3, -0.4, 100.0]) / 40, np.array([1.0, -2.0, 0.0])
    np.testing.assert_allclose(hvp(f, x, 1e9 * v) / 1e9, hvp(f, x, v), rtol=1e-9)
    np.testing.assert_array_equal(hvp(f, x, 0 * v), np.zeros(3))


@pytest.mark.parametrize(("suite", "name"), [(s, name) for s in ("tutorial", "quick") for name in suites.load(s)])
def test_problems_are_right(suite, name):
    problem = suites.load(suite)[name]
    instance = draw(problem, problem.sizes[0])

    def f(x):
        return problem.objective(np, x, *instance.data)

    for x in instance.points:
        known = {operator: closed_form(instance, operator, x) for operator in ("gradient", "hessian", "hvp")}
        central, forward = hessian(f, x), hessian_forward(f, x)
        np.testing.assert_array_equal(central, central.T)
        np.testing.assert_array_equal(forward, forward.T)
        assert error(gradient(f, x), known["gradient"]) <= 2e-14
        assert error(central, known["hessian"]) <= 5e-9
        assert error(forward, known["hessian"]) <= 1e-6
        assert error(hvp(f, x, instance.direction), known["hvp"]) <= 1e-8
