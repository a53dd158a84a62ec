"""Probes: they know what they say they know, pass what is right, and catch what is wrong."""

import functools

import numpy as np
import pytest

import hessbench as hb
from hessbench import suites
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging import random_products
from hessbench.harness.judging.evaluation.condition import condition
from hessbench.harness.judging.references import DENSE, SCANNED, References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.machine.memory import too_large
from hessbench.harness.planning.grid import Cell
from hessbench.suites.definition.problem import closed_form, draw
from hessbench.suites.selections.gpu import deep_network

PROBLEMS = [
    ("quick", "quadratic", 100),
    ("quick", "rosenbrock", 100),
    ("quick", "logistic_regression", 100),
    ("quick", "tanh_network", 100),
    ("quick", "gaussian_process", 16),
    ("quick", "lennard_jones", 39),
    ("classic", "trigonometric", 100),
    ("classic", "thomson", 30),
    ("physics", "minimal_surface_2d", 1024),
    ("scaling", "quadratic", 1024),
]


@functools.cache
def drawn(suite, name, n, batch=5):
    return draw(suites.load(suite)[name], n, batch=batch)


@functools.cache
def known(suite, name, n, operator, index):
    """The products and the closed form at a point, which several tests compare."""
    instance = drawn(suite, name, n)
    return random_products.probe(operator, instance, index), closed_form(instance, operator, instance.points[index])


@functools.cache
def condition_of(suite, name, n):
    return random_products.condition(drawn(suite, name, n))


@pytest.fixture(params=PROBLEMS, ids=str)
def where(request):
    return request.param


@pytest.fixture
def instance(where):
    return drawn(*where)


OF_F = [name for name in random_products.FORMULAS if not OPERATORS[name].asks]
"""What is judged from f alone; `test_curvature.py` has the others."""


@pytest.mark.parametrize("operator", OF_F)
def test_the_bound_holds(where, operator):
    found, truth = known(*where, operator, 1)
    error = np.abs(found.value - found.contract(truth))
    assert np.linalg.norm(error) <= np.linalg.norm(found.bound) + 1e-14 * np.linalg.norm(found.value)
    assert np.linalg.norm(found.bound) <= 1e-5 * np.linalg.norm(found.value)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("operator", OF_F)
def test_what_is_right_passes(where, operator, dtype):
    products, truth = known(*where, operator, 1)
    verdict = random_products.judge(
        truth.astype(dtype),
        products,
        dtype,
        1,
        OPERATORS[operator],
        lambda: max(condition_of(*where), 1),
    )
    assert verdict.status == "ok", verdict


def test_the_condition_is_of_the_size_that_the_whole_hessian_tells(where, instance):
    whole, probed = condition(instance, 0), condition_of(*where)
    assert max(1, whole / 30) <= probed <= 30 * whole


def _entry(change):
    def spoil(h):
        h = h.copy()
        h[np.unravel_index(np.argmax(np.abs(h)), h.shape)] *= change
        return h

    return spoil


FAULTS = {
    "twice": (lambda h: 2 * h, "silently-wrong"),
    "negated": (lambda h: -h, "silently-wrong"),
    "zero": (lambda h: 0 * h, "silently-wrong"),
    "off by 1e-4": (lambda h: h * (1 + 1e-4), "silently-wrong"),
    "the largest entry off by 10 %": (_entry(1.1), "silently-wrong"),
    "the largest entry lost": (_entry(0), "silently-wrong"),
    "reversed": (lambda h: h[..., ::-1], "silently-wrong"),
    "half of it lost": (lambda h: h * (np.arange(h.shape[-1]) % 2), "silently-wrong"),
    "a NaN": (lambda h: h + np.where(np.arange(h.shape[-1]) == 3, np.nan, 0), "derivative-nan"),
    "a shape": (lambda h: h[..., :-1], "shape"),
    "a dtype": (lambda h: h.astype(np.float32), "dtype"),
}


@pytest.mark.parametrize("operator", OF_F)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_caught(operator, fault):
    if operator == "diagonal" and "largest" in fault:
        pytest.skip("of a diagonal some entries are looked at, and not this one")
    spoil, kind = FAULTS[fault]
    products, truth = known("quick", "tanh_network", 100, operator, 0)
    verdict = random_products.judge(spoil(truth), products, "float64", 1, OPERATORS[operator], lambda: 5.0)
    assert (verdict.status, verdict.fault) == ("wrong", kind), verdict


