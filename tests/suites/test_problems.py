"""The mathematics of every problem: closed forms against differences of the objective."""

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

DEAR = (pytest.mark.slow, pytest.mark.precision)

SIZED = [
    pytest.param(problem, n, id=f"{suite}-{problem.name}-{n}", marks=DEAR if n > SLOW else ())
    for suite in suites.registry()
    if suite != "quick"  # whose problems are those of other suites
    for problem in suites.load(suite).values()
    for n in problem.sizes
    if n <= LARGEST and problem.portable and "trap" not in problem.tags
]
"""Without traps: differences, and the formula itself, may fail at their points; `test_traps.py` judges them."""


def having(field):
    return [param for param in SIZED if getattr(param.values[0], field) is not None]


def tagged(problems, tag):
    return {name: problem for name, problem in problems.items() if tag in problem.tags}


def agrees_with_differences(operator, problem, n):
    instance = draw(problem, n)
    for x in instance.points:
        exact, known = closed_form(instance, operator, x), reference(operator, problem.objective, x, instance.data)
        assert exact.shape == known.value.shape
        assert np.all(np.abs(exact - known.value) <= known.bound + 1e-10 * np.max(np.abs(exact)))


@pytest.mark.parametrize(("problem", "n"), having("gradient"))
def test_closed_form_of_the_gradient_agrees_with_differences(problem, n):
    agrees_with_differences("gradient", problem, n)


@pytest.mark.parametrize(("problem", "n"), having("hessian"))
def test_closed_form_of_the_hessian_agrees_with_differences(problem, n):
    agrees_with_differences("hessian", problem, n)


@pytest.mark.parametrize(("problem", "n"), SIZED)
def test_differences_can_tell_right_from_wrong(problem, n):
    instance = draw(problem, n)
    known = reference("hessian", problem.objective, instance.points[0], instance.data)
    tells = np.linalg.norm(known.bound) <= 1e-6 * np.linalg.norm(known.value)
    assert tells or "hard-for-differences" in problem.tags
    assert tells or problem.hessian is not None, "then a closed form must judge"


def test_closed_form_hessians_are_symmetric(portable, each):
    def check(problem):
        for n in [n for n in problem.sizes if n <= LARGEST]:
            instance = draw(problem, n)
            for x in instance.points:
                hessian = closed_form(instance, "hessian", x)
                np.testing.assert_allclose(hessian, hessian.T, rtol=0, atol=1e-13 * np.max(np.abs(hessian)))

    each({name: problem for name, problem in portable.items() if problem.hessian}, check)


def test_closed_forms_of_the_other_operators_follow_from_the_hessian(portable, each):
    def check(problem):
        instance = draw(problem, problem.sizes[0], batch=3)
        x, batch, directions = instance.points[0], instance.batches[0], instance.directions
        hessian = closed_form(instance, "hessian", x)
        points = [closed_form(instance, "hessian", point) for point in batch]
        products = [hessian @ v for v in directions]
        np.testing.assert_array_equal(closed_form(instance, "hvp", x), hessian @ instance.direction)
        scale = np.max(np.abs(products))  # an entry that cancels is right to the digits of what it is made of
        np.testing.assert_allclose(closed_form(instance, "multi-hvp", x), products, rtol=1e-12, atol=1e-15 * scale)
        np.testing.assert_array_equal(closed_form(instance, "diagonal", x), np.diag(hessian))
        np.testing.assert_array_equal(closed_form(instance, "batched-hessian", batch), points)
        np.testing.assert_allclose(closed_form(instance, "laplacian", batch), [np.trace(h) for h in points])

    each({name: problem for name, problem in portable.items() if problem.hessian}, check)


def test_objectives_are_finite_scalars_at_every_point(portable, each):
    def check(problem):
        instance = draw(problem, max((n for n in problem.sizes if n <= DRAWN), default=problem.sizes[0]))
        for x in instance.points:
            value = np.asarray(problem.objective(np, x, *instance.data))
            assert value.shape == ()
            assert np.isfinite(value)

    each({name: problem for name, problem in portable.items() if "trap" not in problem.tags}, check)


def test_constant_hessians_are_constant(portable, each):
    def check(problem):
        instance = draw(problem, problem.sizes[0])
        first, second = (problem.hessian(x, *instance.data) for x in instance.points[:2])
        np.testing.assert_array_equal(first, second)

    each(tagged(portable, "constant-hessian"), check)


def test_convex_problems_have_no_negative_curvature(portable, each):
    def check(problem):
        instance = draw(problem, problem.sizes[0])
        for x in instance.points:
            eigenvalues = np.linalg.eigvalsh(problem.hessian(x, *instance.data))
            assert eigenvalues[0] >= -1e-12 * eigenvalues[-1]

    each(tagged(portable, "convex"), check)


def test_tridiagonal_hessians_are_zero_off_the_band_and_nowhere_on_it(portable, each):
    def check(problem):
        instance = draw(problem, problem.sizes[0])
        hessian = problem.hessian(instance.points[1], *instance.data)
        np.testing.assert_array_equal(np.triu(hessian, 2), 0)
        assert np.all(np.diag(hessian, 1) != 0)

    each(tagged(portable, "tridiagonal"), check)


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
