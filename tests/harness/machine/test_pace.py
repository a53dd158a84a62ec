"""What is usual is learned from readings that are made up."""

import pytest

from hessbench.harness.machine import pace
from hessbench.results.stored.pace import usual


@pytest.fixture
def clock(monkeypatch):
    """Readings to come; the last one repeats."""
    readings = [1.0]
    monkeypatch.setattr(pace, "work", lambda: readings[0] if len(readings) == 1 else readings.pop(0))
    return readings


def test_usual_is_what_a_core_takes_that_is_left_alone():
    assert usual([2.0] * 60 + [1.0] * 40) == 1.0
    assert usual([1.0] * 98 + [0.7] * 2) == 1.0  # the first seconds of a cold processor


def test_a_slower_core_is_told_at_once(clock):
    found = pace.Pace()
    clock[:] = [1.4]
    assert found.read() == (1.4, pytest.approx(1.4))


def test_a_process_that_begins_in_slow_seconds_knows_it_from_earlier_ones(clock):
    clock[:] = [1.4]
    assert pace.Pace().read()[1] == pytest.approx(1.0)
    assert pace.Pace(usual_s=1.0).read()[1] == pytest.approx(1.4)


def test_a_core_that_stays_slower_is_usual_in_the_end(clock):
    found = pace.Pace()
    clock[:] = [1.4]
    for _ in range(pace.KEPT):
        last = found.read()[1]
    assert last == pytest.approx(1.0)


def test_the_work_takes_time():
    assert pace.work() > 0
