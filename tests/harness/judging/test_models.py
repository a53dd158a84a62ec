"""The suite `models`: in each framework's own layers a model has the value and the gradient of its portable text."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.contract.interface import Unsupported
from hessbench.backends.contract.operators import YARDSTICKS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.harness.judging import text
from hessbench.suites.definition.problem import draw
from hessbench.suites.models.network import FRAMEWORKS

MODELS = suites.load("models")
EXECUTIONS = {"torch": "eager", "tensorflow": "graph", "jax": "jit"}
SOON = ("torch", "graph_network")
"""Compiled in no time; the others take seconds each."""

DEAR = (pytest.mark.slow, pytest.mark.variant)

CASES = [
    pytest.param(name, framework, marks=() if {name, framework} & {*SOON} else DEAR)
    for name, problem in MODELS.items()
    for framework in FRAMEWORKS
    if problem.portable
]


def computed(backend, operator, objective, instance):
    method = next(m for m in backend.methods if m.name == f"{operator}-{EXECUTIONS[backend.name]}")
    call = backend.prepare(method, objective, instance.data, instance.points[-1]).call
    return backend.to_numpy(call(backend.asarray(instance.points[0])))


@pytest.mark.parametrize(("name", "framework"), CASES)
def test_own_layers_agree_with_the_portable_text(engine, name, framework):
    if framework == "jax" and importlib.util.find_spec("equinox") is None:
        pytest.skip("Equinox is not installed")
    backend, instance = engine(framework), draw(MODELS[name], MODELS[name].sizes[0])
    native = text.native(backend, instance.problem, "models", instance.n)
    with backend.scope():
        value, gradient = (computed(backend, operator, native, instance) for operator in YARDSTICKS)

    def along(v, step):
        return float(instance.problem.objective(np, instance.points[0] + step * v, *instance.data))

    assert value == pytest.approx(along(instance.direction, 0), rel=1e-13)
    for v in instance.directions[:2]:
        slope = (along(v, 1e-5) - along(v, -1e-5)) / 2e-5
        assert gradient @ v == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_parameters_in_the_wrong_order_are_noticed(engine):
    backend, instance = engine("torch"), draw(MODELS["gpt"], MODELS["gpt"].sizes[0])
    layout, x = instance.problem.layouts(instance.n), instance.points[0].copy()
    query, key = (layout.span(f"blocks.0.attention.{name}.kernel") for name in ("query", "key"))
    x[query], x[key] = instance.points[0][key], instance.points[0][query]
    values = [float(instance.problem.objective(np, point, *instance.data)) for point in (x, instance.points[0])]
    assert values[0] != pytest.approx(values[1], rel=1e-9)
    native = text.native(backend, instance.problem, "models", instance.n)
    with backend.scope():
        assert computed(backend, "objective", native, replace(instance, points=(x, x))) == pytest.approx(values[0])


def test_fused_attention_is_refused_with_its_thread_and_still_has_no_second_derivative(engine):
    backend, instance = engine("torch"), draw(MODELS["gpt_fused"], MODELS["gpt_fused"].sizes[0])
    facts = ProblemFacts(instance.n, frozenset(instance.problem.native_calls))
    second = [method for method in backend.methods if method.operator not in YARDSTICKS]
    assert all("pytorch#116350" in (backend.unsupported(method, facts) or "") for method in second)
    assert not backend.unsupported(next(m for m in backend.methods if m.name == "gradient-eager"), facts)
    native = text.native(backend, instance.problem, "models", instance.n)
    for name in ("hvp-forward-over-reverse-eager", "hvp-reverse-over-reverse-eager"):
        method = next(m for m in second if m.name == name)
        inputs = instance.inputs(("x", "v"), 0)
        with backend.scope(), pytest.raises((RuntimeError, NotImplementedError), match="scaled_dot_product"):
            backend.prepare(method, native, instance.data, *inputs).call(*map(backend.asarray, inputs))


def test_layers_that_are_not_installed_are_one_line(engine):
    problem = replace(MODELS["gpt"], layers={"torch": "no_such_layers:build"})
    with pytest.raises(Unsupported, match=r"not installed: pip install 'hessbench\[no_such_layers\]'"):
        text.native(engine("torch"), problem, "models", problem.sizes[0])


def test_a_model_in_the_other_frameworks_layers_is_one_line(engine):
    with pytest.raises(Unsupported, match="gpt_fused has no text for tensorflow; it has one for torch"):
        text.native(engine("tensorflow"), MODELS["gpt_fused"], "models", MODELS["gpt_fused"].sizes[0])
