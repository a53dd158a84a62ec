"""Known faults of PyTorch that several methods share."""

from __future__ import annotations

from hessbench.backends.contract.refusal import Refusal

LINEAR_ALGEBRA_OF_POINTS = (
    "pytorch#192540: mapped over points, forward mode is wrong through det, slogdet and solve in 2.13",
)
"""Forward over reverse is right at one point, and off by orders of magnitude under a second vmap (seen in 2.13)."""

NO_BATCHED_BACKWARD = (
    Refusal("no batching rule for moveaxis: a vmap of vecdot cannot be differentiated twice from outside", ("vecdot",)),
)

LINEAR_ALGEBRA = ("pytorch#192540: wrong through det, slogdet, solve and cholesky in 2.13",)

COMPILED_FORWARD = ("pytorch#197067: Inductor raises or crashes on the zero tangents of constants in 2.13",)

ZERO_TENSOR = (Refusal("Inductor cannot compile forward over forward in 2.13 (ZeroTensors are immutable); 2.15 can"),)

NO_DOUBLE_BACKWARD = (
    Refusal("Dynamo cannot trace it whole; in parts it returns zeros in 2.13 (pytorch#181581)", execution="inductor"),
)

NO_NESTED_TRACE = (Refusal("Dynamo cannot trace torch.func.linearize, which traces itself", execution="inductor"),)
