"""Declared capability: what a method is known not to do, as data, with the thread where that is said.

A refusal spares a run an exception, a crash or an hour. `tests/backends/contract/test_refusals.py` tries what is
refused, so that a refusal that a new version has cured is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemFacts:
    """What a backend may know of a problem before it refuses a method.

    Attributes:
        n: Number of variables.
        operations: Names of the vocabulary that the objective uses ("exp", "linalg.solve").
    """

    n: int
    operations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that a method does not do.

    Attributes:
        reason: Why, in one line, with the upstream thread or what was measured.
        operations: Names of the vocabulary; the method is refused if the objective uses one of them.
            Empty: it is refused whatever the objective uses.
        above: It is refused only for more variables than this.
        execution: It is refused only in this execution.
    """

    reason: str
    operations: tuple[str, ...] = ()
    above: int = 0
    execution: str = ""

    def applies(self, facts: ProblemFacts, execution: str) -> bool:
        """Whether such a problem is refused in that execution."""
        return (
            facts.n > self.above
            and self.execution in ("", execution)
            and (not self.operations or not facts.operations.isdisjoint(self.operations))
        )
