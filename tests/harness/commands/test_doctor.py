"""The doctor's look at a backend's clock."""

import os
from pathlib import Path

from hessbench.harness.commands import doctor
from hessbench.harness.planning.grid import Cell
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


def test_an_honest_clock_is_trusted():
    finding = inspection.inspect_backend("numpy")
    assert finding.false_clock == ""
    assert finding.clock > 0
    assert "clock: calls in a row take" in doctor.line(finding)
