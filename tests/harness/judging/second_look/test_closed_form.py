"""A false closed form of a person's own accuses nobody; a right one does, whoever else is wrong."""

import numpy as np
import pytest

import hessbench as hb
from hessbench.harness.judging.verdict import contradicted
from hessbench.suites.definition.problem import draw

START = np.linspace(0.5, 1.5, 12)
FALSE = {
    "an entry forgotten": {"hessian": lambda x: np.diag(12 * x**2)},
    "half of it": {"hessian": lambda x: 0.5 * right("hessian", x)},
    "a gradient": {"gradient": lambda x: 4 * x**3},
}


def f(xp, x):
    return xp.sum(x**4) + x[0] * x[1]


def right(operator, x):
    if operator == "gradient":
        return 4 * x**3 + np.concatenate([x[1::-1], np.zeros(10)])
    mixed = np.zeros((12, 12))
    mixed[0, 1] = mixed[1, 0] = 1
    return np.diag(12 * x**2) + mixed


@pytest.mark.parametrize("name", FALSE)
@pytest.mark.parametrize("operator", ["hessian", "hvp", "gradient", "diagonal", "sparse-hessian"])
def test_nobody_is_accused_by_a_false_closed_form(name, operator):
    problem = hb.problem(f, x0=START, **FALSE[name])
    found = hb.check(problem, START, operator=operator, backends="numpy")
    assert set(found["status"]) <= {"ok", "unverifiable", "unsupported"}
    if operator in FALSE[name]:
        told = found["reason"][found["status"] == "unverifiable"]
        assert told.str.contains("the closed form of f disagrees with differences of f, which agree").any()


@pytest.mark.parametrize("operator", ["hessian", "gradient"])
def test_whoever_differs_from_a_right_one_stays_wrong(operator):
    instance = draw(hb.problem(f, x0=START), 12)
    true = right(operator, instance.points[0])
    slightly = true * (1 + 1e-6)
    for stated, found, expected in [
        (true, true, False),
        (true, slightly, False),
        (slightly, true, True),
        (slightly, 2 * true, False),
    ]:
        assert contradicted(operator, instance, 0, stated, found) == expected
