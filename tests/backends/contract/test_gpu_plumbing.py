"""What backends do on a GPU only, as far as that can be tried without one; and on one, where it is there."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.contract.namespace import CORE, resolve
from hessbench.harness.worker.device_clock import CALLS, least_event_time


def torch_on_nothing():
    """PyTorch's namespace on its device without memory, which no other device's arrays may meet."""
    torch = pytest.importorskip("torch")
    xp = importlib.import_module("array_api_compat.torch")
    return torch, importlib.import_module("hessbench.backends.torch").on_device(xp, torch.device("meta"))


def test_torchs_new_arrays_lie_on_the_device():
    torch, xp = torch_on_nothing()
    made = [
        xp.ones(3),
        xp.zeros((2, 2)),
        xp.eye(3),
        xp.arange(4),
        xp.full((2,), 1.0),
        xp.linspace(0, 1, 3),
        xp.asarray([1.0, 2.0]),
        xp.ones_like(torch.ones(2, device="meta")),
    ]
    assert {array.device.type for array in made} == {"meta"}


def test_torchs_namespace_on_a_device_is_whole():
    _, xp = torch_on_nothing()
    for name in CORE:
        resolve(xp, name)
    assert (xp.pi, xp.newaxis) == (np.pi, None)


def test_torchs_namespace_on_a_device_passes_dynamo():
    torch = pytest.importorskip("torch")
    xp = importlib.import_module("hessbench.backends.torch").on_device(
        importlib.import_module("array_api_compat.torch"), torch.device("cpu")
    )
    f = torch.compile(lambda x: xp.sum(x * xp.arange(3, dtype=x.dtype) + xp.ones(3)), fullgraph=True, backend="eager")
    assert float(f(torch.ones(3))) == 6.0


class GrowingAllocator:
    """JAX's statistics of a device, whose peak never falls."""

    def __init__(self, peaks):
        self.peaks = iter(peaks)

    def memory_stats(self):
        return {"peak_bytes_in_use": next(self.peaks)}


@pytest.mark.parametrize(("peaks", "known"), [((0, 5), 5), ((5, 7), 7), ((7, 7), None)])
def test_jaxs_peak_is_told_where_it_has_grown(engine, peaks, known):
    backend = type(engine("jax"))("float64", "cpu")
    backend._device = GrowingAllocator(peaks)
    backend.reset_device_peak()
    assert backend.device_peak() == known


@pytest.mark.parametrize("name", ["numpy", "jax", "torch", "tensorflow"])
def test_a_cpu_has_no_device_peak_and_no_events(engine, name):
    backend = engine(name)
    backend.reset_device_peak()
    assert backend.device_peak() is None
    assert backend.event_seconds(lambda: None, ()) is None


def test_the_least_event_time_of_a_few_calls():
    seen, times = [], iter([3.0, 1.0, 2.0, 9.0, 9.0, 9.0, 9.0, 0.5])

    def clock(call, arguments):
        seen.append(arguments)
        return next(times)

    assert least_event_time(clock, lambda x: x, [("a",), ("b",)], 60) == 1.0
    assert len(seen) == CALLS
    assert seen[:3] == [("a",), ("b",), ("a",)]


def test_slow_calls_are_timed_once():
    assert least_event_time(lambda call, arguments: 7.0, lambda x: x, [("a",)], 0.0) == 7.0


def test_a_faked_cuda_is_timed_in_seconds(engine, monkeypatch):
    """Events of PyTorch count milliseconds."""
    backend = type(engine("torch"))("float64", "cpu")
    said = []

    class Event:
        def __init__(self, enable_timing):
            assert enable_timing

        def record(self):
            said.append("record")

        def synchronize(self):
            said.append("synchronize")

        def elapsed_time(self, end):
            return 12.5

    cuda = SimpleNamespace(
        device=lambda d: __import__("contextlib").nullcontext(), Event=Event, synchronize=lambda: said.append("wait")
    )
    module = importlib.import_module("hessbench.backends.torch")
    monkeypatch.setattr(module, "torch", SimpleNamespace(cuda=cuda))
    backend._device = SimpleNamespace(type="cuda")
    assert backend.event_seconds(lambda x: said.append(x), ("call",)) == 0.0125
    assert said == ["wait", "record", "call", "record", "synchronize"]


WORK = """
import sys, time, numpy as np, backends
backend = backends.load(sys.argv[1])("float32", sys.argv[2])
with backend.scope():
    a = backend.asarray(np.random.default_rng(0).standard_normal((4096, 4096)))
    xp = backend.namespace()
    call = lambda a: xp.matmul(xp.matmul(a, a), a)
    for _ in range(3):
        backend.synchronize(call(a))
    wall = []
    for _ in range(5):
        start = time.perf_counter(); backend.synchronize(call(a)); wall.append(time.perf_counter() - start)
    event = backend.event_seconds(call, (a,))
    backend.reset_device_peak(); backend.synchronize(call(a))
print(min(wall), event, backend.device_peak())
"""


@pytest.mark.gpu
def test_wall_and_event_time_agree(gpu_of):
    """Within 10 % for calls of over a millisecond: then the wait for the device works."""
    import os
    import subprocess
    import sys

    device = gpu_of("torch")
    environment = {**os.environ, **backends.load("torch").environment("float32", device)}
    done = subprocess.run(
        [sys.executable, "-c", WORK, "torch", device], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    wall, event, peak = done.stdout.split()
    assert float(event) > 1e-3
    assert float(wall) == pytest.approx(float(event), rel=0.1)
    assert int(peak) >= 4096 * 4096 * 4
