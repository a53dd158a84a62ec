"""Every recipe gives what its method gives, and every default method of a framework has one."""

import sys

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.backends.contract import operators
from hessbench.backends.contract.method import find
from hessbench.backends.scripts.recipes import RECIPES, code
from hessbench.suites.definition.problem import draw

FRAMEWORKS = ("jax", "torch", "tensorflow")
INSTANCE = draw(suites.load("quick")["logistic_regression"], 6)


@pytest.fixture
def jax_as_it_was():
    """JAX's recipes switch the whole process to 64 bits; other tests see what users have."""
    yield
    if jax := sys.modules.get("jax"):
        jax.config.update("jax_enable_x64", False)


@pytest.mark.usefixtures("jax_as_it_was")
@pytest.mark.parametrize(("name", "method"), RECIPES, ids="-".join)
def test_a_recipe_is_its_method(name, method, engine):
    backend = engine(name)
    declared = find(backend.methods, method)
    takes = operators.OPERATORS[declared.operator].takes
    with backend.scope():
        f = backend.bind(INSTANCE.problem.objective)
        inputs = [backend.asarray(array) for array in INSTANCE.inputs(takes, 0)]
        data = [backend.asarray(array) for array in INSTANCE.data]
        room = {"f": f}
        exec(RECIPES[name, method], room)
        pasted = backend.to_numpy(room[declared.operator](*inputs, *data))
        prepared = backend.prepare(declared, INSTANCE.problem.objective, INSTANCE.data, *INSTANCE.inputs(takes, -1))
        ours = backend.to_numpy(prepared.call(*inputs))
    np.testing.assert_allclose(pasted, ours, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_default_method_has_a_recipe(name):
    for method in backends.load(name).methods:
        if method.default and method.operator in ("hessian", "hvp"):
            assert (name, method.name) in RECIPES


def test_what_has_no_recipe_is_hessbenchs_own_call():
    assert 'backend="numpy", method="central-eager"' in code("numpy", "central-eager", "hessian", "mine")
    assert "mine(jnp, x, *data)" in code("jax", "hessian-jit", "hessian", "mine")


def listed(xp, x):
    """A list of entries of x, of which array-api-compat's asarray drops the derivatives in PyTorch."""
    return xp.sum(xp.asarray([x[0] ** 2, 2.0, x[1] * x[0]]) ** 2)


@pytest.mark.usefixtures("jax_as_it_was")
@pytest.mark.parametrize(
    ("name", "method"), [("jax", "hessian-jit"), ("torch", "jacrev-grad-eager"), ("tensorflow", "jacobian-graph")]
)
def test_what_is_pasted_has_the_functions_that_were_timed(name, method, engine):
    backend, x = engine(name), np.array([0.5, -1.5])
    room = {"listed": listed}
    with backend.scope():
        exec(code(name, method, "hessian", "listed"), room)
        pasted = backend.to_numpy(room["hessian"](backend.asarray(x)))
    (a, b) = x
    np.testing.assert_allclose(pasted, [[12 * a**2 + 2 * b**2, 4 * a * b], [4 * a * b, 2 * a**2]], rtol=1e-12)
