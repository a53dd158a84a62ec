"""The mathematics of every problem: closed forms against differences of the objective, data, points."""

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.numeric.reference import reference
from hessbench.suites.definition.problem import closed_form, draw

LARGEST = 40
"""Differences in extended precision cost n^2 evaluations per level; beyond this they are left to the run itself."""

SLOW = 16

DRAWN = 100
"""Data of larger sizes take seconds to draw (suite `scaling`)."""

PROBLEMS = [
    pytest.param(problem, id=f"{suite}-{problem.name}")
    for suite in suites.registry()
    for problem in suites.load(suite).values()
    if problem.portable
]
SIZED = [
    pytest.param(problem, n, id=f"{suite}-{problem.name}-{n}", marks=[pytest.mark.slow] if n > SLOW else [])
    for suite in suites.registry()
    for problem in suites.load(suite).values()
    for n in problem.sizes
    if n <= LARGEST and problem.portable
]


def outside_traps(params):
    """Differences, and the formula itself, may fail at the point of a trap: `test_traps.py` judges traps."""
    return [param for param in params if "trap" not in param.values[0].tags]


def with_other_points(params):
    """Where the start point itself is what matters, there is no other."""
    return [param for param in params if param.values[0].spread]


def drawn_sizes(problem):
    return [n for n in problem.sizes if n <= DRAWN] or problem.sizes[:1]


def tagged(tag):
    return [param for param in PROBLEMS if tag in param.values[0].tags]


@pytest.mark.parametrize("operator", ["gradient", "hessian"])
@pytest.mark.parametrize(("problem", "n"), outside_traps(SIZED))
def test_closed_form_agrees_with_differences(problem, n, operator):
    instance = draw(problem, n)
    if closed_form(instance, operator, instance.points[0]) is None:
        pytest.skip("has no closed form")
    for x in instance.points:
        exact, known = closed_form(instance, operator, x), reference(operator, problem.objective, x, instance.data)
        assert exact.shape == known.value.shape
        assert np.all(np.abs(exact - known.value) <= known.bound + 1e-10 * np.max(np.abs(exact)))


@pytest.mark.parametrize(("problem", "n"), outside_traps(SIZED))
def test_differences_can_tell_right_from_wrong(problem, n):
    instance = draw(problem, n)
    known = reference("hessian", problem.objective, instance.points[0], instance.data)
    tells = np.linalg.norm(known.bound) <= 1e-6 * np.linalg.norm(known.value)
    assert tells or "hard-for-differences" in problem.tags
    assert tells or problem.hessian is not None, "then a closed form must judge"


@pytest.mark.parametrize(("problem", "n"), SIZED)
def test_closed_form_hessian_is_symmetric(problem, n):
    instance = draw(problem, n)
    for x in instance.points:
        hessian = closed_form(instance, "hessian", x)
        if hessian is None:
            pytest.skip("has no closed form")
        np.testing.assert_allclose(hessian, hessian.T, rtol=0, atol=1e-13 * np.max(np.abs(hessian)))


@pytest.mark.parametrize(("problem", "n"), SIZED)
def test_closed_form_product_is_the_hessian_times_the_direction(problem, n):
    instance = draw(problem, n)
    hessian = closed_form(instance, "hessian", instance.points[0])
    if hessian is None:
        pytest.skip("has no closed form")
    np.testing.assert_array_equal(closed_form(instance, "hvp", instance.points[0]), hessian @ instance.direction)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_closed_forms_of_the_other_operators_follow_from_the_hessian(problem):
    instance = draw(problem, problem.sizes[0], batch=3)
    x, batch, directions = instance.points[0], instance.batches[0], instance.directions
    hessian = closed_form(instance, "hessian", x)
    if hessian is None:
        pytest.skip("has no closed form")
    each = [closed_form(instance, "hessian", point) for point in batch]
    np.testing.assert_allclose(closed_form(instance, "multi-hvp", x), [hessian @ v for v in directions], rtol=1e-12)
    np.testing.assert_array_equal(closed_form(instance, "diagonal", x), np.diag(hessian))
    np.testing.assert_array_equal(closed_form(instance, "batched-hessian", batch), each)
    np.testing.assert_allclose(closed_form(instance, "laplacian", batch), [np.trace(h) for h in each])


