"""The judge of last resort: differences in extended precision."""

import numpy as np
import pytest
from mpmath import mp

from hessbench import suites
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric import noise
from hessbench.backends.numeric.reference import in_float64, reference
from hessbench.suites.definition.problem import closed_form, draw

WIDEST = f"richardson-{np.finfo(np.longdouble).nmant + 1}"
WORKING = "richardson-53"
EXTENDED = str(np.dtype(np.longdouble))
needs_extended = pytest.mark.skipif(WIDEST == WORKING, reason="longdouble is float64 here")
SECOND_POINT = 1


def instance_of(name):
    problem = suites.load("quick")[name]
    return draw(problem, problem.sizes[0], batch=3)


def inputs(operator, instance):
    return instance.inputs(OPERATORS[operator].takes, SECOND_POINT)


def known(operator, instance):
    x, *v = inputs(operator, instance)
    return reference(operator, instance.problem.objective, x, instance.data, *v)


DERIVATIVES = [
    name
    for name, o in OPERATORS.items()
    if name != "objective" and not (o.derived or o.sparse or o.asks) and o.order <= 2
]
"""What differences give; the rest is made of it, or of a pattern."""


@pytest.mark.parametrize("operator", DERIVATIVES)
def test_derivatives_are_found_in_the_widest_precision(operator):
    instance = instance_of("rosenbrock")
    found, truth = known(operator, instance), closed_form(instance, operator, inputs(operator, instance)[0])
    assert found.judge == WIDEST
    assert np.linalg.norm(found.value - truth) <= 1e-9 * np.linalg.norm(truth)


@pytest.mark.parametrize("operator", DERIVATIVES)
def test_linear_algebra_is_done_in_extended_precision_too(operator):
    instance = draw(suites.load("quick")["gaussian_process"], 4, batch=3)
    found, truth = known(operator, instance), closed_form(instance, operator, inputs(operator, instance)[0])
    assert found.judge == WIDEST
    assert np.linalg.norm(found.value - truth) <= 1e-11 * np.linalg.norm(truth)


def test_what_calls_numpy_past_its_namespace_falls_back_to_float64():
    x = np.array([2.0, 3.0])
    found = reference("hessian", lambda xp, y: np.linalg.det(xp.linalg.outer(y, y) + xp.eye(2)), x, [])
    assert found.judge == WORKING
    assert np.all(np.abs(found.value - 2 * np.eye(2)) <= found.bound)
    assert np.max(found.bound) < 1e-6


@pytest.mark.parametrize("name", ["rosenbrock", "gaussian_process"])
def test_objective_is_judged_by_itself(name):
    instance = instance_of(name)
    found = known("objective", instance)
    assert found.judge == "objective"
    assert found.value == pytest.approx(instance.problem.objective(np, instance.points[SECOND_POINT], *instance.data))
    assert 0 < found.bound < 1e-10 * abs(found.value)


@pytest.mark.parametrize("operator", ["objective", *DERIVATIVES])
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
    found = reference("hessian", lambda xp, x: xp.sum(xp.log(x)), np.array([-1e-6]), ())
    assert np.isnan(found.value).all()
    assert np.isinf(found.bound).all()


def test_an_objectives_own_mistake_passes_through():
    def mistaken(xp, x):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        reference("hessian", mistaken, np.ones(2), ())


@pytest.mark.parametrize("operator", ["gradient", "hessian", "hvp"])
@pytest.mark.parametrize("name", suites.load("quick"))
def test_bound_covers_the_error(name, operator):
    problem = suites.load("quick")[name]
    instance = draw(problem, problem.sizes[0])
    for x in instance.points:
        known = reference(operator, problem.objective, x, instance.data, instance.direction)
        error = known.value - closed_form(instance, operator, x)
        own_rounding = 64 * np.finfo(float).eps * np.linalg.norm(known.value)  # of the closed form
        assert np.linalg.norm(error) <= np.linalg.norm(known.bound) + own_rounding


def test_bound_covers_nearly_every_entry():
    covered = []
    for problem in suites.load("quick").values():
        instance = draw(problem, problem.sizes[0])
        for x in instance.points:
            known = reference("hessian", problem.objective, x, instance.data)
            covered += list(np.ravel(np.abs(known.value - problem.hessian(x, *instance.data)) <= known.bound))
    assert np.mean(covered) >= 0.99


