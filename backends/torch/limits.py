"""What PyTorch cannot do: names of the standard, and known faults that all methods of a mode share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from hessbench.backends.contract.method import Method
from hessbench.backends.contract.refusal import KnownFault, Refusal
from hessbench.backends.standard.lacking import names

NO_FLOOR_DIVIDE = "its derivative is not implemented; write xp.floor(x1 / x2)"

LACKS = {
    **names(
        "not all of them are there, and none has a derivative (pytorch#36748)",
        "unique_all unique_counts unique_inverse unique_values",
    ),
    "floor_divide": NO_FLOOR_DIVIDE,
}
ARRAYS_LACK = {
    "size": "x.size is a method there; write math.prod(x.shape)",
    "floor_divide": NO_FLOOR_DIVIDE,
    "number modulo array": "its derivative is not implemented; write xp.remainder(xp.full_like(x, 7.0), x)",
}

RULE, COMPILED = "autograd.Function", "CompiledFunction"
"""A rule of one's own, and the one that torch.compile makes, among what f calls."""


def rules(node: Any) -> set[str]:
    """Which of the two stand in an autograd graph, from the node of its result; None where there is no graph."""
    found, waiting, seen = set[str](), [node], set[Any]()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if owner := getattr(node, "_forward_cls", None):
            found.add(COMPILED if owner.__name__ == COMPILED else RULE)
        waiting += [before for before, _ in node.next_functions]
    return found


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

_GATHER = Refusal(
    "mapped and compiled by Inductor, torch.index_select, which xp.take is, is wrong twice differentiated in 2.13",
    ("take",),
)
_GATHER_OF_SOME = KnownFault(f"through some functions {_GATHER.reason}", ("take",), ("wrong",))


def gathering(method: Method) -> Method:
    """The method, which refuses `take` where Inductor compiles it as one of the mapped ones that are wrong then."""
    mapped = method.mode == "reverse-over-reverse" and method.assembly in ("vmap", "chunked", "sparse")
    if method.execution != "inductor" or not mapped:
        return method
    if method.operator == "diagonal":  # right through x[i] alone, and zero through differences of such
        return replace(method, faults=(*method.faults, _GATHER_OF_SOME))
    return replace(method, refusals=(*method.refusals, _GATHER))


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

FUSED_ATTENTION = Refusal(
    "fused attention has no second derivative (pytorch#116350, pytorch#128971): compute it within "
    "torch.nn.attention.sdpa_kernel(SDPBackend.MATH)",
    ("fused_attention",),
)
"""Of every method but f and its gradient: `scaled_dot_product_attention` as PyTorch chooses it, tried in 2.13."""

NO_NESTED_DUAL = (
    KnownFault(
        "dual numbers by hand do not nest: raises where f takes a forward derivative itself",
        outcomes=("error",),
        says="Nested forward mode AD is not supported",
    ),
)

NO_NESTED_TRACE = (Refusal("Dynamo cannot trace torch.func.linearize, which traces itself", execution="inductor"),)

_NORMALIZATION = ("batch_norm", "instance_norm", "layer_norm")

BATCHED_NORMALIZATION = (
    KnownFault(
        "functorch#534: wrong through batch_norm, instance_norm and layer_norm with their weights among the variables",
        _NORMALIZATION,
        ("wrong",),
    ),
)
"""Only where a reverse sweep inside is itself mapped, as that of jacrev is."""

COMPILED_BY_A_PERSON = (
    KnownFault("pytorch#181581: zero where f is compiled by torch.compile (2.13)", (COMPILED,), ("wrong",)),
)

_NORMALIZED = KnownFault(
    "pytorch#196699, pytorch#196700: wrong through batch_norm, instance_norm and layer_norm in 2.13",
    _NORMALIZATION,
    ("wrong",),
)
_WEIGHT_NORM = KnownFault(
    "wrong through weight_norm, whose norms count as constants (2.13)", ("_weight_norm",), ("wrong",)
)
_RAISES = KnownFault(
    "raises through a torch.autograd.Function without a jvp, through weight_norm, and of a compiled f",
    outcomes=("error",),
    says="implement the jvp function|forward AD with|symbolically trace a dynamo",
)
_SAVED = KnownFault(
    "wrong where the rule of a torch.autograd.Function is, or saves what then counts as constant (pytorch#58509)",
    (RULE,),
    ("wrong",),
)
_NESTED_JVP = KnownFault(
    "pytorch#197867: zero through the jvp of a torch.autograd.Function", (RULE,), ("wrong",), "zero (everywhere|for)"
)
_ZERO_TANGENT = KnownFault(
    "pytorch#69855: raises through index_add onto zeros, whose tangent cannot be written to (2.13)",
    outcomes=("error",),
    says="ZeroTensors are immutable",
)
_TWICE = KnownFault(
    "raises where f is compiled by torch.compile (torch.autograd), or recomputed (torch.func, pytorch#122729)",
    outcomes=("error",),
    says="support double backward|support saved tensor hooks",
)

_UPCAST = KnownFault(
    "pytorch#90065: in float32, forward mode makes float64 of x[0] + 1.0 and x[0] * 2.0, not of x[0] + 1",
    outcomes=("wrong", "error"),
    says="mixes data types|dtype float64, expected float32",
)

BY_MODE: Mapping[str, tuple[KnownFault, ...]] = MappingProxyType(
    {
        "reverse-over-reverse": (_WEIGHT_NORM, _SAVED, _TWICE),
        "forward-over-reverse": (_RAISES, _ZERO_TANGENT, _UPCAST, _TWICE),
        "reverse-over-forward": (_NORMALIZED, _RAISES, _ZERO_TANGENT, _UPCAST, _TWICE),
        "forward-over-forward": (_NORMALIZED, _NESTED_JVP, _RAISES, _ZERO_TANGENT, _UPCAST),
    }
)
"""What every method of a mode meets, of functions that the vocabulary has no name for (seen in 2.13)."""
