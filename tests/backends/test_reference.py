"""The judge of last resort: differences in extended precision."""

import numpy as np
import pytest

import suites
from backends.operators import OPERATORS
from backends.reference import reference
from suites.problem import closed_form, draw

WIDEST = f"richardson-{np.finfo(np.longdouble).nmant + 1}"
WORKING = "richardson-53"
SECOND_POINT = 1


def instance_of(name):
    problem = suites.load("quick")[name]
    return draw(problem, problem.sizes[0], batch=3)


def inputs(operator, instance):
    return instance.inputs(OPERATORS[operator].takes, SECOND_POINT)


def known(operator, instance):
    x, *v = inputs(operator, instance)
    return reference(operator, instance.problem.objective, x, instance.data, *v)


DERIVATIVES = [operator for operator in OPERATORS if operator != "objective"]


@pytest.mark.parametrize("operator", DERIVATIVES)
def test_derivatives_are_found_in_the_widest_precision(operator):
    instance = instance_of("rosenbrock")
    found, truth = known(operator, instance), closed_form(instance, operator, inputs(operator, instance)[0])
    assert found.judge == WIDEST
    assert np.linalg.norm(found.value - truth) <= 1e-9 * np.linalg.norm(truth)


@pytest.mark.parametrize("operator", DERIVATIVES)
def test_linear_algebra_falls_back_to_float64(operator):
    instance = instance_of("gaussian_process")
    found, truth = known(operator, instance), closed_form(instance, operator, inputs(operator, instance)[0])
    assert found.judge == WORKING
    assert np.linalg.norm(found.value - truth) <= 1e-8 * np.linalg.norm(truth)


@pytest.mark.parametrize("name", ["rosenbrock", "gaussian_process"])
def test_objective_is_judged_by_itself(name):
    instance = instance_of(name)
    found = known("objective", instance)
    assert found.judge == "objective"
    assert found.value == pytest.approx(instance.problem.objective(np, instance.points[SECOND_POINT], *instance.data))
    assert 0 < found.bound < 1e-10 * abs(found.value)


@pytest.mark.parametrize("operator", OPERATORS)
def test_value_and_bound_are_float64_of_one_shape(operator):
    instance = instance_of("rosenbrock")
    found = known(operator, instance)
    truth = closed_form(instance, operator, inputs(operator, instance)[0])
    assert found.value.shape == found.bound.shape == (() if operator == "objective" else truth.shape)
    assert found.value.dtype == found.bound.dtype == np.float64


def test_hvp_is_the_hessian_times_the_direction():
    instance = instance_of("logistic_regression")
    hessian, hvp = known("hessian", instance), known("hvp", instance)
    np.testing.assert_allclose(hvp.value, hessian.value @ instance.direction, rtol=1e-9)


@pytest.mark.parametrize("length", [1e-3, 1.0, 1e3])
def test_hvp_grows_with_the_direction(length):
    instance = instance_of("rosenbrock")
    x, v = instance.points[0], length * instance.direction
    truth = closed_form(instance, "hvp", x) * length
    found = reference("hvp", instance.problem.objective, x, instance.data, v)
    assert np.linalg.norm(found.value - truth) <= 1e-9 * np.linalg.norm(truth)


def test_hvp_along_no_direction_is_zero():
    instance = instance_of("rosenbrock")
    found = reference("hvp", instance.problem.objective, instance.points[0], instance.data, np.zeros(instance.n))
    np.testing.assert_array_equal(found.value, 0)


def test_integer_data_stay_integers():
    def objective(xp, x, indices):
        return xp.sum(xp.square(xp.take(x, indices, axis=0)))

    found = reference("hessian", objective, np.array([1.0, 2.0, 3.0]), (np.array([2, 2, 0]),))
    np.testing.assert_allclose(found.value, np.diag([2.0, 0.0, 4.0]), atol=1e-9)


def test_what_cannot_be_found_is_nan_with_an_infinite_bound():
    found = reference("hessian", lambda xp, x: xp.sum(xp.log(x)), np.array([1e-6]), ())
    assert np.isnan(found.value).all()
    assert np.isinf(found.bound).all()


def test_an_objectives_own_mistake_passes_through():
    def mistaken(xp, x):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        reference("hessian", mistaken, np.ones(2), ())
