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
