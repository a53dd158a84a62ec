"""Steps, spectra, inertias and minima of a person's own function, in shapes that they gave."""

import numpy as np
import pytest
from scipy.special import gammaln, polygamma

import hessbench as hb
from hessbench import backends
from hessbench.harness.python.uses import newton
from hessbench.harness.python.uses.minimize import METHODS
from hessbench.harness.python.uses.steps import inertia_of

NETWORK = {"w": np.full((2, 2), 1.3), "b": np.array([0.3, 0.4])}


def loss(xp, p):
    return xp.sum((p["w"] - 1) ** 2) + xp.sum(p["b"] ** 4) + xp.sum(p["b"]) * xp.sum(p["w"]) / 10 + xp.sum(p["b"] ** 2)


def valley(xp, x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def flat(xp, x):
    return (x[0] + x[1]) ** 2


def saddle(xp, x):
    return x[0] ** 2 - x[1] ** 2 + x[0]


def steep(xp, x):
    return x[0] ** 2 + 1e14 * x[1] ** 2


def quadratic(xp, x, a, b):
    return 0.5 * xp.sum(x * xp.matmul(a, x)) + xp.sum(b * x)


def rotated(values):
    q, _ = np.linalg.qr(np.random.default_rng(3).standard_normal((len(values), len(values))))
    a = (q * np.asarray(values)) @ q.T
    return (a + a.T) / 2


@pytest.mark.parametrize("name", ["numpy", "jax", "torch", "tensorflow"])
def test_a_step_and_a_minimum_have_the_structure_of_x(name):
    if reason := backends.missing(name):
        pytest.skip(reason)
    h, g = hb.hessian(loss, NETWORK, backend="numpy"), hb.gradient(loss, NETWORK, backend="numpy")
    step = hb.newton_step(loss, NETWORK, backend=name)
    np.testing.assert_allclose(h @ step, -g, atol=1e-12)
    assert step.block("w").shape == (2, 2)
    np.testing.assert_allclose(hb.spectrum(loss, NETWORK, backend=name), np.linalg.eigvalsh(h), rtol=1e-12)
    found = hb.minimize(loss, NETWORK, backend=name, tolerance=1e-10)
    assert found.success
    assert np.max(np.abs(found.jac)) <= 1e-10
    assert found.x.nested()["w"].shape == (2, 2)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_scipys_finds_the_minimum(method):
    found = hb.minimize(valley, [-1.2, 1.0], backend="numpy", method=method, tolerance=1e-8)
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


@pytest.mark.parametrize("method", ["newton-lu", "newton-cholesky", "newton-cg", "newton-least-norm"])
def test_a_way_to_solve_is_named_by_how_it_begins(method):
    step = hb.newton_step(valley, [1.2, 1.4], backend="numpy", method=method)
    h, g = (of(valley, [1.2, 1.4], backend="numpy") for of in (hb.hessian, hb.gradient))
    np.testing.assert_allclose(step, -np.linalg.solve(h, g), rtol=1e-9)


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (valley, [1.0, 1.0], ((2, 0, 0), "minimum")),
        (saddle, [1.0, 1.0], ((1, 0, 1), "saddle")),
        (flat, [1.0, 1.0], ((1, 1, 0), "degenerate")),
        (lambda xp, x: -xp.sum(x * x), [1.0, 2.0, 3.0], ((0, 0, 3), "maximum")),
        (lambda xp, x: xp.sum(x), [1.0, 2.0], ((0, 2, 0), "degenerate")),
    ],
)
def test_inertia_names_the_kind(f, x, expected):
    found = hb.inertia(f, x, backend="numpy")
    assert (found[:3], found.kind) == expected
    assert found.margin > 1e3


