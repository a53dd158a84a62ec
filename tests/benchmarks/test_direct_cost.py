"""What `hb.hessian` adds to the framework's own call on repeated calls: the rest of it with that call taken out.

    python -m pytest tests/benchmarks/test_direct_cost.py --benchmark-only

`hessbench alone` is to stay under 50 µs; `whole` and `framework alone` stand beside it.
"""

from dataclasses import replace

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends
from hessbench.harness.python import computing

NAMES = [name for name in ("numpy", "jax", "torch", "tensorflow") if not backends.missing(name)]
RNG = np.random.default_rng(0)
X, A, B = RNG.standard_normal(10), RNG.standard_normal((10, 10)), RNG.standard_normal(10)


def f(xp, x, a, b):
    return 0.5 * xp.vecdot(x, xp.matmul(a, x)) + xp.sum(b * xp.exp(x))


@pytest.fixture(params=NAMES)
def built(request, monkeypatch):
    """The backend's name, and what is kept of the function that it has built."""
    monkeypatch.setattr(computing, "_BUILT", {})
    hb.hessian(f, X, A, B, backend=request.param)
    return request.param, *computing._BUILT.items()


def test_whole(benchmark, built):
    name, _ = built
    benchmark.group = f"hb.hessian, {name}"
    assert benchmark(hb.hessian, f, X, A, B, backend=name).shape == (10, 10)


def test_framework_alone(benchmark, built):
    name, (_, kept) = built
    benchmark.group = f"hb.hessian, {name}"
    engine = kept.engine
    with engine.scope():
        arguments = (engine.asarray(X), *kept.basis, engine.asarray(A), engine.asarray(B))
        assert benchmark(lambda: engine.to_numpy(kept.call(*arguments))).shape == (10, 10)


def test_hessbench_alone(benchmark, built):
    name, (key, kept) = built
    benchmark.group = f"hb.hessian, {name}"
    engine = kept.engine
    with engine.scope():
        result = kept.call(engine.asarray(X), *kept.basis, engine.asarray(A), engine.asarray(B))
    computing._BUILT[key] = replace(kept, call=lambda *arguments: result)
    assert benchmark(hb.hessian, f, X, A, B, backend=name).shape == (10, 10)
