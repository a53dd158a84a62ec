"""What every method of every backend must do, whoever wrote it."""

import functools

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.backends.contract.errors import BackendUnavailable
from hessbench.backends.contract.method import ALL_ROWS
from hessbench.backends.contract.namespace import operations
from hessbench.backends.contract.operators import CORE, OPERATORS, YARDSTICKS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.harness.judging.curvature import biharmonic
from hessbench.harness.judging.derived import newton_path
from hessbench.suites.definition.problem import closed_form, diagonal_blocks, draw
from tests.backends.asked import OF_THE_LOSS, asked, ends

TOLERANCE = {1.0: 1e-12, 4 / 5: 1e-11, 2 / 3: 1e-8, 1 / 2: 1e-3, 2 / 5: 1e-2}
"""Relative error in float64 by `Method.accuracy`."""

BATCH = 3

ROSENBROCK = ("quick", "rosenbrock")
GAUSSIAN_PROCESS = ("quick", "gaussian_process")
PROBLEMS = (ROSENBROCK, GAUSSIAN_PROCESS)
"""`.ci/run` runs the tutorial and all quick problems with the default methods, and asks that every cell is ok."""


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
                *slow(name, method, problem),
                *([pytest.mark.xfail(strict=True, reason=reason)] if (reason := broken(name, method, problem)) else []),
            ],
        )
        for name in backends.registry()
        for method in filter(only, backends.load(name).methods)
        if not method.estimate  # judged by another measure: tests/harness/judging/curvature/test_estimates.py
        for problem in ((ROSENBROCK,) if method.execution == "inductor" else problems)
        if problem == ROSENBROCK
        or for_every_day(name, method, problem)
        or (problem == GAUSSIAN_PROCESS and method.name in FIRST_OF_ITS_KIND and underived(method))
        if method.operator != "biharmonic"
        or problem == ROSENBROCK  # nobody knows fourth derivatives of a factorization well
    ]


def first_of_their_kind():
    """One method for each operator and mode, which share their derivative rules, and for each way to cut in chunks.

    What an execution adds shows on the first problem, but for chunks: XLA has failed at some of their lengths.
    """
    found = {}
    for name in backends.registry():
        for method in backends.load(name).methods:
            chunked = method.execution if method.assembly == "chunked" else ""
            found.setdefault((name, method.operator, method.mode, chunked), method.name)
    return set(found.values())


FIRST_OF_ITS_KIND = first_of_their_kind()
"""Methods that are tried on linear algebra beside the usual ones; every method is tried on the first problem."""


def slow(name, method, problem):
    """The marks of what does not run every day: Inductor compiles for seconds, XLA for tenths of them."""
    if method.execution == "inductor":
        return [pytest.mark.slow, pytest.mark.inductor]
    return [] if for_every_day(name, method, problem) else [pytest.mark.slow, pytest.mark.variant]


def for_every_day(name, method, problem):
    """What is compiled takes time: linear algebra uncompiled, one problem in one execution for what is no default."""
    if problem != ROSENBROCK:
        return method.default and method.operator in (*CORE, *YARDSTICKS) and method.execution == "eager"
    return method.default or method.execution == habit(name)


@functools.cache
def habit(name):
    """The execution of a backend's first default method."""
    return next(m.execution for m in backends.load(name).methods if m.default and m.operator == "hessian")


def automatic(method):
    return method.accuracy == 1 and method.operator != "objective"


def uncompiled_automatic(method):
    return automatic(method) and uncompiled(method) and underived(method)


def uncompiled_second_order(method):
    return method.operator not in YARDSTICKS and uncompiled(method) and underived(method)


def uncompiled(method):
    """One execution is enough for what does not depend on it: the first one of those that a method has."""
    return method.name in FIRST


def underived(method):
    """What a Hessian is for is tried on one problem; the derivatives that it is made of are tried on all."""
    return not OPERATORS[method.operator].derived


def first_executions():
    seen, first = set(), set()
    for name in backends.registry():
        for method in backends.load(name).methods:
            stem = (name, method.name.removesuffix(f"-{method.execution}"))
            if stem not in seen:
                first.add(method.name)
            seen.add(stem)
    return first


FIRST = first_executions()


@functools.cache
def instance_of(problem):
    found = suites.load(problem[0])[problem[1]]
    return draw(found, found.sizes[0], batch=BATCH)


def inputs(method, instance, index):
    return instance.inputs(OPERATORS[method.operator].takes, index)


