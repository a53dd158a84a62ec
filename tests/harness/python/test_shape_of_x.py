"""x may be a number or have several axes: f gets it so, and derivatives have its shape once for each axis."""

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends

NAMES = [name for name in backends.BUILT_IN if not backends.missing(name)]
X = np.array([[0.5, 1.0, 1.5], [2.0, 0.2, 0.1]])


def f(xp, x):
    assert x.shape == (2, 3)
    return xp.sum(x[0, :] ** 3) * xp.sum(x[1, :])


@pytest.mark.parametrize("name", NAMES)
def test_a_matrix(name):
    flat = lambda xp, x: f(xp, xp.reshape(x, (2, 3)))  # noqa: E731
    h = hb.hessian(flat, X.reshape(-1), backend="numpy")
    assert hb.hessian(f, X, backend=name).shape == (2, 3, 2, 3)
    np.testing.assert_allclose(hb.hessian(f, X, backend=name), h.reshape(2, 3, 2, 3), atol=1e-10)
    np.testing.assert_allclose(hb.hvp(f, X, X, backend=name), (h @ X.reshape(-1)).reshape(2, 3), atol=1e-10)
    np.testing.assert_allclose(hb.diagonal(f, X, backend=name), np.diagonal(h).reshape(2, 3), atol=1e-10)
    wanted = np.stack([3 * X[0] ** 2 * np.sum(X[1]), np.full(3, np.sum(X[0] ** 3))])
    np.testing.assert_allclose(hb.gradient(f, X, backend=name), wanted, atol=1e-8)
    frame = hb.check(f, X, backends=name)
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("x", [2.0, np.array(2.0), np.float64(2.0)])
def test_a_number(name, x):
    cube = lambda xp, x: x**3  # noqa: E731
    for compute, given, right in (
        (hb.hessian, (), 12),
        (hb.hvp, (3.0,), 36),
        (hb.diagonal, (), 12),
        (hb.gradient, (), 12),
    ):
        found = compute(cube, x, *given, backend=name)
        assert found.shape == ()
        assert float(found) == pytest.approx(right)
    assert set(hb.check(cube, x, backends=name)["status"]) == {"ok"}


def test_the_reference_and_a_problem():
    value, bound = hb.reference(f, X)
    assert value.shape == bound.shape == (2, 3, 2, 3)
    made = hb.problem(f, x0=X)
    assert made.sizes == (6,)
    assert made(np, X) == made(np, X.reshape(-1)) == pytest.approx(f(np, X))
    assert hb.problem(lambda xp, x: x * x, name="square", x0=2.0)(np, 3.0) == 9


def test_v_has_the_shape_of_x():
    with pytest.raises(hb.UsageError, match=r"v has shape \(6,\), x has shape \(2, 3\)"):
        hb.hvp(f, X, X.reshape(-1), backend="numpy")
    with pytest.raises(hb.UsageError, match=r"x has shape \(0, 2\), so it holds no numbers"):
        hb.hessian(f, np.zeros((0, 2)), backend="numpy")
