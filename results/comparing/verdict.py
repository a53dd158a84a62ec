"""Faster, slower or the same: the verdict on one cell that was measured on two sides.

Paired launches, in random order within each pair, are tested on the log ratio of their fastest samples with an exact
randomization test against a dead band of 1 %; a few pairs screen, fresh ones confirm, and the false discovery rate
over all confirmed cells is held. Rules that take the samples of a process for replicates call 37 to 66 % of the pairs
of identical code different on shared machines; `hessbench calibrate` measures what this one does here.
Runs that were not interleaved cannot tell drift from change: there a change must separate all launches of the two sides
and pass the band that this machine was seen to drift in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from hessbench.results.comparing.statistics import hodges_lehmann, q_values, sign_flip

FASTER, SLOWER, SAME, INCONCLUSIVE = "FASTER", "SLOWER", "SAME", "INCONCLUSIVE"
NEW_FAILURE, FIXED, NOT_COMPARABLE = "NEW_FAILURE", "FIXED", "NOT_COMPARABLE"
UNPAIRED = "unpaired: drift not controlled"
"""What is noted of every ratio of runs that were not interleaved."""
VERDICTS = (SLOWER, NEW_FAILURE, FASTER, FIXED, SAME, INCONCLUSIVE, NOT_COMPARABLE)

SCREENING, CONFIRMING = 6, 20
"""Pairs of each stage."""
BAND = math.log(1.01)
"""A change below this is none, whatever is known of it."""
SUSPICION = math.log(1.02)
"""A median of the screening pairs beyond this sends a cell to confirmation: a change of 5 % hardly ever misses it."""
DISCOVERY = 0.02
"""False discovery rate of what is called a change."""
SAMENESS = math.log(1.03)
"""An interval within this is called the same."""
DRIFT = math.log(1.25)
"""How far runs of the same code may lie apart that were not interleaved, where nobody has calibrated this machine."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of one cell.

    Attributes:
        verdict: One of `VERDICTS`.
        reason: Why, where the numbers do not say it.
        ratio: Time of B over time of A; above 1 B is slower.
        low: Lower end of its 95 % interval.
        high: Upper end.
        pairs: Pairs of launches behind it.
        p_value: P-value of the confirming test.
        q_value: The same, corrected for the number of cells that were confirmed.
    """

    verdict: str
    reason: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    pairs: int = 0
    p_value: float | None = None
    q_value: float | None = None


def suspicious(screening: Sequence[float]) -> bool:
    """Whether the log ratios of the screening pairs call for confirmation."""
    return len(screening) >= SCREENING and abs(float(np.median(screening))) > SUSPICION


def paired(cells: Sequence[tuple[Sequence[float], Sequence[float]]]) -> list[Verdict]:
    """Verdicts on cells measured in interleaved pairs.

    Args:
        cells: Log ratios (B over A) of the screening pairs and of the confirming pairs of each cell. The confirming
            ones, if any, alone decide whether there is a change, because screening has picked the cell for its own.

    Returns:
        A verdict for each cell, in the same order.
    """
    p = [sign_flip(confirming, BAND) if confirming else None for _, confirming in cells]
    corrected = iter(q_values([value for value in p if value is not None]))
    q = [None if value is None else next(corrected) for value in p]
    return [_paired(*cell, *values) for cell, *values in zip(cells, p, q, strict=True)]


def _paired(screening: Sequence[float], confirming: Sequence[float], p: float | None, q: float | None) -> Verdict:
    pairs = len(screening) + len(confirming)
    if pairs == 0:
        return Verdict(NOT_COMPARABLE, "no pair of launches measured it")
    estimate, low, high = hodges_lehmann(confirming or screening)
    if q is not None and q <= DISCOVERY:
        verdict = SLOWER if estimate > 0 else FASTER
    else:
        verdict = SAME if max(-low, high) <= SAMENESS else INCONCLUSIVE
    return Verdict(verdict, "", *_ratios((estimate, low, high)), pairs, p, q)


def unpaired(a: Sequence[float], b: Sequence[float], drift: float = DRIFT) -> Verdict:
    """The verdict on one cell of two stored runs.

    Args:
        a: Fastest samples of A's launches, seconds.
        b: Fastest samples of B's launches, seconds.
        drift: Log ratio that launches of the same code can lie apart on this machine at different times.

    Returns:
        A change only where all launches of the two sides lie further apart than the drift.
    """
    pairs = min(len(a), len(b))
    if pairs == 0:
        return Verdict(NOT_COMPARABLE, "not measured on both sides")
    logs = [math.log(late / early) for early, late in product(a, b)]
    estimate, low, high = float(np.median(logs)), min(logs) - drift, max(logs) + drift
    ratios = _ratios((estimate, low, high))
    if pairs < 2:
        return Verdict(INCONCLUSIVE, "one launch only; run with --rounds 3 or more", *ratios, pairs)
    if low > 0 or high < 0:
        return Verdict(SLOWER if low > 0 else FASTER, "", *ratios, pairs)
    return Verdict(SAME if max(-min(logs), max(logs)) <= drift else INCONCLUSIVE, "", *ratios, pairs)


def separation(a: Sequence[float], b: Sequence[float]) -> float:
    """Log ratio by which all launches of one side are beyond all of the other; negative where they overlap."""
    logs = [math.log(late / early) for early, late in product(a, b)]
    return max(min(logs), -max(logs))


def _ratios(logs: tuple[float, float, float]) -> tuple[float | None, float | None, float | None]:
    """Ratios of log ratios; what is unbounded is None."""
    estimate, low, high = (math.exp(value) if math.isfinite(value) else None for value in logs)
    return estimate, low, high