def scaled(xp, x, s):
    """Each variable on a scale of its own: sin(s x) has a period of 2 pi in s x."""
    return xp.sum(xp.sin(s * x)) + xp.sum((s * x) ** 2)


@pytest.mark.parametrize("decades", [4, 6])
def test_variables_of_other_sizes_are_moved_by_their_own(decades):
    """A step that is short beside x passes many periods of its small variables, and the bound knows nothing of it."""
    s = 10.0 ** np.linspace(-decades, decades, 300)
    x0 = (1 + 0.1 * np.random.default_rng(1).standard_normal(300)) / s
    instance = draw(hb.problem(scaled, x0=x0, data=s), 300)
    right, probes = np.diag(s * s * (2 - np.sin(s * x0))), random_products.probe("hessian", instance, 0)
    told = random_products.judge(right, probes, "float64", 1, OPERATORS["hessian"])
    assert told.status == "wrong"
    for factor, excused in ((1.0, True), (1 + 1e-6, False)):
        seen = probes.contract(right * factor)
        assert bool(random_products.closely("hessian", instance, 0, seen, probes, 1e-9)) == excused
    alike = draw(hb.problem(scaled, x0=np.ones(300), data=np.ones(300)), 300)
    assert not random_products.closely("hessian", alike, 0, seen, probes, 1.0)


def test_nobody_is_judged_where_f_overflows_beside_x():
    """And x itself is judged."""
    start = np.where(np.arange(300) == 3, 709.0, 1.0)
    instance = draw(hb.problem(lambda xp, x: xp.sum(xp.exp(x)), x0=start, name="own", spread=0.01), 300, seed=0)
    with np.errstate(over="ignore"):
        right = [np.diag(np.exp(x)) for x in instance.points[:2]]
        seed = next(k for k in range(50) if draw(instance.problem, 300, k).points[1][3] > 710)
    instance = draw(instance.problem, 300, seed)
    right[1] = np.full((300, 300), np.nan)
    cell = Cell("own", "own", 300, "hessian", "jax", "planted", "float64", "cpu")
    question = Question(cell, 1.0, instance, lambda x: bool(x[3] < 709.7))
    assert judged(question, right, References()).status == "ok"
    assert judged(question, [right[1], right[1]], References()).status == "wrong"


def test_another_point_is_caught(where, instance):
    here = closed_form(instance, "hvp", instance.points[0])
    there, _ = known(*where, "hvp", 1)
    if np.allclose(here, closed_form(instance, "hvp", instance.points[1]), rtol=1e-9, atol=0):
        pytest.skip("its Hessian is the same everywhere")
    assert (
        random_products.judge(here, there, "float64", 1, OPERATORS["hvp"], lambda: condition(instance, 1)).status
        == "wrong"
    )


def test_asymmetry_is_seen_at_every_entry():
    instance = drawn("quick", "tanh_network", 100)
    h = closed_form(instance, "hessian", instance.points[0])
    h[2, 1] += 1e-6 * np.max(np.abs(h))
    asked = random_products.contractions("hessian", instance, 0)
    blind = asked.of(Reference(asked.contract(h), np.zeros(asked.value.size), "probes"))  # sees nothing wrong by itself
    assert random_products.judge(h, blind, "float64", 1, OPERATORS["hessian"]).fault == "asymmetric"


def test_workers_draw_the_same_probes():
    first, second = (random_products.contractions("multi-hvp", drawn("quick", "rosenbrock", 10), 0) for _ in range(2))
    assert np.array_equal(first.left, second.left)
    assert np.array_equal(first.right, second.right)
    assert not np.array_equal(
        first.left, random_products.contractions("multi-hvp", drawn("quick", "rosenbrock", 10), 1).left
    )


def cell(operator, n, problem="deep_network", batch=1):
    return Cell("gpu", problem, n, operator, "jax", "any-jit", "float64", "cpu", batch)


