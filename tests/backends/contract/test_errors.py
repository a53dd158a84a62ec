"""What messages have in common."""

import math

import pytest

from hessbench.backends.contract.errors import told_apart


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ((1.0, 1.0 + 1e-8), ("1", "1.00000001")),
        ((0.75, 0.75 + 3e-9), ("0.75", "0.750000003")),
        ((0.0, 20.0), ("0", "20")),
        ((2.0, 2.0), ("2", "2")),
        ((math.inf, 1.0), ("inf", "1")),
        ((math.nan, 1.0), ("nan", "1")),
    ],
)
def test_numbers_that_are_nearly_the_same_are_told_apart(pair, told):
    assert (told_apart(*pair), told_apart(*reversed(pair))) == told