def test_margin_is_small_where_an_eigenvalue_is_next_to_zero():
    nearly = lambda xp, x: x[0] ** 2 + 1e-13 * x[1] ** 2  # noqa: E731
    assert hb.inertia(nearly, [1.0, 1.0], backend="numpy").margin < 10


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: hb.newton_step(flat, [1.0, 2.0], backend="numpy"), "is singular at x .*newton-least-norm"),
        (
            lambda: hb.newton_step(saddle, [1.0, 2.0], backend="numpy", method="newton-cholesky"),
            "positive definite Hessians, and that of saddle at x has the eigenvalue -2",
        ),
        (lambda: hb.newton_step(saddle, [1.0, 2.0], backend="numpy", method="newton-qr"), "unknown method 'newton-qr'"),
        (
            lambda: hb.minimize(lambda xp, x: xp.sum(xp.log(x)), [0.2], backend="numpy"),
            "not finite on the way, at x = ",
        ),
        (lambda: hb.minimize(lambda x: x.foo, [0.2], backend="numpy"), "line .*, in numpy: AttributeError: .*foo"),
        (lambda: hb.minimize(valley, [1.0, 2.0], method="BFGS"), "unknown method 'BFGS'"),
        (lambda: hb.spectrum(lambda xp, x: xp.log(x[0]), [-1.0], backend="numpy"), "NaN"),
        (lambda: hb.minimize(valley, [1.0, 2.0], most=2.5), "most=2.5 is no whole number"),
        (lambda: hb.newton_step(steep, [1.0, 1.0], backend="numpy"), "as far as float64 can tell .*2 to 2e.14"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_input_is_one_line(ask, said):
    with pytest.raises(hb.UsageError, match=said) as error:
        ask()
    assert "\n" not in str(error.value)


def test_the_shortest_step_of_a_singular_hessian_is_had_by_name():
    step = hb.newton_step(flat, [1.0, 2.0], backend="numpy", method="newton-least-norm")
    np.testing.assert_allclose(step, [-1.5, -1.5])


PLAIN = ["numpy", "autograd", "casadi", "jax", "torch"]
AT_ZERO = lambda xp, x: xp.sum(xp.sqrt(xp.abs(x)))  # noqa: E731
OVERFLOWS = lambda xp, x: -xp.sum(xp.exp(700 * x))  # noqa: E731
BENT = lambda xp, x: xp.sum(xp.abs(x) ** 1.5)  # noqa: E731


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(("f", "x"), [(AT_ZERO, [0.0, 1.0]), (BENT, [0.0, 1.0]), (OVERFLOWS, [1.01, 1.0])])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_made_of_a_hessian_is_refused_where_that_is_not_finite(name, f, x, engine):
    engine(name)
    for ask in (hb.spectrum, hb.inertia, hb.newton_step):
        with pytest.raises(hb.UsageError, match=r"the Hessian of <lambda> is not finite at x \(entry \(0, 0\) is"):
            ask(f, x, backend=name)
    for method in ("newton-cg", "newton-least-norm", "newton-cholesky"):
        with pytest.raises(hb.UsageError, match="is not finite at x"):
            hb.newton_step(f, x, backend=name, method=method)


@pytest.mark.parametrize("name", PLAIN)
def test_a_hessian_near_the_end_of_the_range_has_its_eigenvalues(name, engine):
    engine(name)
    f = lambda xp, x: -xp.sum(xp.exp(x))  # noqa: E731
    np.testing.assert_allclose(hb.spectrum(f, [709.5, 1.0], backend=name), -np.exp([709.5, 1.0]))
    found = hb.inertia(f, [709.5, 708.0], backend=name)
    assert (found[:3], found.kind) == ((0, 0, 2), "maximum")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_inertia_counts_all_at_any_scale(dtype):
    for scale in (1e-307, 1e-160, 1.0, 1e300) if dtype == "float64" else (1e-37, 1.0, 1e37):
        found = inertia_of(scale * np.array([-3.0, 0.0, 1e-3, 2.0], dtype=dtype), dtype)
        assert found[:3] == (2, 1, 1)


@pytest.mark.parametrize("name", ["numpy", "jax", "torch"])
@pytest.mark.parametrize(
    ("scale", "dtype"),
    [(1e155, "float64"), (1e300, "float64"), (1e-160, "float64"), (1e20, "float32"), (1e-20, "float32")],
)
def test_conjugate_gradients_at_any_scale(name, scale, dtype, engine):
    engine(name)
    given = scale * np.array([[2.0, 1.0], [1.0, 3.0]]), scale * np.array([-2.0, 1.0])
    step = hb.newton_step(quadratic, [5.0, 4.0], *given, backend=name, method="newton-cg", dtype=dtype)
    np.testing.assert_allclose(step, [-3.6, -4.8], rtol=1e-5 if dtype == "float32" else 1e-9)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0, 0, 1, 2, 3], "singular at x as far as"),
        (np.logspace(0, 16, 6), "singular at x as far as"),
        ([1, -2], "has the eigenvalue -2"),
    ],
)
@pytest.mark.parametrize("dense", [256, 0])
def test_conjugate_gradients_refuse_what_they_cannot_do(values, said, dense, monkeypatch):
    """Where there are too many variables for eigenvalues, the products tell."""
    monkeypatch.setattr(newton, "DENSE", dense)
    n = len(values)
    given = rotated(values), np.ones(n)
    with pytest.raises(hb.UsageError, match=said if dense else "as far as products with it|residual") as error:
        hb.newton_step(quadratic, np.zeros(n), *given, backend="numpy", method="newton-cg")
    assert "\n" not in str(error.value)


