"""Statistics over launches: a launch is the replicate, because samples of one process share its luck.

On identical code, tests over samples of one process called 39 to 61 % of the pairs different; tests over launches
are what holds (Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013, doi:10.1145/2464157.2464160).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

CONFIDENCE = 0.95
"""Coverage that is wanted of every interval."""


def median_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """An interval of the median that assumes nothing of the distribution: two order statistics.

    The k-th smallest and the k-th largest of m values enclose the median with probability 1 - 2 P(B < k), where B is
    binomial(m, 1/2) (Conover, "Practical Nonparametric Statistics", 3rd edition, section 3.2). Fewer than six values
    cannot reach 95 %: their range covers 1 - 2^(1-m), so three launches give 75 %.

    Args:
        values: Replicates.

    Returns:
        Low, high, and the coverage that they really have; NaN without a second value.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    m = ordered.size
    if m < 2:
        return math.nan, math.nan, 0.0
    tail, k, coverage = 0.0, 0, 0.0
    while k < m // 2:
        tail += math.comb(m, k) / 2**m
        # The next order statistics would enclose too little; the outermost pair is kept whatever it covers.
        if k and 1 - 2 * tail < CONFIDENCE:
            break
        k, coverage = k + 1, 1 - 2 * tail
    return float(ordered[k - 1]), float(ordered[m - k]), coverage


def hodges_lehmann(values: Sequence[float]) -> tuple[float, float, float]:
    """The pseudomedian (median of the averages of all pairs) and its exact interval from the signed-rank distribution.

    Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3rd edition, sections 3.2 and 3.3.

    Args:
        values: Replicates, such as log ratios of pairs; at least one.

    Returns:
        Estimate, low, high; the interval is infinite with fewer than six values (for 95 %).
    """
    x = np.asarray(values, dtype=float)
    rows, columns = np.triu_indices(x.size)
    averages = np.sort((x[rows] + x[columns]) / 2)
    below = np.cumsum(_signed_rank_probabilities(x.size))
    cut = int(np.searchsorted(below, (1 - CONFIDENCE) / 2, side="right"))
    low, high = (averages[cut - 1], averages[-cut]) if cut else (-math.inf, math.inf)
    return float(np.median(averages)), float(low), float(high)


def _signed_rank_probabilities(count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """P(T = t), t = 0, 1, ...: T is the sum of those of the ranks 1..count whose coins show heads."""
    chances = np.ones(1)
    for rank in range(1, count + 1):
        chances = 0.5 * (np.pad(chances, (0, rank)) + np.pad(chances, (rank, 0)))
    return chances


def sign_flip(values: Sequence[float], band: float = 0.0) -> float:
    """P-value of an exact randomization test that the center of the values lies within a band around zero.

    The order inside each pair of launches is drawn at random, so without a change every sign is as likely as its
    opposite, by design and whatever the noise is. The statistic is the sum of the values, each limited to the median
    of their sizes (a size does not depend on signs, so the test stays exact): on a shared machine one launch in six
    runs beside a neighbor and takes half as long again, and a few such pairs would outweigh all others in the sum or in
    the signed ranks (in a simulation of that, 15 pairs found a change of 10 % in 40 % of the cases instead of 12 %).

    Maritz, "A note on exact robust confidence intervals for location", Biometrika 66 (1979) 163,
    doi:10.1093/biomet/66.1.163.

    Args:
        values: Log ratios of pairs, at most 24.
        band: Half width of what counts as no change.

    Returns:
        The two-sided p-value: twice the smaller of the two one-sided ones, at most 1.
    """
    x = np.asarray(values, dtype=float)
    return min(1.0, 2 * min(_one_sided(x - band), _one_sided(-x - band)))


def _one_sided(x: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """The share of sign patterns whose sum is at least the one that was seen."""
    limit = float(np.median(np.abs(x)))
    limited = np.clip(x, -limit, limit)
    sums = np.zeros(1)
    for size in np.abs(limited):
        sums = np.concatenate([sums - size, sums + size])
    slack = 1e-9 * float(np.sum(np.abs(limited)))
    return float(np.mean(sums >= limited.sum() - slack))


def q_values(p_values: Sequence[float]) -> list[float]:
    """The least false discovery rate at which each test would be a discovery.

    Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995) 289, doi:10.1111/j.2517-6161.1995.tb02031.x.

    Returns:
        A rate for each p-value, in the same order.
    """
    from scipy.stats import false_discovery_control

    return [float(q) for q in false_discovery_control(p_values)] if p_values else []


def proportion_interval(hits: int, trials: int) -> tuple[float, float]:
    """The exact interval of a proportion.

    Clopper and Pearson, Biometrika 26 (1934) 404, doi:10.1093/biomet/26.4.404.

    Args:
        hits: How many of the trials had the property.
        trials: Number of trials.

    Returns:
        Its lower and upper end.
    """
    from scipy.stats import binomtest

    interval = binomtest(hits, trials).proportion_ci(CONFIDENCE, method="exact")
    return float(interval.low), float(interval.high)


LEAST_LAUNCHES = 3
"""Launches that make a time good for more than factors."""


def settled(minima: Sequence[float], precision: float) -> bool:
    """Whether the launches so far agree: the ends of the median's interval are within `precision` of each other."""
    low, high, _ = median_interval(minima)
    return high <= low * (1 + precision)
