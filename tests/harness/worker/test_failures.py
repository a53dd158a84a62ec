"""What frameworks say when a GPU's memory is full or its context is lost, in their own words; and what data raise."""

import os
from pathlib import Path

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends, suites
from hessbench.backends.contract.errors import first_line
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import CHECK_ONLY
from hessbench.harness.protocol import CellEnd, Outcome, Task, Visit
from hessbench.harness.worker.failures import failure, spoiled
from hessbench.harness.worker.session import Evaluator


def failed(error):
    return failure(error, None, "torch")


EXHAUSTED = {
    "torch": "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.10 GiB of which 10.00 "
    "GiB is free.",
    "torch, from the driver": "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported",
    "torch, from cuBLAS": "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "jax": "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 549755813888 bytes.",
    "jax, while compiling": "RESOURCE_EXHAUSTED: Failed to allocate request for 512.00GiB (549755813888B) on device "
    "ordinal 0",
    "jax, from the driver": "INTERNAL: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
    "tensorflow": "{{function_node __wrapped__MatMul_device_/job:localhost/replica:0/task:0/device:GPU:0}} OOM when "
    "allocating tensor with shape[262144,262144] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by "
    "allocator GPU_0_bfc [Op:MatMul]",
    "host, torch": "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you",
}

BROKEN = {
    "torch, illegal access": "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be",
    "torch, assertion": "CUDA error: device-side assert triggered\nCompile with `TORCH_USE_CUDA_DSA`",
    "torch, accelerator": "AcceleratorError\nCUDA error: unspecified launch failure",
    "torch, cuBLAS": "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasDgemm`",
    "jax": "INTERNAL: Failed to execute XLA Runtime executable: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access "
    "was encountered",
    "tensorflow": "Failed to synchronize: CUDA_ERROR_MISALIGNED_ADDRESS: misaligned address [Op:MatMul]",
    "torch, ECC": "CUDA error: uncorrectable ECC error encountered",
}

HARMLESS = ("shapes (3,) and (4,) do not match", "CUDA is not available", "could not find a GPU kernel for Bessel")


@pytest.mark.parametrize("text", EXHAUSTED.values(), ids=EXHAUSTED)
def test_a_full_memory_is_out_of_memory(text):
    outcome = failed(RuntimeError(text))
    assert outcome.status == "out_of_memory"
    assert "\n" not in outcome.reason


@pytest.mark.parametrize("text", EXHAUSTED.values(), ids=EXHAUSTED)
def test_a_full_gpu_costs_the_worker_and_a_full_host_does_not(text):
    assert spoiled(failed(RuntimeError(text)), "gpu")
    assert spoiled(failed(RuntimeError(text)), "gpu:1")
    assert not spoiled(failed(RuntimeError(text)), "cpu")


def test_tensorflows_exception_tells_by_its_name():
    exception = type("ResourceExhaustedError", (Exception,), {})
    assert failed(exception("failed")).status == "out_of_memory"
    assert failed(MemoryError()).status == "out_of_memory"


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_context_is_an_error_that_costs_the_worker(text):
    outcome = failed(RuntimeError(text))
    assert (outcome.status, outcome.fault) == ("error", "exception")
    assert spoiled(outcome, "gpu")


@pytest.mark.parametrize("text", HARMLESS)
def test_an_ordinary_error_costs_nothing_else(text):
    assert not spoiled(failed(ValueError(text)), "gpu")


@pytest.mark.parametrize("status", ["ok", "wrong", "unsupported", "unverifiable"])
def test_results_cost_nothing_else(status):
    assert not spoiled(Outcome(status, "CUDA error"), "gpu")


def test_the_telling_line_is_kept_where_it_is_not_the_first():
    reason = failed(RuntimeError("AcceleratorError\nCUDA error: unspecified launch failure\nmore")).reason
    assert reason == "RuntimeError: AcceleratorError; CUDA error: unspecified launch failure"


def fails(n):
    raise ZeroDivisionError("division by \x1b[31mzero")


def runs_out(n):
    raise MemoryError("Unable to allocate 8.00 TiB")