def test_a_step_from_products_is_refused_where_its_error_may_be_large():
    a = rotated(np.logspace(0, 11, 6))
    with pytest.raises(hb.UsageError, match=r"by newton-cg may be off by .*newton-lu"):
        hb.newton_step(quadratic, np.full(6, 5.0), a, np.ones(6), backend="numpy", method="newton-cg")


@pytest.mark.parametrize("dense", [256, 0])
def test_conjugate_gradients_do_what_they_can(dense, monkeypatch):
    monkeypatch.setattr(newton, "DENSE", dense)
    a = rotated(np.logspace(0, 6, 6))
    step = hb.newton_step(quadratic, np.zeros(6), a, np.ones(6), backend="numpy", method="newton-cg")
    np.testing.assert_allclose(step, -np.linalg.solve(a, np.ones(6)), rtol=1e-5)
    at_the_end = hb.newton_step(quadratic, np.zeros(6), a, np.zeros(6), backend="numpy", method="newton-cg")
    assert not np.any(at_the_end)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e150, 1e155, 1e300])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_minimize_ends_where_squares_leave_the_range(method, scale):
    try:
        found = hb.minimize(lambda xp, x: scale * xp.sum((x - 2) ** 2), [5.0], backend="numpy", method=method)
    except hb.UsageError as error:
        assert "too large or too small for SciPy's steps" in str(error)  # noqa: PT017 - either will do
    else:
        np.testing.assert_allclose(found.x, 2)


def test_a_start_at_a_maximum_is_told_by_its_inertia():
    f = lambda xp, x: xp.cos(x[0])  # noqa: E731
    found = hb.minimize(f, [0.0], backend="numpy")
    assert found.success
    assert hb.inertia(f, found.x, backend="numpy").kind == "maximum"


def without_rules(xp, x):
    """Trigamma functions on the diagonal, and what both variables share."""
    return sum(gammaln(x)) + x[0] * x[1]


def test_what_no_exact_method_of_numpy_has_a_rule_for_is_found_by_differences():
    x, both = np.array([1.5, 2.5]), np.array([[0.0, 1.0], [1.0, 0.0]])
    hessian, gradient = np.diag(polygamma(1, x)) + both, polygamma(0, x) + x[::-1]
    np.testing.assert_allclose(hb.spectrum(without_rules, x, backend="numpy"), np.linalg.eigvalsh(hessian), rtol=1e-8)
    step = hb.newton_step(without_rules, x, backend="numpy")
    np.testing.assert_allclose(step, -np.linalg.solve(hessian, gradient), rtol=1e-8)
    product = hb.ggn_vp(lambda xp, x: gammaln(x), lambda xp, z: xp.sum(z**3), x, [1.0, 2.0], backend="numpy")
    np.testing.assert_allclose(product, 6 * gammaln(x) * polygamma(0, x) ** 2 * [1.0, 2.0], rtol=1e-8)


def test_differences_claim_no_sign_that_they_do_not_know():
    def nearly_flat(xp, x):
        return gammaln(x[0] + x[1])

    with pytest.raises(hb.UsageError, match=r"may be singular.*by differences of f"):
        hb.newton_step(nearly_flat, [1.5, 2.5], backend="numpy")
    with pytest.raises(hb.UsageError, match=r"no rule for numpy\.gammaln"):
        hb.inertia(nearly_flat, [1.5, 2.5], backend="numpy")
