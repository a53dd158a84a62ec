"""Devices: how they are written, found out, and used; all that can be tried without a GPU.

JAX can pretend to have several CPU devices, and then everything that `gpu:1` passes through is passed by `cpu:1`.
"""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hessbench as hb
from hessbench import backends
from hessbench.backends.contract.interface import HIGHEST, BackendUnavailable
from hessbench.harness.machine import devices
from hessbench.harness.planning.grid import Cell, Selection
from hessbench.harness.planning.plan import plan
from hessbench.harness.planning.settings import QUICK, Limits
from hessbench.harness.protocol import CellEnd, Task, Visit
from hessbench.harness.running import discovery
from hessbench.harness.running.inspection import Finding
from hessbench.harness.running.launch import Launch
from hessbench.harness.usage import UsageError

TWO = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
FRAMEWORKS = ("jax", "torch", "tensorflow")


@pytest.mark.parametrize(
    ("word", "name", "kind", "index"),
    [
        ("cpu", "cpu", "cpu", 0),
        ("cpu:0", "cpu", "cpu", 0),
        ("gpu", "gpu", "gpu", 0),
        ("gpu:0", "gpu", "gpu", 0),
        ("gpu:1", "gpu:1", "gpu", 1),
        ("gpu:01", "gpu:1", "gpu", 1),
        ("cpu:3", "cpu:3", "cpu", 3),
    ],
)
def test_a_device_has_one_spelling(word, name, kind, index):
    assert devices.canonical(word) == name
    assert (devices.kind_of(name), devices.index_of(name)) == (kind, index)


@pytest.mark.parametrize("word", ["", "gpu:", "gpu:x", "gpu:-1", "cuda", "GPU", "gpu:1:2", "all:1", "gpu 1"])
def test_what_is_no_device_is_said(word):
    with pytest.raises(UsageError, match="write cpu, gpu, gpu:<index> or all"):
        devices.canonical(word)


def test_all_is_what_each_backend_sees():
    found = {"jax": ("cpu", "gpu", "gpu:1"), "torch": ("cpu",), "numpy": ("cpu",)}
    cells = plan(Selection(("tutorial",), tuple(found), devices=("all",)), found)
    seen = {(cell.backend, cell.device) for cell in cells}
    assert seen == {(name, device) for name, where in found.items() for device in where}


def test_two_words_for_one_device_are_planned_once():
    cells = plan(Selection(("tutorial",), ("jax",), devices=("gpu", "gpu:0", "all")), {"jax": ("cpu", "gpu")})
    assert {cell.device for cell in cells} == {"cpu", "gpu"}


def test_devices_are_asked_for_only_where_all_are_wanted(monkeypatch):
    asked = []

    def look(name):
        asked.append(name)
        return Finding(name, devices=("cpu", "gpu:0", "gpu:1"))

    monkeypatch.setattr(discovery, "inspect_backend", look)
    assert discovery.discover(Selection(("tutorial",), ("jax",), devices=("cpu", "gpu"))) == {}
    assert not asked
    found = discovery.discover(Selection(("tutorial",), ("jax", "numpy"), devices=("all",)))
    assert found == {"jax": ("cpu", "gpu", "gpu:1"), "numpy": ("cpu",)}
    assert asked == ["jax"]  # NumPy has no other devices: no worker is started for it


def test_a_framework_that_cannot_be_asked_gets_the_cpu(monkeypatch):
    monkeypatch.setattr(discovery, "inspect_backend", lambda name: Finding(name, "not installed"))
    assert discovery.seen_by("torch") == ("cpu",)


