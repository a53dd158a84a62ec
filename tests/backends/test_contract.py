"""What every method of every backend must do, whoever wrote it."""

import functools

import numpy as np
import pytest

import backends
import suites
from backends.interface import ProblemFacts
from backends.method import EXECUTIONS, OPERATORS, YARDSTICKS
from suites.problem import closed_form, draw

TOLERANCE = {1.0: 1e-12, 2 / 3: 1e-8, 1 / 2: 1e-3}
"""Relative error in float64 by `Method.accuracy`."""

SWEEPS = ("", "forward", "reverse", "difference")

ROSENBROCK = ("quick", "rosenbrock")
PROBLEMS = (("tutorial", "tutorial"), ROSENBROCK, ("quick", "gaussian_process"))


def cases(problems=(ROSENBROCK,), only=lambda method: True, broken=lambda name, method, problem: None):
    """Every backend and method, with the problems; what Inductor compiles for seconds is slow and gets only one.

    `broken` gives the reason why a method is known to fail; a known failure that passes fails the test.
    """
    return [
        pytest.param(
            name,
            method,
            problem,
            id="-".join((name, method.name, *(problem[1:] if len(problems) > 1 else ()))),
            marks=[
                *([pytest.mark.slow] if method.execution == "inductor" else []),
                *([pytest.mark.xfail(strict=True, reason=reason)] if (reason := broken(name, method, problem)) else []),
            ],
        )
        for name in backends.registry()
        for method in filter(only, backends.load(name).methods)
        for problem in ((ROSENBROCK,) if method.execution == "inductor" else problems)
    ]


def automatic(method):
    return method.accuracy == 1 and method.operator != "objective"


def second_order(method):
    return method.operator not in YARDSTICKS


def uncompiled(method):
    """One execution is enough for what does not depend on it: eager, or graph and jit where there is no eager."""
    return method.execution == "eager" or method.name in ("hessians-graph", "jacobian-chunk16-graph", "map-jit")


@functools.cache
def instance_of(problem):
    found = suites.load(problem[0])[problem[1]]
    return draw(found, found.sizes[0])


def prepare(engine, method, objective, data, direction, x_like):
    """The method as a function of a NumPy vector that returns a NumPy array."""
    if reason := engine.unsupported(method, ProblemFacts(x_like.size)):
        pytest.skip(reason)
    with engine.scope():
        call = engine.prepare(method, objective, data, x_like).call
        v = (engine.asarray(direction),) if method.operator == "hvp" else ()

    def result(x):
        with engine.scope():
            return engine.to_numpy(call(engine.asarray(x), *v))

    return result


@functools.cache
def _solver(engine, method, problem):
    instance = instance_of(problem)
    return prepare(engine, method, instance.problem.objective, instance.data, instance.direction, instance.points[-1])


@pytest.fixture
def solver(engine):
    """A method prepared for a problem at a point that is not measured; compiled once for all tests."""
    return lambda name, method, problem, dtype="float64": _solver(engine(name, dtype), method, problem)


def expected(method, instance, x):
    if method.operator == "objective":
        return np.asarray(instance.problem.objective(np, x, *instance.data))
    return closed_form(instance, method.operator, x)


def rel_error(result, value):
    return np.linalg.norm(result - value) / (np.linalg.norm(value) or 1.0)


def through_linear_algebra(name, method, problem):
    if name == "torch" and method.inner == "forward" and problem[1] == "gaussian_process":
        return "pytorch#192540: forward mode inside is wrong through cholesky and solve in 2.13"
    return None


@pytest.mark.parametrize("point", [0, 1])
@pytest.mark.parametrize(("name", "method", "problem"), cases(PROBLEMS, broken=through_linear_algebra))
def test_result_is_the_closed_form(solver, name, method, problem, point):
    instance = instance_of(problem)
    x = instance.points[point]
    assert rel_error(solver(name, method, problem)(x), expected(method, instance, x)) <= TOLERANCE[method.accuracy]


@pytest.mark.parametrize(("name", "method", "problem"), cases(PROBLEMS))
def test_result_has_the_operators_shape_and_the_dtype(solver, name, method, problem):
    n = instance_of(problem).n
    result = solver(name, method, problem)(instance_of(problem).points[0])
    assert result.shape == {"objective": (), "gradient": (n,), "hvp": (n,), "hessian": (n, n)}[method.operator]
    assert result.dtype == np.float64


@pytest.mark.parametrize(("name", "method", "problem"), cases(PROBLEMS, lambda m: m.operator == "hessian"))
def test_hessian_is_symmetric(solver, name, method, problem):
    hessian = solver(name, method, problem)(instance_of(problem).points[0])
    assert rel_error(hessian, hessian.T) <= TOLERANCE[method.accuracy]


