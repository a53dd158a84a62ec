"""What complex steps and hyper-dual numbers have in common: numbers that carry derivatives through NumPy."""

import importlib.util
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from hessbench.backends.contract.arrays import cast
from hessbench.backends.contract.errors import NotScalar
from hessbench.backends.contract.namespace import CORE
from hessbench.backends.numeric import complex_step, hyper_dual

SPEC = importlib.util.spec_from_file_location("calls", Path(__file__).parents[1] / "contract" / "test_namespace.py")
CALLS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(CALLS)
X, DATA = CALLS.POINT, CALLS.DATA

EXTENDED = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps
LAPACK = tuple(f"linalg.{name}" for name in ("cholesky", "det", "eigvalsh", "inv", "slogdet", "solve"))
"""What `numpy.linalg` itself cannot do in extended precision."""


class Arithmetic(NamedTuple):
    """One way to carry derivatives along.

    Attributes:
        namespace: Makes the namespace for its numbers.
        lift: Makes a number with derivatives at a point.
        functions: The derivatives that it gives, functions of f and x, with their documented number of evaluations.
        sharpest: The one in which a difference between two texts of f shows first.
    """

    namespace: Callable[[], Any]
    lift: Callable[[Any], Any]
    functions: Mapping[Callable[..., Any], Callable[[int], int]]
    sharpest: Callable[..., Any]


def lift_complex(x):
    return complex_step.Holomorphic.of(x, complex_step.step(x.dtype) * np.ones_like(x))


def lift_dual(x):
    return hyper_dual.HyperDual(x, *np.random.default_rng(0).uniform(-1, 1, (3, *x.shape)))


ARITHMETICS = {
    "complex": Arithmetic(
        complex_step.namespace,
        lift_complex,
        {
            complex_step.gradient: lambda n: n,
            complex_step.hessian: lambda n: n * (n + 1),
            complex_step.hessian_forward: lambda n: n * (n + 3) // 2,
            lambda f, x: complex_step.hvp(f, x, x): lambda n: 2 * n,
        },
        complex_step.gradient,
    ),
    "hyper-dual": Arithmetic(
        hyper_dual.namespace,
        lift_dual,
        {
            hyper_dual.gradient: lambda n: (n + 1) // 2,
            hyper_dual.hessian: lambda n: n * (n + 1) // 2,
            hyper_dual.diagonal: lambda n: n,
            lambda f, x: hyper_dual.hvp(f, x, x): lambda n: n,
        },
        hyper_dual.hessian,
    ),
}


@pytest.fixture(params=ARITHMETICS)
def arithmetic(request):
    return ARITHMETICS[request.param]


def bound(name, xp):
    """The sum of squares of a name's calls as f(x)."""
    f = CALLS.squares(name)
    return lambda x: f(xp, x, *(cast(array, x.dtype) for array in DATA))


@pytest.mark.parametrize("name", CORE)
def test_value_is_numpys(arithmetic, name):
    for call in map(CALLS.call_of, CALLS.CALLS[name]):
        result, value = call(arithmetic.namespace(), arithmetic.lift(X), *DATA), call(np, X, *DATA)
        assert result.shape == value.shape
        assert result.dtype == value.dtype
        np.testing.assert_allclose(getattr(result, "real", result), value, rtol=1e-14)


@pytest.mark.parametrize("name", [name for name in CORE if name != "asarray"])
def test_numpy_itself_does_as_the_namespace(arithmetic, name):
    derivative = arithmetic.sharpest
    np.testing.assert_array_equal(derivative(bound(name, np), X), derivative(bound(name, arithmetic.namespace()), X))


@pytest.mark.skipif(not EXTENDED, reason="longdouble is float64 here")
@pytest.mark.parametrize("name", LAPACK)
def test_linear_algebra_in_extended_precision(arithmetic, name):
    """By elimination of our own in hyper-dual numbers, which are a witness; eigenvectors are LAPACK's alone."""
    wide = partial(arithmetic.sharpest, bound(name, arithmetic.namespace()), X.astype(np.longdouble))
    if arithmetic.sharpest is not hyper_dual.hessian or name == "linalg.eigvalsh":
        with pytest.raises(TypeError, match="unsupported in linalg"):
            wide()
    else:
        found = wide()
        assert found.dtype == np.longdouble
        narrow = arithmetic.sharpest(bound(name, arithmetic.namespace()), X)
        np.testing.assert_allclose(found.astype(np.float64), narrow, rtol=1e-12, atol=1e-12 * np.max(np.abs(narrow)))
        assert np.any(found != narrow)


@pytest.mark.parametrize("constant", [3, 2.5, np.float64(1), np.array(4.0)])
def test_an_objective_without_x_has_zero_derivatives(arithmetic, constant):
    shapes = [np.shape(function(lambda x: constant, X)) for function in arithmetic.functions]
    assert set(shapes) == {(6,), (6, 6)}
    assert not any(np.any(function(lambda x: constant, X)) for function in arithmetic.functions)


@pytest.mark.parametrize("f", [lambda x: x, lambda x: x[:1], lambda x: np.ones(2)])
def test_an_array_is_no_objective(arithmetic, f):
    for function in arithmetic.functions:
        with pytest.raises(NotScalar):
            function(f, X)


@pytest.mark.parametrize("n", [1, 4, 5])
def test_number_of_evaluations_is_the_documented_one(arithmetic, n):
    calls = []

    def f(x):
        calls.append(x)
        return np.sum(x * x)

    for function, documented in arithmetic.functions.items():
        calls.clear()
        function(f, np.ones(n))
        assert len(calls) == documented(n)
