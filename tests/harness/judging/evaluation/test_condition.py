"""The condition of a problem against what is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

import hessbench as hb
from hessbench import suites
from hessbench.harness.judging import random_products
from hessbench.harness.judging.evaluation.condition import condition
from hessbench.suites.definition.problem import Problem, draw


def power(exponent):
    """f = sum x^p / (p (p - 1)): the Hessian's diagonal is x^(p - 2), so its condition is |p - 2|."""
    return Problem(
        name="power",
        objective=lambda xp, x: xp.sum(x**exponent) / (exponent * (exponent - 1)),
        sizes=(4,),
        start=lambda n, rng: rng.uniform(1, 2, n),
        source="",
        hessian=lambda x: np.diag(x ** (exponent - 2)),
    )


@pytest.mark.parametrize("exponent", [2, 3, 12, 102])
def test_the_condition_of_a_power_is_its_exponent_less_two(exponent):
    assert condition(draw(power(exponent), 4), 0) == pytest.approx(max(1, exponent - 2), rel=0.02)


def test_without_a_closed_form_it_is_found_by_differences():
    closed = power(12)
    open_ = Problem(name="power", objective=closed.objective, sizes=(4,), start=closed.start, source="")
    assert condition(draw(open_, 4), 0) == pytest.approx(10, rel=0.3)


def test_a_pole_is_felt_whichever_way_the_signs_fall():
    """Of two variables one change in two goes along the level line, beside which the pole lies."""
    beside = Problem(
        name="beside",
        objective=lambda xp, x: 1 / (x[0] - x[1]),
        sizes=(2,),
        start=lambda n, rng: np.ones(n) - np.array([0.0, 1e-3]),
        source="",
    )
    for f in (lambda xp, x: 1 / (x[0] - x[1]), lambda xp, x: 1 / (x[0] + x[1] - 2)):
        assert condition(draw(replace(beside, objective=f), 2), 0) > 1e3


def test_a_hessian_of_zero_has_condition_one():
    linear = Problem(
        name="linear",
        objective=lambda xp, x: xp.sum(x),
        sizes=(3,),
        start=lambda n, rng: np.ones(n),
        source="",
        hessian=lambda x: np.zeros((3, 3)),
    )
    assert condition(draw(linear, 3), 0) == 1


@pytest.mark.parametrize("name", suites.load("quick"))
def test_the_quick_problems_are_well_conditioned(name):
    problem = suites.load("quick")[name]
    assert 1 <= condition(draw(problem, problem.sizes[0]), 0) < 100


def test_at_a_critical_point_a_gradient_is_what_rounding_of_x_leaves():
    """f = sum (x - c)^2 / 2 beside c = 1/3: the Hessian has condition 1, the gradient that of the distance."""
    near = Problem(
        name="near",
        objective=lambda xp, x: xp.sum((x - 1 / 3) ** 2) / 2,
        sizes=(3,),
        start=lambda n, rng: np.full(n, 1 / 3 + 1e-12),
        source="",
        spread=0.0,
        gradient=lambda x: x - 1 / 3,
        hessian=lambda x: np.eye(3),
    )
    instance = draw(near, 3, points=1)
    assert condition(instance, 0) == 1
    assert condition(instance, 0, of_gradient=True) == pytest.approx(1 / 3e-12, rel=0.01)


def test_labels_are_not_rounded():
    """Data on which f jumps: no rounding of x or of them makes a one of 0.999999."""

    def labeled(xp, x, labels):
        return xp.sum(xp.where(labels == 1.0, x**4, x**2))

    problem = hb.problem(labeled, x0=[1.0, 2.0, 3.0], data=np.array([1.0, 0.0, 1.0]))
    assert condition(draw(problem, 3), 0) < 10


def test_a_gradient_beside_a_minimum_is_as_uncertain_as_x():
    """With a closed form and without; the Hessian has condition one there."""

    def bowl(xp, x):
        return xp.sum((x - 1) ** 2)

    near = np.array([1.0, 1.0, 1.0]) + 1e-4
    for forms in ({}, {"gradient": lambda x: 2 * (x - 1)}):
        instance = draw(hb.problem(bowl, x0=near, **forms), 3)
        assert condition(instance, 0, of_gradient=True) == pytest.approx(1e4, rel=0.1)
        assert condition(instance, 0) < 10
    found = hb.check(bowl, np.array([1.0, 1.0, 1.0]) + 1e-6, dtype="float32", backends="jax", operator="gradient")
    assert "wrong" not in set(found["status"]), found["reason"].tolist()


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("outer", ["log", "quotient"])
def test_a_determinant_beside_zero_is_felt(distance, outer):
    """Changes of one size cancel in x0 x3 - x1 x2, and those that are too large meet the pole, or reach beyond it."""

    def f(xp, x):
        determinant = x[0] * x[3] - x[1] * x[2]
        return xp.log(determinant) if outer == "log" else 1 / determinant

    problem = Problem("f", f, (4,), lambda n, rng: np.array([1.0, 2.0, 3.0, 6.0 + distance]), source="")
    assert condition(draw(problem, 4), 0) > 0.1 / distance


def beside_a_gap(gap, ask):
    """What linear algebra makes of a constant matrix, whose two least eigenvalues are so far apart, and x = 0."""
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    matrix, slope = turn @ np.diag([1, 1 + gap, 2, 3]) @ turn.T, np.outer(turn[1], turn[1]) + np.ones((4, 4))

    def f(xp, x):
        return ask(xp, xp.asarray(matrix, dtype=x.dtype) + x[0] * xp.asarray(slope, dtype=x.dtype) + x[1] * xp.eye(4))

    return f


ASKED = {
    "eigvalsh": lambda xp, a: xp.linalg.eigvalsh(a)[0] ** 2,
    "eigh": lambda xp, a: xp.linalg.eigh(a)[1][0, 0] ** 2,
    "svdvals": lambda xp, a: xp.linalg.svdvals(a)[3],
}


@pytest.mark.parametrize("gap", [1e-2, 1e-4])
@pytest.mark.parametrize("name", ASKED)
def test_what_linear_algebra_is_given_is_rounded_too(name, gap):
    """Changes of x = 0 are none, and a constant of f is no data."""
    assert condition(draw(hb.problem(beside_a_gap(gap, ASKED[name]), x0=np.zeros(2)), 2), 0) > 0.1 / gap


def squares(xp, x):
    return xp.sum(x**2)


def test_many_variables_are_no_other_question():
    instance = draw(hb.problem(beside_a_gap(1e-4, ASKED["eigvalsh"]), x0=np.zeros(2)), 2)
    assert random_products.condition(instance) > 1e3
    assert random_products.condition(draw(hb.problem(squares, x0=np.ones(2)), 2)) < 10


@pytest.mark.parametrize("name", ["eigvalsh", "svdvals"])
def test_eigenvalues_that_nearly_coincide_accuse_nobody_in_float32(name):
    found = hb.check(beside_a_gap(1e-5, ASKED[name]), np.zeros(2), dtype="float32", backends=["jax", "torch"])
    assert all("the problem's condition is" in reason for reason in found["reason"]), found["reason"].tolist()
    found = hb.check(beside_a_gap(1e-5, ASKED[name]), np.zeros(2), backends=["jax", "torch"])
    assert set(found["status"]) == {"ok"}, found["reason"].tolist()
