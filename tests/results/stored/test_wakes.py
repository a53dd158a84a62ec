"""Which times hang on how fast threads are woken."""

import math

import pytest

from hessbench.results.stored.wakes import PART, WAKE_S, doubtful


@pytest.mark.parametrize(
    ("min_s", "sleeps", "said"),
    [
        (WAKE_S, 1.0, True),
        (WAKE_S / PART, 1.0, False),
        (WAKE_S / PART, 1.1, True),
        (1e-6, 0.0, False),
        (1e-6, None, False),
        (1e-6, math.nan, False),
        (math.nan, 1.0, False),
    ],
)
def test_a_time_hangs_on_waking_where_that_may_be_much_of_it(min_s, sleeps, said):
    assert doubtful(min_s, sleeps) == said
