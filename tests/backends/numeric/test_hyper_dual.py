"""Hyper-dual numbers: every name of the vocabulary, and identities that hold to rounding."""

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.contract.arrays import cast
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.namespace import CORE
from hessbench.backends.numeric.hyper_dual import HyperDual, diagonal, gradient, hessian, hvp, namespace
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
BUILDS_SPD = ("tril", "triu", "matmul", "tensordot", "linalg.diagonal", "linalg.trace")

THIRD = np.array([0.3, 0.7, 1.4])


def bound(name, xp=None):
    """The sum of squares of a name's calls as f(x)."""
    f = CALLS.squares(name)
    return lambda x: f(xp or namespace(), x, *(cast(array, x.dtype) for array in DATA))


def rel_error(result, value):
    return float(
        np.linalg.norm((result - value).astype(np.float64)) / max(np.linalg.norm(value.astype(np.float64)), 1e-300)
    )


def number(x, seed=0):
    """A hyper-dual number at x with all parts random."""
    rng = np.random.default_rng(seed)
    return HyperDual(x, *(rng.uniform(-1, 1, np.shape(x)) for _ in range(3)))


def assert_same(a, b, rtol=1e-14):
    """Part by part, relative to the largest entry of all parts."""
    a, b = (y if isinstance(y, HyperDual) else HyperDual(y, 0 * y, 0 * y, 0 * y) for y in (a, b))
    scale = max(float(np.max(np.abs(part))) for part in (*a.parts, *b.parts))
    for part, other in zip(a.parts, b.parts, strict=True):
        np.testing.assert_allclose(part, other, rtol=0, atol=rtol * scale)


@pytest.mark.parametrize("name", CORE)
def test_derivatives_are_those_of_differences(name):
    known = [reference(operator, CALLS.squares(name), X, DATA) for operator in ("gradient", "hessian")]
    results = gradient(bound(name), X), hessian(bound(name), X)
    for result, judge in zip(results, known, strict=True):
        assert np.linalg.norm(result - judge.value) <= np.linalg.norm(judge.bound) + 1e-14 * np.linalg.norm(judge.value)


@pytest.mark.parametrize("name", CORE)
def test_functions_agree_and_the_hessian_is_exactly_symmetric(name):
    full, v = hessian(bound(name), X), np.linspace(-1, 2, X.size)
    np.testing.assert_array_equal(full, full.T)
    np.testing.assert_array_equal(diagonal(bound(name), X), np.diag(full))
    np.testing.assert_allclose(hvp(bound(name), X, v), full @ v, rtol=0, atol=1e-13 * max(np.max(np.abs(full)), 1))


@pytest.mark.parametrize("name", CORE)
def test_float32_stays_float32(name):
    x = X.astype(np.float32)
    results = [function(bound(name), x) for function in (gradient, hessian, diagonal)] + [hvp(bound(name), x, X)]
    assert {result.dtype for result in results} == {np.dtype(np.float32)}
    assert np.linalg.norm(results[1] - hessian(bound(name), X)) <= 1e-4 * max(np.linalg.norm(results[1]), 1)


@pytest.mark.skipif(not EXTENDED, reason="longdouble is float64 here")
@pytest.mark.parametrize("name", [name for name in CORE if name not in LAPACK])
def test_extended_precision_stays_and_shows_the_rounding_of_float64(name):
    exact = hessian(bound(name), X.astype(np.longdouble))
    assert exact.dtype == np.longdouble
    assert np.linalg.norm((hessian(bound(name), X) - exact).astype(float)) <= 3e-15 * max(np.linalg.norm(exact), 1)


