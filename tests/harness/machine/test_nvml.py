"""NVML as a fake: what is asked of it, what is said where it refuses, and nothing where it is not there."""

import sys
from types import SimpleNamespace

import pytest

from hessbench import backends
from hessbench.harness.machine import nvml
from hessbench.harness.planning.settings import QUICK, Limits, Settings
from hessbench.harness.running.runner import Runner
from hessbench.results.stored.store import Journal, read_journal


class Refused(Exception):
    """NVMLError_NotSupported."""


class Fake:
    """Two cards; the second is hot."""

    def __init__(self, refuses=(), processes=()):
        self.refuses, self.processes, self.started = set(refuses), list(processes), 0
        self.bits = {0: 0x1, 1: 0x4 | 0x20 | 0x100}

    def __getattr__(self, name):
        if not name.startswith("nvml"):
            raise AttributeError(name)
        if name in self.refuses:
            raise Refused(name)
        return ANSWERS[name].__get__(self)


ANSWERS = {
    "nvmlInit": lambda fake: setattr(fake, "started", fake.started + 1),
    "nvmlDeviceGetCount": lambda fake: 2,
    "nvmlDeviceGetHandleByIndex": lambda fake, index: [0, 1][index],
    "nvmlDeviceGetHandleByUUID": lambda fake, text: {"GPU-aaaa": 0, "GPU-bbbb": 1}[text],
    "nvmlDeviceGetName": lambda fake, handle: [b"card A", "card B"][handle],
    "nvmlSystemGetDriverVersion": lambda fake: "580.1",
    "nvmlDeviceGetClockInfo": lambda fake, handle, kind: {1: 1980, 2: 2619}[kind],
    "nvmlDeviceGetMaxClockInfo": lambda fake, handle, kind: 1980,
    "nvmlDeviceGetTemperature": lambda fake, handle, sensor: [35, 88][handle],
    "nvmlDeviceGetPowerUsage": lambda fake, handle: 250500,
    "nvmlDeviceGetCurrentClocksThrottleReasons": lambda fake, handle: fake.bits[handle],
    "nvmlDeviceGetMemoryInfo": lambda fake, handle: SimpleNamespace(used=10**9, total=80 * 10**9),
    "nvmlDeviceGetComputeRunningProcesses": lambda fake, handle: [SimpleNamespace(pid=p) for p in fake.processes],
}


