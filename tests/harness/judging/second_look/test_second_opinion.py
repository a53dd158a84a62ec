"""The second opinion before anybody is called wrong."""

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference, reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.evaluation.terms import Terms
from hessbench.harness.judging.second_look.second_opinion import second_opinion
from hessbench.suites.definition.problem import draw

MEASURED = ("gradient", "hessian", "hvp", "diagonal", "multi-hvp", "batched-hessian")
TRIALS = [
    *((name, operator) for operator in MEASURED for name in ("rosenbrock", "tanh_network")),
    ("gaussian_process", "hessian"),  # linear algebra, of which hyper-dual numbers have rules of their own
]


def trial(name, operator, change_result=0.0, change_judge=0.0, objective=None, judge="richardson-64"):
    """The verdict, and the one after the appeal, where one entry of the result or of the judge is off by a part."""
    problem = suites.load("quick")[name]
    instance = draw(problem, problem.sizes[0])
    inputs = instance.inputs(OPERATORS[operator].takes, 0)
    known = reference(operator, problem.objective, inputs[0], instance.data, *inputs[1:])

    def off(part):
        value = known.value.copy()
        entry = (1,) * (value.ndim - 1) + (0,) if value.ndim > 1 else (1,)
        value[entry] += part * np.max(np.abs(value))
        if OPERATORS[operator].symmetric:
            value[(*entry[:-2], entry[-1], entry[-2])] = value[entry]
        return value

    result, claimed = off(change_result), Reference(off(change_judge), known.bound, judge)
    verdict = accuracy.judge(result, claimed, "float64", 1.0, OPERATORS[operator])
    return verdict, second_opinion(
        verdict,
        operator,
        inputs,
        result,
        claimed,
        Terms(objective or problem.objective, instance.points[0], instance.data),
    )


@pytest.mark.parametrize(("name", "operator"), TRIALS)
@pytest.mark.parametrize("part", [1e-6, -0.5])
def test_a_wrong_result_stays_wrong_and_is_confirmed(name, operator, part):
    before, after = trial(name, operator, change_result=part)
    assert before.status == after.status == "wrong"
    assert after.fault == before.fault
    assert after.reason == f"{before.reason}; Taylor's remainder agrees with the judge"


@pytest.mark.parametrize(("name", "operator"), TRIALS)
@pytest.mark.parametrize("part", [1e-6, -0.5])
def test_a_right_result_is_not_called_wrong_by_a_wrong_judge(name, operator, part):
    before, after = trial(name, operator, change_judge=part)
    assert before.status == "wrong"
    assert after.status == "unverifiable"
    assert after.fault == ""
    assert "the judge is in doubt" in after.reason


def test_a_right_result_needs_no_appeal():
    before, after = trial("rosenbrock", "hessian")
    assert before.status == "ok"
    assert after is before


def test_a_closed_form_is_not_questioned():
    before, after = trial("rosenbrock", "hessian", change_judge=0.5, judge="closed_form")
    assert before.status == "wrong"
    assert after is before


def test_where_the_remainder_cannot_tell_exact_differentiation_confirms():
    before, after = trial("rosenbrock", "hessian", change_result=3e-13)
    assert before.status == "wrong"
    assert after.reason == f"{before.reason}; exact differentiation of f's text agrees with the judge"


def test_where_neither_can_tell_the_judge_is_believed():
    def only_arrays(xp, x, *data):
        if not isinstance(x, np.ndarray):
            raise TypeError("no rule")
        return suites.load("quick")["rosenbrock"].objective(xp, x, *data)

    before, after = trial("rosenbrock", "hessian", change_result=3e-13, objective=only_arrays)
    assert before.status == "wrong"
    assert after is before


@pytest.mark.parametrize("gap", [1e-4, 1e-9])
def test_what_is_narrower_than_the_steps_of_the_remainder_excuses_nobody(gap):
    """Beside a pole the remainder sees 1e12 less than there is; the zero matrix is no nearer to that than the judge."""

    def f(xp, x):
        return 1 / xp.abs(x[0] - x[1]) + xp.sum(x * x)

    x = np.array([1.0, 1.0 + gap])
    claimed = reference("hessian", f, x, ())
    verdict = accuracy.judge(np.zeros((2, 2)), claimed, "float64", 1.0, OPERATORS["hessian"])
    assert verdict.status == "wrong"
    after = second_opinion(verdict, "hessian", (x,), np.zeros((2, 2)), claimed, Terms(f, x, ()))
    assert after.status == "wrong"
    assert after.reason.endswith("agrees with the judge")


def test_an_objective_that_raises_beside_x_leaves_the_judge_alone():
    def objective(xp, x, *data):
        raise ValueError("not here")

    before, after = trial("rosenbrock", "hessian", change_result=0.5, objective=objective)
    assert after is before


def test_an_objective_that_calls_numpy_past_its_namespace_is_measured_in_float64():
    def objective(xp, x):
        return np.linalg.det(xp.linalg.outer(x, x) + xp.eye(2))

    x, truth = np.array([0.5, 0.25]), 2 * np.eye(2)
    claimed = Reference(truth, np.full((2, 2), 1e-9), "richardson-53")
    verdict = accuracy.judge(truth + 0.1, claimed, "float64", 1.0, OPERATORS["hessian"])
    assert second_opinion(verdict, "hessian", (x,), truth + 0.1, claimed, Terms(objective, x, ())).reason.endswith(
        "agrees with the judge"
    )


def test_a_product_with_the_zero_vector_is_zero():
    x, v = np.array([0.5, 0.25]), np.zeros(2)
    claimed, result = Reference(np.zeros(2), np.zeros(2), "richardson-64"), np.array([0.0, 1.0])
    verdict = accuracy.judge(result, claimed, "float64", 1.0, OPERATORS["hvp"])
    after = second_opinion(verdict, "hvp", (x, v), result, claimed, Terms(lambda xp, y: xp.sum(y * y), x, ()))
    assert after.reason.endswith("agrees with the judge")
