"""What a record says of a pattern."""

import numpy as np

from hessbench.backends.contract.compression import Compression
from hessbench.harness.worker.patterns import SIDE, known_of, picture


def chain(n, **facts):
    i = np.arange(n)
    return Compression(n=n, rows=np.r_[i, i[1:], i[:-1]], cols=np.r_[i, i[:-1], i[1:]], **facts)


def test_a_small_pattern_is_drawn_entry_by_entry():
    assert picture(chain(4, colors=3, color_of=np.array([0, 1, 2, 0]))) == "ab..\nabc.\n.bca\n..ca"
    assert picture(chain(3)) == "++.\n+++\n.++"


def test_a_large_pattern_is_drawn_in_squares():
    lines = picture(chain(100_000, colors=3, color_of=np.arange(100_000) % 3)).splitlines()
    assert {len(line) for line in lines} == {SIDE}
    assert len(lines) == SIDE
    assert all(lines[k][k] == "#" for k in range(SIDE))
    assert lines[0][SIDE - 1] == "."


def test_what_is_known_is_told_and_what_takes_time_later():
    at = chain(4, colors=3, color_of=np.array([0, 1, 2, 0]), later=lambda: {"detect_s": 1.0})
    found = known_of(at)
    assert (found["nnz"], found["colors"], found["detect_s"]) == (10, 3, 1.0)
    assert known_of(None) == {}