@pytest.fixture
def install(monkeypatch):
    """Puts a fake in the library's place."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def put(fake):
        monkeypatch.setitem(sys.modules, "pynvml", fake)
        nvml.library.cache_clear()
        return fake

    yield put
    nvml.library.cache_clear()


def test_a_card_is_read(install):
    install(Fake(processes=[7]))
    assert nvml.Gauge("gpu").note() == {
        "gpu": {
            "name": "card A",
            "driver": "580.1",
            "sm_clock_mhz": 1980,
            "sm_clock_max_mhz": 1980,
            "memory_clock_mhz": 2619,
            "temperature_c": 35,
            "power_w": 250.5,
            "held_back": [],
            "memory_used_bytes": 10**9,
            "memory_bytes": 80 * 10**9,
            "processes": [7],
        }
    }
    assert nvml.cards() == ["card A, 80 GB, driver 580.1", "card B, 80 GB, driver 580.1"]


def test_a_card_that_is_held_back_says_why(install):
    install(Fake())
    assert nvml.Gauge("gpu:1").facts() == {"held_back": "power cap; software thermal slowdown", "disturbed": ""}
    assert nvml.Gauge("gpu").facts() == {"held_back": "", "disturbed": ""}


def test_others_on_the_card_are_counted_without_the_launch_itself(install):
    fake = install(Fake(processes=[]))
    gauge = nvml.Gauge("gpu")
    fake.processes = [1]  # the worker, under whatever number
    assert gauge.facts() == {"held_back": "", "disturbed": ""}
    fake.processes = [1, 2]
    assert gauge.facts() == {"held_back": "", "disturbed": "1 other process on the GPU"}
    assert nvml.Gauge("gpu").facts() == {"held_back": "", "disturbed": "2 other processes on the GPU"}


@pytest.mark.parametrize(
    "name", [name for name in ANSWERS if name.startswith("nvmlDeviceGet") and "Handle" not in name]
)
def test_what_is_refused_is_left_out(install, name):
    install(Fake())
    everything = nvml.Gauge("gpu").read()
    install(Fake(refuses=[name]))
    seen = nvml.Gauge("gpu").read()
    assert seen.items() <= everything.items()
    assert len(seen) < len(everything) or name == "nvmlDeviceGetCount"


@pytest.mark.parametrize(
    ("visible", "device", "name"),
    [
        ("1", "gpu", "card B"),
        ("1,0", "gpu:1", "card A"),
        ("GPU-bbbb", "gpu", "card B"),
        ("1", "gpu:1", None),
        ("-1", "gpu", None),
        ("MIG-xyz", "gpu", None),
    ],
)
def test_the_card_is_the_one_that_frameworks_see(install, monkeypatch, visible, device, name):
    install(Fake())
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert nvml.Gauge(device).read().get("name") == name


@pytest.mark.parametrize("fake", [None, Fake(refuses=["nvmlInit"])], ids=["no package", "no driver"])
def test_without_nvml_nothing_is_said(install, fake):
    install(fake)
    gauge = nvml.Gauge("gpu")
    assert (gauge.read(), gauge.note(), gauge.facts(), nvml.cards()) == ({}, {}, {}, [])


def test_a_cpu_is_not_looked_at(install):
    fake = install(Fake())
    assert nvml.Gauge("cpu").facts() == {}
    assert fake.started == 0


def test_the_real_library_has_what_is_asked_for():
    pynvml = pytest.importorskip("pynvml", reason="nvidia-ml-py is not installed")
    assert [name for name in ANSWERS if not hasattr(pynvml, name)] == []
    assert (pynvml.NVML_CLOCK_SM, pynvml.NVML_CLOCK_MEM, pynvml.NVML_TEMPERATURE_GPU) == (
        nvml.SM,
        nvml.MEMORY,
        nvml.DIE,
    )
    names = ("SwPowerCap", "HwSlowdown", "SyncBoost", "SwThermalSlowdown", "HwThermalSlowdown", "HwPowerBrakeSlowdown")
    bits = [next(getattr(pynvml, p + n) for p in PREFIXES if hasattr(pynvml, p + n)) for n in names]
    assert bits == list(nvml.HELD_BACK)


PREFIXES = ("nvmlClocksThrottleReason", "nvmlClocksEventReason")


class Silent:
    """An observer that says nothing."""

    def expecting(self, *facts):
        pass

    def launching(self, *facts):
        pass

    def finished(self, *facts):
        pass


def test_a_run_keeps_the_readings_and_flags_its_records(install, monkeypatch, tmp_path):
    """On a planted backend that calls its CPU a GPU: the runner's part needs no card."""
    from hessbench.backends.numpy import NumpyBackend
    from hessbench.harness.planning.grid import Cell
    from hessbench.harness.running import place

    install(Fake(processes=[1, 2]))
    assert backends.load("numpy") is NumpyBackend
    cell = Cell("tutorial", "tutorial", 2, "gradient", "numpy", "gradient-eager", "float64", "cpu")
    monkeypatch.setattr(place, "Gauge", lambda device: nvml.Gauge("gpu:1"))
    settings = Settings(QUICK, 1, 1, 0, Limits())
    with Journal(tmp_path) as journal:
        Runner(tmp_path, journal, settings, Silent()).run([cell], {})
    events = {event["event"]: event for event in read_journal(tmp_path)}
    assert events["launch_start"]["gpu"]["temperature_c"] == events["launch_end"]["gpu"]["temperature_c"] == 88
    record = events["cell_end"]["record"]
    assert record["status"] == "ok"
    assert record["held_back"] == "power cap; software thermal slowdown"
    assert "2 other processes on the GPU" in record["disturbed"]
