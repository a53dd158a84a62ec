"""Which numbers of variables a size accepts, and the words for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hessbench.suites.definition.size import Size

UP_TO = 40


@pytest.mark.parametrize(
    ("size", "rule", "accepted"),
    [
        (Size.any(), "n >= 1", range(1, UP_TO)),
        (Size.at_least(3), "n >= 3", range(3, UP_TO)),
        (Size.exactly(5), "n = 5", [5]),
        (Size.multiple_of(2), "n even", range(2, UP_TO, 2)),
        (Size.multiple_of(2, least=4), "n even, at least 4", range(4, UP_TO, 2)),
        (Size.multiple_of(3), "n a multiple of 3", range(3, UP_TO, 3)),
        (Size.multiple_of(3, least=6), "n a multiple of 3, at least 6", range(6, UP_TO, 3)),
        (Size.square(), "n = k^2, k >= 2", [4, 9, 16, 25, 36]),
        (Size.square(root="m"), "n = m^2, m >= 2", [4, 9, 16, 25, 36]),
        (Size.square(times=2), "n = 2 k^2, k >= 2", [8, 18, 32]),
        (Size.square(least=1, times=3, root="d"), "n = 3 d^2", [3, 12, 27]),
        (Size("n prime, below 6", lambda n: n in (2, 3, 5)), "n prime, below 6", [2, 3, 5]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_size_accepts_what_its_rule_says(size, rule, accepted):
    assert size.rule == rule
    assert [n for n in range(-2, UP_TO) if size.accepts(n)] == list(accepted)


@given(st.integers(2, 2**26), st.integers(1, 5))
def test_large_squares_are_told_from_their_neighbors(k, times):
    size = Size.square(times=times)
    assert size.accepts(times * k * k)
    assert not size.accepts(times * k * k - 1)
    assert not size.accepts(times * k * k + 1)
