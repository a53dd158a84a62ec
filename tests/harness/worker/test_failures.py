"""What frameworks say when a GPU's memory is full or its context is lost, in their own words."""

import pytest

from hessbench.harness.protocol import Outcome
from hessbench.harness.worker.failures import failure, spoiled


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
