"""The grid: a point of it (the cell), what can share a worker (the group), and what is selected of it.

The axes are declared in `results.stored.record`; a cell has a field for each. What the command line asks of an axis
stands beside its default in `Selection`, so that the options and their help follow from here. It imports nothing heavy:
`hessbench --help` passes through.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any, cast

from hessbench.results.stored.record import DEFAULTS, beyond_defaults

PORTABLE, NATIVE = "portable", "native"
TEXTS = (PORTABLE, NATIVE)
"""Which text of the objective: the one over `xp` for all, or the one in a framework's own functions."""

HIGHEST = cast(str, DEFAULTS["precision"])
HERE = cast(str, DEFAULTS["host"])
"""The host of a cell that no machine was named for."""
DEFAULT, MODES, ALL = "default", "modes", "all"


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What is computed, by whom, how, and where: the axes of the grid (`results.stored.record.AXES`), in their order.

    A field that was added later has a default, and is left out of the key where it has that value: keys
    join records of different runs and versions, so they never change.
    """

    suite: str
    problem: str
    n: int
    operator: str
    backend: str
    method: str
    dtype: str
    device: str
    batch: int = 1
    text: str = PORTABLE
    precision: str = HIGHEST
    host: str = HERE

    @property
    def key(self) -> str:
        """A hash of the canonical JSON: independent of the order of the command line."""
        return _key(self)

    @property
    def group(self) -> Group:
        """The worker that can compute it."""
        return Group(self.backend, self.dtype, self.device, self.precision)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)

    def __str__(self) -> str:
        said = beyond_defaults(self)
        first = f" batch={said.pop('batch')}" if "batch" in said else ""
        first += f" {said.pop('text')}" if "text" in said else ""
        rest = "".join(f" {value}" for value in said.values())
        return f"{self.suite}/{self.problem} n={self.n}{first} {self.backend} {self.method}{rest}"


@lru_cache(1 << 17)
def _key(cell: Cell) -> str:
    """The key of a cell; a run asks for it ten times a record."""
    said = {f.name: getattr(cell, f.name) for f in fields(cell) if getattr(cell, f.name) != f.default}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def from_dict(data: Mapping[str, Any]) -> Cell:
    """A cell from JSON data; what an older version does not know has its default."""
    return Cell(**{entry.name: data[entry.name] for entry in fields(Cell) if entry.name in data})


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """Cells that can share a process: dtype, device and precision are process-wide switches."""

    backend: str
    dtype: str
    device: str
    precision: str = HIGHEST

    @property
    def switches(self) -> tuple[str, ...]:
        """What a backend is made with; it need not know of a precision unless it offers one."""
        return (self.dtype, self.device, *((self.precision,) if self.precision != HIGHEST else ()))

    def __str__(self) -> str:
        precision = f"-{self.precision}" if self.precision != HIGHEST else ""
        return f"{self.backend}-{self.dtype}-{self.device.replace(':', '')}{precision}"


def _option(default: tuple[str, ...], option: str, help_: str) -> Any:
    """A field that the command line asks for as a list of names."""
    return field(default=default, metadata={"option": option, "help": help_})


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
        batches: Vectors or points per call of the operators that take several; empty means the usual number.
        dtypes: Floating-point types.
        devices: "cpu", "gpu", "gpu:<index>", or "all" for those that each framework sees.
        precisions: Precisions of products of float32 arrays on a GPU; a cell that is not of this kind is planned once.
        texts: Texts of the objective; a native one is run where a backend has it.
        tags: Only problems that have one of these tags.
        hosts: Of the machines of a scheduler, only these; empty means all.
    """

    suites: tuple[str, ...] = ("quick",)
    backends: tuple[str, ...] = _option((), "backend", "backends or all (default: all but autograd and casadi)")
    methods: tuple[str, ...] = _option(
        (DEFAULT,), "method", "methods: default, modes, all, names or globs (default: default)"
    )
    operators: tuple[str, ...] = _option(
        (), "operator", "operators or all; their yardsticks come along (default: hessian, hvp)"
    )
    modes: tuple[str, ...] = _option((), "mode", "only methods of these modes, such as forward-over-reverse")
    executions: tuple[str, ...] = _option(
        (), "execution", "only methods of these executions: eager, graph, jit, xla, inductor"
    )
    chunks: tuple[str, ...] = _option((), "chunk", "rows at a time of chunked methods: numbers or all (default: 16)")
    sizes: tuple[int, ...] = ()
    ranges: tuple[str, ...] = ()
    batches: tuple[int, ...] = ()
    dtypes: tuple[str, ...] = _option(("float64",), "dtype", "float64, float32 (default: float64)")
    devices: tuple[str, ...] = _option(
        ("cpu",), "device", "cpu, gpu, gpu:1, or all that each framework sees (default: cpu)"
    )
    precisions: tuple[str, ...] = _option(
        (HIGHEST,), "precision", "highest, tf32: of float32 products on a GPU (default: highest)"
    )
    texts: tuple[str, ...] = _option(
        TEXTS, "text", "portable, native: the objective over xp, or in a framework's own functions (default: both)"
    )
    tags: tuple[str, ...] = _option((), "tag", "only problems with one of these tags (default: all)")
    hosts: tuple[str, ...] = _option((), "host", "with --scheduler: only these machines (default: all that are there)")


def options() -> list[tuple[str, str, str]]:
    """The options that list names: option, field of `Selection`, help."""
    return [(f.metadata["option"], f.name, f.metadata["help"]) for f in fields(Selection) if "option" in f.metadata]
