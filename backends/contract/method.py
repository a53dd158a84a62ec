"""What a method is: one named way in which one backend computes one operator.

Methods are declared as data, beside the small function that builds them, so that the catalogue can be read
(and a run planned) without importing any framework.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

from hessbench.backends.contract.estimators import Estimate
from hessbench.backends.contract.operators import OPERATORS, OperatorName
from hessbench.backends.contract.refusal import KnownFault, Refusal
from hessbench.backends.contract.words import ASSEMBLIES as ASSEMBLIES
from hessbench.backends.contract.words import EXECUTIONS as EXECUTIONS
from hessbench.backends.contract.words import Assembly, Execution, Mode, Needs

if TYPE_CHECKING:
    from hessbench.backends.contract.compression import Analysis, Compression

ALL_ROWS = "all"
_CHUNK = re.compile(r"-chunk(\d+|all)-")
_PRODUCTS = re.compile(r"-m(\d+)(?:s(\d+))?-")


_UNTOLD = ("build", "estimate", "least_chunk", "needs_basis", "accuracy", "parts", "around", "counts", "analyze")
"""Fields that say how to build and judge a method, not what it is: they are not among its facts."""

_WORDS: Mapping[str, Collection[str]] = MappingProxyType(
    {"operator": OPERATORS, "execution": EXECUTIONS, "assembly": ASSEMBLIES, "mode": get_args(Mode)}
)
"""The fields of a method that are closed words, with those that there are."""

Builder = Callable[..., Callable[..., Any]]
"""Takes the bound objective f(x, *data), and the number of rows at a time (None: all) where a method has chunks.