def prepare(engine, method, objective, data, *like):
    """The method as a function of NumPy arrays that returns a NumPy array."""
    objective = asked(method, objective, like[0].shape[-1])
    facts = ProblemFacts(like[0].shape[-1], operations(objective, like[0].reshape(-1, like[0].shape[-1])[0], data))
    if reason := engine.unsupported(method, facts):
        pytest.skip(reason)
    with engine.scope():
        prepared = engine.prepare(method, objective, data, *like)

    def result(*arrays):
        with engine.scope():
            found = engine.to_numpy(prepared.call(*map(engine.asarray, arrays)))
        return found if prepared.compression is None else filled(found, prepared.compression)

    return result


def filled(values, at):
    """The matrix (n, n) of a sparse result, which is small here."""
    assert values.shape == (at.nnz,)
    assert 0 <= (at.colors or 0) <= at.n
    return at.matrix(values)


@functools.cache
def _solver(engine, method, problem):
    instance = instance_of(problem)
    return prepare(engine, method, instance.problem.objective, instance.data, *inputs(method, instance, -1))


@pytest.fixture
def solver(engine):
    """A method prepared for a problem at a point that is not measured; compiled once for all tests.

    The function that it gives takes the index of a point.
    """

    def get(name, method, problem, dtype="float64"):
        call = _solver(engine(name, dtype), method, problem)
        return lambda index: call(*inputs(method, instance_of(problem), index))

    return get


def expected(method, instance, index):
    x = inputs(method, instance, index)[0]
    if method.operator == "objective":
        return np.asarray(instance.problem.objective(np, x, *instance.data))
    if method.operator == "stationary-point":
        return newton_path.end(instance, index)[0]
    if not underived(method):
        return DERIVED[method.operator](*(closed_form(instance, name, x) for name in ("hessian", "gradient")))
    if method.operator == "biharmonic":
        return biharmonic.right(instance.problem, x, instance.data).value
    if method.operator == "block-diagonal":
        return diagonal_blocks(closed_form(instance, "hessian", x), ends(instance.n))
    operator = OF_THE_LOSS.get(method.operator, method.operator)
    return closed_form(instance, "hessian" if OPERATORS[method.operator].sparse else operator, x)


DERIVED = {
    "newton-step": lambda h, g: -np.linalg.solve(h, g),
    "spectrum": lambda h, g: np.linalg.eigvalsh(h),
    "top-eigenvalues": lambda h, g: np.linalg.eigvalsh(h)[::-1][:BATCH],
    "inertia": lambda h, g: np.array([np.sum(np.linalg.eigvalsh(h) > 0), 0, np.sum(np.linalg.eigvalsh(h) < 0)]),
}
"""What follows from the closed forms."""


