"""A false closed form of a person's own accuses nobody of what follows from it; a right one stays the judge."""

import time
from dataclasses import replace

import numpy as np
import pytest

import hessbench as hb
from hessbench.backends.contract.operators import OPERATORS
from hessbench.harness.judging.references import References
from hessbench.harness.judging.second_look import closed_form
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell
from hessbench.suites.definition.problem import draw

BATCH = 3
START = np.linspace(0.5, 1.5, 12)
FALSE = {
    "an entry forgotten": {"hessian": lambda x: np.diag(12 * x**2)},
    "half of it": {"hessian": lambda x: 0.5 * right("hessian", x)},
    "a gradient": {"gradient": lambda x: 4 * x**3},
}
ACCUSED = {
    "an entry forgotten": {"hessian", "hvp", "sparse-hessian", "newton-step", "spectrum"},
    "half of it": {"hessian", "hvp", "diagonal", "trace", "sparse-hessian", "newton-step", "spectrum"},
    "a gradient": {"gradient"},
}
"""Operators whose results a false closed form contradicts."""


def f(xp, x):
    return xp.sum(x**4) + x[0] * x[1]


def right(operator, x):
    if operator == "gradient":
        return 4 * x**3 + np.concatenate([x[1::-1], np.zeros(10)])
    mixed = np.zeros((12, 12))
    mixed[0, 1] = mixed[1, 0] = 1
    hessian = np.diag(12 * x**2) + mixed
    match operator:
        case "newton-step":
            return -np.linalg.solve(hessian, right("gradient", x))
        case "spectrum":
            return np.linalg.eigvalsh(hessian)
        case "trace":
            return np.trace(hessian)
    return hessian


def right_at_points(operator, instance):
    match operator:
        case "multi-hvp":
            return instance.directions @ right("hessian", instance.points[0])
        case "top-eigenvalues":
            return right("spectrum", instance.points[0])[: -BATCH - 1 : -1]
    each = {"batched-hessian": "hessian", "laplacian": "trace"}[operator]
    return np.stack([right(each, x) for x in instance.batches[0]])


@pytest.mark.parametrize("name", FALSE)
@pytest.mark.parametrize("operator", [name for name, one in OPERATORS.items() if not one.asks and not one.batched])
def test_nobody_is_accused_by_a_false_closed_form(name, operator):
    problem = hb.problem(f, x0=START, **FALSE[name])
    found = hb.check(problem, START, operator=operator, backends="numpy")
    assert set(found["status"]) <= {"ok", "unverifiable", "unsupported"}, found["reason"].tolist()
    if operator in ACCUSED[name]:
        told = found["reason"][found["status"] == "unverifiable"]
        assert told.str.contains("the closed form of f disagrees with differences of f, which agree").any()


@pytest.mark.parametrize("operator", ["hessian", "gradient", "spectrum", "trace", "newton-step"])
@pytest.mark.parametrize(
    ("stated", "found", "status"),
    [
        (1.0, 1.0, "ok"),
        (1.0, 1 + 1e-6, "wrong"),
        (1 + 1e-6, 1.0, "unverifiable"),
        (1 + 1e-8, 1.0, "unverifiable"),
        (1 + 1e-6, 2.0, "wrong"),
    ],
)
def test_whoever_differs_from_a_right_one_stays_wrong(operator, stated, found, status):
    forms = {"gradient": lambda x: right("gradient", x) * stated}
    if operator != "gradient":
        forms = {"hessian": lambda x: right("hessian", x) * stated}
    instance = draw(hb.problem(f, x0=START, **forms), 12)
    told = verdict(operator, instance, right(operator, instance.points[0]) * found)
    assert told.status == status, told.reason
    assert ("closed form" in told.reason) == (status == "unverifiable")


@pytest.mark.parametrize("operator", ["multi-hvp", "batched-hessian", "laplacian", "top-eigenvalues"])
@pytest.mark.parametrize(("stated", "status"), [(1.0, "ok"), (0.5, "unverifiable")])
def test_results_at_several_points(operator, stated, status):
    problem = hb.problem(f, x0=START, hessian=lambda x: right("hessian", x) * stated)
    instance = draw(problem, 12, batch=BATCH)
    told = verdict(operator, instance, right_at_points(operator, instance))
    assert told.status == status, told.reason


