"""The verdict on steps, spectra and inertias: what is planted is caught and named, what is right is left alone."""

from dataclasses import replace

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.backends.contract.method import find
from hessbench.backends.contract.operators import OPERATORS
from hessbench.harness.judging.derived import newton_path
from hessbench.harness.judging.derived.local import Local
from hessbench.harness.judging.derived.verdict import no_answer
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell
from hessbench.harness.worker.case import Case
from hessbench.suites.definition.problem import Problem, draw

K = 2


def residuals(x):
    return np.array([x[0] ** 2 - x[1], x[0] * x[1] - 3, x[2] - x[0], 0.5 * x[2] ** 2 - 2])


def jacobian(x):
    return np.array([[2 * x[0], -1, 0], [x[1], x[0], 0], [-1, 0, 1], [0, 0, x[2]]])


def least_squares(xp, x):
    """A sum of squares."""
    r = (x[0] ** 2 - x[1], x[0] * x[1] - 3, x[2] - x[0], 0.5 * x[2] ** 2 - 2)
    return sum(entry**2 for entry in r) / 2


def slope(x):
    return jacobian(x).T @ residuals(x)


def curvature(x):
    second = np.zeros((4, 3, 3))
    second[0, 0, 0], second[1, 0, 1], second[1, 1, 0], second[3, 2, 2] = 2, 1, 1, 1
    return jacobian(x).T @ jacobian(x) + np.tensordot(residuals(x), second, 1)


DOWNHILL = np.array([1.1, 1.4, 1.3])
SADDLE = np.array([0.3, 0.4, 0.2])


def problem(x=DOWNHILL, closed=True, f=least_squares, **more):
    forms = {"gradient": slope, "hessian": curvature} if closed else {}
    return Problem(f.__name__, f, (len(x),), lambda n, rng: x, "a test", **{"spread": 0.0, **forms, **more})


def verdict(operator, result, of=None, dtype="float64", needs="regular", tolerance=0.0):
    of = of or problem()
    instance = draw(of, of.sizes[0], batch=K)
    batch = K if operator == "top-eigenvalues" else 1
    cell = Cell("tests", of.name, instance.n, operator, "jax", "planted", dtype, "cpu", batch)
    question = Question(cell, 1.0, instance, needs=needs, tolerance=tolerance)
    return judged(question, [np.asarray(result).astype(dtype)] * 2, References())


def step_of(h, g):
    return -np.linalg.solve(h, g)


def right(operator, x=DOWNHILL, h=None):
    h, g = curvature(x) if h is None else h, slope(x)
    values = np.linalg.eigvalsh(h)
    return {
        "newton-step": lambda: step_of(h, g),
        "spectrum": lambda: values,
        "top-eigenvalues": lambda: values[::-1][:K],
        "inertia": lambda: np.array([np.sum(values > 0), 0, np.sum(values < 0)]),
        "stationary-point": lambda: newton_path.end(draw(problem(x), 3), 0)[0],
    }[operator]()


DERIVED = [name for name, operator in OPERATORS.items() if operator.derived]


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("operator", DERIVED)
def test_what_is_right_is_ok(operator, closed):
    result = right(operator)
    for noise in (0.0, 8 * np.finfo(np.float64).eps):
        assert verdict(operator, result * (1 + noise), problem(closed=closed)).status == "ok" or operator == "inertia"
    assert verdict(operator, result, problem(closed=closed)).status == "ok"
    assert verdict(operator, result, dtype="float32").status in ("ok", "unverifiable")


def gauss_newton(x):
    return jacobian(x).T @ jacobian(x)


def turned(values):
    return np.sort(np.where(np.arange(len(values)) == 1, -values, values))


