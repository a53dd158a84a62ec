"""Whether f has a second derivative at x, told from values on both sides."""

import numpy as np
import pytest

from hessbench.backends.numeric.bends import bend
from hessbench.backends.numeric.noise import measured, near


def found(f, x):
    x = np.array(x)
    seen = near(f, x)
    return bend(measured(f, seen)[0], seen)


def gamma(points):
    """The distributions of gamma variables of shape 2, 3 and 1, in float64: each begins at zero."""
    two, three, one = points.T
    terms = np.stack([1 + two, 1 + three + three**2 / 2, np.ones_like(one)], axis=1)
    y = np.where(points > 0, 1 - terms * np.exp(-points), 0.0)
    return (y + y * y / 2) @ np.array([1.0, 4 / 3, 5 / 3])


@pytest.mark.parametrize("beside", [1.0, -1.0])
def test_a_curvature_that_jumps_is_seen_beside_a_variable_that_f_feels_or_not(beside):
    """Where f does not feel one, steps that suit it are so long that a line through x has no point near x."""
    told = found(gamma, [0.0, 1.0, beside])
    assert told is not None
    assert told.order == 2
    assert (told.before, told.behind) == pytest.approx((0, 1), abs=1e-3)


def test_a_slope_that_jumps_is_a_kink_and_what_is_smooth_neither():
    kink = found(lambda points: np.abs(points[:, 0]) + points[:, 1] ** 2, [0.0, 2.0])
    assert kink is not None
    assert (kink.order, kink.before, kink.behind) == (1, pytest.approx(-1), pytest.approx(1))
    assert found(lambda points: np.exp(points[:, 0]) + points[:, 1] ** 2, [0.0, 2.0]) is None
    assert found(gamma, [0.3, 1.0, -1.0]) is None