@pytest.mark.parametrize(("counts", "status"), [((12, 0, 0), "ok"), ((11, 0, 1), "unverifiable")])
def test_an_inertia_in_closed_form(counts, status):
    problem = replace(hb.problem(f, x0=START), inertia=lambda x: counts)
    told = verdict("inertia", draw(problem, 12), np.array([12.0, 0, 0]))
    assert told.status == status, told.reason


def test_a_false_form_that_a_result_does_not_rest_on_excuses_nobody():
    """A gradient's, of a Hessian; and where f bends, differences tell the mean of both sides and contradict nobody."""
    x = np.linspace(0.5, 1.5, 300)
    x[:3] = 0

    def bent(xp, x):
        return xp.sum(x**4) + xp.sum(xp.maximum(x, 0 * x) ** 2)

    forms = {"hessian": lambda x: np.diag(12 * x**2 + 2 * (x > 0))}
    for more, start in (({"gradient": lambda x: x}, x + 0.1), ({}, x)):
        instance = draw(hb.problem(bent, x0=start, **forms, **more), 300)
        doubled = 2 * np.sort(np.diagonal(forms["hessian"](instance.points[0])))
        assert verdict("spectrum", instance, doubled).status == "wrong"


def test_what_a_false_form_contradicts_is_not_wrong_where_nobody_can_tell():
    def flat(xp, x):
        return xp.sum(x[:3] ** 4) + 0 * x[3]

    false = {"hessian": lambda x: np.diag([*(12 * x[:3] ** 2), 0]) + 0.01 * np.eye(4)}
    found = hb.check(hb.problem(flat, x0=[1, 1.2, 0.8, 0.5], **false), [1, 1.2, 0.8, 0.5], operator="inertia")
    assert set(found["status"]) <= {"unverifiable", "unsupported"}, found["reason"].tolist()


def test_a_slow_f_ends_in_time(monkeypatch):
    monkeypatch.setattr(closed_form, "PRODUCTS_S", 0.2)

    def slow(xp, x):
        time.sleep(0.05)
        return xp.sum(x**4)

    instance = draw(hb.problem(slow, x0=[1.0, 2.0], hessian=lambda x: np.diag(12 * x**2)), 2)
    assert verdict("hessian", instance, np.eye(2)).status == "wrong"


@pytest.mark.parametrize("false", [{"hessian": lambda x: 12 * x[0] ** 2}, {"gradient": lambda x: [4 * x**3]}])
def test_a_form_of_another_shape_is_named(false):
    found = hb.check(hb.problem(power, x0=[1.5], **false), [1.5], operator=next(iter(false)), backends="numpy")
    assert set(found["status"]) == {"unverifiable"}
    assert found["reason"].str.contains(r"(?:hessian|gradient)= of power returns an array of shape").all()


def power(xp, x):
    return x[0] ** 4


def harmonic(xp, x):
    return xp.log(x[0] ** 2 + x[1] ** 2) / 2


@pytest.mark.parametrize("operator", ["trace", "laplacian"])
def test_terms_that_cancel_in_a_right_closed_form_accuse_nobody(operator):
    def hessian(x):
        return np.eye(2) / (x @ x) - 2 * np.outer(x, x) / (x @ x) ** 2

    instance = draw(hb.problem(harmonic, x0=[0.3, 0.7], hessian=hessian), 2, batch=BATCH)
    rounded = np.full(() if operator == "trace" else BATCH, 4e-16)
    assert verdict(operator, instance, rounded).status == "ok"
    assert verdict(operator, instance, rounded + 1e-3).status == "wrong"


def verdict(operator, instance, result):
    batch = BATCH if OPERATORS[operator].batched else 1
    cell = Cell("own", "f", 12, operator, "jax", "planted", "float64", "cpu", batch)
    return judged(Question(cell, 1.0, instance, needs="regular"), [np.asarray(result)], References())
