"""What is refused is tried: a refusal that a new version has cured fails here, and can go.

A method that is refused for an operation must raise, die or be wrong with it. A method that is refused above a size
is not run there; that its cost grows as the refusal says is counted at small sizes.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.contract.method import find
from hessbench.backends.contract.namespace import operations
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import ProblemFacts, Refusal
from hessbench.backends.numeric.reference import reference

_SPEC = importlib.util.spec_from_file_location("vocabulary", Path(__file__).with_name("test_namespace.py"))
vocabulary = sys.modules["vocabulary"] = importlib.util.module_from_spec(_SPEC)  # Dynamo looks modules up by name
_SPEC.loader.exec_module(vocabulary)

POINT, DATA = vocabulary.POINT, vocabulary.DATA
ARRAYS = {"x": POINT, "v": np.linspace(-1, 1, 6), "V": np.eye(6)[:2], "X": np.stack([POINT, POINT + 0.01])}

METHODS = [(name, method) for name in backends.registry() for method in backends.load(name).methods]
OF_OPERATIONS = [
    pytest.param(
        name,
        method,
        operation,
        id=f"{name}-{method.name}-{operation}",
        marks=[pytest.mark.slow, pytest.mark.inductor] if method.execution == "inductor" else [],
    )
    for name, method in METHODS
    for refusal in (*method.refusals, *(backends.load(name).refusals if method.operator == "hvp" else ()))
    for operation in refusal.operations
    if refusal.execution in ("", method.execution)
]
OF_ALL = [
    pytest.param(
        name,
        method,
        id=f"{name}-{method.name}",
        marks=[pytest.mark.slow, *([pytest.mark.inductor] if method.execution == "inductor" else [pytest.mark.worker])],
    )
    for name, method in METHODS
    for refusal in method.refusals
    if not refusal.operations and not refusal.above and refusal.execution in ("", method.execution)
]
ABOVE = [
    pytest.param(name, method, id=f"{name}-{method.name}")
    for name, method in METHODS
    for refusal in method.refusals
    if refusal.above
]


def rosenbrock(xp, x):
    return xp.sum(100 * xp.square(x[1:] - x[:-1] ** 2) + xp.square(1 - x[:-1]))


def try_it(name, method, objective, data):
    """Exit code 0 only if the method computes the operator right."""
    engine = backends.load(name)()
    arrays = [ARRAYS[taken] for taken in OPERATORS[method.operator].takes]
    with engine.scope():
        prepared = engine.prepare(method, objective, data, *(array + 0.01 for array in arrays))
        result = engine.to_numpy(prepared.call(*map(engine.asarray, arrays)))
    operator = method.operator
    if prepared.compression is not None:
        operator, result = "hessian", prepared.compression.matrix(result)
    truth = reference(operator, objective, arrays[0], data, *arrays[1:]).value
    assert result.shape == truth.shape
    assert np.linalg.norm(result - truth) <= 1e-5 * np.linalg.norm(truth)


def fails(name, method, objective, data):
    try:
        try_it(name, method, objective, data)
    except Exception:
        return True
    return False


def dies(name, method, operation):
    """The same in a process of its own, which may crash."""
    call = f"['try_by_name']({name!r}, {method.name!r}, {operation!r})"
    code = f"import runpy; runpy.run_path({__file__!r}, run_name='refusals'){call}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=250).returncode != 0


def try_by_name(name, method, operation):
    chosen = next(m for m in backends.load(name).methods if m.name == method)
    try_it(name, chosen, *((vocabulary.squares(operation), DATA) if operation else (rosenbrock, ())))


@pytest.mark.parametrize(("name", "method", "operation"), OF_OPERATIONS)
def test_a_refused_operation_fails(engine, name, method, operation):
    engine(name)  # skips without the framework
    if any(importlib.util.find_spec(module) is None for module in method.requires):
        pytest.skip(f"{method.requires} not installed")
    if method.execution == "inductor":
        assert dies(name, method, operation), "cured: remove the refusal"
    else:
        assert fails(name, method, vocabulary.squares(operation), DATA), "cured: remove the refusal"


@pytest.mark.slow
@pytest.mark.inductor
def test_what_is_not_refused_does_not_die(engine):
    """Else the tests around this one could not fail."""
    engine("torch")
    assert not dies("torch", find(backends.load("torch").methods, "jacrev-grad-inductor"), "")
    assert not dies("torch", find(backends.load("torch").methods, "jacrev-grad-inductor"), "linalg.solve")


@pytest.mark.parametrize(("name", "method"), OF_ALL)
def test_what_is_refused_always_fails(engine, name, method):
    engine(name)
    assert dies(name, method, ""), "cured: remove the refusal"


def cost(name, method, n):
    """How much a refused method computes at size n: elements of all results, or operations in the program."""
    engine = backends.load(name)()
    seen = []

    def objective(xp, x):
        seen.append(n)
        return xp.sum(x * x) ** 2

    with engine.scope():
        point = np.linspace(0.1, 1, n)
        inputs = {"x": point, "v": point, "X": np.stack([point, point])}
        arguments = [engine.asarray(inputs[taken]) for taken in OPERATORS[method.operator].takes]
        arguments += engine.constants(method, (), n)
        function = method.make(engine.bind(objective))
        if name == "numpy":  # n numbers at each evaluation
            function(*arguments)
            return sum(seen)
        return COUNTERS[name](function, arguments)


def _jaxpr_elements(function, arguments):
    """The elements of all intermediates, inner programs included."""
    import jax

    def total(jaxpr):
        own = sum(v.aval.size for eqn in jaxpr.eqns for v in eqn.outvars)
        nested = sum(
            total(value.jaxpr) for eqn in jaxpr.eqns for value in eqn.params.values() if hasattr(value, "jaxpr")
        )
        return own + nested

    return total(jax.make_jaxpr(function)(*arguments).jaxpr)


def _torch_elements(function, arguments):
    """The elements of all results of operations."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counter(TorchDispatchMode):
        elements = 0

        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            Counter.elements += getattr(result, "numel", lambda: 0)()
            return result

    with Counter():
        function(*arguments)
    return Counter.elements


