"""What is special to HIPS autograd: rules that it lacks, rules that widen float32, and its warning."""

import warnings

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.contract.method import find
from hessbench.backends.numeric.reference import reference

POINT = np.array([0.31, 0.72, 0.55, 0.83, 0.24, 0.47])


def cubes(xp, a):
    return xp.sum(a * a * a)


def square(xp, x):
    return xp.reshape(x[:4], (2, 2)) + 2 * xp.eye(2)


RIGHT = np.arange(8.0).reshape(2, 2, 2)

WRITTEN_HERE = {
    "where, one number": lambda xp, x: xp.sum(xp.where(x > 0.5, x * x * x, 0.0)),
    "where, one entry": lambda xp, x: cubes(xp, xp.where(x > 0.5, x[0] * x[1], x)),
    "where, broadcast": lambda xp, x: cubes(xp, xp.where(xp.reshape(x, (6, 1)) > 0.5, x, x * x)),
    "broadcast_to, new axes": lambda xp, x: cubes(xp, x * xp.broadcast_to(x, (2, 6))),
    "broadcast_to, an entry": lambda xp, x: cubes(xp, xp.broadcast_to(x[0] * x[1], (2, 2))),
    "diagonal, not square": lambda xp, x: cubes(xp, xp.linalg.diagonal(xp.reshape(x, (2, 3)))),
    "diagonal, stack": lambda xp, x: cubes(xp, xp.linalg.diagonal(xp.reshape(x, (3, 1, 2)))),
    "trace, stack": lambda xp, x: cubes(xp, xp.linalg.trace(xp.reshape(x, (3, 1, 2)))),
    "flip, two axes": lambda xp, x: xp.sum(xp.flip(xp.reshape(x, (2, 3)), axis=(0, -1)) * xp.reshape(x * x, (2, 3))),
    "roll, two axes": lambda xp, x: cubes(xp, xp.roll(xp.reshape(x, (2, 3)), (1, -1), axis=(0, 1)) * x[0]),
    "take, twice": lambda xp, x: cubes(xp, xp.take(xp.reshape(x, (2, 3)), xp.asarray([2, 0, 0]), axis=-1)),
    "concat, flat": lambda xp, x: cubes(xp, xp.concat([xp.reshape(x, (2, 3)), x * x], axis=None)),
    "cumulative_sum, last axis": lambda xp, x: cubes(xp, xp.cumulative_sum(xp.reshape(x, (2, 3)), axis=-1)),
    "mean, two axes": lambda xp, x: cubes(xp, xp.mean(xp.reshape(x, (1, 2, 3)), axis=(0, 2))),
    "asarray, of entries": lambda xp, x: cubes(xp, xp.asarray([x[0] * x[1], x[2] * x[3], 1.5])),
    "full, of an entry": lambda xp, x: cubes(xp, xp.full((2, 2), x[0] * x[1])),
    "linspace, to an entry": lambda xp, x: cubes(xp, xp.linspace(0.0, x[0] * x[1], 4)),
    "permute_dims, from the end": lambda xp, x: xp.sum(
        xp.permute_dims(xp.reshape(x, (2, 1, 3)), (-1, 0, 1))[..., 0] ** 3 * np.arange(6.0).reshape(3, 2)
    ),
    "irfft, backward": lambda xp, x: cubes(xp, xp.fft.irfft(xp.fft.rfft(x), norm="backward")),
    "irfft, forward": lambda xp, x: cubes(xp, xp.fft.irfft(xp.fft.rfft(x), norm="forward")),
    "irfft, odd": lambda xp, x: cubes(xp, xp.fft.irfft(xp.fft.rfft(xp.reshape(x, (3, 2)), axis=0), n=3, axis=0)),
    "irfft, longer": lambda xp, x: cubes(xp, xp.fft.irfft(xp.fft.rfft(x), n=9, norm="ortho")),
    "irfftn, forward": lambda xp, x: cubes(xp, xp.fft.irfftn(xp.fft.rfftn(xp.reshape(x, (3, 2))), norm="forward")),
    "irfftn, odd": lambda xp, x: cubes(xp, xp.fft.irfftn(xp.fft.rfftn(xp.reshape(x, (2, 3))), s=(2, 3), axes=(0, 1))),
    "hfft, odd": lambda xp, x: cubes(xp, xp.fft.hfft(xp.fft.rfft(x), n=5)),
    "solve, a stack of right sides": lambda xp, x: cubes(xp, xp.linalg.solve(square(xp, x), RIGHT * x[4])),
    "solve, a stack and a vector": lambda xp, x: cubes(xp, xp.linalg.solve(square(xp, x) + RIGHT, x[:2])),
    "slogdet by name": lambda xp, x: xp.linalg.slogdet(square(xp, x)).logabsdet * x[4],
    "asarray of whole numbers": lambda xp, x: xp.sum(xp.asarray(3 * x, dtype=xp.int64) * x**3),
    "full, as an index": lambda xp, x: cubes(xp, xp.take(x, xp.full((2,), 1), axis=0)),
    "full, of whole numbers of x": lambda xp, x: xp.sum(xp.full((6,), 3 * x[1], dtype=xp.int64) * x**3),
    "running sums of nothing": lambda xp, x: cubes(xp, x + xp.cumulative_sum(x[6:], include_initial=True)),
    "means of nothing": lambda xp, x: cubes(xp, x) + xp.sum(xp.mean(np.ones((0, 6)) * x, axis=1)),
    "abs at zero": lambda xp, x: xp.sum(xp.abs(0 * x) * x + x * x),
}
"""Beyond tests/backends/contract/test_namespace.py: arguments for which autograd has no rule of its own."""


