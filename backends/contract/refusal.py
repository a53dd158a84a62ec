"""Declared capability: what a method is known not to do, or to do wrong, as data, with the thread where that is said.

A refusal spares a run an exception, a crash or an hour. `tests/backends/contract/test_refusals.py` tries what is
refused, so that a refusal that a new version has cured is noticed.
"""

from __future__ import annotations

import re
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


def _through(operations: tuple[str, ...], used: frozenset[str]) -> bool:
    """Whether f uses one of these operations; True where none are named."""
    return not operations or not used.isdisjoint(operations)


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
            facts.n > self.above and self.execution in ("", execution) and _through(self.operations, facts.operations)
        )


@dataclass(frozen=True, slots=True)
class KnownFault:
    """One fault of a framework that a method meets, which explains a failure where it looks like it.

    Attributes:
        text: What happens, in one line, with the upstream thread or the version where it was seen.
        operations: Names of the vocabulary through which it happens; empty where f is not to blame.
        outcomes: What becomes of a cell, of "wrong", "error" and "crashed".
        says: A pattern that the reason of such a cell matches.
    """

    text: str
    operations: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ("wrong", "error", "crashed")
    says: str = ""

    def explains(self, status: str, reason: str, operations: frozenset[str]) -> bool:
        """Whether a failure looks like this one.

        Args:
            status: What became of the cell.
            reason: Why.
            operations: Names of the vocabulary that f uses, as far as they are known.

        Returns:
            True where status, operations and reason all match.
        """
        through = _through(self.operations, operations)
        return status in self.outcomes and through and re.search(self.says, reason) is not None