def _graph_nodes(function, arguments):
    import tensorflow as tf

    return len(tf.function(function, autograph=False).get_concrete_function(*arguments).graph.get_operations())


COUNTERS = {"jax": _jaxpr_elements, "torch": _torch_elements, "tensorflow": _graph_nodes}


@pytest.mark.parametrize(("name", "method"), ABOVE)
def test_what_is_refused_above_a_size_grows_too_fast(engine, name, method):
    """n^2 tangents of n numbers are n^3 elements; a program with n gradients in it has n times as many operations."""
    engine(name)
    small, large = cost(name, method, 8), cost(name, method, 32)
    power = np.log(large / small) / np.log(4)
    assert power >= (2.5 if "n^2" in method.cost else 0.8)


def test_a_refusal_applies_above_its_size_and_to_its_operations():
    refusal = Refusal("why", ("exp", "log"), above=10)
    assert refusal.applies(ProblemFacts(11, frozenset({"log", "sum"})), "eager")
    assert not refusal.applies(ProblemFacts(10, frozenset({"log"})), "eager")
    assert not refusal.applies(ProblemFacts(11, frozenset({"sum"})), "eager")
    assert Refusal("always").applies(ProblemFacts(1), "eager")
    assert not Refusal("elsewhere", execution="xla").applies(ProblemFacts(1), "eager")


def test_operations_of_an_objective_are_found_by_calling_it():
    def objective(xp, x, a):
        return xp.sum(xp.exp(x)) + xp.linalg.trace(xp.linalg.inv(a))

    found = operations(objective, np.ones(2), (np.eye(2),))
    assert found == {"sum", "exp", "linalg.trace", "linalg.inv"}


def test_an_objective_that_numpy_cannot_run_has_the_operations_so_far():
    def objective(xp, x):
        return xp.exp(x) + xp.no_such_name(x)

    assert operations(objective, np.ones(2), ()) == {"exp"}