@pytest.mark.parametrize("problem", with_other_points(PROBLEMS))
def test_a_batch_begins_with_the_point_itself(problem):
    instance = draw(problem, problem.sizes[0], batch=4)
    assert instance.directions.shape == (4, instance.n)
    np.testing.assert_allclose(np.linalg.norm(instance.directions, axis=1), 1)
    for x, batch in zip(instance.points, instance.batches, strict=True):
        assert batch.shape == (4, instance.n)
        np.testing.assert_array_equal(batch[0], x)
        assert len({row.tobytes() for row in batch}) == 4


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_size_of_a_batch_changes_nothing_else(problem):
    """Runs of different --batch must share points and data, or their other cells could not be compared."""
    few, many = (draw(problem, problem.sizes[0], batch=batch) for batch in (2, 5))
    for first, second in zip(
        (*few.points, *few.data, few.direction), (*many.points, *many.data, many.direction), strict=True
    ):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_size_is_taken(problem):
    assert problem.sizes
    assert all(problem.takes(n) for n in problem.sizes)
    assert list(problem.sizes) == sorted(set(problem.sizes))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_no_problem_takes_zero_variables(problem):
    assert not problem.takes(0)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_nearest_sizes_are_taken(problem):
    nearest = problem.nearest_sizes(7)
    assert nearest
    assert all(problem.takes(n) for n in nearest)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_points_and_direction_have_the_shape_of_x(problem):
    for n in drawn_sizes(problem):
        instance = draw(problem, n, points=3)
        assert len(instance.points) == 4
        assert all(point.shape == (n,) and np.isfinite(point).all() for point in instance.points)
        assert instance.direction.shape == (n,)
        assert np.linalg.norm(instance.direction) == pytest.approx(1)


@pytest.mark.parametrize("problem", with_other_points(PROBLEMS))
def test_no_two_points_are_the_same(problem):
    points = draw(problem, problem.sizes[0]).points
    assert len({point.tobytes() for point in points}) == len(points)


@pytest.mark.parametrize("problem", outside_traps(PROBLEMS))
def test_objective_is_a_finite_scalar_at_every_point(problem):
    instance = draw(problem, drawn_sizes(problem)[-1])
    for x in instance.points:
        value = np.asarray(problem.objective(np, x, *instance.data))
        assert value.shape == ()
        assert np.isfinite(value)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_same_seed_draws_the_same(problem):
    first, second = (draw(problem, problem.sizes[0], seed=3) for _ in range(2))
    for one, other in zip((*first.data, *first.points), (*second.data, *second.points), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(first.direction, second.direction)


@pytest.mark.parametrize("problem", with_other_points(PROBLEMS))
def test_other_seed_draws_other_points(problem):
    first, second = (draw(problem, problem.sizes[0], seed=seed) for seed in (3, 4))
    assert not np.array_equal(first.points[1], second.points[1])
    assert not np.array_equal(first.direction, second.direction)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_data_are_drawn_from_the_seed_or_are_constant(problem):
    """The same seed gives the same data; another one may change them, but not their shape."""
    first, again, second = (draw(problem, problem.sizes[0], seed=seed).data for seed in (3, 3, 4))
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert [array.shape for array in first] == [array.shape for array in second]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_words_are_there(problem):
    assert problem.source
    assert problem.rule
    assert problem.summary.startswith("f(")


@pytest.mark.parametrize("problem", tagged("constant-hessian"))
def test_constant_hessian_is_constant(problem):
    instance = draw(problem, problem.sizes[0])
    first, second = (problem.hessian(x, *instance.data) for x in instance.points[:2])
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("problem", tagged("convex"))
def test_convex_problem_has_no_negative_curvature(problem):
    instance = draw(problem, problem.sizes[0])
    for x in instance.points:
        eigenvalues = np.linalg.eigvalsh(problem.hessian(x, *instance.data))
        assert eigenvalues[0] >= -1e-12 * eigenvalues[-1]


@pytest.mark.parametrize("problem", tagged("tridiagonal"))
def test_tridiagonal_hessian_is_zero_off_the_band(problem):
    instance = draw(problem, problem.sizes[0])
    hessian = problem.hessian(instance.points[1], *instance.data)
    np.testing.assert_array_equal(np.triu(hessian, 2), 0)
    assert np.all(np.diag(hessian, 1) != 0)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("n", [9, 39])
def test_lennard_jones_does_not_feel_translation(n, axis):
    problem = suites.load("quick")["lennard_jones"]
    instance = draw(problem, n)
    translation = np.tile(np.eye(3)[axis], n // 3)
    for x in instance.points:
        hessian, gradient = problem.hessian(x, *instance.data), problem.gradient(x, *instance.data)
        assert np.max(np.abs(hessian @ translation)) <= 1e-12 * np.max(np.abs(hessian))
        assert abs(gradient @ translation) <= 1e-11 * np.max(np.abs(gradient))


def test_quadratic_has_the_promised_condition():
    problem = suites.load("quick")["quadratic"]
    instance = draw(problem, 10)
    assert np.linalg.cond(problem.hessian(instance.points[0], *instance.data)) == pytest.approx(100)