def shape_of(operator, n, batch=BATCH):
    """The shape of a result, read from the operator's own words: "... shape (b, n, n)"."""
    if OPERATORS[operator].sparse:
        return n, n
    lengths = {"n": n, "k": batch, "b": batch}
    if operator == "block-diagonal":
        return ((n // 3) ** 2 + (n - n // 3) ** 2,)
    inside = OPERATORS[operator].meaning.partition("shape (")[2].partition(")")[0]
    return tuple(lengths[name] if name in lengths else int(name) for name in inside.replace(",", " ").split())


def rel_error(result, value):
    return np.linalg.norm(result - value) / (np.linalg.norm(value) or 1.0)


def through_linear_algebra(name, method, problem):
    if name == "torch" and problem[1] == "gaussian_process":
        return next((fault.text for fault in method.faults if "pytorch#192540" in fault.text), None)
    return None


def check_shape_and_dtype(result, method, problem, dtype):
    assert result.shape == shape_of(method.operator, instance_of(problem).n)
    assert result.dtype == dtype


def check_symmetry(method, hessian):
    if OPERATORS[method.operator].symmetric:
        assert rel_error(hessian, np.swapaxes(hessian, -1, -2)) <= TOLERANCE[method.accuracy]


@pytest.mark.parametrize(("name", "method", "problem"), cases(PROBLEMS, broken=through_linear_algebra))
def test_result_is_the_closed_form(solver, name, method, problem):
    """Four questions to one prepared method: shape and dtype, the closed form, symmetry, and that nothing is kept."""
    call, instance = solver(name, method, problem), instance_of(problem)
    results = [call(point) for point in (0, 1)]
    for point, result in enumerate(results):
        check_shape_and_dtype(result, method, problem, np.float64)
        assert rel_error(result, expected(method, instance, point)) <= TOLERANCE[method.accuracy]
        check_symmetry(method, result)
    # Its Hessian differs from point to point, the tutorial's does not.
    if problem == ROSENBROCK and method.operator not in ("inertia", "biharmonic"):
        assert not np.allclose(*results)
        np.testing.assert_array_equal(call(0), results[0])


BROKEN = [case for case in cases(PROBLEMS) if through_linear_algebra(*case.values)]


@pytest.mark.parametrize(("name", "method", "problem"), BROKEN)
def test_a_wrong_result_still_has_its_shape_and_dtype(solver, name, method, problem):
    """The test above is expected to fail for these, whatever fails in it."""
    check_shape_and_dtype(solver(name, method, problem)(0), method, problem, np.float64)


@pytest.mark.parametrize(("name", "method", "problem"), cases(only=lambda m: uncompiled(m) and underived(m)))
def test_float32_stays_float32_and_is_right_to_three_digits(solver, name, method, problem):
    """Finite differences of single precision are not held to three digits."""
    result = solver(name, method, problem, "float32")(0)
    check_shape_and_dtype(result, method, problem, np.float32)
    if automatic(method):
        assert rel_error(result, expected(method, instance_of(problem), 0)) <= 1e-3


def without_curvature(name, method, problem):
    if method.stock == "tf.hessians":
        return "tf.hessians cannot convert the None that its inner gradient returns"
    return next((fault.text for fault in method.faults if method.requires and " raises where " in fault.text), None)


def linear(xp, x, c):
    return xp.vecdot(c, x)


def constant(xp, x, c):
    return xp.vecdot(c, c)


def vector_valued(xp, x, c):
    return c * x * x


C = np.array([1.0, -2.0, 3.0])
X = np.array([0.5, -1.0, 2.0])


ARRAYS = {"x": X, "v": np.ones(3), "V": np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]]), "X": np.stack([X, X - 0.25])}


def call_on(engine, method, objective):
    arrays = [ARRAYS[name] for name in OPERATORS[method.operator].takes]
    return prepare(engine, method, objective, (C,), *(array + 1 for array in arrays))(*arrays)


@pytest.mark.parametrize(
    ("name", "method", "problem"),
    cases(only=uncompiled_second_order, broken=without_curvature),
)
def test_linear_objective_has_no_curvature(engine, name, method, problem):
    result = call_on(engine(name), method, linear)
    assert result.shape == shape_of(method.operator, 3, batch=2)
    assert np.max(np.abs(result)) <= TOLERANCE[method.accuracy]


@pytest.mark.parametrize(
    ("name", "method", "problem"),
    cases(only=lambda m: m.operator != "objective" and uncompiled(m) and underived(m), broken=without_curvature),
)
def test_objective_that_ignores_x_has_zero_derivatives(engine, name, method, problem):
    assert np.max(np.abs(call_on(engine(name), method, constant))) <= TOLERANCE[method.accuracy]


@pytest.mark.parametrize(("name", "method", "problem"), cases(only=uncompiled_automatic))
def test_vector_valued_objective_is_refused(engine, name, method, problem):
    with pytest.raises(Exception, match="must return a scalar"):
        call_on(engine(name), method, vector_valued)


CHUNKED = cases(only=lambda m: m.chunk and uncompiled(m))


@pytest.mark.parametrize("chunk", ["1", "3", ALL_ROWS])
@pytest.mark.parametrize(("name", "method", "problem"), CHUNKED)
def test_every_chunk_gives_the_same(engine, name, method, problem, chunk):
    """n = 10 is no multiple of 3: the last chunk is smaller."""
    instance = instance_of(problem)
    variant = method.at_chunk(chunk)
    call = prepare(engine(name), variant, instance.problem.objective, instance.data, *inputs(variant, instance, -1))
    assert rel_error(call(*inputs(variant, instance, 0)), expected(variant, instance, 0)) <= TOLERANCE[variant.accuracy]


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
    with pytest.raises(BackendUnavailable, match="gpu:7"):
        backends.load(name)("float64", "gpu:7")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", backends.registry())
def test_asarray_casts_floats_and_keeps_integers(engine, name, dtype):
    backend = engine(name, dtype)
    with backend.scope():
        assert backend.to_numpy(backend.asarray(C)).dtype == dtype
        assert np.issubdtype(backend.to_numpy(backend.asarray(np.arange(3))).dtype, np.integer)
