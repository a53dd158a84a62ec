"""What all tests share: quiet frameworks on the CPU, and one engine per backend and dtype."""

import os

# Before any framework is imported: no logs, no GPU, and code of XLA that is compiled soon rather than fast: the passes
# of LLVM come after those of XLA, which stay as they are; the end-to-end run of `.ci/run` has all of them. One thread
# of XLA: on two cores JAX's batched LAPACK calls can wait for one another for ever (docs/limits.md). One of OpenMP:
# `make test` has several processes, and threads of more spin and take the core from each other.
os.environ.update(
    {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "JAX_PLATFORMS": "cpu",
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true "
        "--xla_cpu_multi_thread_eigen=false",
    }
)

import functools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from hessbench import backends
from hessbench.backends.contract.interface import Backend

HARMLESS = (
    # torch itself, at the first use of torch.func.jvp and of Inductor
    "ignore:`torch.jit.script(_method)?` is deprecated:DeprecationWarning",
    "ignore:`torch._prims_common.check` is deprecated:FutureWarning",
    "ignore:Attempted to insert a get_attr Node with no underlying reference:UserWarning",
    # asdex, where a Hessian is dense: that is what is measured then
    "ignore:Coloring used",
    "ignore:Dynamo detected a call to a `functools.lru_cache`-wrapped function:UserWarning",
)
"""Warnings of the frameworks that say nothing about this project, as pytest writes filters: one line each."""

# The same examples every time, no clock and no files: a failure is a failure of the code.
settings.register_profile("hessbench", max_examples=25, derandomize=True, deadline=None, database=None)
settings.load_profile("hessbench")


def pytest_configure(config: pytest.Config) -> None:
    for line in HARMLESS:
        config.addinivalue_line("filterwarnings", line)
    if not (config.option.benchmark_only or config.option.benchmark_enable):
        config.option.benchmark_disable = True  # in addopts it would contradict --benchmark-only


REASONS = frozenset({"inductor", "browser", "worker", "precision", "variant"})
"""Marks that say why a test is slow; see pyproject.toml."""


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in a hook of its own
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `-n 3 --dist loadgroup`: a backend's tests share a process, which imports and compiles once for all.

    A test that is slow says why. Others are grouped by file, and what is short comes last, so that they end
    together.
    """
    marks = {item: {mark.name for mark in item.iter_markers()} for item in items}
    unexplained = sorted(
        {item.nodeid.partition("[")[0] for item in items if "slow" in marks[item] and not marks[item] & REASONS}
    )
    if unexplained:
        raise pytest.UsageError(f"slow without a mark that says why ({', '.join(sorted(REASONS))}): {unexplained}")
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_backend_of(item) or item.nodeid.partition("::")[0]))
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (not _backend_of(item), not _takes_long(item, marks[item])))


def _backend_of(item: pytest.Item) -> str | None:
    parameters = getattr(item, "callspec", None) and item.callspec.params
    return next((p for p in (parameters or {}).values() if isinstance(p, str) and p in backends.registry()), None)


def _takes_long(item: pytest.Item, marks: set[str]) -> bool:
    commands = {"hessbench", "command_line"} & set(getattr(item, "fixturenames", ()))
    return bool(marks & {"worker", "precision", "browser"} or commands)


@functools.cache
def _engine(name: str, dtype: str) -> Backend:
    return backends.load(name)(dtype)


@pytest.fixture
def engine() -> Callable[..., Backend]:
    """A backend at a dtype on the CPU, made once; skips where its framework is not installed."""

    def get(name: str, dtype: str = "float64") -> Backend:
        if reason := backends.missing(name):
            pytest.skip(reason)
        return _engine(name, dtype)

    return get


DRIVERS = ("nvidia*", "kfd", "dri", "dxg")
"""Device nodes of Linux below which a framework may find a GPU: NVIDIA's, AMD's, any, and Windows' own in WSL."""


@functools.cache
def _gpu_of(name: str) -> str:
    from hessbench.harness.running.inspection import inspect_backend

    found = inspect_backend(name)
    return next((device for device in found.devices if device.startswith("gpu")), "")


@pytest.fixture
def gpu_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The first GPU that a framework sees in a worker of its own; skips where there is none."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")  # this process hides GPUs from itself

    def get(name: str) -> str:
        if reason := backends.missing(name):
            pytest.skip(reason)
        if sys.platform == "linux" and not any(next(Path("/dev").glob(node), None) for node in DRIVERS):
            pytest.skip("this machine has no GPU")  # a framework takes up to 20 s to say so
        return _gpu_of(name) or pytest.skip(f"{name} sees no GPU here")

    return get


FAULTS = Path(__file__).parent / "faults"


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """No neighbor disturbs a run that is started in this process, so that none of its times is left out."""
    monkeypatch.syspath_prepend(str(FAULTS))
    import calm_machine

    monkeypatch.setattr(calm_machine.place, "with_gpu", calm_machine.calm)