@pytest.mark.parametrize("operator", OF_F)
def test_probes_decide_beyond_what_can_be_had_whole(operator, tmp_path):
    references = References(tmp_path)
    small, large = (draw(deep_network, n, batch=2) for n in (105, 2080))
    assert SCANNED[operator] < 2080 < DENSE
    assert not references.too_large(cell(operator, 105), small)
    assert references.too_large(cell(operator, 2080), large) == (operator != "gradient")  # that has a closed form
    quadratic = drawn("scaling", "quadratic", 2048)
    assert not references.too_large(cell(operator, 2048, "quadratic"), quadratic)  # it has a closed form


def test_other_operators_are_not_probed(tmp_path):
    large = draw(deep_network, 2080, batch=2)
    assert not any(
        References(tmp_path).too_large(cell(o, 2080), large) for o in OPERATORS if o not in random_products.FORMULAS
    )


def test_a_run_asks_the_probes_once(tmp_path, monkeypatch):
    large = draw(deep_network, 2080, batch=1)
    first = References(tmp_path).products(cell("hvp", 2080), large, 0)
    monkeypatch.setattr(random_products, "products", None)
    again = References(tmp_path).products(cell("hvp", 2080), large, 0)
    assert np.array_equal(first.value, again.value)
    assert np.array_equal(first.left, again.left)


def test_probes_end_to_end(hessbench, tmp_path):
    """A network without a closed form at a size where nothing else can judge; no worker holds its Hessian."""
    done = hessbench(
        "run",
        "gpu/deep_network",
        "-n",
        2080,
        "--backend",
        "jax",
        "--method",
        "hvp-forward-over-reverse-jit,gradient-jit",
        "--operator",
        "hvp",
        "--dtype",
        "float64,float32",
        "--quick",
        "--out",
        tmp_path / "run",
    )
    assert done.returncode == 0, done.stderr
    frame = hb.load(tmp_path / "run").frame
    assert set(frame["status"]) == {"ok"}, frame[["method", "status", "reason"]].to_string()
    assert set(frame.loc[frame["operator"] == "hvp", "judge"]) == {"probes"}
    assert set(frame.loc[frame["operator"] == "gradient", "judge"]) == {"closed_form"}


def test_a_hessian_that_no_memory_holds_is_refused():
    assert too_large("hessian", 1000405, 1).startswith("a result of 8,006 GB in float64; this machine has ")
    assert too_large("hvp", 1000405, 1) is None
    assert too_large("hessian", 100, 1) is None


@pytest.mark.slow
@pytest.mark.worker
def test_a_wrong_method_is_caught_by_probes_end_to_end(hessbench, tmp_path):
    """A third party's problem without a closed form, at a size whose Hessian nobody scans by differences."""
    done = hessbench(
        "run",
        "foreign/cosines",
        "-n",
        260,
        "--backend",
        "faulty",
        "--method",
        "right-*,tf32-*,nan-*",
        "--quick",
        "--out",
        tmp_path / "run",
    )
    assert done.returncode == 0, done.stderr
    frame = hb.load(tmp_path / "run").frame.set_index("method")
    assert set(frame["judge"]) == {"probes"}
    assert frame.loc["right-eager", "status"] == "ok"
    assert frame.loc["tf32-eager", ["status", "fault"]].tolist() == ["wrong", "silently-wrong"]
    assert frame.loc["nan-eager", ["status", "fault"]].tolist() == ["wrong", "derivative-nan"]


def bent_at_zero(xp, x):
    return xp.sum(xp.maximum(x, 0 * x) ** 2)


def bent_once(xp, x):
    return xp.sum(xp.where(x > 0, x, xp.expm1(x)))


@pytest.mark.parametrize("operator", ["hessian", "hvp", "sparse-hessian"])
@pytest.mark.parametrize("f", [bent_at_zero, bent_once])
def test_where_f_bends_nobody_is_accused(f, operator):
    """Differences find the mean of both sides, and a framework the one or the other."""
    x = np.linspace(0.5, 1.5, 300)
    x[:3] = 0
    found = hb.check(f, x, backends="jax", operator=operator)
    assert "wrong" not in set(found["status"]), found["reason"].tolist()
    assert found["reason"].str.contains("f bends at x").any()


@pytest.mark.parametrize("operator", ["trace", "diagonal"])
def test_where_f_bends_no_estimator_is_biased(operator):
    x = np.linspace(0.5, 1.5, 100)
    x[:3] = 0
    found = hb.check(bent_at_zero, x, backends="jax", operator=operator, methods="all")
    assert "wrong" not in set(found["status"]), found["reason"].tolist()
