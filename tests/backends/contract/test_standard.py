"""The array API standard beyond the core, name by name, on every backend: value and derivative, or a refusal."""

import importlib.util
import re
import sys
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.contract.namespace import CONSTANTS, CORE, STANDARD, TYPES, VOCABULARY, resolve
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numeric.reference import reference


def beside(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # Dynamo looks modules up by name
    spec.loader.exec_module(module)
    return module


core, standard = beside("test_namespace"), beside("standard_calls")
POINT, DATA, inputs = core.POINT, core.DATA, core.inputs
TRACED = ("eager", "jit", "graph", "xla", "symbolic")


def squares(calls, weights=None):
    """Calls as one objective f(xp, x, *data), each with its weight."""

    def objective(xp, x, *data):
        a, total = inputs(xp, x, *data), 0 * x[0]
        for call, weight in zip(calls, weights or [1.0] * len(calls), strict=True):
            value = call(xp, a)
            total = total + weight * xp.sum(value * value)
        return total

    return objective


@cache
def hessian_of(call):
    """The Hessian of a call's squares."""
    return reference("hessian", squares([call]), POINT, DATA).value


def difference(engine, method, calls, derivative):
    """What is wrong with calls in that backend, or the empty string; Hessians of all calls weigh the same."""
    hessians = [hessian_of(call) for call in calls] if derivative else []
    weights = [1 / (float(np.linalg.norm(h)) or 1.0) for h in hessians]
    objective = squares(calls, weights)
    try:
        with engine.scope(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            prepared = engine.prepare(method, objective, DATA, POINT + 0.001)
            found = engine.to_numpy(prepared.call(engine.asarray(POINT)))
    except Exception as error:
        return f"{type(error).__name__}: {(str(error) or '-').splitlines()[0][:150]}"
    if not derivative:
        known, allowed = objective(np, POINT, *DATA), 1e-12
    else:
        nothing = np.zeros((POINT.size, POINT.size))
        known, allowed = sum((w * h for w, h in zip(weights, hessians, strict=True)), nothing), 1e-6
        known = np.trace(known) if method.operator == "trace" else known
    off = np.linalg.norm(found - known) / max(np.linalg.norm(known), 1.0)
    return "" if off <= allowed else f"off by {off:.1e}"


def all_wrong(engine, calls, refused, *, derivative, collapsed=False):
    """What is wrong, one line each. All calls are tried as one program; where that is wrong, one after the other.

    Args:
        engine: The backend.
        calls: Name -> calls.
        refused: Method and name -> why it is not tried, or None.
        derivative: Whether the Hessian is compared, by a default method, or the value, in each execution.
        collapsed: Whether it is the Hessian's trace by collapsed Taylor mode.
    """
    if derivative:
        methods = [m for m in engine.methods if m.operator == "hessian" and m.default]
        exact = [m for m in methods if "difference" not in m.mode]  # rounding would be seen of the others
        methods = (exact or methods)[:1]
        methods = [m for m in engine.methods if m.name.startswith("trace-collapsed")] if collapsed else methods
    else:
        methods = [m for m in engine.methods if m.operator == "objective" and m.execution in TRACED]
    lines = []
    for method in methods:
        tried = {name: several for name, several in calls.items() if not refused(method, name)}
        if difference(engine, method, [call for several in tried.values() for call in several], derivative):
            each = [(name, difference(engine, method, several, derivative)) for name, several in tried.items()]
            lines += [f"{method.name}: {name}: {said}" for name, said in each if said] or [f"{method.name}: together"]
    return lines


def refused_by(engine):
    """The refusals of a backend for names of the vocabulary."""

    def reason(method, name):
        used = core.operations(squares(standard.CALLS[name]), POINT, DATA)
        return engine.unsupported(method, ProblemFacts(POINT.size, used))

    return reason


def test_the_calls_name_the_whole_standard():
    assert standard.CALLS.keys() == set(VOCABULARY) - set(CORE)
    assert core.CALLS.keys() == set(CORE)


@pytest.mark.parametrize("backend", backends.registry())
def test_every_name_is_there(engine, backend):
    xp = engine(backend).namespace()
    for name in (*VOCABULARY, *TYPES, *CONSTANTS):
        resolve(xp, name)


def of_group(group, without=()):
    return {name: standard.CALLS[name] for name in STANDARD[group] if name not in without}


@pytest.mark.parametrize("group", STANDARD)
@pytest.mark.parametrize("backend", backends.registry())
def test_values_are_numpys(engine, backend, group):
    framework = engine(backend)
    assert all_wrong(framework, of_group(group), refused_by(framework), derivative=False) == []


@pytest.mark.parametrize("group", STANDARD)
@pytest.mark.parametrize("backend", backends.registry())
def test_hessians_are_those_of_differences(engine, backend, group):
    framework = engine(backend)
    calls = of_group(group, without=standard.STEPS)
    assert all_wrong(framework, calls, refused_by(framework), derivative=True) == []


@pytest.mark.parametrize("backend", backends.registry())
def test_hessians_through_complex_numbers_are_those_of_differences(engine, backend):
    """Or there is a refusal, that says what it is of: an imaginary part that is dropped leaves zeros."""
    calls = {name: [call] for name, call in standard.COMPLEX.items()}
    wrong = all_wrong(engine(backend), calls, lambda method, name: None, derivative=True)
    assert [line for line in wrong if not re.search(REFUSED, line)] == []


REFUSED = (
    r"(Unsupported|TypeError): .*(complex|no rule for numpy\.fft|no collapsed mode)|"
    "vmap over torch.allclose isn't supported|"  # PyTorch's determinant of complex matrices
    "Expected isFloatingType"  # and their eigenvalues, mapped
)
"""What there is no right result of, and is said so."""

THROUGH_COMPLEX = "through complex numbers"

PARTS = {
    "core": core.CALLS,
    "arrays": {name: [call] for name, call in standard.ARRAYS.items()},
    **{group: of_group(group, without=standard.STEPS) for group in STANDARD},
    THROUGH_COMPLEX: {name: [call] for name, call in standard.COMPLEX.items()},
}
EVERY_DAY = ("operators", "elementwise", "shape")
"""Of the others PyTorch's Taylor mode takes up to 17 s each."""


@pytest.mark.parametrize(
    "part",
    [pytest.param(name, marks=[] if name in EVERY_DAY else [pytest.mark.slow, pytest.mark.variant]) for name in PARTS],
)
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_collapsed_traces_are_those_of_differences(engine, backend, part):
    calls = PARTS[part]
    if backend == "jax" and part == "core":
        pytest.skip("JAX's batched LAPACK calls can wait for one another for ever on two cores (docs/limits.md)")
    framework = engine(backend)

    def refused(method, name):
        several = calls[name]
        return framework.arrays_lack.get(name) or framework.unsupported(
            method, ProblemFacts(POINT.size, core.operations(squares(several), POINT, DATA))
        )

    wrong = all_wrong(framework, calls, refused, derivative=True, collapsed=True)
    assert [line for line in wrong if part != THROUGH_COMPLEX or not re.search(REFUSED, line)] == []


@pytest.mark.parametrize("derivative", [False, True])
@pytest.mark.parametrize("backend", backends.registry())
def test_arrays_have_the_attributes_and_methods_of_the_standard(engine, backend, derivative):
    framework = engine(backend)
    calls = {name: [call] for name, call in standard.ARRAYS.items()}
    refused = lambda method, name: framework.arrays_lack.get(name)  # noqa: E731
    assert all_wrong(framework, calls, refused, derivative=derivative) == []
