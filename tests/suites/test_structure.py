"""What problems claim of their Hessians holds: pattern, colors, definiteness, null vectors, homogeneity, spectrum."""

import itertools

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.numeric import hyper_dual
from hessbench.backends.numeric.lifted import namespace
from hessbench.suites.definition.facts import Structure
from hessbench.suites.definition.problem import closed_form, draw

LARGEST = 128
"""Hessians of this size are found in hyper-dual numbers within a second."""


def problems(claims=lambda problem: True):
    return [
        pytest.param(problem, id=f"{suite}-{problem.name}")
        for suite in suites.registry()
        if suite != "quick"  # whose problems are those of other suites
        for problem in suites.load(suite).values()
        if problem.portable and claims(problem) and problem.sizes[0] <= LARGEST
    ]


def claiming(name):
    return problems(lambda problem: getattr(problem.structure, name) != getattr(Structure(), name))


def points_of(problem, instance):
    rng = np.random.default_rng(0)
    special = [make(instance.n, rng) for make in problem.named_points.values()]
    return [*instance.points, *(np.asarray(x, dtype=np.float64) for x in special)]


def hessian_at(problem, instance, x):
    exact = closed_form(instance, "hessian", x)
    return exact if exact is not None else hyper_dual.hessian(objective_of(problem, instance), x)


def gradient_at(problem, instance, x):
    exact = closed_form(instance, "gradient", x)
    return exact if exact is not None else hyper_dual.gradient(objective_of(problem, instance), x)


def objective_of(problem, instance):
    return lambda y: problem.objective(namespace(), y, *instance.data)


@pytest.mark.parametrize("problem", problems(lambda problem: problem.hessian and "trap" not in problem.tags))
def test_closed_forms_are_those_of_hyper_dual_numbers(problem):
    """A second, exact opinion beside finite differences, also at the special points."""
    instance = draw(problem, problem.sizes[0])
    for x in points_of(problem, instance):
        exact = hyper_dual.hessian(objective_of(problem, instance), x)
        if not np.all(np.isfinite(exact)):
            continue  # a kink or a pole of the formula, not of f
        given = closed_form(instance, "hessian", x)
        # n eps of the largest entry, and of f's own size where the curvature is a difference of huge terms
        np.testing.assert_allclose(given, exact, rtol=1e-9, atol=1e-11 * np.max(np.abs(exact)))


@pytest.mark.parametrize("problem", claiming("pattern"))
def test_nothing_is_outside_the_pattern(problem):
    instance = draw(problem, problem.sizes[0])
    rows, columns = problem.structure.pattern(instance.n)
    outside = np.ones((instance.n, instance.n), dtype=bool)
    outside[rows, columns] = False
    for x in points_of(problem, instance):
        assert np.all(hessian_at(problem, instance, x)[outside] == 0)


@pytest.mark.parametrize("problem", claiming("pattern"))
def test_the_pattern_is_symmetric_and_no_wider_than_needed(problem):
    instance = draw(problem, problem.sizes[0])
    rows, columns = problem.structure.pattern(instance.n)
    inside = set(zip(np.asarray(rows).tolist(), np.asarray(columns).tolist(), strict=True))
    assert inside == {(j, i) for i, j in inside}
    seen = sum(np.abs(hessian_at(problem, instance, x)) for x in instance.points)
    assert all(seen[i, j] > 0 for i, j in inside)


def star_colorable(neighbors, colors):
    """Whether a graph has a star coloring: neighbors differ, and every path of four vertices has three colors."""
    n = len(neighbors)
    chosen = [-1] * n

    def fits(v):
        if any(chosen[w] == chosen[v] for w in neighbors[v]):
            return False
        done = [w for w in range(n) if chosen[w] >= 0]
        for a, b, c, d in itertools.product(done, repeat=4):
            path = b in neighbors[a] and c in neighbors[b] and d in neighbors[c] and len({a, b, c, d}) == 4
            if path and v in (a, b, c, d) and len({chosen[a], chosen[b], chosen[c], chosen[d]}) < 3:
                return False
        return True

    def place(v):
        if v == n:
            return True
        for color in range(min(colors, max(chosen) + 2)):
            chosen[v] = color
            if fits(v) and place(v + 1):
                return True
        chosen[v] = -1
        return False

    return place(0)


