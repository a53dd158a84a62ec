"""Collapsed Taylor mode beyond the registry's tests: steps without a rule of their own, and what no trace shows."""

import importlib

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.method import find
from hessbench.harness.judging.references import References
from hessbench.harness.planning.grid import Cell
from hessbench.harness.worker.case import Case
from hessbench.suites import load
from hessbench.suites.definition.problem import draw

X = np.array([[0.3, -0.7, 1.2], [0.1, 0.4, -0.9]])
A = np.array([[2.0, 0.3, -0.1], [0.3, 1.5, 0.2], [-0.1, 0.2, 1.0]])


def laplacians(engine, f, *data):
    """By collapsed Taylor mode and by the trace of the Hessian."""
    execution = "jit" if engine.name == "jax" else "eager"
    names = [f"laplacian-{stem}-{execution}" for stem in ("collapsed", "trace")]
    with engine.scope():
        found = [
            engine.to_numpy(engine.prepare(find(engine.methods, name), f, data, X + 1).call(engine.asarray(X)))
            for name in names
        ]
    return found


def mixed(xp, x, a):
    """Both factors of products, of a division and of a power depend on x, so mixed terms count."""
    y = xp.matmul(a, x)
    return xp.vecdot(y, xp.exp(x)) + xp.sum(xp.outer(x, y) @ y) + xp.sum(y / (2 + xp.sin(x)) + xp.exp(y) ** xp.tanh(x))


def without_rules(xp, x, a):
    """Steps that are differentiated as they stand."""
    return (
        xp.sum(xp.cumulative_sum(x) * xp.max(x))
        + xp.prod(x)
        + xp.linalg.slogdet(xp.eye(3) + xp.outer(x, x) @ a.T @ a)[1]
    )


@pytest.mark.parametrize("f", [mixed, without_rules])
@pytest.mark.parametrize("name", ["jax", "torch"])
def test_mixed_terms_and_steps_without_rules(engine, name, f):
    collapsed, trace = laplacians(engine(name), f, A)
    np.testing.assert_allclose(collapsed, trace, rtol=1e-11)


STEPS = {
    "a choice": lambda xp, x, a: xp.sum(xp.where(x > 0, x**4, x**5)),
    "a sign": lambda xp, x, a: xp.sum(xp.sign(x) * x**5),
    "a matrix from the left": lambda xp, x, a: xp.sum((x @ a) ** 4),
    "amplitudes": lambda xp, x, a: xp.sum(xp.abs(xp.fft.fft(x)) ** 4),
    "imaginary parts": lambda xp, x, a: xp.sum(xp.imag(xp.fft.ifft(x**2)) ** 2),
    "whole numbers": lambda xp, x, a: xp.sum(x**4 * xp.astype(xp.astype(10 * x, xp.int32), x.dtype)),
}
"""Truth values, whole and complex numbers, and what a framework does in place to its own arrays."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", ["jax", "torch"])
def test_steps_by_way_of_other_numbers(engine, name, step):
    collapsed, trace = laplacians(engine(name), STEPS[step], A)
    np.testing.assert_allclose(collapsed, trace, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", ["jax", "torch"])
def test_the_same_twice(engine, name, step):
    backend = engine(name)
    inner = "reverse-over-reverse" if name == "torch" else "forward-over-reverse"
    with backend.scope():
        execution = "jit" if name == "jax" else "eager"
        methods = [find(backend.methods, f"biharmonic-{stem}-{execution}") for stem in ("collapsed", inner)]
        collapsed, nested = (
            backend.to_numpy(backend.prepare(m, STEPS[step], (A,), X + 0.01).call(backend.asarray(X))) for m in methods
        )
    np.testing.assert_allclose(collapsed, nested, rtol=1e-10, atol=1e-10)


def test_what_torch_cannot_map_is_refused_by_name(engine):
    backend = engine("torch")
    import torch

    def f(xp, x):
        return torch.sum(torch.imag(torch.fft.ifft(x)) ** 2)

    method = find(backend.methods, "laplacian-collapsed-eager")
    with backend.scope(), pytest.raises(Unsupported, match="aten::_neg_view"):
        backend.prepare(method, f, (), X).call(backend.asarray(X))


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_a_laplacian_without_mixed_terms_is_wrong(engine, name, monkeypatch):
    """The planted fault of issue and literature: the product's 2 g(a1, b1) dropped."""
    rules = importlib.import_module(f"{backends.load(name).__module__}.taylor.rules")
    dropped = (lambda step, series: [0.0]) if name == "jax" else (lambda of, series: rules._along(of, series))
    monkeypatch.setattr(rules, "_product", dropped)
    backend, instance = engine(name), draw(load("quick")["rosenbrock"], 10, batch=2)
    (word,) = (m.name for m in backend.methods if m.name.startswith("laplacian-collapsed"))
    cell = Cell("quick", "rosenbrock", 10, "laplacian", name, word, "float64", "cpu", batch=2)
    with backend.scope():
        outcome = Case(backend, cell, instance, References()).check()
    assert (outcome.status, outcome.fault) == ("wrong", "silently-wrong")


def test_a_custom_rule_of_jax_holds(engine):
    backend = engine("jax")
    import jax

    @jax.custom_jvp
    def odd(x):
        return x**3

    odd.defjvp(lambda primals, tangents: (odd(*primals), 7 * primals[0] ** 2 * tangents[0]))
    collapsed, trace = laplacians(backend, lambda xp, x: xp.sum(odd(x)))
    np.testing.assert_allclose(collapsed, trace)


@pytest.mark.filterwarnings("ignore:There is a performance drop")
def test_in_place_steps_of_torch_hold(engine):
    def f(xp, x):
        y = xp.zeros_like(x)
        y[1:3] = x[:-1] ** 3
        y += xp.exp(x)
        return xp.sum(y * y)

    backend = engine("torch")
    (hessian,) = (m for m in backend.methods if m.name == "row-loop-eager")
    with backend.scope():
        rows = backend.prepare(hessian, f, (), X[0] + 1).call
        right = [np.trace(backend.to_numpy(rows(backend.asarray(x)))) for x in X]
        method = find(backend.methods, "laplacian-collapsed-eager")
        found = backend.to_numpy(backend.prepare(method, f, (), X + 1).call(backend.asarray(X)))
    np.testing.assert_allclose(found, right)


def test_a_block_without_derivatives_is_refused(engine):
    backend = engine("torch")
    import torch

    def f(xp, x):
        with torch.no_grad():
            largest = xp.max(x)
        return xp.sum(xp.exp(x - largest))

    method = find(backend.methods, "laplacian-collapsed-eager")
    with backend.scope(), pytest.raises(Unsupported, match="no_grad"):
        backend.prepare(method, f, (), X).call(backend.asarray(X))
