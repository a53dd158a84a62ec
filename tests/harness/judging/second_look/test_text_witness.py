"""A bend nearer to x than any step: differences pass over it, and nobody is called wrong or right by them."""

import numpy as np
import pytest

import hessbench as hb
from hessbench.backends.numeric import hyper_dual
from hessbench.harness.judging import verdict
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question
from hessbench.harness.planning.grid import Cell
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.suites.definition.problem import draw

NEAR = {
    "ties of two": (lambda xp, x: 2 * xp.maximum(x[0], x[1]) + x[0], [1.0, 1.0 + 1e-10], "gradient"),
    "an order": (lambda xp, x: xp.sum(xp.sort(x) * xp.asarray([1.0, 2.0, 3.0])), [1.0, 1.0 + 1e-12, 3.0], "gradient"),
    "a distance": (lambda xp, x: xp.abs(x[0] - x[1]) + xp.sum(x**3), [1.0, 1.0 + 1e-9], "gradient"),
    "a sign": (lambda xp, x: xp.sum(xp.abs(x)) + xp.sum(x * x), [1e-12, 0.5, -1.0], "gradient"),
    "a ramp": (lambda xp, x: xp.sum(xp.maximum(x, 0 * x) ** 2), [1e-12, 0.5, -1.0], "hessian"),
    "a ramp's diagonal": (lambda xp, x: xp.sum(xp.maximum(x, 0 * x) ** 2), [1e-12, 0.5, -1.0], "diagonal"),
    "a ramp's product": (lambda xp, x: xp.sum(xp.maximum(x, 0 * x) ** 2), [1e-12, 0.5, -1.0], "hvp"),
    "a ramp's trace": (lambda xp, x: xp.sum(xp.maximum(x, 0 * x) ** 2), [1e-10, 0.5], "trace"),
}


@pytest.mark.parametrize("kind", NEAR)
def test_next_to_a_bend_nobody_is_called_wrong_and_no_difference_ok(kind):
    f, x, operator = NEAR[kind]
    found = hb.check(f, x, operator=operator, backends="numpy")
    assert set(found["status"]) == {"unverifiable"}
    assert found["reason"].str.contains("exact differentiation of its text says").all()


def judged(f, x, change=0.0):
    """The verdict on the Hessian by hyper-dual numbers, changed."""
    instance = draw(problem_at(f, np.asarray(x), None, ()), len(x))
    cell = Cell("own", instance.problem.name, len(x), "hessian", "numpy", "method", "float64", "cpu")
    return verdict.judged(
        Question(cell, 1.0, instance),
        [hyper_dual.hessian(lambda y: f(hyper_dual.namespace(), y), np.asarray(x)) + change],
        References(),
    )


def test_a_text_that_is_another_one_at_x_alone_excuses_nobody():
    """Sin(x) / x with a branch at zero: near it rounding leaves nothing of the derivative, as the branch does."""

    def sinc(xp, x):
        safe = xp.where(x == 0, 1 + 0 * x, x)
        return xp.sum(xp.where(x == 0, 1 + 0 * x, xp.sin(safe) / safe))

    assert judged(sinc, [0.0, 0.5]).status == "wrong"


@pytest.mark.parametrize("change", [0.0, 1e-6])
def test_where_both_agree_nothing_changes(change):
    found = judged(lambda xp, x: xp.sum(xp.exp(x) * xp.sin(x[0])), [0.3, 1e-12], change=change)
    assert found.status == ("wrong" if change else "ok")
