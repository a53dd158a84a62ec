"""Judges of Gauss-Newton products, blocks of a Hessian and biharmonics: declarations, right values, planted faults."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hessbench import suites
from hessbench.harness.judging.curvature import biharmonic, gauss_newton
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell, Selection
from hessbench.harness.planning.plan import left_out, plan
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.harness.usage import UsageError
from hessbench.harness.worker.case import Case
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Problem, draw, no_portable_text

MODELS = [
    pytest.param(problem, id=f"{suite}-{problem.name}")
    for suite in ("classic", "ml", "statistics")
    for problem in suites.load(suite).values()
    if problem.model
]
ARRAYS = [problem for suite in ("classic", "ml") for problem in suites.load(suite).values() if problem.arrays]


@pytest.mark.parametrize("problem", MODELS)
def test_the_objective_is_the_loss_of_the_outputs(problem):
    """Where the loss has no slope, or the outputs no curvature, the Hessian is the Gauss-Newton matrix."""
    instance = draw(problem, problem.sizes[0])
    x, data, model = instance.points[0], instance.data, problem.model
    z = model.outputs(np, x, *data)
    np.testing.assert_allclose(model.loss(np, z, *data), problem.objective(np, x, *data), rtol=1e-14)
    slopes = gauss_newton.Linearized(problem, x, data).arguments[1]
    if LINEAR & {problem.name}:
        np.testing.assert_allclose(product(instance), problem.hessian(x, *data) @ instance.direction, rtol=1e-9)
    assert slopes.shape == (instance.n, *z.shape)


LINEAR = {"logistic_regression", "softmax_regression", "poisson_regression", "pseudo_huber_regression"}


def product(instance, index=0):
    x, v = instance.points[index], instance.direction
    return gauss_newton.right("ggn-vp", instance.problem, x, instance.data, v).value


def test_arrays_fill_x():
    assert ARRAYS
    for problem in ARRAYS:
        assert all(problem.ends(n)[-1] == n for n in problem.sizes)


def test_at_the_minimum_of_least_squares_it_is_the_hessian():
    instance = draw(suites.load("classic")["rosenbrock"], 10)
    x, v = np.ones(10), instance.direction
    right = gauss_newton.right("ggn-vp", instance.problem, x, (), v)
    np.testing.assert_allclose(right.value, instance.problem.hessian(x) @ v, rtol=1e-12)
    assert np.max(right.bound) < 1e-9


def test_the_biharmonic_of_a_power_of_the_distance():
    """Of |x|^4 it is 8 n (n + 2), of which the pure derivatives are 24 n."""

    def f(xp, x):
        return xp.square(xp.sum(x * x))

    problem = replace(suites.load("quick")["lennard_jones"], objective=f, gradient=None, hessian=None)
    points = np.linspace(-1.0, 2.0, 6).reshape(2, 3)
    right = biharmonic.right(problem, points, ())
    np.testing.assert_allclose(right.value, 120.0, rtol=1e-12)
    assert np.all(np.abs(right.value - 120.0) <= right.bound)
    np.testing.assert_allclose(biharmonic.without_mixed_terms(problem, points, ()), 72.0, rtol=1e-6)


HARMONIC = {
    "logarithm": (lambda xp, x: xp.log(x[0] ** 2 + x[1] ** 2) / 2, [0.3, 0.7]),
    "near a pole": (lambda xp, x: 1 / xp.sqrt(xp.sum(x * x)), [0.03, 0.07, -0.05]),
}


@pytest.mark.parametrize("harmonic", HARMONIC)
def test_the_biharmonic_of_a_harmonic_function_is_zero(harmonic):
    """The terms of its Laplacian cancel, so that the rounding of the sum is not that of zero."""
    f, x = HARMONIC[harmonic]
    problem = problem_at(f, np.array(x), None, ())
    right = biharmonic.right(problem, np.array([x]), ())
    size = abs(biharmonic.without_mixed_terms(problem, np.array([x]), ())[0])
    assert abs(right.value[0]) <= right.bound[0] <= 1e-12 * size


@pytest.mark.parametrize("harmonic", HARMONIC)
def test_right_biharmonics_of_a_harmonic_function_are_ok(engine, harmonic):
    f, x = HARMONIC[harmonic]
    backend, instance = engine("jax"), draw(problem_at(f, np.array(x), None, ()), len(x), batch=2)
    cell = Cell("own", "f", len(x), "biharmonic", "jax", "biharmonic-collapsed-jit", "float64", "cpu", batch=2)
    with backend.scope():
        assert Case(backend, cell, instance, References()).check().status == "ok"
    found = judged(Question(cell, 1.0, instance), [without_mixed_terms(instance, k) for k in (0, 1)], References())
    assert found.status == "wrong"


def checked(engine, operator, method, dtype, instance):
    """The verdict on what JAX finds."""
    backend, cell = engine("jax", dtype), Cell("own", "f", instance.n, operator, "jax", method, dtype, "cpu", batch=2)
    with backend.scope():
        return cell, Case(backend, cell, instance, References()).check()


def test_right_biharmonics_whose_terms_nearly_cancel_are_not_wrong(engine):
    """In float32 a thousandth of the terms is left with a thousandth of their digits."""
    f = lambda xp, x: 1 / xp.sqrt(xp.sum(x * x)) + 1e-4 * x[0] ** 4 * x[1] ** 2  # noqa: E731
    instance = draw(problem_at(f, np.array([0.8, 0.4, 0.6]), None, ()), 3, batch=2)
    for dtype, status in (("float32", "unverifiable"), ("float64", "ok")):
        cell, found = checked(engine, "biharmonic", "biharmonic-collapsed-jit", dtype, instance)
        assert found.status == status, found.reason
        wrong = [without_mixed_terms(instance, k).astype(dtype) for k in (0, 1)]
        assert judged(Question(cell, 1.0, instance), wrong, References()).status == "wrong"


@pytest.mark.parametrize("factor", [1e2, 1e6, 1e8])
def test_the_biharmonic_of_terms_that_cancel_in_f_is_known_as_well_as_the_bound_says(factor):
    """Rounding of the terms is in the Laplacian, whose own size tells nothing of it."""
    f = lambda xp, x: xp.sum(xp.exp(x) * factor) - xp.sum(xp.exp(x) * (factor - 1))  # noqa: E731
    points = np.array([[1.0, 2.0], [1.01, 1.98], [0.99, 2.02]])
    right = biharmonic.right(problem_at(f, points[0], None, ()), points, ())
    assert np.all(np.abs(right.value - np.sum(np.exp(points), axis=1)) <= right.bound)
    assert np.all(right.bound <= 1e-3)


BENT = {
    "chosen": lambda xp, x: xp.where(x[0] >= 0, x[0] ** 4, -2 * x[0] ** 4) + x[1] ** 4,
    "cut off": lambda xp, x: xp.maximum(x[0], 0 * x[0]) ** 4 + x[1] ** 4,
}


@pytest.mark.parametrize("f", BENT.values(), ids=BENT)
def test_where_fourth_derivatives_jump_nobody_is_wrong(engine, f):
    instance = draw(problem_at(f, np.array([0.0, 1.0]), None, ()), 2, batch=2)
    _, found = checked(engine, "biharmonic", "biharmonic-forward-over-reverse-jit", "float64", instance)
    assert found.status == "unverifiable"
    assert "the Laplacian of f bends at x" in found.reason


@pytest.mark.parametrize(
    ("operator", "method"),
    [("biharmonic", "biharmonic-collapsed-jit"), ("laplacian", "laplacian-collapsed-jit")],
)
def test_one_of_many_points_may_be_nearer_to_a_pole_than_x(engine, operator, method):
    """What rounding costs is asked at each of the points, not at x alone."""
    f = lambda xp, x: xp.prod(x) / (xp.sum(x * x) - 2.0)  # noqa: E731
    instance = draw(problem_at(f, np.array([1.0, 1.001]), None, ()), 2, batch=2)
    near = tuple(np.array([x, [1.0, 1.00002]]) for x in instance.points)
    for dtype, status in (("float32", "unverifiable"), ("float64", "ok")):
        _, found = checked(engine, operator, method, dtype, replace(instance, batches=near))
        assert found.status == status, found.reason


def planned(*problems, operators=("ggn-vp", "block-diagonal"), **more):
    return plan(Selection(suites=problems, operators=operators, backends=("numpy",), **more))


def test_who_declares_nothing_is_not_planned():
    cells = planned("quick")
    assert {cell.problem for cell in cells if cell.operator == "ggn-vp"} >= {"rosenbrock", "tanh_network"}
    assert {cell.problem for cell in cells if cell.operator == "block-diagonal"} == {"tanh_network"}


@pytest.mark.parametrize(("operator", "says"), [("ggn-vp", "no outputs declared"), ("block-diagonal", "one array")])
def test_where_nobody_declares_it_one_line_says_so(operator, says):
    with pytest.raises(UsageError, match=says):
        planned("quick/lennard_jones", operators=(operator,))
    assert any(says in line for line in left_out(Selection(suites=("quick/lennard_jones",), operators=(operator,))))


def verdict(operator, result, n=10):
    problem = suites.load("quick")["tanh_network"]
    instance = draw(problem, n, batch=2)
    cell = Cell("quick", problem.name, n, operator, "jax", "m", "float64", "cpu", batch=2)
    return judged(Question(cell, 1.0, instance), [result(instance, index) for index in (0, 1)], References())


def hessian(instance, index=0):
    return instance.problem.hessian(instance.points[index], *instance.data)


def blocks_of(instance, index=0, dropped=None):
    matrix = hessian(instance, index)
    ends = instance.problem.ends(instance.n)
    parts = [matrix[a:b, a:b].ravel() for a, b in pairwise((0, *ends))]
    return np.concatenate([0 * part if k == dropped else part for k, part in enumerate(parts)])


def gauss_newton_diagonal(instance, index=0):
    x = instance.points[index]
    return gauss_newton.right("ggn-diagonal", instance.problem, x, instance.data).value


def biharmonic_of(instance, index=0):
    return biharmonic.right(instance.problem, instance.batches[index], instance.data).value


def without_mixed_terms(instance, index=0):
    return biharmonic.without_mixed_terms(instance.problem, instance.batches[index], instance.data)


RIGHT = {
    "biharmonic": biharmonic_of,
    "ggn-vp": product,
    "ggn-diagonal": gauss_newton_diagonal,
    "block-diagonal": blocks_of,
}


@pytest.mark.parametrize(("operator", "result"), RIGHT.items(), ids=RIGHT)
def test_a_right_result_is_ok(operator, result):
    assert verdict(operator, result).status == "ok"
    assert verdict(operator, lambda *where: result(*where) * (1 + 1e-15)).status == "ok"


FAULTS = {
    ("ggn-vp", "the Hessian in the place of"): lambda i, k: hessian(i, k) @ i.direction,
    ("ggn-diagonal", "the Hessian in the place of"): lambda i, k: np.diagonal(hessian(i, k)).copy(),
    ("hvp", "the Gauss-Newton matrix in the place of"): product,
    ("diagonal", "the Gauss-Newton matrix in the place of"): gauss_newton_diagonal,
    ("biharmonic", "without mixed terms"): without_mixed_terms,
    ("block-diagonal", "block W dropped"): lambda i, k: blocks_of(i, k, dropped=0),
    ("block-diagonal", "as if block b or u were dropped"): lambda i, k: blocks_of(i, k)[:-4],
}


@pytest.mark.parametrize(("operator", "says"), FAULTS)
def test_faults_are_caught_and_named(operator, says):
    found = verdict(operator, FAULTS[operator, says])
    assert found.status == "wrong"
    assert says in found.reason


def test_large_blocks_are_judged_by_products_in_each(monkeypatch):
    monkeypatch.setattr(References, "too_large", lambda self, cell, instance: True)
    assert (found := verdict("block-diagonal", blocks_of)).status == "ok"
    assert found.judge == "probes"
    assert verdict("block-diagonal", lambda i, k: blocks_of(i, k, dropped=1)).reason.startswith("block b: ")


def test_large_gauss_newton_products_are_judged_along_few_directions(monkeypatch):
    monkeypatch.setattr(References, "too_large", lambda self, cell, instance: True)
    assert verdict("ggn-vp", product).status == verdict("ggn-diagonal", gauss_newton_diagonal).status == "ok"
    assert verdict("ggn-vp", lambda i, k: hessian(i, k) @ i.direction).status == "wrong"


def test_a_model_in_a_frameworks_own_functions(engine):
    """Its judge takes differences of what the framework evaluates outputs and loss to."""
    backend = engine("torch")
    import torch

    def outputs(x, a):
        return torch.tanh(a @ x)

    def loss(z, a):
        return (z**4).sum()

    problem = Problem(
        "net",
        no_portable_text,
        (4,),
        lambda n, rng: rng.standard_normal(n),
        "the test's own",
        data=lambda n, rng: (rng.standard_normal((6, n)),),
        native={"torch": lambda x, a: loss(outputs(x, a), a)},
        model=Model(native={"torch": (outputs, loss)}),
    )
    instance, method = draw(problem, 4), "ggn-vp-reverse-over-forward-eager"
    with backend.scope():
        cell = Cell("own", "net", 4, "ggn-vp", "torch", method, "float64", "cpu", text="native")
        assert Case(backend, cell, instance, References()).check().status == "ok"


def halves(f, loss, x0, native=False):
    outputs = (lambda x: x**2) if native else (lambda xp, x: x**2)
    model = Model(native={"numpy": (outputs, lambda z: loss(np, z))}) if native else Model(outputs, loss)
    objective = no_portable_text if native else f
    own = {"native": {"numpy": lambda x: f(np, x)}} if native else {}
    return Problem("halves", objective, (3,), lambda n, rng: np.full(n, x0), "the test's own", model=model, **own)


DECLARED = {
    "of another power": (lambda xp, x: xp.sum(x**2), lambda xp, z: xp.sum(z**3), "f(x) is 12, loss(outputs(x)) is 192"),
    "half": (lambda xp, x: xp.sum(x**4), lambda xp, z: xp.sum(z**2) / 2, "f(x) is 48, loss(outputs(x)) is 24"),
    "a penalty in f alone": (
        lambda xp, x: xp.sum(x**4) + 1e-6 * xp.sum(x**2),
        lambda xp, z: xp.sum(z**2),
        "f(x) is 48.000012, loss(outputs(x)) is 48",
    ),
    "zero": (lambda xp, x: xp.sum(x**4), lambda xp, z: 0 * xp.sum(z), "f(x) is 48, loss(outputs(x)) is 0"),
    "right": (lambda xp, x: xp.sum(x**4), lambda xp, z: xp.sum(z**2), ""),
    "right in single precision": (
        lambda xp, x: xp.astype(xp.sum(xp.astype(0.7 * x, xp.float32) ** 4), xp.float64),
        lambda xp, z: xp.sum((0.7 * 0.7 * z) ** 2),
        "",
    ),
    "right up to a constant beside which nothing is seen": (
        lambda xp, x: xp.sum((x - 2) ** 2),
        lambda xp, z: xp.sum((z**0.5 - 2) ** 2) + 1e-30,
        "",
    ),
}


@pytest.mark.parametrize("declared", DECLARED)
def test_outputs_and_loss_of_another_function_are_told(declared):
    f, loss, says = DECLARED[declared]
    instance = draw(halves(f, loss, 2.0), 3)
    with np.errstate(all="ignore"):
        assert gauss_newton.undeclared(instance).endswith(says)
        assert bool(gauss_newton.undeclared(instance)) == bool(says)


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("operator", gauss_newton.LIKE)
def test_a_product_of_another_functions_halves_is_unverifiable(engine, operator, native):
    f, loss, says = DECLARED["of another power"]
    backend, instance = engine("numpy"), draw(halves(f, loss, 2.0, native), 3)
    method = next(m.name for m in backend.methods if m.operator == operator)
    kind = "native" if native else "portable"
    cell = Cell("own", "halves", 3, operator, "numpy", method, "float64", "cpu", text=kind)
    found = Case(backend, cell, instance, References()).check()
    assert found.status == "unverifiable"
    assert says in found.reason
