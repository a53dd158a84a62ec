"""Four ways to a verdict, one verdict: `hb.run`, `hb.check`, the pytest plugin, and `hb.hessian` where it computes."""

import importlib

import numpy as np
import pytest

import hessbench as hb
from hessbench import suites
from hessbench.harness.planning.grid import Cell
from hessbench.harness.python.pytest_case import MarkedCase

OWN = "parity"
HARMFUL = {"segfault", "killed", "exit", "hang", "hang-native", "hog", "resource-exhausted", "sticky"}
"""Planted faults that end a process, or that only a worker of its own may meet."""


def text(x):
    return np.sum(np.sin(x) * x)


def text_of_jax(x):
    import jax.numpy as jnp

    return jnp.sum(jnp.sin(x) * x)


def changes(xp, x):
    x[0] = 1.0
    return xp.sum(x)


@hb.problem(x0=[-1.2, 1.0, 0.5])
def portable(xp, x):
    return xp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@hb.problem(x0=[0.5, 2.0], hessian=lambda x: np.diag(11 * x**2))
def wrong_closed_form(xp, x):
    return xp.sum(x**4)


@hb.problem(x0=[0.0, 2.0], spread=0.0)
def patched(xp, x):
    return xp.sum(xp.where(x == 0, 1.0, xp.sin(x) / xp.where(x == 0, 1.0, x)))


@hb.problem(x0={"w": np.full((2, 2), 0.3), "b": np.array([0.1, -0.2])})
def nested(xp, p):
    return xp.sum(xp.tanh(p["w"] @ p["b"])) + xp.sum(p["w"] ** 4)


@hb.problem(x0=lambda n: np.linspace(-1, 1, n), sizes=(300,))
def large(xp, x):
    return xp.sum(xp.cos(x[1:] * x[:-1])) + xp.sum(x) ** 2 / 100


def slope(x):
    s = np.sin(x[1:] * x[:-1])
    return -(np.append(0, x[:-1] * s) + np.append(x[1:] * s, 0))


@hb.problem(x0=lambda n: np.linspace(-1, 1, n), sizes=(10_000,), gradient=slope)
def huge(xp, x):
    return xp.sum(xp.cos(x[1:] * x[:-1]))


@hb.problem(x0=[0.0, 0.0], spread=0.0)
def norm_at_zero(xp, x):
    return xp.sqrt(xp.sum(x * x))


@hb.problem(x0=[-1.0, 0.5], spread=0.0)
def nan_at_x(xp, x):
    return xp.sum(xp.log(x))


native_only = hb.native_problem("native_only", x0=[0.5, 1.5], native={"numpy": text})
in_jax = hb.problem(text_of_jax, x0=[0.5, 1.5], framework="jax")
in_place = hb.problem(changes, x0=[0.5, 1.5], name="in_place")

SMALL = (portable, wrong_closed_form, patched, nested, norm_at_zero, nan_at_x, native_only, in_place)
GROUPS = (
    ("hessian", "numpy", ("richardson-eager", "hyper-dual-eager"), SMALL),
    ("hvp", "numpy", ("hvp-hyper-dual-eager", "hvp-richardson-eager"), (portable, nested, native_only)),
    ("hessian", "jax", ("hessian-jit",), (large, in_jax)),
    ("hvp", "jax", ("hvp-forward-over-reverse-jit",), (huge,)),
)
"""Operator, backend, methods, problems; JAX computes what is large, because NumPy's methods take minutes there."""
CASES = [(*group, problem) for *group, problems in GROUPS for problem in problems]
IDS = [f"{operator}-{problem.name}" for operator, *_, problem in CASES]


def told(status, fault, judge):
    return status, fault, judge


def by_run(run, problem):
    rows = run.frame[(run.frame["problem"] == problem.name) & ~run.frame["operator"].isin(["objective", "gradient"])]
    return {(row.operator, row.method): told(row.status, row.fault, row.judge) for row in rows.itertuples(index=False)}


def by_check(problem, operator, backend, methods):
    x = start(problem)
    frame = hb.check(problem, x, backends=backend, methods=methods, operator=operator)
    return {(row.operator, row.method): told(row.status, row.fault, row.judge) for row in frame.itertuples()}


def by_plugin(problem, operator, backend, methods, suite=OWN):
    """What `hessbench_case.verify()` does, as the outcome that it concludes from."""
    found = {}
    for method in methods:
        kind = "portable" if problem.portable else "native"
        cell = Cell(suite, problem.name, problem.sizes[0], operator, backend, method, "float64", "cpu", text=kind)
        marked = MarkedCase(cell)
        with marked.ready():
            outcome = marked.outcome()
        found[operator, method] = told(outcome.status, outcome.fault, outcome.facts.get("judge", ""))
    return found


