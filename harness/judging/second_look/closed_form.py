"""Whether a closed form is false: differences of f contradict it, and agree with the result that it accuses.

A closed form is a person's own, too. Where it is right, differences of f say within their bound what it says, and
whoever differs from it stays wrong, however many do. Only a result that differences clearly side with is not accused.
Closed forms of our own suites are not asked about: tests hold them against differences, and where f has a kink, or its
text loses digits, they are the definition.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.accuracy import Verdict
from hessbench.suites import registry

CLEARLY = 1e3
"""How much nearer to what differences say, and how much better known that must be."""


def is_ours(suite: str) -> bool:
    """Whether a suite is one of hessbench's, or installed beside it, and no file of a person's."""
    return suite in registry()


def doubted(verdict: Verdict, name: str) -> Verdict:
    """The verdict where a closed form is in doubt, and not the result."""
    reason = f"the closed form of {name} disagrees with differences of f, which agree with this result"
    return replace(verdict, status="unverifiable", fault="", reason=f"{reason}: {verdict.reason}")


def side_with(found: FloatArray, stated: FloatArray, value: FloatArray, bound: FloatArray) -> bool:
    """Whether measured numbers clearly side with what was found, and not with what is stated.

    Args:
        found: Of a result.
        stated: Of a closed form.
        value: As measured.
        bound: How well that is known.

    Returns:
        Whether they do.
    """
    clearly = float(np.max(np.abs(stated - value), initial=0)) / CLEARLY
    return bool(np.all(np.abs(found - value) <= clearly) and np.all(bound <= clearly))