PLANTED = {
    "Gauss-Newton, step": ("newton-step", SADDLE, lambda x: step_of(gauss_newton(x), slope(x)), "Gauss-Newton"),
    "Gauss-Newton, spectrum": ("spectrum", SADDLE, lambda x: right("spectrum", h=gauss_newton(x)), "Gauss-Newton"),
    "Gauss-Newton, inertia": ("inertia", SADDLE, lambda x: right("inertia", h=gauss_newton(x)), "called a minimum"),
    "H + s I, step": (
        "newton-step",
        DOWNHILL,
        lambda x: step_of(curvature(x) + 1e-6 * np.eye(3), slope(x)),
        "H + s I with s = 1e-06",
    ),
    "H + s I, spectrum": ("spectrum", DOWNHILL, lambda x: right("spectrum") + 1e-6, "H + s I with s = 1e-06"),
    "H + s I, top": ("top-eigenvalues", DOWNHILL, lambda x: right("top-eigenvalues") + 1e-6, "s = 1e-06"),
    "wrong sign, spectrum": ("spectrum", DOWNHILL, lambda x: turned(right("spectrum")), "1 eigenvalue of the wrong"),
    "wrong sign, inertia": ("inertia", DOWNHILL, lambda x: [2, 0, 1], "a minimum called a saddle of index 1"),
    "wrong order": ("spectrum", DOWNHILL, lambda x: right("spectrum")[::-1], "wrong order"),
    "uphill": ("newton-step", DOWNHILL, lambda x: -right("newton-step"), "the wrong sign, +H^-1 g"),
    "uphill otherwise": ("newton-step", DOWNHILL, lambda x: slope(x) + np.array([0.1, 0, 0]), "a step uphill"),
    "gradient step": ("newton-step", DOWNHILL, lambda x: -0.1 * slope(x), "along the gradient, -0.1 g"),
    "absolute values": (
        "newton-step",
        SADDLE,
        lambda x: step_of((lambda w, v: v * np.abs(w) @ v.T)(*np.linalg.eigh(curvature(x))), slope(x)),
        "|H|",
    ),
    "not the largest": ("top-eigenvalues", DOWNHILL, lambda x: right("spectrum")[:K][::-1], "off by"),
    "not stationary": ("stationary-point", DOWNHILL, lambda x: right("stationary-point") + 1e-5, "off by"),
}


@pytest.mark.parametrize(("fault", "closed"), [*((fault, True) for fault in PLANTED), ("H + s I, step", False)])
def test_a_planted_fault_is_caught_and_named(fault, closed):
    operator, x, result, word = PLANTED[fault]
    found = verdict(operator, result(x), problem(x, closed))
    assert (found.status, found.fault) == ("wrong", "silently-wrong")
    assert word in found.reason


def monkey(xp, x):
    """The monkey saddle with a bowl: its Hessian at 0 has two eigenvalues 0 and one 2."""
    return x[0] ** 3 - 3 * x[0] * x[1] ** 2 + x[2] ** 2


def at_degenerate_point(**more):
    forms = {
        "gradient": lambda x: np.array([3 * x[0] ** 2 - 3 * x[1] ** 2, -6 * x[0] * x[1], 2 * x[2]]),
        "hessian": lambda x: np.array([[6 * x[0], -6 * x[1], 0], [-6 * x[1], -6 * x[0], 0], [0, 0, 2.0]]),
    }
    return problem(np.zeros(3), f=monkey, **{**forms, **more})


def test_a_degenerate_point_called_a_minimum_is_named():
    known = at_degenerate_point(inertia=lambda x: (1, 2, 0))
    assert verdict("inertia", [1, 2, 0], known).status == "ok"
    found = verdict("inertia", [3, 0, 0], known)
    assert found.status == "wrong"
    assert "a degenerate point called a minimum" in found.reason


def test_a_zero_eigenvalue_that_rounding_lifts_is_no_fault():
    """At rest the terms of a bond's second derivative cancel, so that the condition is large."""
    modes = suites.load("applications")["lennard_jones_modes"]
    assert verdict("inertia", [3, 6, 0], replace(modes, sizes=(9,))).status == "ok"
    assert verdict("inertia", [4, 5, 0], replace(modes, sizes=(9,))).status == "unverifiable"


def test_inertia_is_unverifiable_where_an_eigenvalue_may_be_zero():
    for result in ([3, 0, 0], [1, 2, 0]):
        found = verdict("inertia", result, at_degenerate_point())
        assert found.status == "unverifiable"
        assert "cannot be told from zero" in found.reason


