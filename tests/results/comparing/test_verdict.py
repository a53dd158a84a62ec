"""Verdicts on numbers whose truth is known: nothing, a real change, drift, too few launches."""

import math

import numpy as np
import pytest

from hessbench.results.comparing import verdict
from hessbench.results.comparing.verdict import (
    CONFIRMING,
    FASTER,
    INCONCLUSIVE,
    NOT_COMPARABLE,
    SAME,
    SCREENING,
    SLOWER,
    paired,
    unpaired,
)


def logs(rng, ratio, pairs, noise):
    """Log ratios of pairs of launch minima: mostly quiet, now and then a neighbor on one side."""
    busy = rng.choice([0, 1, -1], pairs, p=[0.8, 0.1, 0.1]) * rng.uniform(0.1, 0.6, pairs)
    return list(math.log(ratio) + noise * rng.standard_normal(pairs) + busy)


def staged(rng, ratio, noise=0.01):
    """Both stages of a cell, as a live comparison does them."""
    screening = logs(rng, ratio, SCREENING, noise)
    return screening, logs(rng, ratio, CONFIRMING, noise) if verdict.suspicious(screening) else []


@pytest.mark.parametrize("noise", [0.003, 0.02, 0.05])
def test_identical_code_is_called_different_in_less_than_one_of_a_thousand_cells(noise):
    rng = np.random.default_rng(7)
    found = [v.verdict for _ in range(10) for v in paired([staged(rng, 1.0, noise) for _ in range(100)])]
    assert sum(name in (SLOWER, FASTER) for name in found) <= 2


@pytest.mark.parametrize(("change", "power"), [(1.10, 0.9), (1.05, 0.8)])
def test_real_changes_are_found(change, power):
    rng = np.random.default_rng(8)
    found = paired([staged(rng, change) for _ in range(200)])
    assert np.mean([v.verdict == SLOWER for v in found]) >= power
    assert np.mean([v.low <= change <= v.high for v in found]) >= 0.9
    faster = paired([staged(rng, 1 / change) for _ in range(200)])
    assert np.mean([v.verdict == FASTER for v in faster]) >= power


def test_a_single_change_among_many_that_are_none_is_found():
    rng = np.random.default_rng(9)
    found = paired([staged(rng, 1.2 if i == 0 else 1.0) for i in range(100)])
    assert [v.verdict for v in found].count(SLOWER) == 1
    assert found[0].verdict == SLOWER


def test_a_quiet_cell_is_the_same_and_a_noisy_one_is_inconclusive():
    quiet, noisy = paired(
        [([0.001, -0.002, 0.0015, -0.001, 0.002, -0.0005], []), ([0.3, -0.2, 0.1, -0.1, 0.2, -0.3], [])]
    )
    assert (quiet.verdict, noisy.verdict) == (SAME, INCONCLUSIVE)
    assert quiet.low < 1 < quiet.high


def test_the_pairs_that_raised_suspicion_do_not_decide():
    (found,) = paired([([0.5] * 6, list(np.linspace(-0.02, 0.02, CONFIRMING)))])
    assert found.verdict == SAME
    assert found.ratio == pytest.approx(1.0)
    assert found.pairs == SCREENING + CONFIRMING


def test_a_change_below_the_dead_band_is_none():
    (found,) = paired([([0.008] * 6, list(np.linspace(0.006, 0.009, CONFIRMING)))])
    assert found.verdict == SAME
    assert found.p_value == 1.0


def test_few_pairs_and_none():
    few, none = paired([([0.1, 0.2], []), ([], [])])
    assert few.verdict == INCONCLUSIVE
    assert few.low is few.high is None
    assert none.verdict == NOT_COMPARABLE


def test_stored_runs_must_differ_by_more_than_the_drift():
    assert unpaired([1.0, 1.1, 1.05], [1.2, 1.3, 1.25], drift=math.log(1.25)).verdict == INCONCLUSIVE
    assert unpaired([1.0, 1.1, 1.05], [2.0, 2.2, 2.1], drift=math.log(1.25)).verdict == SLOWER
    assert unpaired([2.0, 2.2, 2.1], [1.0, 1.1, 1.05], drift=math.log(1.25)).verdict == FASTER
    assert unpaired([1.0, 1.1, 1.05], [1.05, 1.0, 1.1], drift=math.log(1.25)).verdict == SAME


def test_one_launch_decides_nothing():
    found = unpaired([1.0], [100.0])
    assert found.verdict == INCONCLUSIVE
    assert "--rounds 3" in found.reason


def test_separation_is_the_gap_between_the_sides():
    assert verdict.separation([1.0, 1.1], [2.2, 2.4]) == pytest.approx(math.log(2))
    assert verdict.separation([2.2, 2.4], [1.0, 1.1]) == pytest.approx(math.log(2))
    assert verdict.separation([1.0, 2.0], [1.5, 1.6]) < 0
