"""The search finds the change wherever it is, in few tries, around what cannot be tried."""

import math

import pytest

from hessbench.harness.versions.search import bisect

RELEASES = [f"1.{number}" for number in range(20)]


@pytest.mark.parametrize("first_bad", range(1, 20))
def test_every_place_is_found_in_few_tries(first_bad):
    tried = []

    def answer(version):
        tried.append(version)
        return "bad" if RELEASES.index(version) >= first_bad else "good"

    found = bisect(RELEASES, answer)
    assert (found.last_good, found.first_bad, found.between) == (RELEASES[first_bad - 1], RELEASES[first_bad], ())
    assert len(tried) <= math.ceil(math.log2(len(RELEASES)))
    assert len(tried) == len(set(tried))


def test_what_cannot_be_tried_is_named_where_it_may_be_the_one():
    def answer(version):
        place = RELEASES.index(version)
        return "skip" if 8 <= place <= 10 else "bad" if place > 9 else "good"

    found = bisect(RELEASES, answer)
    assert (found.last_good, found.first_bad) == ("1.7", "1.11")
    assert found.between == ("1.8", "1.9", "1.10")


def test_neighbors_need_no_try():
    assert bisect(["1", "2"], None).first_bad == "2"