@pytest.fixture
def compute(engine):
    """A method by name, prepared and called once at POINT."""

    def run(name, objective, point=POINT, dtype="float64"):
        backend = engine("autograd", dtype)
        with backend.scope():
            call = backend.prepare(find(backend.methods, name), objective, (), point + 0.01).call
            return backend.to_numpy(call(backend.asarray(point)))

    return run


@pytest.mark.parametrize("method", ["hessian-eager", "jacobian-grad-eager"])
@pytest.mark.parametrize("objective", WRITTEN_HERE.values(), ids=WRITTEN_HERE)
def test_hessian_is_that_of_differences(compute, method, objective):
    truth = reference("hessian", objective, POINT, ()).value
    np.testing.assert_allclose(compute(method, objective), truth, rtol=1e-7, atol=1e-8)


def test_abs_has_no_curvature_at_all(compute):
    assert not compute("hessian-eager", lambda xp, x: xp.sum(xp.abs(x / 7)), 1e-3 * POINT).any()


def greatest(xp, x):
    return xp.max(x) ** 2


def test_float32_stays_float32_although_a_rule_widens_it(compute):
    """The pitfall of every method: should the first assertion fail, autograd#199 is cured, and the cast can go."""
    autograd = pytest.importorskip("autograd")
    xp = backends.load("autograd")("float32").namespace()
    assert autograd.grad(lambda x: greatest(xp, x))(POINT.astype("float32")).dtype == np.float64
    assert compute("gradient-eager", greatest, dtype="float32").dtype == np.float32


@pytest.mark.xfail(strict=True, reason="autograd#378: the derivatives of prod are NaN where an entry is zero")
def test_product_with_a_zero(compute):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        gradient = compute("gradient-eager", lambda xp, x: xp.prod(x), np.array([0.0, 2.0, 3.0]))
    np.testing.assert_array_equal(gradient, [6.0, 0.0, 0.0])


def test_the_warning_about_an_unused_argument_is_silenced_in_the_scope_only(engine):
    autograd = pytest.importorskip("autograd")
    with engine("autograd").scope():
        assert not autograd.grad(lambda x: np.float64(3.0))(POINT).any()
    with pytest.warns(UserWarning, match="independent of input"):
        autograd.grad(lambda x: np.float64(3.0))(POINT)


def test_creation_follows_the_working_dtype(engine):
    for dtype in ("float64", "float32"):
        xp = engine("autograd", dtype).namespace()
        created = (xp.ones(3), xp.zeros((2, 3)), xp.eye(3), xp.full(2, 1.5), xp.linspace(0, 1, 3))
        assert {a.dtype for a in created} == {np.dtype(dtype)}
        assert np.issubdtype(xp.arange(3).dtype, np.integer)