@pytest.mark.parametrize(("name", "method", "problem"), cases())
def test_nothing_is_kept_from_call_to_call(solver, name, method, problem):
    first, second = instance_of(problem).points[:2]
    call = solver(name, method, problem)
    before, between, after = call(first), call(second), call(first)
    assert not np.allclose(before, between)
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(("name", "method", "problem"), cases())
def test_float32_stays_float32(solver, name, method, problem):
    result = solver(name, method, problem, "float32")(instance_of(problem).points[0])
    assert result.dtype == np.float32


@pytest.mark.parametrize(("name", "method", "problem"), cases(only=automatic))
def test_float32_is_right_to_three_digits(solver, name, method, problem):
    instance = instance_of(problem)
    x = instance.points[0]
    assert rel_error(solver(name, method, problem, "float32")(x), expected(method, instance, x)) <= 1e-3


def without_curvature(name, method, problem):
    if method.stock == "tf.hessians":
        return "tf.hessians cannot convert the None that its inner gradient returns"
    return None


def linear(xp, x, c):
    return xp.vecdot(c, x)


def constant(xp, x, c):
    return xp.vecdot(c, c)


def vector_valued(xp, x, c):
    return c * x * x


C = np.array([1.0, -2.0, 3.0])
X = np.array([0.5, -1.0, 2.0])


def call_on(engine, method, objective):
    return prepare(engine, method, objective, (C,), np.ones(3), X + 1)(X)


@pytest.mark.parametrize(
    ("name", "method", "problem"), cases(only=lambda m: second_order(m) and uncompiled(m), broken=without_curvature)
)
def test_linear_objective_has_no_curvature(engine, name, method, problem):
    result = call_on(engine(name), method, linear)
    assert result.shape == ((3, 3) if method.operator == "hessian" else (3,))
    assert np.max(np.abs(result)) <= TOLERANCE[method.accuracy]


@pytest.mark.parametrize(
    ("name", "method", "problem"),
    cases(only=lambda m: m.operator != "objective" and uncompiled(m), broken=without_curvature),
)
def test_objective_that_ignores_x_has_zero_derivatives(engine, name, method, problem):
    assert np.max(np.abs(call_on(engine(name), method, constant))) <= TOLERANCE[method.accuracy]


@pytest.mark.parametrize(("name", "method", "problem"), cases(only=lambda m: automatic(m) and uncompiled(m)))
def test_vector_valued_objective_is_refused(engine, name, method, problem):
    with pytest.raises(Exception, match="must return a scalar"):
        call_on(engine(name), method, vector_valued)


@pytest.mark.parametrize("name", backends.registry())
def test_method_names_are_unique(name):
    names = [method.name for method in backends.load(name).methods]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("name", "method", "problem"), cases())
def test_declaration_uses_the_known_words(name, method, problem):
    assert method.operator in OPERATORS
    assert method.execution in EXECUTIONS
    assert method.outer in SWEEPS
    assert method.inner in SWEEPS
    assert method.assembly in ("", "vmap", "loop", "chunked", "stock")
    assert method.accuracy in TOLERANCE


@pytest.mark.parametrize(("name", "method", "problem"), cases())
def test_name_ends_with_the_execution(name, method, problem):
    assert method.name.endswith(f"-{method.execution}")


@pytest.mark.parametrize(("name", "method", "problem"), cases())
def test_summary_is_one_sentence(name, method, problem):
    assert method.summary.endswith(".")
    assert ". " not in method.summary
    assert "\n" not in method.summary


@pytest.mark.parametrize(("name", "method", "problem"), cases(only=second_order))
def test_second_derivatives_name_both_sweeps(name, method, problem):
    assert method.mode == f"{method.outer}-over-{method.inner}"


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("name", backends.registry())
def test_default_tier_covers_every_operator(name, operator):
    assert any(method.default and method.operator == operator for method in backends.load(name).methods)


@pytest.mark.parametrize("operator", YARDSTICKS)
@pytest.mark.parametrize("name", backends.registry())
def test_every_execution_has_its_yardsticks(name, operator):
    methods = backends.load(name).methods
    measured = {method.execution for method in methods if method.operator == operator}
    assert measured == {method.execution for method in methods}


@pytest.mark.parametrize("name", backends.registry())
def test_cpu_is_among_the_devices(engine, name):
    assert "cpu" in engine(name).devices()


@pytest.mark.parametrize("name", backends.registry())
def test_versions_are_given(engine, name):
    assert all(engine(name).versions().values())
    assert engine(name).requires[0] in engine(name).versions()


@pytest.mark.parametrize("name", backends.registry())
def test_absent_device_is_unavailable(engine, name):
    engine(name)  # skips without the framework
    with pytest.raises(backends.interface.BackendUnavailable, match="gpu:7"):
        backends.load(name)("float64", "gpu:7")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", backends.registry())
def test_asarray_casts_floats_and_keeps_integers(engine, name, dtype):
    backend = engine(name, dtype)
    with backend.scope():
        assert backend.to_numpy(backend.asarray(C)).dtype == dtype
        assert np.issubdtype(backend.to_numpy(backend.asarray(np.arange(3))).dtype, np.integer)