def reason_of(operator, method, of):
    instance = draw(of, of.sizes[0])
    cell = Cell("tests", of.name, instance.n, operator, "numpy", method, "float64", "cpu")
    return no_answer(find(backends.load("numpy").methods, method), cell, instance, References())


def test_what_cannot_be_asked_is_said():
    singular = at_degenerate_point()
    status, reason = reason_of("newton-step", "newton-lu-hyper-dual-eager", singular)
    assert status == "unverifiable"
    assert "newton-least-norm" in reason
    assert reason_of("newton-step", "newton-least-norm-hyper-dual-eager", singular) is None
    status, reason = reason_of("newton-step", "newton-cholesky-hyper-dual-eager", problem(SADDLE))
    assert status == "unsupported"
    assert "positive definite" in reason
    assert reason_of("newton-step", "newton-lu-hyper-dual-eager", problem(SADDLE)) is None
    slopes = {"gradient": lambda x: np.exp(x), "hessian": lambda x: np.diag(np.exp(x))}
    steep = problem(np.ones(2), f=lambda xp, x: xp.sum(xp.exp(x)), **slopes)
    assert reason_of("stationary-point", "stationary-lu-hyper-dual-eager", steep)[0] == "unverifiable"


DEGENERATE = {
    "fourth powers": (lambda xp, x: xp.sum(x**4), [1.0, 2.0]),
    "third powers": (lambda xp, x: xp.sum(x**3), [1.0, 2.0]),
    "fourth powers beside zero": (lambda xp, x: xp.sum((x - 1) ** 4), [2.0, 3.0]),
    "product": (lambda xp, x: xp.prod(x), [0.1, 0.2, 0.3]),
    "monkey saddle": (lambda xp, x: x[0] ** 3 - 3 * x[0] * x[1] ** 2, [0.3, 0.7]),
    "one direction": (lambda xp, x: x[0] ** 4 + xp.exp(x[1]) - x[1], [1.0, 0.5]),
}
REGULAR = {
    "bowl": (lambda xp, x: xp.sum(xp.exp(x) - x), [0.5, 0.2]),
    "end at zero": (lambda xp, x: xp.sum(x**2 + x**4), [0.3, 0.2]),
    "badly scaled": (lambda xp, x: 1e8 * (xp.exp(x[0]) - x[0]) + (x[1] - 1) ** 2 + (x[1] - 1) ** 4, [0.1, 1.2]),
}


def checked(operator, f, x):
    """The outcome of each of NumPy's methods."""
    backend, of = backends.load("numpy")(), problem(np.array(x), closed=False, f=f)
    methods = [m for m in backend.methods if m.operator == operator]
    cells = [Cell("tests", of.name, len(x), operator, "numpy", m.name, "float64", "cpu") for m in methods]
    assert cells
    with backend.scope():
        cases = [Case(backend, cell, draw(of, len(x)), References()) for cell in cells]
        return [case.outcome(case.check) for case in cases]


def test_below_the_range_of_a_dtype_an_eigenvalue_may_be_zero():
    tiny = problem(f=lambda xp, x: 1e-50 * xp.sum(xp.exp(x)), closed=False)
    n = len(DOWNHILL)
    assert verdict("inertia", [0, n, 0], tiny, dtype="float32").status == "unverifiable"
    assert verdict("inertia", [0, n, 0], tiny).status == "wrong"
    assert verdict("inertia", [n, 0, 0], tiny).status == "ok"


@pytest.mark.parametrize("name", DEGENERATE)
def test_a_singular_hessian_at_the_stationary_point_is_said(name):
    """Steps come nearer by a share each there: where they end is no stationary point up to rounding."""
    f, x = DEGENERATE[name]
    (found,) = checked("stationary-point", f, x)
    assert found.status == "unverifiable"
    assert "singular at the stationary point" in found.reason


@pytest.mark.parametrize("name", REGULAR)
def test_a_regular_stationary_point_is_ok(name):
    f, x = REGULAR[name]
    (found,) = checked("stationary-point", f, x)
    assert found.status == "ok", found.reason


