"""What a method is: one named way in which one backend computes one operator.

Methods are declared as data, beside the small function that builds them, so that the catalogue can be read
(and a run planned) without importing any framework.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import Refusal

EXECUTIONS: Mapping[str, str] = MappingProxyType(
    {
        "eager": "operation by operation, as Python meets it",
        "graph": "a tf.function: traced once, run by TensorFlow's graph executor",
        "jit": "jax.jit: traced once, compiled by XLA",
        "xla": "a tf.function with jit_compile=True: traced once, compiled by XLA",
        "inductor": "torch.compile: traced by Dynamo, compiled by Inductor (C++ or Triton)",
        "symbolic": "CasADi: an expression graph, simplified and colored once, run by its virtual machine",
    }
)

ASSEMBLIES: Mapping[str, str] = MappingProxyType(
    {
        "": "nothing to put together",
        "vmap": "all rows (vectors, points) at once, vectorized",
        "loop": "one row after the other",
        "chunked": "so many rows at a time",
        "stock": "left to the stock API",
        "sparse": "only as many vectors as the sparsity pattern has colors",
    }
)

ALL_ROWS = "all"
_CHUNK = re.compile(r"-chunk(\d+|all)-")


@dataclass(frozen=True, slots=True)
class Method:
    """One named way in which one backend computes one operator.

    Attributes:
        name: Unique within its backend; ends with the execution.
        operator: A key of `OPERATORS`.
        execution: A key of `EXECUTIONS`.
        summary: One sentence for `hessbench list methods` and the report.
        build: Takes the bound objective f(x, *data), and the number of rows at a time (None: all) where `chunk`
            is set. Returns a function of what the operator takes (`Operator.takes`), then the basis where
            `needs_basis` is true, then `*data`.
        outer: Sweep of the outer derivative: "forward", "reverse", "difference", "complex", "dual", "taylor" or "".
        inner: Sweep of the inner derivative, likewise.
        assembly: A key of `ASSEMBLIES`: how the result is put together.
        chunk: Rows at a time, as a number or "all", for a method that has that choice; `at_chunk` makes the others.
        least_chunk: The smallest number of rows at a time that it can do.
        stock: The stock API that the method stands for, or the empty string.
        cost: What it costs, in gradients, where that is not the operator's usual cost.
        since: The first version of the framework that has it.
        requires: Modules that must be installed beside the framework.
        default: Whether a well-informed person would try it first (`--method default`).
        needs_basis: Whether the identity (n, n) is passed as an argument, so that no compiler can bake
            it into the program.
        accuracy: The power p in the expected relative error of order eps**p: 1 for automatic
            differentiation, smaller for finite differences.
        faults: Known faults of the framework that make it fail or wrong, each with its upstream thread; they
            are added to the reason of such a cell.
        pitfalls: What else to know before using it, likewise.
        refusals: What it is known not to do.
    """

    name: str
    operator: str
    execution: str
    summary: str
    build: Callable[..., Callable[..., Any]] = field(repr=False, compare=False)
    outer: str = ""
    inner: str = ""
    assembly: str = ""
    chunk: str = ""
    least_chunk: int = 1
    stock: str = ""
    cost: str = ""
    since: str = ""
    requires: tuple[str, ...] = ()
    default: bool = True
    needs_basis: bool = False
    accuracy: float = 1.0
    faults: tuple[str, ...] = ()
    pitfalls: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def mode(self) -> str:
        """The composition in the field's words: "forward-over-reverse", "reverse" for a gradient, or ""."""
        return f"{self.outer}-over-{self.inner}" if self.outer and self.inner else self.outer or self.inner

    def make(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The function that computes the operator for the bound objective f."""
        if not self.chunk:
            return self.build(f)
        return self.build(f, None if self.chunk == ALL_ROWS else int(self.chunk))

    def at_chunk(self, chunk: str) -> Method:
        """The same method with so many rows at a time: a number or "all"; itself where it has no chunks."""
        if not self.chunk:
            return self
        return replace(self, chunk=chunk, name=_CHUNK.sub(f"-chunk{chunk}-", self.name))

    def facts(self) -> dict[str, Any]:
        """The declaration as plain JSON data, without the function."""
        names = (
            "name",
            "operator",
            "execution",
            "mode",
            "outer",
            "inner",
            "assembly",
            "chunk",
            "stock",
            "cost",
            "since",
            "requires",
            "default",
            "summary",
            "faults",
            "pitfalls",
        )
        facts = {name: getattr(self, name) for name in names}
        return facts | {
            "cost": self.cost or OPERATORS[self.operator].cost,
            "refusals": tuple(refusal.reason for refusal in self.refusals),
        }


def declare(
    name: str, executions: Sequence[str], build: Callable[..., Any], *, default: Iterable[str] = (), **facts: Any
) -> tuple[Method, ...]:
    """One method per execution of the same function, named `<name>-<execution>` (`<name>-chunk<chunk>-<execution>`).

    Args:
        name: The stem of the names.
        executions: Keys of `EXECUTIONS`.
        build: See `Method.build`.
        default: The executions that belong to the default tier.
        **facts: The remaining fields of `Method`.
    """
    chosen = frozenset(default)
    stem = f"{name}-chunk{facts['chunk']}" if "chunk" in facts else name
    return tuple(
        Method(name=f"{stem}-{execution}", execution=execution, build=build, default=execution in chosen, **facts)
        for execution in executions
    )


def find(methods: Iterable[Method], name: str) -> Method:
    """The method of that name, also a chunked one at a chunk size that is not the declared one.

    Raises:
        KeyError: No method has that name.
    """
    declared = {method.name: method for method in methods}
    if name not in declared and (asked := _CHUNK.search(name)):
        variants = (method.at_chunk(asked[1]) for method in declared.values() if method.chunk)
        declared |= {method.name: method for method in variants}
    return declared[name]
