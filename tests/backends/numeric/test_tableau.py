"""Extrapolation to step zero: what is exact, what is trusted, and whom noise is blamed on."""

import numpy as np
import pytest

from hessbench.backends.numeric.tableau import Tableau

HALVED = (1.0, 0.5, 0.25, 0.125)
UNEVEN = (1.0, 0.75, 0.5, 0.375, 0.25, 0.03125)


def extrapolated(steps, of, rounding=0.0):
    tableau = Tableau()
    for step in steps:
        tableau.add(step, np.array([of(step)]), np.array([rounding]))
    return tableau.value[0], tableau.error[0]


@pytest.mark.parametrize("steps", [HALVED, UNEVEN])
def test_a_series_in_the_square_of_the_step_is_summed(steps):
    value, error = extrapolated(steps, lambda h: 3 + 2 * h**2 - h**4 / 2 + h**6 / 9)
    assert value == pytest.approx(3, abs=1e-13)
    assert error >= 0


@pytest.mark.parametrize("steps", [HALVED, UNEVEN])
def test_the_error_estimate_covers_what_is_left_of_a_series(steps):
    value, error = extrapolated(steps, lambda h: np.sin(h) / h)
    assert 0 < abs(value - 1) <= error


def test_nothing_is_known_of_one_approximation():
    value, error = extrapolated((1.0,), lambda h: h)
    assert np.isnan(value)
    assert np.isinf(error)


def test_zero_without_rounding_is_known():
    value, error = extrapolated(HALVED, lambda h: 0.0)
    assert value == 0
    assert error < 1e-300


def test_what_left_the_domain_is_never_chosen():
    value, error = extrapolated(HALVED, lambda h: np.nan if h > 0.3 else 1 + h**2)
    assert value == pytest.approx(1, abs=1e-14)
    assert np.isfinite(error)


NOISE = 1e-3


def noisy(step):
    """1 + h^2 with an error like that of a second difference, and a sign that alternates."""
    return 1 + step**2 + NOISE * 1e-3 / step**2 * (-1) ** int(8 / step)


def test_noise_that_nobody_announced_is_seen():
    value, error = extrapolated(HALVED, noisy, rounding=1e-12)
    assert abs(value - 1) <= 4 * error


def test_an_approximation_without_noise_is_not_blamed_for_those_before_it():
    """Rounding errors of 1e-3 in the coarse ones, of 1e-9 in a last one at a step 8 times as small."""
    rng = np.random.default_rng(0)
    coarse, fine = Tableau(), Tableau()
    for step in UNEVEN[:-1]:
        seen, rounding = 1 + step**2 + 1e-4 * rng.standard_normal(100), np.full(100, 1e-3)
        for tableau in (coarse, fine):
            tableau.add(step, seen, rounding)
    fine.add(UNEVEN[-1], 1 + UNEVEN[-1] ** 2 + 1e-10 * rng.standard_normal(100), np.full(100, 1e-9))
    assert np.all(np.abs(fine.value - 1) <= fine.error)
    assert np.max(fine.error) < np.max(coarse.error) / 20


def test_it_is_noisy_when_rounding_is_all_that_is_left():
    tableau = Tableau()
    for step in HALVED[:2]:
        tableau.add(step, np.array([1 + step**4]), np.array([1e-9]))
    assert not tableau.noisy(8)
    for step in HALVED[2:]:
        tableau.add(step, np.array([1 + step**4]), np.array([1e-9]))
    assert tableau.noisy(8)
    assert tableau.known(np.array([1.0]))