def in_a_worker(tmp_path, **facts):
    """The outcome of a problem of one's own in a worker's evaluator, in this process."""
    made = hb.problem(lambda xp, x, *data: xp.sum(x * x), name="mine", sizes=(3,), **facts)
    suites.attach("own", (made,))
    try:
        visit = Visit(Cell("own", "mine", 3, "hessian", "numpy", "hyper-dual-eager", "float64", "cpu"))
        task = Task("numpy", "float64", "cpu", "highest", CHECK_ONLY, 0, str(tmp_path), (visit,), {"own": ""})
        messages = []
        Evaluator(backends.open("numpy"), task, messages.append).visit(visit)
    finally:
        suites.load.cache_clear()
    (end,) = [message for message in messages if isinstance(message, CellEnd)]
    return end.outcome


@pytest.mark.parametrize(
    ("facts", "status", "said"),
    [
        (
            {"x0": np.ones, "data": fails},
            "error",
            "x0 or data of mine at n = 3: data(3) raises ZeroDivisionError: division by zero",
        ),
        ({"x0": lambda n: np.one(n)}, "error", "x0(3) raises AttributeError: module 'numpy' has no attribute 'one'"),
        (
            {"x0": np.ones, "data": lambda n: None},
            "error",
            "x0 or data of mine at n = 3: data 0 is None; let f read it",
        ),
        ({"x0": np.ones, "data": runs_out}, "out_of_memory", "MemoryError: Unable to allocate 8.00 TiB"),
        (
            {"x0": lambda n: None},
            "error",
            "x0 or data of mine at n = 3: x0(3) of mine is None; give a number, an array",
        ),
        ({"x0": np.ones, "data": lambda n: np.ones(n)}, "ok", ""),
    ],
    ids=["raises", "typo", "no numbers", "memory", "x0", "fine"],
)
def test_a_problem_that_cannot_be_drawn_is_an_error_of_its_cells_and_no_crash(tmp_path, facts, status, said):
    outcome = in_a_worker(tmp_path, **facts)
    assert (outcome.status, said in outcome.reason) == (status, True), outcome


def test_a_tensor_that_is_printed_in_several_lines_is_not_the_end_of_a_reason():
    rows = "\n        ".join(f"[{i}., {i}.]," for i in range(3))
    said = first_line(ValueError(f"x is tensor([{rows}\n       ]), and must be positive\n\nTraceback of no interest"))
    assert said == "ValueError: x is tensor([[0., 0.], [1., 1.], [2., 2.], ]), and must be positive"


def test_of_a_long_line_beginning_and_end_are_kept():
    said = first_line(ValueError(f"x is {np.arange(1000.0)!r}{list(range(1000))}, and must be positive"))
    assert len(said) <= 300
    assert said.startswith("ValueError: x is array([  0.")
    assert said.endswith("and must be positive")


@pytest.mark.parametrize("text", ["", "\n", "a\nb", "(open\nand never closed" + "\nx" * 10_000])
def test_any_exception_is_one_line(text):
    said = first_line(ValueError(text))
    assert said.startswith("ValueError: ")
    assert "\n" not in said
    assert len(said) <= 300


def test_an_f_that_goes_elsewhere_does_not_take_the_next_cell_along(tmp_path, monkeypatch):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(home)
    seen = []

    def wanders(n):
        seen.append(Path.cwd())
        os.chdir(elsewhere)
        return np.ones(n)

    made = hb.problem(lambda xp, x, a: xp.sum(x * x), name="mine", x0=np.ones, data=wanders, sizes=(3,))
    suites.attach("own", (made,))
    visit = Visit(Cell("own", "mine", 3, "hessian", "numpy", "hyper-dual-eager", "float64", "cpu"))
    task = Task("numpy", "float64", "cpu", "highest", CHECK_ONLY, 0, str(tmp_path), (visit,), {"own": ""})
    evaluator = Evaluator(backends.open("numpy"), task, lambda message: None)
    assert [evaluator.visit(visit).status for _ in range(2)] == ["ok", "ok"]
    assert seen == [home, home]
