"""The doctor's look at a backend's clock."""

import os
from pathlib import Path

import pytest

from hessbench.harness.commands import doctor
from hessbench.harness.planning.grid import Cell
from hessbench.harness.protocol import CellEnd, Outcome, Ready
from hessbench.harness.running import inspection

FAULTS = Path(__file__).parents[2] / "faults"


def test_a_clock_that_does_not_wait_is_unmasked(faults, monkeypatch):
    """A backend whose `synchronize` returns at once: only a copy of the result shows it."""
    monkeypatch.setenv("PYTHONPATH", str(FAULTS), prepend=os.pathsep)
    cell = Cell("quick", "rosenbrock", 4, "hessian", "faulty", "unsynchronized-eager", "float64", "cpu")
    monkeypatch.setattr(inspection, "_clocked", lambda name: cell)
    finding = inspection.inspect_backend("faulty")
    assert "its result took" in finding.false_clock
    assert "DO NOT TRUST ITS CLOCK" in doctor.line(finding)


def test_a_clock_is_looked_at_by_a_worker():
    """Whether it is trusted hangs on who else computes, and is tried below with readings that are made up."""
    finding = inspection.inspect_backend("numpy")
    assert finding.clock is None or finding.clock > 0
    assert (finding.clock is None) == bool(finding.untried_clock)
    assert "clock" in doctor.line(finding).lower()


@pytest.mark.parametrize(("said", "told"), [("", inspection.UNTRIED), ("f raises", "f raises")])
def test_a_clock_that_was_not_tried_is_not_called_false(said, told):
    finding = inspection._found("numpy", [Ready(0.1), CellEnd("key", Outcome("ok", said))])
    assert doctor.line(finding).endswith(f"its clock could not be tried: {told}")
    assert not finding.false_clock


def seen(burst_s):
    """What a worker says of a clock whose samples take a second."""
    return [Ready(0.1), CellEnd("key", Outcome("ok", facts={"burst_s": burst_s, "median_s": 1.0}))]


@pytest.mark.parametrize(
    ("bursts", "trusted", "launches"),
    [((1.1,), True, 1), ((5.0, 1.1), True, 2), ((5.0, 3.0, 1.1), True, 3), ((5.0, 5.0, 5.0), False, 3)],
)
def test_a_busy_neighbor_does_not_make_a_clock_false(monkeypatch, bursts, trusted, launches):
    """Load comes and goes between sample and burst; a clock that does not wait never does."""
    waiting = list(bursts)

    class Worker:
        def __init__(self, *arguments, inherited=None):
            self.burst = waiting.pop(0)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def messages(self):
            return seen(self.burst)

    monkeypatch.setattr(inspection, "Launch", Worker)
    finding = inspection.inspect_backend("numpy")
    assert (finding.false_clock == "") == trusted
    assert len(bursts) - len(waiting) == launches
