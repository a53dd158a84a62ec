"""The cell: one frozen point of the grid, its key, JSON in and out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from hessbench.backends.contract.interface import HIGHEST
from hessbench.results.stored.record import beyond_defaults

PORTABLE, NATIVE = "portable", "native"
TEXTS = (PORTABLE, NATIVE)
"""Which text of the objective: the one over `xp` for all, or the one in a framework's own functions."""


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

    @property
    def key(self) -> str:
        """A hash of the canonical JSON: independent of the order of the command line."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

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


def from_dict(data: Mapping[str, Any]) -> Cell:
    """A cell from JSON data."""
    return Cell(**{field.name: data[field.name] for field in fields(Cell) if field.name in data})


def group_of(data: Mapping[str, Any]) -> Group:
    """The group of a task."""
    return Group(**{field.name: data[field.name] for field in fields(Group) if field.name in data})