@pytest.mark.parametrize("problem", claiming("colors"))
def test_the_number_of_colors_is_the_least(problem):
    n = next((n for n in range(12, 3, -1) if problem.takes(n)), None)
    if n is None:
        pytest.skip("no size is small enough to try every coloring")
    rows, columns = problem.structure.pattern(n)
    neighbors = [set() for _ in range(n)]
    for i, j in zip(np.asarray(rows).tolist(), np.asarray(columns).tolist(), strict=True):
        if i != j:
            neighbors[i].add(j)
    assert star_colorable(neighbors, problem.structure.colors)
    assert problem.structure.colors == 1 or not star_colorable(neighbors, problem.structure.colors - 1)


SIGNS = {
    "positive definite": lambda least, largest: least > 1e-12 * largest,
    "positive semidefinite": lambda least, largest: abs(least) <= 1e-9 * largest,
    "indefinite": lambda least, largest: least < -1e-12 * abs(largest) and largest > 0,
}


@pytest.mark.parametrize("problem", claiming("definiteness"))
def test_definiteness_at_the_start(problem):
    for n in [n for n in problem.sizes if n <= LARGEST]:
        instance = draw(problem, n)
        eigenvalues = np.linalg.eigvalsh(hessian_at(problem, instance, instance.points[0]))
        assert SIGNS[problem.structure.definiteness](eigenvalues[0], eigenvalues[-1])


@pytest.mark.parametrize("problem", claiming("null_vectors"))
def test_null_vectors_are_annihilated_everywhere(problem):
    instance = draw(problem, problem.sizes[0])
    for x in instance.points:
        hessian = hessian_at(problem, instance, x)
        vectors = np.atleast_2d(problem.structure.null_vectors(x, *instance.data))
        assert vectors.shape[1] == instance.n
        assert np.all(np.linalg.norm(vectors, axis=1) > 0)
        assert np.linalg.norm(vectors @ hessian) <= 1e-10 * np.linalg.norm(vectors) * np.linalg.norm(hessian)


@pytest.mark.parametrize("problem", claiming("degree"))
def test_eulers_identities(problem):
    """f(tx) = t^k f(x) gives x'g = k f and Hx = (k - 1) g."""
    instance = draw(problem, problem.sizes[0])
    for x in instance.points:
        value = float(problem.objective(namespace(), x, *instance.data))
        gradient, hessian = gradient_at(problem, instance, x), hessian_at(problem, instance, x)
        scale = np.linalg.norm(x) * np.linalg.norm(gradient)
        assert abs(x @ gradient - problem.structure.degree * value) <= 1e-10 * max(scale, abs(value))
        error = hessian @ x - (problem.structure.degree - 1) * gradient
        assert np.linalg.norm(error) <= 1e-10 * max(np.linalg.norm(hessian) * np.linalg.norm(x), 1e-300)


@pytest.mark.parametrize("problem", claiming("constant"))
def test_a_constant_hessian_is_the_same_everywhere(problem):
    instance = draw(problem, problem.sizes[0])
    first, second = (hessian_at(problem, instance, x) for x in instance.points[:2])
    np.testing.assert_allclose(first, second, rtol=1e-12, atol=1e-12 * np.max(np.abs(first), initial=1e-300))


@pytest.mark.parametrize("problem", claiming("spectrum"))
def test_the_spectrum_is_the_formulas(problem):
    for n in [n for n in problem.sizes if n <= LARGEST]:
        instance = draw(problem, n)
        found = np.linalg.eigvalsh(hessian_at(problem, instance, instance.points[0]))
        formula = np.asarray(problem.structure.spectrum(n))
        np.testing.assert_allclose(found, formula, rtol=1e-9, atol=1e-10 * np.max(np.abs(formula)))


PUBLISHED = [
    pytest.param(problem, published, id=f"{suite}-{problem.name}-{published.point}-{published.n}")
    for suite in suites.registry()
    if suite != "quick"
    for problem in suites.load(suite).values()
    for published in problem.published
]


@pytest.mark.parametrize(("problem", "published"), PUBLISHED)
def test_published_values_are_met(problem, published):
    instance = draw(problem, published.n)
    rng = np.random.default_rng(0)
    x = instance.points[0] if published.point == "start" else problem.named_points[published.point](published.n, rng)
    value = float(problem.objective(namespace(), np.asarray(x, dtype=np.float64), *instance.data))
    assert abs(value - published.value) <= published.rel * (abs(published.value) or 1)
    assert published.source
