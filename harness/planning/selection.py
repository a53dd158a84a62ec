"""What the user asked for, in names, and the one line for a name that does not exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hessbench.backends.contract.interface import HIGHEST
from hessbench.harness.planning.cell import TEXTS
from hessbench.harness.usage import UsageError, unknown
from hessbench.suites.definition.problem import BATCH

DEFAULT, MODES, ALL = "default", "modes", "all"
NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for, in names. Empty means everything (for suites: `quick`).

    Attributes:
        suites: Suites, `suite/problem`, or a user's `file.py` or `file.py:problem`.
        backends: Backends, or "all"; empty means `backends.usual()`.
        methods: "default", "modes" (one of each mode), "all", names or glob patterns.
        operators: Operators, or "all"; empty: `CORE`, and whatever a method that is named computes. The gradient and
            objective of the same execution come along as yardsticks.
        modes: Only methods of these modes ("forward-over-reverse").
        executions: Only methods of these executions.
        chunks: Sizes of chunked methods: numbers or "all"; empty means the declared one.
        sizes: Values of n; empty means each problem's own.
        ranges: Which of each problem's own sizes: least and most of n as "..50", "10.." or "10..50", or "smallest", or
            "quick"; any of them will do.
        batches: Vectors or points per call of the operators that take several.
        dtypes: Floating-point types.
        devices: "cpu", "gpu", "gpu:<index>", or "all" for those that each framework sees.
        precisions: Of products of float32 arrays on a GPU; a cell that is not of this kind is planned once.
        texts: Texts of the objective; a native one is run where a backend has it.
        tags: Only problems that have one of these tags.
    """

    suites: tuple[str, ...] = ("quick",)
    backends: tuple[str, ...] = ()
    methods: tuple[str, ...] = (DEFAULT,)
    operators: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    executions: tuple[str, ...] = ()
    chunks: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    ranges: tuple[str, ...] = ()
    batches: tuple[int, ...] = (BATCH,)
    dtypes: tuple[str, ...] = ("float64",)
    devices: tuple[str, ...] = ("cpu",)
    precisions: tuple[str, ...] = (HIGHEST,)
    texts: tuple[str, ...] = TEXTS
    tags: tuple[str, ...] = ()


def check(kind: str, names: Iterable[str], known: Collection[str], broken: Mapping[str, str] = NONE) -> None:
    """Raise a `UsageError` for a name that is not known."""
    for name in names:
        if name in broken:
            raise UsageError(f"{kind} {name!r} of a third party: {broken[name]}")
        if name not in known:
            raise unknown(kind, name, known)
