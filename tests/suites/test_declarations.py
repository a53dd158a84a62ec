"""What every problem declares: words and sizes, and that its data and points can be drawn."""

import importlib
import pkgutil

import numpy as np
import pytest

from hessbench import suites
from hessbench.suites.definition.problem import Problem, draw

DRAWN = 100
"""Data of larger sizes take seconds to draw (suite `scaling`)."""


def test_every_problem_belongs_to_a_suite(problems):
    """Perhaps at other sizes; what is only an ingredient of problems begins with an underscore."""
    in_a_suite = {(problem.name, problem.objective) for problem in problems.values()}
    modules = [info.name for info in pkgutil.walk_packages(suites.__path__, "hessbench.suites.")]
    forgotten = [
        f"{module}.{name}: put it into the PROBLEMS of its module"
        for module in modules
        for name, value in vars(importlib.import_module(module)).items()
        if isinstance(value, Problem) and not name.startswith("_") and (value.name, value.objective) not in in_a_suite
    ]
    assert not forgotten, "\n".join(forgotten)


def test_sizes_are_taken_and_ascend(problems, each):
    def check(problem):
        assert problem.sizes
        assert [n for n in problem.sizes + problem.gpu_sizes if not problem.takes(n)] == []
        assert list(problem.sizes) == sorted(set(problem.sizes))

    each(problems, check)


def test_no_problem_takes_zero_variables(problems, each):
    def check(problem):
        assert not problem.takes(0)

    each(problems, check)


def test_nearest_sizes_are_taken(portable, each):
    def check(problem):
        nearest = problem.nearest_sizes(7)
        assert nearest
        assert [n for n in nearest if not problem.takes(n)] == []

    each(portable, check)


def test_words_and_formula_are_there(problems, portable, each):
    def words(problem):
        assert problem.source
        assert problem.rule

    def texts(problem):
        assert problem.summary.startswith("f(")
        assert problem.formula, "the objective's docstring needs its formula in LaTeX between $$"

    each(problems, words)
    each(portable, texts)


def test_named_points_are_points(problems, each):
    def check(problem):
        for n in problem.sizes:
            for make in problem.named_points.values():
                x = np.asarray(make(n, np.random.default_rng(0)))
                assert x.shape == (n,)
                assert np.all(np.isfinite(x))

    each({name: problem for name, problem in problems.items() if problem.named_points}, check)


def test_points_and_direction_have_the_shape_of_x(problems, each):
    def check(problem):
        for n in [n for n in problem.sizes if n <= DRAWN] or problem.sizes[:1]:
            instance = draw(problem, n, points=3)
            assert len(instance.points) == 4 + len(problem.special_points)
            assert all(point.shape == (n,) and np.isfinite(point).all() for point in instance.points)
            assert instance.direction.shape == (n,)
            assert np.linalg.norm(instance.direction) == pytest.approx(1)

    each(problems, check)


def test_no_two_points_are_the_same(moving, each):
    def check(problem):
        points = draw(problem, problem.sizes[0]).points
        assert len({point.tobytes() for point in points}) == len(points)

    each(moving, check)


def test_a_batch_begins_with_the_point_itself(moving, each):
    def check(problem):
        instance = draw(problem, problem.sizes[0], batch=4)
        assert instance.directions.shape == (4, instance.n)
        np.testing.assert_allclose(np.linalg.norm(instance.directions, axis=1), 1)
        for x, batch in zip(instance.points, instance.batches, strict=True):
            assert batch.shape == (4, instance.n)
            np.testing.assert_array_equal(batch[0], x)
            assert len({row.tobytes() for row in batch}) == 4

    each(moving, check)


def same(one, other):
    """Whether two instances have the same points, data and direction."""
    first, second = ((*instance.points, *instance.data, instance.direction) for instance in (one, other))
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_the_size_of_a_batch_changes_nothing_else(portable, each):
    """Runs of different --batch must share points and data, or their other cells could not be compared."""

    def check(problem):
        assert same(*(draw(problem, problem.sizes[0], batch=batch) for batch in (2, 5)))

    each(portable, check)


def test_the_same_seed_draws_the_same(portable, each):
    def check(problem):
        assert same(*(draw(problem, problem.sizes[0], seed=3) for _ in range(2)))

    each(portable, check)


def test_another_seed_draws_other_points_and_data_of_the_same_shape(portable, each):
    def check(problem):
        first, second = (draw(problem, problem.sizes[0], seed=seed) for seed in (3, 4))
        assert [array.shape for array in first.data] == [array.shape for array in second.data]
        assert not np.array_equal(first.direction, second.direction)
        assert not problem.spread or not np.array_equal(first.points[1], second.points[1])

    each(portable, check)
