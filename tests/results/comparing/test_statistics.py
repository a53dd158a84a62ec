"""Intervals over launches and fits of growth: coverage and exponents that are known beforehand."""

import math
from itertools import product

import numpy as np
import pytest

from hessbench.results.comparing.statistics import (
    _signed_rank_probabilities,
    hodges_lehmann,
    median_interval,
    proportion_interval,
    q_values,
    sign_flip,
)
from hessbench.results.tables.growth import fit, largest


@pytest.mark.parametrize(("count", "coverage"), [(2, 0.5), (3, 0.75), (5, 0.9375), (6, 0.96875), (10, 0.978515625)])
def test_an_interval_says_its_coverage(count, coverage):
    low, high, covered = median_interval(range(count))
    assert covered == coverage
    assert (low, high) == ((1, count - 2) if count == 10 else (0, count - 1))


def test_one_launch_has_no_interval():
    assert all(math.isnan(end) for end in median_interval([1.0])[:2])


@pytest.mark.parametrize("count", [3, 6, 10, 15])
def test_the_stated_coverage_holds_for_skewed_noise(count):
    draws = np.random.default_rng(count).lognormal(sigma=0.5, size=(4000, count))
    found = [median_interval(row) for row in draws]
    inside = np.mean([low <= 1 <= high for low, high, _ in found])
    assert inside == pytest.approx(found[0][2], abs=0.02)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0, 3.0])
def test_a_power_law_is_found(exponent):
    sizes = [8, 16, 32, 64, 128]
    law = fit(sizes, [3e-6 * n**exponent for n in sizes])
    assert law.exponent == pytest.approx(exponent)
    assert law.low == pytest.approx(exponent)
    assert law.high == pytest.approx(exponent)
    assert law.at(1000) == pytest.approx(3e-6 * 1000**exponent)
    assert law.largest(law.at(300)) == pytest.approx(300)


def test_what_a_call_costs_does_not_hide_the_growth():
    sizes = [2, 4, 8, 64, 256, 512, 1024]
    law = fit(sizes, [1e-3 + 1e-7 * n**2 for n in sizes])
    assert law.exponent > 1.8
    assert law.low < 2 < law.high


def test_two_sizes_give_an_exponent_without_an_interval_and_one_gives_nothing():
    law = fit([10, 100], [1.0, 100.0])
    assert law.exponent == pytest.approx(2)
    assert (law.low, law.high) == (-math.inf, math.inf)
    assert fit([10, 10], [1.0, 2.0]) is None
    assert fit([10, 100], [1.0, math.nan]) is None


def test_what_does_not_grow_fits_any_budget():
    assert fit([10, 100, 1000], [1.0, 1.0, 1.0]).largest(1e-9) == math.inf


def test_the_signed_rank_distribution_is_the_enumerated_one():
    chances = _signed_rank_probabilities(5)
    sums = [sum(r for r, heads in zip(range(1, 6), signs, strict=True) if heads) for signs in product((0, 1), repeat=5)]
    assert chances == pytest.approx(np.bincount(sums) / 32)


@pytest.mark.parametrize("count", [6, 12, 15])
def test_the_interval_of_a_shift_covers_it(count):
    rng = np.random.default_rng(count)
    found = [hodges_lehmann(0.05 + 0.02 * rng.standard_t(2, count)) for _ in range(2000)]
    assert np.mean([low <= 0.05 <= high for _, low, high in found]) >= 0.95 - 0.015
    assert np.median([estimate for estimate, _, _ in found]) == pytest.approx(0.05, abs=0.002)


def test_five_pairs_are_too_few_for_an_interval():
    assert hodges_lehmann([0.1] * 5)[1:] == (-math.inf, math.inf)


@pytest.mark.parametrize("noise", [0.003, 0.1])
def test_no_change_is_found_as_often_as_the_level_says(noise):
    rng = np.random.default_rng(1)
    p = [sign_flip(noise * rng.standard_t(2, 12), band=0.01) for _ in range(1500)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 0.015


def test_a_change_within_the_band_is_none():
    assert sign_flip(np.linspace(0.004, 0.009, 12), band=0.01) == 1.0
    assert sign_flip(np.linspace(0.004, 0.009, 12)) < 0.001


def test_a_few_wild_pairs_do_not_hide_a_change():
    steady = np.linspace(0.09, 0.11, 12)
    assert sign_flip([*steady, -0.6, -0.5], band=0.01) < 0.02
    assert sign_flip([*steady, -0.6, -0.5, -0.4, -0.6, -0.5, -0.4, -0.6, -0.5, -0.4, -0.5]) > 0.05


def test_all_of_one_sign_is_the_least_p_value():
    assert sign_flip([0.1] * 10) == pytest.approx(2 / 2**10)


def test_q_values_are_those_of_benjamini_and_hochberg():
    assert q_values([0.01, 0.02, 0.03, 0.5]) == pytest.approx([0.04, 0.04, 0.04, 0.5])
    assert q_values([]) == []


def test_no_hit_in_a_thousand_has_a_known_upper_limit():
    low, high = proportion_interval(0, 1000)
    assert (low, high) == (0, pytest.approx(0.003682, abs=1e-5))


def test_a_run_has_the_growth_of_every_method_and_the_n_that_fits_a_budget(make_run, record):
    rows = [record(n=n, min_s=1e-6 * n**2) for n in (10, 30, 100, 300)]
    rows += [record("torch", "m", n=n, min_s=1e-6 * n**3) for n in (10, 30, 100)] + [record("numpy", "one size")]
    found = largest(make_run(rows).summary, 1.0)
    assert list(found["backend"]) == ["jax", "torch"]
    assert found["exponent"].tolist() == pytest.approx([2, 3])
    assert found["largest_n"].tolist() == pytest.approx([1000, 100])
    assert found["largest_n_measured"].tolist() == [300, 100]


def test_no_n_is_stated_that_the_fit_does_not_support(make_run, record):
    """Two sizes of a millisecond each said n = 318 459 607; so would a Hessian that no memory holds."""
    rows = [record("jax", "two", n=n, min_s=1e-3 * n**0.05) for n in (10, 20)]
    rows += [record("torch", "three", n=n, min_s=1e-3 * n**0.05) for n in (10, 20, 40)]
    rows += [record("numpy", "noisy", n=n, min_s=s) for n, s in ((10, 1e-3), (20, 1e-1), (40, 2e-3))]
    rows += [record("casadi", "slow", n=n, min_s=1.0 * n**2) for n in (10, 20, 40)]
    found = largest(make_run(rows).summary, 1.0).set_index("backend")
    assert found["largest_n"].to_dict() == {"jax": 20, "torch": 400, "numpy": 40, "casadi": pytest.approx(1)}
    assert found["limit"].to_dict() == {"jax": "measured", "torch": "measured", "numpy": "measured", "casadi": ""}
    small = largest(make_run(rows).summary, 1.0, memory_bytes=8 * 100**2).set_index("backend")
    assert (small.loc["torch", "largest_n"], small.loc["torch", "limit"]) == (100, "memory")
    assert largest(make_run(rows).summary, 1e-9).set_index("backend")["limit"]["casadi"] == "smallest"
