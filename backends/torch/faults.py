"""Known faults of PyTorch that several methods share."""

from __future__ import annotations

from hessbench.backends.contract.refusal import KnownFault, Refusal

LINEAR_ALGEBRA_OF_POINTS = (
    KnownFault(
        "pytorch#192540: mapped over points, forward mode is wrong through det, slogdet and solve in 2.13",
        ("linalg.det", "linalg.slogdet", "linalg.solve"),
        ("wrong",),
    ),
)
"""Forward over reverse is right at one point, and off by orders of magnitude under a second vmap (seen in 2.13)."""

NO_BATCHED_BACKWARD = (
    Refusal("no batching rule for moveaxis: a vmap of vecdot cannot be differentiated twice from outside", ("vecdot",)),
)

LINEAR_ALGEBRA = (
    KnownFault(
        "pytorch#192540: wrong through det, slogdet, solve and cholesky in 2.13",
        ("linalg.det", "linalg.slogdet", "linalg.solve", "linalg.cholesky"),
        ("wrong",),
    ),
)

COMPILED_FORWARD = (
    KnownFault(
        "pytorch#197067: Inductor raises or crashes on the zero tangents of constants in 2.13",
        outcomes=("error", "crashed"),
        says="(?i)ZeroTensor|zero ?tangent|inductor|worker|died|signal|Segmentation",
    ),
)

TRACE = (KnownFault("pytorch#190855: wrong through trace in 2.13", ("linalg.trace",), ("wrong",)),)

CDIST = (KnownFault("cdist is wrong under this composition in 2.15", ("cdist",), ("wrong",)),)
"""Not in the vocabulary; a native text may call it, and of that nothing is known."""

ZERO_TENSOR = (Refusal("Inductor cannot compile forward over forward in 2.13 (ZeroTensors are immutable); 2.15 can"),)

NO_DOUBLE_BACKWARD = (
    Refusal("Dynamo cannot trace it whole; in parts it returns zeros in 2.13 (pytorch#181581)", execution="inductor"),
)

NO_NESTED_TRACE = (Refusal("Dynamo cannot trace torch.func.linearize, which traces itself", execution="inductor"),)