@pytest.mark.parametrize("of_gradient", [False, True], ids=["values", "gradient"])
@pytest.mark.parametrize("suite", ["classic", "nist"])
def test_every_closed_form_is_met_within_the_bound(suite, of_gradient):
    """Variables of different units (misra1a: 500 and 1e-4) and huge values at the start included."""
    errors = {}
    for problem in suites.load(suite).values():
        instance = draw(problem, problem.sizes[0])
        x = instance.points[0]
        if problem.hessian is None or instance.n > 20:
            continue
        slope = problem.gradient if of_gradient else None
        found = reference("hessian", problem.objective, x, instance.data, slope=slope)
        truth = problem.hessian(x, *instance.data)
        own_rounding = 1e-11 * np.max(np.abs(truth))
        assert np.all(np.abs(found.value - truth) <= found.bound + own_rounding), problem.name
        errors[problem.name] = np.linalg.norm(found.value - truth) / (np.linalg.norm(truth) or 1)
    assert max(errors.values()) <= 1e-11, errors


def test_steps_follow_the_function_not_the_coordinate():
    """exp(1000 t) needs steps of a thousandth, whatever x is; a coordinate of 1e-4 need not vary on that scale."""
    rate = np.array([1000.0, 1e-3])
    found = reference("hessian", lambda xp, y, r: xp.exp(xp.sum(r * y)), np.array([1e-3, 500.0]), [rate])
    truth = np.exp(1.5) * np.outer(rate, rate)
    np.testing.assert_allclose(found.value, truth, rtol=1e-12)
    assert np.all(np.abs(found.value - truth) <= found.bound)


def test_a_mixed_derivative_that_varies_faster_than_both_pure_ones_is_found():
    """Along both axes through 0 the function is zero: nothing there tells how fast it varies elsewhere."""
    found = reference("hessian", lambda xp, y: xp.sin(1000 * y[0]) * xp.sin(1000 * y[1]), np.zeros(2), [])
    truth = 1e6 * np.array([[0, 1], [1, 0]])
    assert np.all(np.abs(found.value - truth) <= found.bound)
    assert np.max(found.bound) <= 1e-6 * 1e6


@pytest.mark.parametrize("x", [[0.0, 0.5], [0.3, 0.5]], ids=["at-zero", "elsewhere"])
@pytest.mark.parametrize("speed", [1e4, 1e6, 1e8])
def test_a_ripple_is_no_bend(speed, x):
    """On coarse points both sides of x say something else, at every spacing; on fine ones they agree."""
    point = np.array(x)
    found = reference("hessian", lambda xp, y: xp.sum(xp.sin(speed * y)) + xp.sum(y * y), point, [])
    assert found.bend == ""
    with mp.workdps(40):
        truth = np.diag([float(2 - mp.mpf(speed) ** 2 * mp.sin(mp.mpf(speed) * mp.mpf(entry))) for entry in x])
    assert np.all(np.abs(found.value - truth) <= found.bound)


@pytest.mark.parametrize("x", [[0.0, 1.0], [0.3, 1.0], [0.0, 0.0]])
@pytest.mark.parametrize("speed", [1e2, 1e4, 3e5, 1e6])
def test_the_slope_of_a_ripple_is_found_where_it_has_no_curvature(speed, x):
    found = reference("gradient", lambda xp, y: xp.sin(speed * y[0]) + y[1] ** 2, np.array(x), [])
    with mp.workdps(40):
        truth = np.array([float(speed * mp.cos(mp.mpf(speed) * mp.mpf(x[0]))), 2 * x[1]])
    assert np.all(np.abs(found.value - truth) <= found.bound)
    assert found.bound[0] <= 1e-5 * speed


def test_a_peak_that_points_of_one_spacing_meet_is_no_bend():
    found = reference(
        "hessian", lambda xp, y: xp.exp(-(((y[0] - 1) / 1e-5) ** 2)) + y[1] ** 2 * y[0], [1.0005, 1.0], []
    )
    assert found.bend == ""
    np.testing.assert_allclose(found.value, [[0, 2], [2, 2.001]], atol=1e-12)