IDENTITIES = {
    "log exp": lambda x: (np.log(np.exp(x)), x),
    "log1p expm1": lambda x: (np.log1p(np.expm1(x)), x),
    "log2": lambda x: (np.log2(x), np.log(x) / np.log(2)),
    "log10": lambda x: (np.log10(x), np.log(x) / np.log(10)),
    "square sqrt": lambda x: (np.square(np.sqrt(x)), x),
    "sin2 + cos2": lambda x: (np.square(np.sin(x)) + np.square(np.cos(x)), 0 * x + 1),
    "cosh2 - sinh2": lambda x: (np.square(np.cosh(x)) - np.square(np.sinh(x)), 0 * x + 1),
    "tan": lambda x: (np.tan(x) * np.cos(x), np.sin(x)),
    "tanh": lambda x: (np.tanh(x) * np.cosh(x), np.sinh(x)),
    "asin sin": lambda x: (np.asin(np.sin(x)), x),
    "acos cos": lambda x: (np.acos(np.cos(x)), x),
    "atan tan": lambda x: (np.atan(np.tan(x)), x),
    "asinh sinh": lambda x: (np.asinh(np.sinh(x)), x),
    "acosh cosh": lambda x: (np.acosh(np.cosh(x)), x),
    "atanh tanh": lambda x: (np.atanh(np.tanh(x)), x),
    "atan2": lambda x: (np.atan2(x[1] * np.sin(x), x[1] * np.cos(x)), x),
    "atan2 back": lambda x: (np.atan2(-np.sin(x), -np.cos(x)), x - np.pi),
    "logaddexp": lambda x: (np.logaddexp(np.log(x), np.log(np.flip(x))), np.log(x + np.flip(x))),
    "softplus": lambda x: (np.logaddexp(0, x), np.log1p(np.exp(x))),
    "pow": lambda x: (x ** np.flip(x), np.exp(np.flip(x) * np.log(x))),
    "base": lambda x: (2.5**x, np.exp(np.log(2.5) * x)),
    "exponent": lambda x: (x**-1.5, 1 / (x * np.sqrt(x))),
    "negative base": lambda x: ((-x) ** 3, -(x * x * x)),
    "divide": lambda x: (np.flip(x) / x * x, np.flip(x)),
    "one over": lambda x: (1 / (1 / x), x),
    "prod": lambda x: (np.prod(x), x[0] * x[1] * x[2]),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_identities_hold_in_all_parts(name):
    assert_same(*IDENTITIES[name](number(THIRD)), rtol=2e-14)


def matrix(seed=0, n=4, stacked=()):
    """A symmetric positive definite hyper-dual matrix; all parts are symmetric."""
    rng = np.random.default_rng(seed)
    parts = rng.uniform(-1, 1, (4, *stacked, n, n))
    parts = parts + np.swapaxes(parts, -1, -2)
    parts[0] += 2 * n * np.eye(n)
    return HyperDual(*parts)


def leibniz(a):
    """The determinant as a sum over permutations: right for every matrix."""
    total = 0.0
    for columns in itertools.permutations(range(a.shape[-1])):
        sign = round(np.linalg.det(np.eye(a.shape[-1])[list(columns)]))
        term = sign
        for i, j in enumerate(columns):
            term = term * a[..., i, j]
        total = total + term
    return total


@pytest.mark.parametrize("stacked", [(), (2, 3)])
def test_linear_algebra_satisfies_its_equations(stacked):
    a, b = matrix(1, 4, stacked), number(np.ones((*stacked, 4, 2)))
    t = np.matrix_transpose
    assert_same(np.matmul(a, np.linalg.solve(a, b)), b)
    assert_same(np.matmul(a, np.linalg.inv(a)), np.broadcast_to(np.eye(4), a.shape))
    lower, upper = np.linalg.cholesky(a), np.linalg.cholesky(a, upper=True)
    assert_same(np.matmul(lower, t(lower)), a)
    assert_same(upper, t(lower))
    assert_same(lower, np.tril(lower), rtol=0)
    assert_same(np.linalg.det(a), leibniz(a), rtol=1e-13)
    sign, logarithm = np.linalg.slogdet(a)
    assert_same(sign * np.exp(logarithm), np.linalg.det(a), rtol=1e-13)
    w = np.linalg.eigvalsh(a)
    assert_same(np.sum(w, axis=-1), np.linalg.trace(a))
    assert_same(np.sum(w * w, axis=-1), np.linalg.trace(np.matmul(a, a)))
    assert_same(np.prod(w, axis=-1), leibniz(a), rtol=1e-13)


def test_solve_takes_constants_on_either_side_and_vectors():
    a, b = matrix(2), number(np.ones(4))
    assert_same(np.matmul(a, np.linalg.solve(a, np.ones(4))), np.ones(4))
    assert_same(np.matmul(a.real, np.linalg.solve(a.real, b)), b)
    assert_same(np.linalg.solve(a, b), np.matmul(np.linalg.inv(a), b))


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_determinant_of_a_singular_matrix_has_derivatives(rank):
    a = matrix(3, n=3)
    basis = np.random.default_rng(0).uniform(-1, 1, (3, 3))
    singular = HyperDual(basis[:, :rank] @ basis[:rank], *a.parts[1:])
    for part, known in zip(np.linalg.det(singular).parts, leibniz(singular).parts, strict=True):
        np.testing.assert_allclose(part, known, rtol=1e-13, atol=1e-14)


def test_triangles_that_numpy_does_not_read_have_no_derivatives():
    a = matrix(4)
    other = a + np.triu(number(np.zeros((4, 4))), k=1)
    for function in (np.linalg.cholesky, np.linalg.eigvalsh):
        assert_same(function(other), function(a), rtol=0)


def test_equal_eigenvalues_have_no_second_derivative():
    result = hessian(lambda x: np.linalg.eigvalsh(np.eye(2) + np.reshape(x, (2, 2)))[0], np.zeros(4))
    assert not np.all(np.isfinite(result))


@pytest.mark.parametrize("zeros", [(), (1,), (1, 3), (0, 1, 4)])
@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_product_with_zeros(zeros, n):
    x = np.arange(1.0, n + 1)
    x[[i for i in zeros if i < n]] = 0
    known = [[np.prod(np.delete(x, [i, j])) * (i != j) for j in range(n)] for i in range(n)]
    np.testing.assert_allclose(hessian(np.prod, x), known, rtol=1e-14)
    np.testing.assert_allclose(gradient(np.prod, x), [np.prod(np.delete(x, i)) for i in range(n)], rtol=1e-14)


def test_product_of_nothing_is_one():
    assert_same(np.prod(number(np.ones((3, 0))), axis=1), np.ones(3))


@pytest.mark.parametrize(
    ("f", "x", "first", "second"),
    [
        pytest.param(np.tanh, 20.0, 4 * np.exp(-40), -8 * np.exp(-40), id="tanh"),
        pytest.param(np.expm1, -50.0, np.exp(-50), np.exp(-50), id="expm1"),
        pytest.param(lambda x: np.logaddexp(x, 900.0), 860.0, np.exp(-40), np.exp(-40), id="logaddexp"),
        pytest.param(np.asinh, 1e200, 1e-200, 0.0, id="asinh"),
        pytest.param(np.atan, 1e200, 0.0, 0.0, id="atan"),
        pytest.param(lambda x: np.atan2(x, 1e200), 1e200, 0.5e-200, 0.0, id="atan2"),
        pytest.param(lambda x: x**2, 0.0, 0.0, 2.0, id="square at 0"),
        pytest.param(lambda x: x**1, 0.0, 1.0, 0.0, id="identity at 0"),
        pytest.param(lambda x: x**0, 0.0, 0.0, 0.0, id="one at 0"),
        pytest.param(lambda x: x**3.0, -2.0, 12.0, -12.0, id="cube below 0"),
        pytest.param(lambda x: np.where(x > 0, np.sqrt(x), 0 * x), 0.0, 0.0, 0.0, id="where hides a slope"),
        pytest.param(lambda x: np.minimum(x, np.inf) * 2, 1.0, 2.0, 0.0, id="infinite constant"),
    ],
)
def test_far_ends_keep_their_digits(f, x, first, second):
    def scalar(y):
        return f(y[0])

    np.testing.assert_allclose(gradient(scalar, np.array([x])), [first], rtol=1e-13)
    np.testing.assert_allclose(hessian(scalar, np.array([x])), [[second]], rtol=1e-13)


@pytest.mark.parametrize("size", [1e155, 1e300, 1e-155])
def test_a_share_of_what_is_large_or_small_is_linear(size):
    found = hessian(lambda x: np.sum(size * x * x) / 2, np.array([5.0, 5.0]))
    np.testing.assert_allclose(found, size * np.eye(2), rtol=1e-15)


@pytest.mark.parametrize("function", [np.log, np.sqrt, np.acosh, np.asin, lambda x: x**1.5])
def test_outside_the_domain_of_f_nothing_is_known(function):
    def f(x):
        return x[1] + function(x[0])

    x = np.array([-2.0, 1.0])
    for result in (gradient(f, x), hessian(f, x), diagonal(f, x), hvp(f, x, x)):
        assert np.all(np.isnan(result))


def test_ties_go_the_documented_way():
    x, y = number(THIRD, 1), number(THIRD, 2)
    assert_same(np.maximum(x, y), x, rtol=0)
    assert_same(np.minimum(y, x), y, rtol=0)
    both = np.stack([y, x])
    assert_same(np.max(both, axis=0), y, rtol=0)
    assert_same(np.min(both, axis=0), y, rtol=0)
    assert_same(np.abs(x - x.real), np.zeros(3), rtol=0)


def test_nan_is_passed_on_by_selections():
    x = number(np.array([np.nan, 1.0]))
    np.testing.assert_array_equal(np.maximum(x, 0.0).real, [np.nan, 1.0])
    np.testing.assert_array_equal(np.minimum(0.0, x).real, [np.nan, 0.0])
    assert np.isnan(np.max(x).real)


def test_arithmetic_with_arrays_and_numbers_on_either_side():
    x, c = number(THIRD), np.array([2.0, 0.5, -1.0])
    assert_same(c + x, x + c)
    assert_same(c - x, -(x - c))
    assert_same(c * x, x * c)
    assert_same(c / x, c * x**-1)
    assert_same(np.float64(2) * x, x + x)
    assert_same(np.diag(c) @ x, c * x)
    assert_same(x @ np.diag(c), c * x)
    assert_same(abs(-x), x)
    assert_same(sum(x), np.sum(x))
    np.testing.assert_array_equal(x < c, np.less(THIRD, c))
    np.testing.assert_array_equal(c >= x, np.less_equal(THIRD, c))
    np.testing.assert_array_equal(x == THIRD, True)


def test_augmented_assignment_binds_anew():
    x = y = number(THIRD)
    x += 1
    x *= 2
    x -= y
    x /= 2
    x **= 2
    assert_same(x, ((y + 1) * 2 - y) * ((y + 1) * 2 - y) / 4)
    np.testing.assert_array_equal(y.real, THIRD)


def test_looks_like_an_array():
    x = number(np.arange(6.0).reshape(2, 3))
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((2, 3), 2, 6, np.float64, 2)
    assert [row.shape for row in x] == [(3,), (3,)]
    assert x[0, 1].shape == ()
    assert x[..., None, 1:].shape == (2, 1, 2)
    assert x[0, 1]
    assert not x[0, 0]
    assert "HyperDual" in repr(x)


def test_namespace_keeps_derivatives_where_numpy_has_no_say():
    xp, x = namespace(), number(THIRD)
    assert_same(xp.asarray([[x[0], 1.0], [2.0, x[1]]]), np.reshape(xp.stack([x[0], 1.0, 2.0, x[1]]), (2, 2)))
    assert_same(xp.full((2, 3), x[0]), np.broadcast_to(x[0], (2, 3)))
    assert xp.asarray(x, dtype=np.float32).e12.dtype == np.float32
    assert xp.linspace(x[0], 1.0, 5).shape == (5,)
    assert xp.full(2, 1.5).dtype == xp.asarray([1, 2.5]).dtype == np.float64
    assert xp.linalg.inv is np.linalg.inv


@pytest.mark.parametrize(
    "call",
    [
        np.asarray,
        np.median,
        lambda x: x * 1j,
        lambda x: np.multiply(np.complex128(1j), x),
        lambda x: lifted_namespace().astype(x, np.complex128),
        np.floor,
        np.add.reduce,
        np.linalg.norm,
        lambda x: np.array([x[0], x[1]]),
        lambda x: np.full(3, x[0]),
        lambda x: np.sum(x, initial=1.0),
        lambda x: np.sum(x, dtype=np.int64),
        lambda x: np.sum(a=x),
        lambda x: np.add(x, 1, out=np.zeros(3)),
        lambda x: float(x[0]),
    ],
)
def test_what_would_lose_derivatives_raises_one_line(call):
    with pytest.raises(TypeError) as raised:
        call(number(THIRD))
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(("suite", "name"), [(s, name) for s in ("tutorial", "quick") for name in suites.load(s)])
def test_problems_are_right_to_rounding(suite, name):
    problem = suites.load(suite)[name]
    instance = draw(problem, problem.sizes[0])

    def f(x):
        return problem.objective(np, x, *instance.data)

    for x in instance.points:
        known = {operator: closed_form(instance, operator, x) for operator in ("gradient", "hessian", "hvp")}
        assert rel_error(gradient(f, x), known["gradient"]) <= 2e-14
        assert rel_error(hessian(f, x), known["hessian"]) <= 2e-14
        assert rel_error(hvp(f, x, instance.direction), known["hvp"]) <= 2e-14
        assert rel_error(diagonal(f, x), np.diag(known["hessian"])) <= 2e-14


@pytest.mark.parametrize("order", ["nuc", 2, -2])
def test_a_norm_that_asks_for_what_is_lacking_is_refused(order):
    xp, matrix = lifted_namespace(), np.arange(4.0).reshape(2, 2)
    lifted = HyperDual(matrix, matrix, matrix, matrix)
    assert xp.linalg.matrix_norm(matrix, ord=order) == pytest.approx(np.linalg.norm(matrix, ord=order))
    with pytest.raises(Unsupported, match=r"^xp\.linalg\.svdvals is not possible in NumPy's .*decomposition$"):
        xp.linalg.matrix_norm(lifted, ord=order)
