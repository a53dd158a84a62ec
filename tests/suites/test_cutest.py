"""CUTEst through sif2jax: planned without importing anything, run by JAX, judged by differences."""

import abc
import contextlib
import importlib.util
import sys
import types

import numpy as np
import pytest

import hessbench as hb
from hessbench import suites
from hessbench.backends.contract.errors import Unsupported
from hessbench.harness.commands.cli import main
from hessbench.harness.commands.exit_codes import NOTHING_OK
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.plan import plan

needs_sif2jax = pytest.mark.skipif(importlib.util.find_spec("sif2jax") is None, reason="sif2jax is not installed")


def test_the_suite_comes_by_entry_point_and_is_planned_without_sif2jax():
    assert suites.registry()["cutest"] == "hessbench.suites.published.cutest"
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
    from hessbench.backends.jax.natives import cutest

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


def test_a_problem_that_sif2jax_cannot_build_is_unsupported(monkeypatch):
    """As five are in 0.0.8 (GAUSS2LS, GAUSS3LS, HATFLDE, HATFLDFL, HATFLDFLS), whose start points have no names."""
    from hessbench.backends.jax.natives import cutest

    class Base(abc.ABC):
        args = None

        @property
        @abc.abstractmethod
        def y0_iD(self): ...  # noqa: N802

    class Gauss2ls(Base):
        pass

    monkeypatch.setattr(cutest, "_enter", lambda: None)
    monkeypatch.setattr(cutest, "version", lambda name: "0.0.8")
    module = types.ModuleType("gauss2ls")
    module.GAUSS2LS = Gauss2ls
    monkeypatch.setitem(sys.modules, f"{cutest.PACKAGES[-1]}.gauss2ls", module)
    with pytest.raises(Unsupported, match=r"sif2jax 0\.0\.8 cannot build Gauss2ls: its class lacks method y0_iD"):
        _ = getattr(cutest, "gauss2ls.GAUSS2LS")


@needs_sif2jax
def test_what_cannot_be_built_is_a_row_with_its_reason(tmp_path):
    folder = tmp_path / "run"
    assert main(["run", "cutest/hatflde", "--method", "hessian-jit", "--quick", "--out", str(folder)]) == NOTHING_OK
    row = hb.load(folder).frame.set_index("operator").loc["hessian"]
    assert (row["status"], row["reason"].partition(":")[0]) == ("unsupported", "sif2jax 0.0.8 cannot build HATFLDE")


NOT_AT_THEIR_MINIMUM = {
    *("chwirut1ls", "chwirut2ls", "cliff", "clusterls", "daniwoodls", "errinros", "himmelbcls", "mgh10ls", "palmer5d"),
    "zangwil2",
}
"""Where sif2jax 0.0.8 quotes a point that is no minimum, or another problem's value: f itself has the minimum that the
collection or NIST prints (by Newton's method from the start point; MGH10 at the certified parameters)."""


@needs_sif2jax
@pytest.mark.slow
@pytest.mark.variant
def test_values_at_published_solutions_are_the_published_ones(engine):
    from hessbench.backends.jax.natives import cutest

    backend, seen = engine("jax"), set()
    for name, problem in suites.load("cutest").items():
        module, _, cls = problem.native["jax"].partition(":")[2].partition(".")
        with backend.scope(), contextlib.suppress(Unsupported):
            text = getattr(cutest, f"{module}.{cls}")
            told = getattr(sys.modules[f"{cutest.PACKAGES[-1]}.{module}"], cls)()
            if told.expected_result is None or told.expected_objective_value is None or name in NOT_AT_THEIR_MINIMUM:
                continue
            value = float(text(backend.asarray(np.array(told.expected_result, dtype=float))))
            assert value == pytest.approx(float(told.expected_objective_value), rel=1e-3, abs=1e-8), name
            seen.add(name)
    assert len(seen) > 25