@pytest.mark.parametrize(
    "objective",
    [
        pytest.param(lambda xp, y: xp.sum(xp.abs(y)), id="kink"),
        pytest.param(lambda xp, y: xp.sum(xp.where(y > 0, 1.0, 0.0)), id="jump"),
    ],
)
def test_where_there_is_no_second_derivative_nothing_is_claimed(objective):
    found = reference("hessian", objective, np.zeros(2), [])
    assert not np.all(found.bound <= 1e-2 * np.max(np.abs(found.value)))


def huber(xp, x):
    return xp.sum(xp.where(xp.abs(x) < 1, x * x / 2, xp.abs(x) - 0.5))


@pytest.mark.parametrize("x0", [1.3, 1.1, 2.0, 7.0])
def test_steps_do_not_grow_across_a_kink(x0):
    """Where f is linear only rounding is seen, and larger steps look better; behind the kink they are not."""
    found = reference("hessian", huber, np.array([x0, 0.2]), [])
    assert np.all(np.abs(found.value - np.diag([0.0, 1.0])) <= found.bound)
    assert np.max(found.bound) <= 1e-9


def test_steps_do_not_grow_to_where_f_is_huge():
    """Linear along every coordinate, a product of all: far away along several of them it explodes (a canary)."""
    x = np.array([1.5, -0.4, 0.8, 2.0, 1.1, -0.7])
    found = reference("hessian", lambda xp, y: xp.prod(y), x, [])
    truth = np.prod(x) / np.outer(x, x) * (1 - np.eye(6))
    assert np.all(np.abs(found.value - truth) <= found.bound + 1e-15)
    assert np.max(found.bound) <= 1e-10


def test_steps_do_not_grow_where_f_is_linear_along_an_axis():
    """Beale's function does not depend on x0 where x1 = 1."""
    problem = suites.load("classic")["beale"]
    found, truth = reference("hessian", problem.objective, np.ones(2), []), problem.hessian(np.ones(2))
    assert np.all(np.abs(found.value - truth) <= found.bound)
    assert np.max(found.bound) <= 1e-10


@pytest.mark.parametrize("operator", [name for name in DERIVATIVES if name != "gradient"])
@pytest.mark.parametrize("name", ["rosenbrock", "logistic_regression", "tanh_network"])
def test_a_gradient_in_closed_form_is_differentiated(name, operator):
    instance = instance_of(name)
    x, *v = inputs(operator, instance)
    problem = instance.problem
    found = reference(operator, problem.objective, x, instance.data, *v, slope=problem.gradient)
    truth = closed_form(instance, operator, x)
    assert found.judge == f"{WIDEST}-gradient"
    assert np.linalg.norm(found.value - truth) <= 1e-13 * np.linalg.norm(truth)
    assert np.linalg.norm(found.bound) <= 1e-12 * np.linalg.norm(truth)


def test_a_gradient_that_works_in_float64_says_so():
    instance = instance_of("rosenbrock")
    slope = lambda x: instance.problem.gradient(x.astype(np.float64))  # noqa: E731
    x = instance.points[1]
    found = reference("hessian", instance.problem.objective, x, instance.data, slope=slope)
    assert found.judge == f"{WORKING}-gradient"
    assert np.all(np.abs(found.value - instance.problem.hessian(x)) <= found.bound)


def test_a_gradient_that_is_none_is_not_trusted():
    """Whatever else is wrong with it, the derivative of what is no gradient is not symmetric."""
    instance = instance_of("rosenbrock")
    turned = lambda x: np.roll(instance.problem.gradient(x), 1)  # noqa: E731
    x = instance.points[1]
    found = reference("hessian", instance.problem.objective, x, instance.data, slope=turned)
    assert np.max(found.bound) > 0.1 * np.max(np.abs(found.value))


def covered(found, truth):
    """Whether every entry is inside its bound, or said to be unknown."""
    return np.all(np.isnan(found.value) | (np.abs(found.value - truth) <= found.bound + 1e-14 * np.max(np.abs(truth))))