It returns a function of what the operator takes (`Operator.takes`), then the basis where one is needed, or the arrays
of the compression where the result is sparse (seeds (colors, n), indices (nnz,)), then `*data`. A method with an
analysis of its own is given what that has planned, too: `build(f, plan=...)`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One named way in which one backend computes one operator.

    Raises:
        ValueError: Operator, execution, assembly or mode is none of the known words.

    Attributes:
        name: Unique within its backend; ends with the execution.
        operator: A key of `OPERATORS`.
        execution: A key of `EXECUTIONS`.
        mode: The sweeps, outer over inner; one alone for a gradient and in Taylor mode; "" for f itself.
        assembly: A key of `ASSEMBLIES`: how the result is put together.
        chunk: Rows at a time, as a number or "all", for a method that has that choice; `at_chunk` makes the others.
        stock: The stock API that the method stands for, or the empty string.
        cost: What it costs, in gradients, where that is not the operator's usual cost.
        since: The first version of the framework that has it.
        requires: Modules that must be installed beside the framework.
        default: Whether a well-informed person would try it first (`--method default`).
        summary: One sentence for `hessbench list methods` and the report.
        faults: Known faults of the framework that make it fail or wrong; those that look like it are added to the
            reason of such a cell.
        pitfalls: What else to know before using it, likewise.
        refusals: What it is known not to do.
        build: The function that builds it, a `Builder`.
        least_chunk: The smallest number of rows at a time that it can do.
        needs_basis: Whether the identity (n, n) is passed as an argument, so that no compiler can bake
            it into the program.
        accuracy: The power p in the expected relative error of order eps**p: 1 for automatic
            differentiation, smaller for finite differences.
        needs: What it asks of the Hessian, a key of `NEEDS`.
        tolerance: The relative residual at which it stops, where it iterates; else 0.
        parts: Methods that are built in its place, where the host drives them.
        around: What drives them: (backend, *built parts) -> a function of what the operator takes, then `*data`.
        counts: As `build` (or `around`), but the function gives the number of iterations.
        analyze: Of a sparse method, what finds pattern and coloring; None leaves it to hessbench.
        estimate: Which estimator it is, where its result is a random one; the probes are passed as the basis is.
    """

    name: str
    operator: OperatorName
    execution: Execution
    mode: Mode = ""
    assembly: Assembly = ""
    chunk: str = ""
    stock: str = ""
    cost: str = ""
    since: str = ""
    requires: tuple[str, ...] = ()
    default: bool = True
    summary: str
    faults: tuple[KnownFault, ...] = ()
    pitfalls: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    build: Builder = field(repr=False, compare=False)
    least_chunk: int = 1
    needs_basis: bool = False
    accuracy: float = 1.0
    needs: Needs = ""
    tolerance: float = 0.0
    parts: tuple[Method, ...] = field(default=(), repr=False, compare=False)
    around: Callable[..., Callable[..., Any]] | None = field(default=None, repr=False, compare=False)
    counts: Callable[..., Callable[..., Any]] | None = field(default=None, repr=False, compare=False)
    analyze: Analysis | None = field(default=None, repr=False, compare=False)
    estimate: Estimate | None = None

    def __post_init__(self) -> None:
        """A third party's backend has no type checker over it: an unknown word is said here, with those there are."""
        for what, known in _WORDS.items():
            if (word := getattr(self, what)) not in known:
                listing = ", ".join(map(repr, known))
                raise ValueError(f"method {self.name}: {what} {word!r} is unknown; known: {listing}")

    @property
    def counting(self) -> Method | None:
        """What gives the number of iterations in the place of the result; None where nothing iterates."""
        if self.counts is None:
            return None
        return replace(self, around=self.counts) if self.parts else replace(self, build=self.counts)

    @property
    def outer(self) -> str:
        """The sweep of the outer derivative, or the only one."""
        return self.mode.partition("-over-")[0]

    @property
    def inner(self) -> str:
        """The sweep of the inner derivative; empty where there is one sweep only."""
        return self.mode.partition("-over-")[2]

    def make(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The function that computes the operator for the bound objective f."""
        if not self.chunk:
            return self.build(f)
        return self.build(f, None if self.chunk == ALL_ROWS else int(self.chunk))

    def planned(self, compression: Compression | None) -> Method:
        """The same method with what its own analysis has found; itself where it has none."""
        if compression is None or compression.plan is None:
            return self
        return replace(self, build=partial(self.build, plan=compression.plan))

    def at_chunk(self, chunk: str) -> Method:
        """The same method with so many rows at a time: a number or "all"; itself where it has no chunks."""
        if not self.chunk:
            return self
        return replace(self, chunk=chunk, name=_CHUNK.sub(f"-chunk{chunk}-", self.name))

    def at_products(self, products: int, seed: int) -> Method:
        """The same estimator with so many products from another seed; itself where it is none."""
        if self.estimate is None:
            return self
        other = replace(self.estimate, products=products, seed=seed)
        return replace(self, estimate=other, name=_PRODUCTS.sub(f"-{other.tag}-", self.name))

    def known(self, status: str, reason: str, operations: frozenset[str]) -> str:
        """What is known of a failure that looks like this one, as the end of a reason; empty where nothing is.

        Args:
            status: What became of the cell.
            reason: Why.
            operations: Names of the vocabulary that f uses, as far as they are known.

        Returns:
            The texts of the faults that explain it.
        """
        told = [fault.text for fault in self.faults if fault.explains(status, reason, operations)]
        return f" (known of this method: {'; '.join(told)})" if told else ""

    def facts(self) -> dict[str, Any]:
        """The declaration as plain JSON data, without the function."""
        facts = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _UNTOLD}
        return facts | {
            "outer": self.outer,
            "inner": self.inner,
            "cost": self.cost or OPERATORS[self.operator].cost,
            "estimator": self.estimate.estimator if self.estimate else "",
            "products": self.estimate.products if self.estimate else None,
            "refusals": tuple(refusal.reason for refusal in self.refusals),
            "faults": tuple(fault.text for fault in self.faults),
        }


def declare(
    name: str,
    executions: Sequence[Execution],
    build: Builder,
    *,
    operator: OperatorName,
    summary: str,
    default: Sequence[Execution] = (),
    mode: Mode = "",
    assembly: Assembly = "",
    chunk: str = "",
    least_chunk: int = 1,
    stock: str = "",
    cost: str = "",
    since: str = "",
    requires: tuple[str, ...] = (),
    needs_basis: bool = False,
    accuracy: float = 1.0,
    analyze: Analysis | None = None,
    faults: tuple[KnownFault, ...] = (),
    pitfalls: tuple[str, ...] = (),
    refusals: tuple[Refusal, ...] = (),
    estimate: Estimate | None = None,
) -> tuple[Method, ...]:
    """One method per execution of the same function, named `<name>-<execution>` (`<name>-chunk<chunk>-<execution>`).

    That of an estimator is `<name>-m<products>-<execution>`, with a seed but 0 `<name>-m<products>s<seed>-<execution>`.

    Args:
        name: The stem of the names.
        executions: The executions that the function is declared in.
        build: The function that builds the method in each of them.
        operator: What is computed.
        summary: One sentence for the catalogue.
        default: The executions that belong to the default tier.
        mode: The sweeps, outer over inner.
        assembly: How the result is put together.
        chunk: Rows at a time, for a method that has that choice.
        least_chunk: The smallest number of rows at a time.
        stock: The stock API that the method stands for.
        cost: The cost in gradients, where it is not the operator's usual one.
        since: The first version of the framework that has it.
        requires: Modules beside the framework.
        needs_basis: Whether the identity is passed as an argument.
        accuracy: The power of eps in the expected relative error.
        analyze: What finds pattern and coloring of a sparse method, where it is not hessbench.
        faults: Known faults of the framework, with their threads.
        pitfalls: What else to know.
        refusals: What it is known not to do.
        estimate: Which estimator it is.

    Returns:
        The methods, in the order of the executions.
    """
    stem = f"{name}-chunk{chunk}" if chunk else name
    stem = f"{stem}-{estimate.tag}" if estimate else stem
    return tuple(
        Method(
            name=f"{stem}-{execution}",
            operator=operator,
            execution=execution,
            mode=mode,
            assembly=assembly,
            chunk=chunk,
            stock=stock,
            cost=cost,
            since=since,
            requires=requires,
            default=execution in default,
            summary=summary,
            faults=faults,
            pitfalls=pitfalls,
            refusals=refusals,
            build=build,
            least_chunk=least_chunk,
            needs_basis=needs_basis,
            accuracy=accuracy,
            analyze=analyze,
            estimate=estimate,
        )
        for execution in executions
    )


def with_faults(methods: Iterable[Method], by_mode: Mapping[str, tuple[KnownFault, ...]]) -> tuple[Method, ...]:
    """The methods, each with those known faults that all methods of its mode share, after its own."""
    return tuple(replace(method, faults=(*method.faults, *by_mode.get(method.mode, ()))) for method in methods)


def find(methods: Iterable[Method], name: str) -> Method:
    """The method of that name, also at another chunk, number of products or seed; a `KeyError` where there is none."""
    declared = {method.name: method for method in methods}
    if name not in declared and (asked := _CHUNK.search(name)):
        variants = (method.at_chunk(asked[1]) for method in declared.values() if method.chunk)
        declared |= {method.name: method for method in variants}
    if name not in declared and (asked := _PRODUCTS.search(name)):
        others = (m.at_products(int(asked[1]), int(asked[2] or 0)) for m in declared.values() if m.estimate)
        declared |= {method.name: method for method in others}
    return declared[name]
