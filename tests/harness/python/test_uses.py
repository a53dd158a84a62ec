"""Steps, spectra, inertias and minima of a person's own function, in shapes that they gave."""

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends
from hessbench.harness.python.minimize import METHODS

NETWORK = {"w": np.full((2, 2), 1.3), "b": np.array([0.3, 0.4])}


def loss(xp, p):
    return xp.sum((p["w"] - 1) ** 2) + xp.sum(p["b"] ** 4) + xp.sum(p["b"]) * xp.sum(p["w"]) / 10 + xp.sum(p["b"] ** 2)


def valley(xp, x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def flat(xp, x):
    return (x[0] + x[1]) ** 2


def saddle(xp, x):
    return x[0] ** 2 - x[1] ** 2 + x[0]


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
