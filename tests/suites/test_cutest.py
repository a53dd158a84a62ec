"""CUTEst through sif2jax: planned without importing anything, run by JAX, judged by differences."""

import importlib.util
import sys

import numpy as np
import pytest

import hessbench as hb
from hessbench import suites
from hessbench.harness.commands.cli import main
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.plan import plan

needs_sif2jax = pytest.mark.skipif(importlib.util.find_spec("sif2jax") is None, reason="sif2jax is not installed")


def test_the_suite_comes_by_entry_point_and_is_planned_without_sif2jax():
    assert suites.registry()["cutest"] == "hessbench.suites.cutest"
    cells = plan(Selection(suites=("cutest",), ranges=("..50",)))
    assert {cell.backend for cell in cells} == {"jax"}
    assert len({cell.problem for cell in cells}) == len(suites.load("cutest"))
    assert "sif2jax" not in sys.modules


def test_ranges_choose_among_a_problems_own_sizes():
    sizes = {cell.n for cell in plan(Selection(suites=("cutest",), ranges=("3..5", "40..")))}
    assert sizes
    assert all(3 <= n <= 5 or n >= 40 for n in sizes)


@needs_sif2jax
def test_a_value_is_that_of_the_literature(engine):
    """Beale's function at (1, 1): More, Garbow & Hillstrom 1981, problem 5."""
    from hessbench.backends.jax import cutest

    problem, backend = suites.load("cutest")["beale"], engine("jax")
    text = getattr(cutest, problem.native["jax"].partition(":")[2])
    with backend.scope():
        start = backend.asarray(problem.start(2, np.random.default_rng(0)))
        assert float(text(start)) == pytest.approx(14.203125)


@needs_sif2jax
def test_cells_are_judged_by_differences_of_the_same_text(tmp_path):
    folder = tmp_path / "run"
    assert main(["run", "cutest/beale", "--method", "hessian-jit", "--quick", "--out", str(folder)]) == 0
    frame = hb.load(folder).frame.set_index("operator")
    assert (frame.loc["hessian", "status"], frame.loc["hessian", "judge"]) == ("ok", "richardson-53-jax")
