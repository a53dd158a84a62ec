"""What a method is: one named way in which one backend computes one operator.

Methods are declared as data, beside the small function that builds them, so that the catalogue can be read
(and a run planned) without importing any framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

OPERATORS: Mapping[str, str] = MappingProxyType(
    {
        "objective": "f(x), a scalar: a yardstick",
        "gradient": "the gradient of f at x, shape (n,): a yardstick",
        "hessian": "the dense Hessian of f at x, shape (n, n)",
        "hvp": "the Hessian of f at x times a vector v, shape (n,)",
    }
)
YARDSTICKS = ("objective", "gradient")
EXECUTIONS: Mapping[str, str] = MappingProxyType(
    {
        "eager": "operation by operation, as Python meets it",
        "graph": "a tf.function: traced once, run by TensorFlow's graph executor",
        "jit": "jax.jit: traced once, compiled by XLA",
        "xla": "a tf.function with jit_compile=True: traced once, compiled by XLA",
        "inductor": "torch.compile: traced by Dynamo, compiled by Inductor (C++ or Triton)",
    }
)


@dataclass(frozen=True, slots=True)
class Method:
    """One named way in which one backend computes one operator.

    Attributes:
        name: Unique within its backend; ends with the execution.
        operator: A key of `OPERATORS`.
        execution: A key of `EXECUTIONS`.
        summary: One sentence for `hessbench list methods` and the report.
        build: Takes the bound objective f(x, *data) and returns a function of `(x, *data)`, or of
            `(x, v, *data)` for `hvp`, or of `(x, basis, *data)` where `needs_basis` is true.
        outer: Sweep of the outer derivative: "forward", "reverse", "difference" or "".
        inner: Sweep of the inner derivative, likewise.
        assembly: How a matrix is put together: "vmap", "loop", "chunked", "stock" (left to the stock API) or "".
        stock: The stock API that the method stands for, or the empty string.
        since: The first version of the framework that has it.
        default: Whether a well-informed person would try it first (`--method default`).
        needs_basis: Whether the identity (n, n) is passed as an argument after `x`, so that no
            compiler can bake it into the program.
        accuracy: The power p in the expected relative error of order eps**p: 1 for automatic
            differentiation, smaller for finite differences.
        pitfalls: Known faults of the framework in this method, each with its upstream thread.
    """

    name: str
    operator: str
    execution: str
    summary: str
    build: Callable[..., Callable[..., Any]] = field(repr=False, compare=False)
    outer: str = ""
    inner: str = ""
    assembly: str = ""
    stock: str = ""
    since: str = ""
    default: bool = True
    needs_basis: bool = False
    accuracy: float = 1.0
    pitfalls: tuple[str, ...] = ()

    @property
    def mode(self) -> str:
        """The composition in the field's words: "forward-over-reverse", "reverse" for a gradient, or ""."""
        return f"{self.outer}-over-{self.inner}" if self.outer and self.inner else self.outer or self.inner

    def facts(self) -> dict[str, Any]:
        """The declaration as plain JSON data, without the function."""
        names = (
            "name",
            "operator",
            "execution",
            "mode",
            "assembly",
            "stock",
            "since",
            "default",
            "summary",
            "pitfalls",
        )
        return {name: getattr(self, name) for name in names}


def declare(
    name: str, executions: Sequence[str], build: Callable[..., Any], *, default: Iterable[str] = (), **facts: Any
) -> tuple[Method, ...]:
    """One method per execution of the same function, named `<name>-<execution>`.

    Args:
        name: The stem of the names.
        executions: Keys of `EXECUTIONS`.
        build: See `Method.build`.
        default: The executions that belong to the default tier.
        **facts: The remaining fields of `Method`.
    """
    chosen = frozenset(default)
    return tuple(
        Method(name=f"{name}-{execution}", execution=execution, build=build, default=execution in chosen, **facts)
        for execution in executions
    )