def test_the_discovery_worker_sees_jaxs_devices(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", TWO["XLA_FLAGS"])
    assert discovery.seen_by("jax") == ("cpu", "cpu:1")


def test_all_devices_in_one_run(hessbench, tmp_path, monkeypatch):
    """From the command line to the record: every cell on each of JAX's devices, NumPy on the CPU."""
    monkeypatch.setattr(type(hessbench), "options", {"cwd": tmp_path, "env": {**hessbench.options["env"], **TWO}})
    done = hessbench(
        "run",
        "tutorial",
        "--backend",
        "jax,numpy",
        "--method",
        "hessian-jit,richardson-*",
        "--device",
        "all",
        "--quick",
        "--out",
        tmp_path / "run",
    )
    assert done.returncode == 0, done.stderr
    assert "note: devices: jax cpu, cpu:1; numpy cpu" in done.stderr
    frame = hb.load(tmp_path / "run").frame
    assert set(frame["status"]) == {"ok"}
    assert set(zip(frame["backend"], frame["device"], strict=True)) == {
        ("jax", "cpu"),
        ("jax", "cpu:1"),
        ("numpy", "cpu"),
    }


PLACEMENT = """
import json, sys
import numpy as np
from hessbench import backends, suites
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.suites.definition.problem import draw
from tests.backends.asked import asked

backend = backends.load("jax")("float64", "cpu:1")
instance = draw(suites.load("quick")[sys.argv[1]], int(sys.argv[2]), batch=2)
placed, wrong = {}, []
with backend.scope():
    placed["namespace"] = [d.id for d in backend.namespace().ones(3).devices()]
    for method in backend.methods:
        takes = OPERATORS[method.operator].takes
        if backend.unsupported(method, ProblemFacts(instance.n)):
            continue
        if method.assembly == "sparse" or method.operator == "sparse-hessian":
            continue
        constants = backend.constants(method, instance.data, instance.n)
        inputs = [backend.asarray(array) for array in instance.inputs(takes, 0)]
        objective = asked(method, instance.problem.objective, instance.n)
        prepared = backend.prepare(method, objective, instance.data, *instance.inputs(takes, -1))
        result = prepared.call(*inputs)
        for array in (*constants, *inputs, result):
            if [d.id for d in array.devices()] != [1]:
                wrong.append(method.name)
print(json.dumps({"placed": placed, "wrong": wrong}))
"""


@pytest.mark.slow
@pytest.mark.worker
def test_data_tangents_basis_and_results_lie_on_the_device():
    """Of a quadratic f: its Hessian depends on no argument, and JAX would place it where it likes."""
    environment = {**os.environ, **TWO, **backends.load("jax").environment("float64", "cpu:1")}
    command = [sys.executable, "-c", PLACEMENT, "quadratic", "4"]
    done = subprocess.run(command, env=environment, cwd=Path(__file__).parents[3], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["wrong"] == []
    assert said["placed"]["namespace"] == [1]


@pytest.mark.parametrize("name", FRAMEWORKS)
@pytest.mark.parametrize("device", ["gpu", "gpu:7", "cpu:5"])
def test_a_device_that_is_not_there_is_one_line(engine, name, device):
    engine(name)
    with pytest.raises(BackendUnavailable) as caught:
        backends.load(name)("float64", device)
    assert str(caught.value).startswith(f"device {device!r} is not there: {name} sees cpu")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "why"),
    [("jax", "has no CUDA plugin"), ("torch", "was built without CUDA"), ("tensorflow", "no driver, or no libraries")],
)
def test_a_cpu_build_says_so(engine, name, why):
    backend = engine(name)
    if any(device.startswith("gpu") for device in backend.devices()):
        pytest.skip("this machine has a GPU")
    if name == "torch" and sys.modules["torch"].version.cuda:
        why = "Found no NVIDIA driver|No CUDA GPUs are available|driver"
    if name == "jax" and "CUDA plugin" not in backend.why_no_device("gpu"):
        pytest.skip("JAX has a GPU plugin here")
    with pytest.raises(BackendUnavailable, match=why):
        backends.load(name)("float64", "gpu")


def test_cells_of_a_device_that_is_not_there_say_so_and_the_others_go_on(hessbench, tmp_path):
    done = hessbench(
        "run",
        "tutorial",
        "--backend",
        "jax",
        "--method",
        "hessian-jit",
        "--device",
        "cpu,gpu:9",
        "--quick",
        "--out",
        tmp_path / "run",
    )
    assert done.returncode == 0, done.stderr
    rows = hb.load(tmp_path / "run").frame.groupby("device")
    assert set(rows.get_group("cpu")["status"]) == {"ok"}
    assert set(rows.get_group("gpu:9")["status"]) == {"unsupported"}
    assert rows.get_group("gpu:9")["reason"].str.startswith("device 'gpu:9' is not there: jax sees cpu").all()


class Refusing:
    """What a device that is there can say at the first array."""

    name = "jax"
    device = "gpu"

    def __init__(self, message):
        self.message = message

    def asarray(self, array):
        raise RuntimeError(self.message)

    def synchronize(self, result):
        raise AssertionError


@pytest.mark.parametrize(
    "message",
    [
        "CUDA error: all CUDA-capable devices are busy or unavailable\nCUDA kernel errors might be asynchronous",
        "RESOURCE_EXHAUSTED: Out of memory allocating 8 bytes.",
        "CUDA driver version is insufficient",
    ],
)
def test_a_device_that_refuses_is_one_line(message):
    from hessbench.backends.contract.interface import Backend

    with pytest.raises(BackendUnavailable) as caught:
        Backend.check_device(Refusing(message))
    assert str(caught.value) == f"device 'gpu' cannot be used: RuntimeError: {message.splitlines()[0]}"


def test_one_gpu_worker_at_a_time(monkeypatch, tmp_path):
    monkeypatch.setattr(devices.tempfile, "gettempdir", lambda: str(tmp_path))
    with devices.turn("gpu"):
        (path,) = tmp_path.iterdir()
        with open(path) as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with open(path) as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_cpu_workers_take_no_turns(monkeypatch, tmp_path):
    monkeypatch.setattr(devices.tempfile, "gettempdir", lambda: str(tmp_path))
    with devices.turn("cpu"), devices.turn("cpu:1"):
        assert not list(tmp_path.iterdir())


@pytest.mark.gpu
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_cell_on_the_gpu(gpu_of, name, tmp_path):
    """One Hessian and one hvp of the tutorial, checked, with the allocator's peak."""
    device = gpu_of(name)
    chosen = [m for m in backends.load(name).methods if m.default and m.operator in ("hessian", "hvp")]
    cells = [Cell("quick", "rosenbrock", 10, m.operator, name, m.name, "float64", device) for m in chosen]
    task = Task(name, "float64", device, HIGHEST, QUICK, 0, str(tmp_path), tuple(map(Visit, cells)))
    with Launch(task, backends.load(name).environment("float64", device), Limits(), tmp_path / "log") as launch:
        outcomes = [message.outcome for message in launch.messages() if isinstance(message, CellEnd)]
    assert {outcome.status for outcome in outcomes} == {"ok"}, outcomes