@pytest.mark.parametrize("scale", [1e160, 1e-160])
@pytest.mark.parametrize("operator", ["newton-step", "spectrum", "inertia"])
def test_sizes_at_the_ends_of_the_range_are_judged(operator, scale):
    for found in checked(operator, lambda xp, x: scale * (x[0] ** 2 + 3 * x[1] ** 2 + x[0] * x[1]), [2.0, 1.0]):
        assert found.status == "ok", found.reason


@pytest.mark.parametrize("operator", ["newton-step", "spectrum", "inertia"])
def test_eigenvalues_farther_apart_than_numbers_are_no_fault(operator):
    """The Hessian is diag(8.4e176, 8.7e159): its spectrum is right, and whether it is regular nobody can tell."""
    for found in checked(operator, lambda xp, x: xp.sum(xp.exp(x**2)), [20.0, 19.0]):
        assert found.status == ("ok" if operator == "spectrum" else "unverifiable"), found.reason


def test_what_the_judge_raises_is_no_fault_of_who_is_judged(monkeypatch):
    def overflow(self):
        raise OverflowError(34, "Numerical result out of range")

    monkeypatch.setattr(Local, "eigenvalue_bounds", property(overflow))
    found = verdict("spectrum", right("spectrum"))
    assert (found.status, found.fault) == ("unverifiable", "")
    assert "the judge failed: OverflowError" in found.reason
    assert reason_of("newton-step", "newton-lu-hyper-dual-eager", problem()) is None


WITHOUT_SECOND_DERIVATIVE = {
    "power": (lambda xp, x: xp.sum(xp.abs(x) ** 1.5), [0.0, 1.0, 2.0], "no second derivative at x"),
    "power, twice": (lambda xp, x: xp.sum(xp.abs(x) ** 1.5), [0.0, 1.0], "no second derivative at x"),
    "power beside a large term": (
        lambda xp, x: xp.abs(x[0]) ** 1.5 + 1e4 * x[1] ** 2,
        [0.0, 1.0],
        "no second derivative at x",
    ),
    "root": (lambda xp, x: xp.sum(xp.sqrt(x)), [0.0, 1.0], "not known near x"),
    "kink": (lambda xp, x: xp.sum(xp.abs(x)), [0.0, 1.0], "kink"),
    "bend": (lambda xp, x: xp.sum(xp.where(x > 0, x**2, -(x**2) / 2)), [0.0, 1.0], "bends"),
}


@pytest.mark.parametrize("name", WITHOUT_SECOND_DERIVATIVE)
@pytest.mark.parametrize("operator", ["newton-step", "spectrum", "inertia"])
def test_where_f_has_no_second_derivative_it_is_said_and_nobody_is_at_fault(operator, name):
    f, x, says = WITHOUT_SECOND_DERIVATIVE[name]
    for found in checked(operator, f, x):
        assert found.status == "unverifiable", found.reason
        assert says in found.reason or "the judge cannot tell" in found.reason
        assert "least-norm" not in found.reason


def test_the_least_norm_step_leaves_out_what_has_no_curvature():
    flat = problem(
        np.array([1.0, 2.0, 3.0]),
        f=lambda xp, x: (x[0] + x[1]) ** 2 + x[2] ** 2,
        gradient=lambda x: np.array([2 * (x[0] + x[1]), 2 * (x[0] + x[1]), 2 * x[2]]),
        hessian=lambda x: np.array([[2, 2, 0], [2, 2, 0], [0, 0, 2.0]]),
    )
    assert verdict("newton-step", [-1.5, -1.5, -3], flat, needs="").status == "ok"
    assert verdict("newton-step", [-1, -2, -3], flat, needs="").status == "wrong"  # as good, and longer


def test_what_stops_early_is_held_to_its_tolerance():
    step = right("newton-step")
    assert verdict("newton-step", step * (1 + 1e-9)).status == "wrong"
    assert verdict("newton-step", step * (1 + 1e-9), tolerance=1e-8).status == "ok"
    assert verdict("newton-step", step * (1 + 1e-3), tolerance=1e-8).status == "wrong"