HERE, RIPPLE, NEAR = 0.375, 2 * np.pi * 2.0**10, 1e-5
HIDDEN = {
    "ripples that all halved steps are multiples of": (
        lambda xp, t: 1e-4 * xp.cos(RIPPLE * (t - HERE)),
        -1e-4 * RIPPLE**2,
    ),
    "a bend between x and the first steps": (
        lambda xp, t: xp.square(xp.maximum(t - HERE + NEAR, 0 * t)),
        2.0,
    ),
    "a pole between x and the first steps": (lambda xp, t: 1e-6 / (t - HERE + NEAR), 2e-6 / NEAR**3),
    "a narrow peak at x": (lambda xp, t: 1e-4 * xp.exp(-xp.square((t - HERE) / 1e-3)), -2e-4 / 1e-3**2),
}
"""A term along y_0 + y_1, and its second derivative where that is `HERE`."""


@pytest.mark.parametrize("hidden", HIDDEN)
def test_steps_do_not_pass_over_what_is_close_to_x(hidden):
    """Before, 72 of 3,000 random functions of this kind got a Hessian outside its bound, some by 1e7."""
    term, curvature = HIDDEN[hidden]
    x = np.array([0.125, 0.25])
    found = reference("hessian", lambda xp, y: xp.exp(y[0] - y[1]) + term(xp, y[0] + y[1]), x, [])
    truth = np.exp(-0.125) * np.array([[1, -1], [-1, 1]]) + curvature
    assert covered(found, truth)
    assert np.max(found.bound) <= 1e-3 * np.max(np.abs(truth))


@needs_extended
def test_the_bound_counts_the_rounding_of_the_value_itself():
    third = np.ones(1, dtype=np.longdouble) / 3
    value, bound = in_float64(third, np.zeros(1, dtype=np.longdouble))
    assert 0 < abs(third - value)[0] <= bound[0] <= 1e-16


def test_what_float64_cannot_hold_is_not_known():
    found = reference("hessian", lambda xp, y: xp.exp(xp.sum(y)), np.array([800.0]), [])
    assert np.isnan(found.value[0, 0])
    assert np.isinf(found.bound[0, 0])


def seen_by(objective):
    """An objective that notes the precisions it is evaluated in, and how often."""
    seen = []

    def watched(xp, x, *data):
        seen.append((str(x.dtype), len(getattr(x, "values", [x]))))
        return objective(xp, x, *data)

    return watched, seen


def evaluations(seen, dtype):
    return sum(count for name, count in seen if name == dtype)


@needs_extended
@pytest.mark.parametrize("name", ["logistic_regression", "tanh_network", "quadratic", "rosenbrock"])
def test_extended_precision_is_used_for_the_finest_step_only(name):
    problem = suites.load("quick")[name]
    instance = draw(problem, 20)
    watched, seen = seen_by(problem.objective)
    found = reference("hessian", watched, instance.points[0], instance.data)
    truth = closed_form(instance, "hessian", instance.points[0])
    trial = 4  # two points, together and one by one
    near = 2 * noise.HALF * len(noise.SPACINGS) + 6  # for the noise of f, in two precisions, and for bends
    assert evaluations(seen, EXTENDED) == 20**2 + 20 + 1 + trial + near
    assert evaluations(seen, "float64") > 5 * 20**2 / 2
    assert np.linalg.norm(found.value - truth) <= 1e-12 * np.linalg.norm(truth)


@needs_extended
def test_where_float64_loses_digits_all_is_done_in_extended_precision():
    """1e8 + f: float64 has nine digits of f left, extended precision twelve."""
    watched, seen = seen_by(lambda xp, y: 1e8 + xp.exp(y[0] * y[1]))
    x = np.array([0.5, -0.8])
    found = reference("hessian", watched, x, [])
    e = np.exp(x[0] * x[1])
    truth = e * np.array([[x[1] ** 2, 1 + x[0] * x[1]], [1 + x[0] * x[1], x[0] ** 2]])
    assert evaluations(seen, EXTENDED) > 100
    assert covered(found, truth)
    assert np.max(found.bound) <= 1e-4


@needs_extended
def test_an_objective_that_fails_in_float64_is_found_in_extended_precision():
    def objective(xp, y):
        assert y.dtype != np.float64, "no"
        return xp.exp(xp.sum(y))

    found = reference("hessian", objective, np.array([0.5, 0.25]), [])
    assert found.judge == WIDEST
    np.testing.assert_allclose(found.value, np.exp(0.75), rtol=1e-12)