def start(problem):
    vector = problem.start(problem.sizes[0], np.random.default_rng(0))
    return problem.layout.nest(np, vector) if problem.layout else vector


MADE = {}
"""The run of each group, made by the first test that wants it: the groups are those of different processes."""


@pytest.fixture
def run_of(calm, tmp_path_factory):
    """Real worker processes, one run for each group."""

    def run(operator, backend):
        if (operator, backend) not in MADE:
            methods, problems = next(group[2:] for group in GROUPS if group[:2] == (operator, backend))
            out = tmp_path_factory.mktemp("parity") / "run"
            asked = {"backends": backend, "operators": operator, "methods": methods}
            MADE[operator, backend] = hb.run(problems, **asked, quick=True, out=out)
        return MADE[operator, backend]

    return run


@pytest.fixture(autouse=True)
def attached():
    suites.attach(OWN, [problem for *_, problems in GROUPS for problem in problems])


@pytest.mark.parametrize(("operator", "backend", "methods", "problem"), CASES, ids=IDS)
def test_the_same_status_fault_and_judge(operator, backend, methods, problem, run_of):
    with np.errstate(all="ignore"):
        said = by_run(run_of(operator, backend), problem)
        assert set(said) == {(operator, method) for method in methods}
        assert by_check(problem, operator, backend, methods) == said
        assert by_plugin(problem, operator, backend, methods) == said


OUTCOMES = {("ok", ""), ("wrong", "silently-wrong"), ("error", "value-nan"), ("error", "exception")}


@pytest.mark.parametrize(
    ("operator", "backend", "outcomes", "judges"),
    [("hessian", "numpy", OUTCOMES, {"closed_form"}), ("hessian", "jax", set(), {"probes", "richardson-53-jax"})],
)
def test_the_cases_are_of_every_kind(operator, backend, outcomes, judges, run_of):
    frame = run_of(operator, backend).frame
    assert outcomes <= {(row.status, row.fault) for row in frame.itertuples()}
    assert judges <= {row.judge for row in frame.itertuples()}


@pytest.mark.parametrize(("operator", "backend", "methods", "problem"), CASES, ids=IDS)
def test_what_is_ok_is_computed_and_what_is_an_error_is_refused(operator, backend, methods, problem, run_of):
    """`hb.hessian` and `hb.hvp` judge nothing, but take and refuse the same functions, in one line."""
    x = start(problem)
    for (_, method), (status, _, _) in by_run(run_of(operator, backend), problem).items():
        call = hb.hessian if operator == "hessian" else lambda f, x, **how: hb.hvp(f, x, x, **how)
        if status == "error":
            with pytest.raises((hb.UsageError, hb.NotScalar)) as caught:
                call(problem, x, backend=backend, method=method)
            assert "\n" not in str(caught.value)
        else:
            with np.errstate(all="ignore"):
                assert call(problem, x, backend=backend, method=method).shape[-1] == problem.sizes[0]


def test_a_problem_without_a_text_for_a_backend_is_refused_in_one_line():
    with pytest.raises(hb.UsageError, match="native_only has no text for jax; it has one for numpy"):
        hb.hessian(native_only, [0.5, 1.5], backend="jax")
    row = hb.check(native_only, [0.5, 1.5], backends="jax", methods="default").iloc[0]
    assert (row["status"], row["reason"]) == ("unsupported", "native_only has no text for jax; it has one for numpy")


def test_the_reference_of_a_native_text_is_its_own_differences():
    value, bound = hb.reference(native_only, [0.5, 1.5])
    x = np.array([0.5, 1.5])
    assert np.all(np.abs(value - np.diag(2 * np.cos(x) - x * np.sin(x))) <= bound)


def test_planted_faults(faults, calm, tmp_path, monkeypatch, hessbench):
    monkeypatch.setenv("PYTHONPATH", hessbench.options["env"]["PYTHONPATH"])
    methods = [m.name for m in importlib.import_module("faulty_backend").METHODS]
    tame = [name for name in methods if name.removesuffix("-eager") not in HARMFUL]
    rosenbrock = suites.load("quick")["rosenbrock"]
    run = hb.run("quick/rosenbrock", backends="faulty", methods=tame, sizes=10, quick=True, out=tmp_path / "run")
    said = by_run(run, rosenbrock)
    assert {fault for _, fault, _ in said.values()} >= {
        "silently-wrong",
        "asymmetric",
        "derivative-nan",
        "shape",
        "dtype",
        "not-synchronized",
        "exception",
    }
    assert by_check(rosenbrock, "hessian", "faulty", tame) == said
    assert by_plugin(rosenbrock, "hessian", "faulty", tame, "quick") == said
