"""A judge that takes too long gives way to one that is quicker, and the last one says what would help."""

import time

import numpy as np
import pytest

import hessbench as hb
from hessbench.backends.contract.interface import HIGHEST
from hessbench.harness.judging import references
from hessbench.harness.judging.curvature import blocks
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import QUICK
from hessbench.harness.protocol import CellEnd, Task, Visit
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.harness.worker.session import serve
from hessbench.suites.definition.blocks import flatten
from hessbench.suites.definition.problem import draw

N = 40
X = np.linspace(0.5, 1.5, N)
RIGHT = {
    "hessian": lambda instance, x: np.diag(12 * x**2),
    "hvp": lambda instance, x: 12 * x**2 * instance.direction,
    "gradient": lambda instance, x: 4 * x**3,
    "diagonal": lambda instance, x: 12 * x**2,
}


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(references, "DIFFERENCES_S", 0.05)


def slow(xp, x):
    if x[0] > 0:  # so that it cannot be batched: every point takes its time
        time.sleep(1e-3)
    return xp.sum(x**4)


def verdict(operator, spoil=1.0, known=None, f=slow):
    instance = draw(problem_at(f, X, None, ()), N)
    cell = Cell("own", "slow", N, operator, "jax", "method", "float64", "cpu")
    results = [spoil * RIGHT[operator](instance, x) for x in instance.points[:2]]
    return judged(Question(cell, 1.0, instance), results, known or References())


@pytest.mark.parametrize("operator", RIGHT)
def test_random_products_decide_where_differences_take_too_long(operator, hurried):
    known = References()
    found = verdict(operator, known=known)
    assert (found.status, found.judge) == ("ok", "entries" if operator == "diagonal" else "probes"), found
    assert verdict(operator, 1.01, known).status == "wrong"


def test_all_workers_of_a_run_know_it(hurried, tmp_path):
    assert verdict("hvp", known=References(tmp_path)).judge == "probes"
    again = References(tmp_path)
    assert again.is_slow(Cell("own", "slow", N, "hvp", "torch", "another", "float64", "cpu"))
    assert not list(tmp_path.glob("*.started"))


def test_what_takes_even_longer_is_unverifiable_with_the_remedy(hurried, monkeypatch):
    monkeypatch.setattr(references, "PRODUCTS_S", 0.05)
    found = verdict("hessian")
    assert found.status == "unverifiable"
    assert "some hundred values of slow take longer than 0.05 s" in found.reason
    assert "give hb.problem a gradient= or hessian=" in found.reason


def test_an_operator_without_random_products_is_unverifiable(hurried):
    instance = draw(problem_at(slow, X, None, ()), N)
    cell = Cell("own", "slow", N, "laplacian", "jax", "method", "float64", "cpu")
    found = judged(Question(cell, 1.0, instance), [np.ones(16)] * 2, References())
    assert found.status == "unverifiable"
    assert "differences of slow take longer than" in found.reason


def test_blocks_have_no_more_time_than_other_products(hurried, monkeypatch):
    monkeypatch.setattr(blocks, "PRODUCTS_S", 0.05)
    _, layout = flatten({"u": X[:20], "v": X[20:]}, "x")
    instance = draw(problem_at(lambda xp, p: slow(xp, p["u"]) + slow(xp, p["v"]), X, layout, ()), N)
    cell = Cell("own", "slow", N, "block-diagonal", "jax", "method", "float64", "cpu")
    found = judged(Question(cell, 1.0, instance), [np.ones(800)] * 2, References())
    assert found.status == "unverifiable"
    assert "some hundred values of <lambda> take longer than 0.05 s" in found.reason


def test_a_check_goes_this_way(hurried):
    frame = hb.check(slow, X[:12], backends="numpy", methods="hyper-dual-eager")
    assert set(zip(frame["status"], frame["judge"], strict=True)) == {("ok", "probes")}


SLOW_FILE = """
import time
import hessbench as hb


@hb.problem(x0=[0.5, 1.5])
def patient(xp, x):
    if x[0] > 0:  # so that it cannot be batched
        time.sleep(1e-3)
    return xp.sum(x**4)
"""


def test_a_worker_times_what_nobody_can_judge_in_time_and_marks_it(hurried, monkeypatch, tmp_path):
    monkeypatch.setattr(references, "PRODUCTS_S", 0.02)
    (tmp_path / "mine.py").write_text(SLOW_FILE)
    cell = Cell("mine.py", "patient", 2, "hessian", "numpy", "hyper-dual-eager", "float64", "cpu")
    sources, said = {"mine.py": str(tmp_path / "mine.py")}, []
    task = Task("numpy", "float64", "cpu", HIGHEST, QUICK, 0, str(tmp_path), (Visit(cell),), sources)
    serve(task, said.append)
    (outcome,) = (message.outcome for message in said if isinstance(message, CellEnd))
    assert outcome.status == "unverifiable", outcome
    assert "some hundred values of patient take longer than 0.02 s" in outcome.reason
    assert len(outcome.sample_seconds) >= 3
    assert outcome.facts["min_s"] >= 3e-3
