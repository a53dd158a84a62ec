"""What the interface itself costs: a prepared call beside the framework's own, in pairs.

    python -m pytest tests/benchmarks/test_interface_cost.py --benchmark-only

Nothing is asserted about times; without that option every call is made once, as a test.
"""

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.suites.definition.problem import draw

INSTANCE = draw(suites.load("quick")["logistic_regression"], 10)
METHODS = [
    (name, m) for name in backends.BUILT_IN for m in backends.load(name).methods if m.default and m.accuracy == 1
]
GRADIENTS = [(name, method) for name, method in METHODS if method.operator == "gradient"]


@pytest.fixture(params=GRADIENTS, ids=lambda pair: f"{pair[0]}-{pair[1].name}")
def case(request, engine):
    """The backend in its scope, the method, its arguments on the device, and the group of the pair."""
    name, method = request.param
    backend = engine(name)
    with backend.scope():
        yield backend, method, tuple(map(backend.asarray, (INSTANCE.points[0], *INSTANCE.data)))


def test_prepared_call(benchmark, case):
    backend, method, (x, *_) = case
    benchmark.group = f"{backend.name} {method.name}"
    call = backend.prepare(method, INSTANCE.problem.objective, INSTANCE.data, INSTANCE.points[-1]).call
    result = benchmark(lambda: waited_for(backend, call(x)))
    assert np.all(np.isfinite(backend.to_numpy(result)))


def test_own_call(benchmark, case):
    backend, method, arguments = case
    benchmark.group = f"{backend.name} {method.name}"
    call, _ = backend.build(method, backend.bind(INSTANCE.problem.objective), arguments)
    result = benchmark(lambda: waited_for(backend, call(*arguments)))
    assert np.all(np.isfinite(backend.to_numpy(result)))


def waited_for(backend, result):
    backend.synchronize(result)
    return result
