"""The rules of docs/fairness.md that no other test holds: on programs as traced, and in workers as they run."""

import ast
import contextlib
import functools
import importlib.util
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.backends.contract.interface import HIGHEST
from hessbench.backends.contract.method import find
from hessbench.backends.contract.namespace import operations
from hessbench.backends.contract.operators import CORE, OPERATORS, YARDSTICKS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numpy import NumpyBackend
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import Limits, Policy
from hessbench.harness.protocol import CellEnd, CellStart, End, Outcome, Task, Visit
from hessbench.harness.running import place, runner
from hessbench.harness.running.launch import Launch
from hessbench.harness.worker.session import Evaluator
from hessbench.suites.definition.problem import closed_form, diagonal_blocks, draw
from tests.backends.asked import OF_THE_LOSS, asked, ends

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "fairness.md"
NAMES = tuple(backends.BUILT_IN)
N = 10
FAST = Policy(warmup_calls=1, warmup_s=0, min_samples=2, sampling_s=0, max_samples=2, budget_s=5)


# --- Data and basis are arguments, never constants of a compiled program ---------------------------------------------

DATA_PROBLEM = suites.load("quick")["logistic_regression"]
INSTANCE = draw(DATA_PROBLEM, N, batch=3)


def arguments_of(backend, method, instance=INSTANCE):
    """What the built function is called with: what the operator takes, the basis or the seeds, the data."""
    takes = OPERATORS[method.operator].takes
    constants = backend.constants(method, instance.data, instance.n, compression_of(backend, method, instance))
    return (*map(backend.asarray, instance.inputs(takes, -1)), *constants)


def compression_of(backend, method, instance=INSTANCE):
    """Pattern and coloring of a sparse method; None of any other."""
    if not OPERATORS[method.operator].sparse:
        return None
    return backend.analyze(method, instance.problem.objective, instance.data, instance.points[-1])


def made(backend, method):
    """The function that is compiled."""
    planned = method.planned(compression_of(backend, method))
    return planned.make(backend.bind(asked(method, DATA_PROBLEM.objective, N)))


def declared(name, only):
    """A backend's methods; what is not everyday's work (beyond Hessian, hvp and yardsticks) is slow."""
    everyday = (*CORE, *YARDSTICKS)
    return [
        pytest.param(
            name,
            method,
            id=f"{name}-{method.name}",
            marks=[] if method.operator in everyday else [pytest.mark.slow, pytest.mark.variant],
        )
        for method in backends.load(name).methods
        if only(method)
    ]


def ready(engine, name, method):
    backend = engine(name)
    facts = ProblemFacts(N, operations(DATA_PROBLEM.objective, INSTANCE.points[0], INSTANCE.data))
    if reason := backend.unsupported(method, facts):
        pytest.skip(reason)
    return backend


def baked(constants):
    """The constants of a program that can be data or a basis: at least n floats that are not all the same.

    Gradient rules fill arrays with zeros and ones, and a sparsity pattern is made of integers: both may stay.
    """
    arrays = (np.asarray(constant) for constant in constants)
    return [a for a in arrays if a.size >= N and a.dtype.kind == "f" and np.unique(a).size > 1]


def jaxpr_constants(jaxpr):
    """The arrays in a JAX program, in its inner programs and among the operands written into its equations."""
    yield from getattr(jaxpr, "consts", ())
    for equation in getattr(jaxpr, "jaxpr", jaxpr).eqns:
        yield from (operand.val for operand in equation.invars if hasattr(operand, "val"))
        for parameter in equation.params.values():
            for inner in parameter if isinstance(parameter, (tuple, list)) else (parameter,):
                if hasattr(inner, "eqns"):
                    yield from jaxpr_constants(inner)


def seeds_itself(method):
    return method.stock.startswith(("asdex", "sparsejac"))


@pytest.mark.parametrize(
    ("name", "method"), declared("jax", lambda m: m.execution == "jit" and not (seeds_itself(m) or m.parts))
)
def test_a_jax_program_holds_no_data_and_no_basis(engine, name, method):
    backend = ready(engine, name, method)
    import jax

    with backend.scope():
        program = jax.make_jaxpr(made(backend, method))(*arguments_of(backend, method))
    assert baked(jaxpr_constants(program)) == []


@pytest.mark.slow
@pytest.mark.variant
@pytest.mark.parametrize(("name", "method"), declared("jax", seeds_itself))
def test_a_sparse_jax_program_holds_its_seeds_only(engine, name, method):
    """asdex and sparsejac write the seeds of a coloring (colors, n) into the program: the exception on the page."""
    backend = ready(engine, name, method)
    import jax

    with backend.scope():
        program = jax.make_jaxpr(made(backend, method))(*arguments_of(backend, method))
    for constant in baked(jaxpr_constants(program)):
        assert constant.shape == (N, N)
        assert set(np.unique(constant)) == {0.0, 1.0}


def graph_constants(concrete):
    """The arrays in the `Const` nodes of a TensorFlow graph and of all functions that it calls."""
    from tensorflow import make_ndarray

    definition = concrete.graph.as_graph_def()
    for nodes in (definition.node, *(function.node_def for function in definition.library.function)):
        yield from (make_ndarray(node.attr["value"].tensor) for node in nodes if node.op == "Const")


@pytest.mark.parametrize(("name", "method"), declared("tensorflow", lambda m: m.execution == "graph" and not m.parts))
def test_a_tensorflow_graph_holds_no_data_and_no_basis(engine, name, method):
    backend = ready(engine, name, method)
    import tensorflow as tf

    with backend.scope():
        function = tf.function(made(backend, method), autograph=False)
        concrete = function.get_concrete_function(*arguments_of(backend, method))
    assert baked(c for c in graph_constants(concrete) if c.dtype.kind == "f") == []
    assert not concrete.captured_inputs


def test_what_tensorflow_compiles_with_xla_is_a_graph_of_the_test_above():
    methods = backends.load("tensorflow").methods
    graphs = {m.build for m in methods if m.execution == "graph"}
    assert all(m.build in graphs for m in methods if m.execution == "xla")


def forbidden(backend):
    """An objective that holds its data: what the rule forbids."""
    xp, a = backend.namespace(), backend.asarray(INSTANCE.data[0][:N])
    return lambda x: xp.sum(xp.square(xp.matmul(a, x)))


@pytest.mark.parametrize("name", ["jax"])
def test_data_in_a_jax_program_would_be_found(engine, name):
    backend = engine(name)
    import jax

    with backend.scope():
        program = jax.make_jaxpr(jax.jit(forbidden(backend)))(backend.asarray(INSTANCE.points[0]))
    (found,) = baked(jaxpr_constants(program))
    np.testing.assert_array_equal(found, INSTANCE.data[0][:N])


@pytest.mark.parametrize("name", ["tensorflow"])
def test_data_in_a_tensorflow_graph_would_be_found(engine, name):
    """TensorFlow writes tensors of up to 128 entries into the graph and captures larger ones as hidden inputs."""
    backend = engine(name)
    import tensorflow as tf

    def f(x):
        return forbidden(backend)(x) + tf.reduce_sum(large) * 0

    with backend.scope():
        large = backend.asarray(INSTANCE.data[0])
        concrete = tf.function(f, autograph=False).get_concrete_function(backend.asarray(INSTANCE.points[0]))
    (found,) = baked(graph_constants(concrete))
    np.testing.assert_array_equal(found, INSTANCE.data[0][:N])
    assert len(concrete.captured_inputs) == 1


def untraced(name):
    """Methods whose function is not among those that the tests above look into as programs, each function once."""
    methods = backends.load(name).methods
    seen = {method.build for method in methods if method.execution in ("jit", "graph")}
    for method in methods:
        # The derived are of others' derivatives; the fourth of a quadratic are zero, whatever its data.
        told = (
            method.operator == "objective" or OPERATORS[method.operator].derived or OPERATORS[method.operator].order > 2
        )
        if not told and method.build not in seen:
            seen.add(method.build)
            yield method


UNTRACED = [case for name in NAMES for case in declared(name, list(untraced(name)).__contains__)]
UNTRACED = [case for case in UNTRACED if case.values[0] != "casadi" or not OPERATORS[case.values[1].operator].sparse]
"""CasADi finds a pattern while it writes a Hessian down, so nothing is built without `prepare`; data are its inputs."""
LOOSE = 1e-2
"""What finite differences of one step size reach; data that are not the right ones are wrong by a third."""


@pytest.mark.parametrize(("name", "method"), UNTRACED)
def test_a_built_function_follows_its_data(engine, name, method):
    """Built with one set of data, called with another: where there is no program to look into.

    What Inductor compiles is called as it is written: that takes no seconds, and Dynamo makes inputs of what a function
    holds.
    """
    problem = suites.load("quick")["quadratic"]
    built, other = draw(problem, 4, seed=1, batch=2), draw(problem, 4, seed=2, batch=2)
    backend = engine(name)
    if reason := backend.unsupported(
        method, ProblemFacts(4, operations(problem.objective, built.points[0], built.data))
    ):
        pytest.skip(reason)
    with backend.scope():
        f = backend.bind(asked(method, problem.objective, 4))
        arguments = arguments_of(backend, method, built)
        method = method.planned(compression_of(backend, method, built))
        function = method.make(f) if method.execution == "inductor" else backend.build(method, f, arguments)[0]
        result = backend.to_numpy(function(*arguments_of(backend, method, other)))
    operator, at = method.operator, other.inputs(OPERATORS[method.operator].takes, -1)[0]
    if OPERATORS[operator].sparse:
        operator, result = "hessian", compression_of(backend, method, other).matrix(result)
    if operator == "block-diagonal":
        truth = diagonal_blocks(closed_form(other, "hessian", at), ends(4))
    else:
        truth = closed_form(other, OF_THE_LOSS.get(operator, operator), at)
    assert np.linalg.norm(result - truth) <= LOOSE * np.linalg.norm(truth)


# --- The same data, to the last bit ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_data_and_points_reach_every_framework_unchanged(engine, name):
    backend = engine(name)
    with backend.scope():
        for array in (*INSTANCE.data, *INSTANCE.points, *INSTANCE.batches, INSTANCE.direction):
            np.testing.assert_array_equal(backend.to_numpy(backend.asarray(array)), array, strict=True)


# --- The scripts that measure the tax, and the known figures ---------------------------------------------------------


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["numpy", "jax", "torch", "tensorflow"])
def test_native_texts_are_the_same_functions(engine, name):
    backend, tax = engine(name), script("native_tax")
    texts = tax.NATIVE[name](importlib.import_module(name))
    with backend.scope():
        for problem, (n, _) in tax.SIZES.items():
            instance = draw(suites.load("quick")[problem], n)
            arguments = [backend.asarray(array) for array in (instance.points[0], *instance.data)]
            values = [
                float(backend.to_numpy(backend.bind(f)(*arguments)))
                for f in (instance.problem.objective, texts[problem])
            ]
            assert values[1] == pytest.approx(values[0], rel=1e-12)


def test_the_known_figures_are_of_methods_that_exist():
    for figure in script("pages/known_figures").FIGURES:
        assert find(backends.load(figure.backend).methods, figure.method).name == figure.method


# --- Workers: a planted suite tells what is around it ----------------------------------------------------------------

SUITE = '''
"""A suite whose objective writes down what it sees of the worker that calls it."""

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from hessbench.suites.definition.problem import Problem


def _switches():
    found = {}
    if jax := sys.modules.get("jax"):
        found |= {
            "jax x64": jax.config.jax_enable_x64,
            "jax matmul precision": str(jax.config.jax_default_matmul_precision),
            "jax compilation cache": jax.config.jax_enable_compilation_cache,
        }
    if torch := sys.modules.get("torch"):
        found |= {
            "torch matmul precision": torch.get_float32_matmul_precision(),
            "torch allow_tf32": torch.backends.cuda.matmul.allow_tf32,
            "torch threads": torch.get_num_threads(),
        }
    if tf := sys.modules.get("tensorflow"):
        found |= {
            "tensorflow tf32": tf.config.experimental.tensor_float_32_execution_enabled(),
            "tensorflow synchronous": tf.config.experimental.get_synchronous_execution(),
        }
    return found


def _witness(xp, x, a):
    """f(x) = sum a_i x_i^2, with a confession."""
    if isinstance(x, np.ndarray):
        DRAWN.append(hashlib.sha256(x.tobytes() + a.tobytes()).hexdigest())
        facts = {
            "frameworks": [name for name in FRAMEWORKS if name in sys.modules],
            "affinity": sorted(os.sched_getaffinity(0)),
            "scratch": tempfile.gettempdir(),
            "environment": dict(os.environ),
            "switches": _switches(),
            "data": DRAWN[0],
        }
        Path(os.environ["FAIRNESS_WITNESS"]).write_text(json.dumps(facts))
    return xp.sum(a * x * x)


DRAWN = []
FRAMEWORKS = ("jax", "torch", "tensorflow", "keras", "autograd", "casadi")

PROBLEMS = (
    Problem("witness", _witness, (3,), lambda n, rng: rng.standard_normal(n), source="made for the tests",
            data=lambda n, rng: (rng.standard_normal(n),)),
)
'''

COMES_ALONG = {"tensorflow": {"keras"}}
"""What a framework consists of."""

IMPORTS_JAX = (
    "`import tensorflow` imports JAX where it is installed (tensorflow/lite/python/util.py), computing nothing"
)

HOSTILE = {
    "JAX_ENABLE_X64": "0",
    "JAX_DEFAULT_MATMUL_PRECISION": "bfloat16",
    "JAX_ENABLE_COMPILATION_CACHE": "true",
    "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "0",
    "TF_FORCE_GPU_ALLOW_GROWTH": "false",
}
"""What a user's shell may have set, and a worker must not heed."""

SWITCHES = {
    "jax": {"jax x64": True, "jax matmul precision": "highest", "jax compilation cache": False},
    "torch": {"torch matmul precision": "highest", "torch allow_tf32": False},
    "tensorflow": {"tensorflow tf32": False, "tensorflow synchronous": True},
}

REQUIRED = {
    "jax": {
        "JAX_ENABLE_X64",
        "JAX_PLATFORMS",
        "JAX_ENABLE_COMPILATION_CACHE",
        "JAX_DEFAULT_MATMUL_PRECISION",
        "XLA_PYTHON_CLIENT_PREALLOCATE",
    },
    "torch": {"TORCHINDUCTOR_FORCE_DISABLE_CACHES", "TORCHINDUCTOR_COMPILE_THREADS", "CUDA_VISIBLE_DEVICES"},
    "tensorflow": {"TF_FORCE_GPU_ALLOW_GROWTH", "CUDA_VISIBLE_DEVICES"},
}


def plant(folder):
    """A third party's package with one suite, found by whoever has the folder on its path."""
    (folder / "witness_suite.py").write_text(SUITE)
    described = folder / "fairness_witness-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: fairness-witness\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[hessbench.suites]\nwitness = witness_suite\n")


@contextlib.contextmanager
def surroundings(variables):
    """Environment variables and one single core for what is started inside."""
    before, cores = dict(os.environ), os.sched_getaffinity(0)
    os.environ.update(variables)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
        os.environ.clear()
        os.environ.update(before)


def hear(name, folder, **variables):
    """One real worker of a backend, at one gradient; returns what the planted objective saw, and the outcome."""
    method = next(m for m in backends.load(name).methods if m.operator == "gradient" and m.default)
    cell = Cell("witness", "witness", 3, "gradient", name, method.name, "float64", "cpu")
    task = Task(name, "float64", "cpu", HIGHEST, FAST, 0, str(folder), (Visit(cell),))
    said = folder / f"{name}.json"
    variables = {**HOSTILE, "PYTHONPATH": str(folder), "FAIRNESS_WITNESS": str(said), **variables}
    with surroundings(variables):
        environment = backends.load(name).environment("float64", "cpu")
        with Launch(task, environment, Limits(), folder / f"{name}.log") as launch:
            (outcome,) = (m.outcome for m in launch.messages() if isinstance(m, CellEnd))
    assert outcome.status == "ok", outcome
    return json.loads(said.read_text())


@pytest.fixture(scope="module")
def witness(tmp_path_factory):
    """The testimony of a worker of a backend; one worker each for all tests."""
    folder = tmp_path_factory.mktemp("witness")
    plant(folder)

    @functools.cache
    def ask(name):
        if reason := backends.missing(name):
            pytest.skip(reason)
        return hear(name, folder)

    return ask


@pytest.mark.parametrize("name", NAMES)
def test_a_worker_has_one_framework(witness, request, name):
    if name == "tensorflow" and not backends.missing("jax"):
        request.applymarker(pytest.mark.xfail(strict=True, reason=IMPORTS_JAX))
    assert set(witness(name)["frameworks"]) <= {name, *COMES_ALONG.get(name, ())}


@pytest.mark.parametrize("name", NAMES)
def test_a_worker_has_the_cores_of_its_parent(witness, name):
    assert witness(name)["affinity"] == [min(os.sched_getaffinity(0))]
    assert witness(name)["switches"].get("torch threads", 1) == 1


@pytest.mark.parametrize("name", SWITCHES)
def test_precision_switches_hold_where_the_objective_runs(witness, name):
    switches = witness(name)["switches"]
    assert {switch: switches[switch] for switch in SWITCHES[name]} == SWITCHES[name]


def test_a_users_variable_does_not_turn_tf32_on_in_torch(witness, tmp_path):
    plant(tmp_path)
    switches = hear("torch", tmp_path, TORCH_ALLOW_TF32_CUBLAS_OVERRIDE="1")["switches"]
    assert switches["torch allow_tf32"] is False


@pytest.mark.parametrize("name", NAMES)
def test_a_backends_environment_wins_over_the_users(witness, name):
    environment = backends.load(name).environment("float64", "cpu")
    assert REQUIRED.get(name, set()) <= set(environment)
    assert environment.items() <= witness(name)["environment"].items()


@pytest.mark.parametrize("name", NAMES)
def test_a_worker_has_a_scratch_folder_of_its_own_and_leaves_nothing(witness, name):
    scratch = Path(witness(name)["scratch"])
    assert scratch.name.startswith("hessbench-")
    assert not scratch.exists()


@pytest.mark.parametrize("name", NAMES)
def test_every_worker_draws_the_same_data(witness, name):
    assert witness(name)["data"] == witness("numpy")["data"]


# --- Timing ----------------------------------------------------------------------------------------------------------


class Spy(NumpyBackend):
    """A backend that remembers at which points it was prepared and at which it was called."""

    def __init__(self):
        super().__init__()
        self.prepared, self.called = [], []

    def prepare(self, method, objective, data, *like):
        self.prepared += [array.tobytes() for array in like[:1]]
        prepared = super().prepare(method, objective, data, *like)

        def call(x, *rest):
            self.called.append(x.tobytes())
            return prepared.call(x, *rest)

        return type(prepared)(call, prepared.phases)


def test_no_method_is_prepared_at_a_point_that_is_measured(tmp_path):
    cell = Cell("quick", "rosenbrock", 4, "hessian", "numpy", "hyper-dual-eager", "float64", "cpu")
    spy, task = Spy(), Task("numpy", "float64", "cpu", HIGHEST, FAST, 0, str(tmp_path), (Visit(cell),))
    messages = []
    Evaluator(spy, task, messages.append).visit(*task.visits)
    assert messages[-1].outcome.status == "ok"
    assert len(set(spy.called)) > 2  # the points that are cycled, and those that are seen once
    assert set(spy.prepared).isdisjoint(spy.called)


@pytest.mark.parametrize("name", ["jax"])
def test_synchronizing_waits_for_jax(engine, name):
    backend = engine(name)
    with backend.scope():
        a = backend.asarray(np.random.default_rng(0).standard_normal((1500, 1500)))
        xp = backend.namespace()
        xp.matmul(a, a).block_until_ready()  # compiled
        result = xp.matmul(a, a)
        backend.synchronize(result)
        assert result.is_ready()


# --- Order -----------------------------------------------------------------------------------------------------------


class FakeLaunch:
    """A worker that computes nothing and finishes everything."""

    order: ClassVar[list] = []

    def __init__(self, task, *_):
        self.visits = task.visits

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def messages(self):
        for cell in (visit.cell for visit in self.visits):
            self.order.append((cell.backend, cell.method))
            yield CellStart(cell.key)
            yield CellEnd(cell.key, Outcome("ok"))
        yield End()


class Silent:
    """A journal and an observer that keep nothing."""

    def append(self, event): ...
    def expecting(self, cells, later=None): ...
    def launching(self, group, round_, cells): ...
    def finished(self, record, again=False): ...


CELLS = [
    Cell("quick", "rosenbrock", N, method.operator, name, method.name, "float64", "cpu")
    for name in NAMES
    for method in backends.load(name).methods
    if method.default
]


@pytest.fixture
def order(monkeypatch, tmp_path):
    """The order in which a run of a seed visits the cells, as a list of (backend, method)."""
    monkeypatch.setattr(place, "Launch", FakeLaunch)
    monkeypatch.setattr(backends, "missing", lambda name: None)

    def of(seed, rounds=1):
        FakeLaunch.order = []
        settings = runner.Settings(FAST, rounds, rounds, seed, Limits())
        folder = tmp_path / f"{seed}-{time.monotonic_ns()}"
        folder.mkdir()
        runner.Runner(folder, Silent(), settings, Silent()).run(CELLS, {})
        return FakeLaunch.order

    return of


def test_the_order_is_the_seeds(order):
    assert order(1) == order(1)
    assert order(1) != order(2)


def test_cells_within_a_launch_are_shuffled_anew_in_every_round(order):
    seen = order(3, rounds=2)
    first, second = ([pair for pair in half if pair[0] == "jax"] for half in (seen[: len(CELLS)], seen[len(CELLS) :]))
    declared_order = [(cell.backend, cell.method) for cell in CELLS if cell.backend == "jax"]
    assert sorted(first) == sorted(second) == sorted(declared_order)
    assert len({tuple(first), tuple(second), tuple(declared_order)}) == 3


def test_backends_take_turns_at_being_first(order):
    assert len({order(seed)[0][0] for seed in range(20)}) > 1


# --- The page --------------------------------------------------------------------------------------------------------


def named_on_the_page():
    """What stands in backticks and is a path, with what stands after `::`."""
    words = re.findall(r"`([\w./-]+/[\w.-]+\.(?:py|md))(?:::(\w+))?`", PAGE.read_text())
    return sorted(set(words))


@pytest.mark.parametrize(("path", "function"), named_on_the_page())
def test_the_page_names_only_what_exists(path, function):
    assert (ROOT / path).is_file()
    if function:
        tree = ast.parse((ROOT / path).read_text())
        assert function in {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def rules():
    """Title and text of every rule on the page: its third-level headings that begin with a number."""
    sections = re.split(r"^### ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return [(title, text) for title, _, text in (section.partition("\n") for section in sections)]


@pytest.mark.parametrize(("title", "text"), rules(), ids=[title for title, _ in rules()])
def test_every_rule_says_why_where_and_which_test(title, text):
    assert re.match(r"\d+\. ", title)
    for part in ("**Why.**", "**Where.**", "**Test.**"):
        assert part in text
    assert re.search(r"`tests/[\w/]+\.py::\w+`", text.partition("**Test.**")[2])


def test_every_test_of_this_file_is_on_the_page():
    here = Path(__file__)
    tests = {node.name for node in ast.parse(here.read_text()).body if getattr(node, "name", "").startswith("test_")}
    said = {function for path, function in named_on_the_page() if path == str(here.relative_to(ROOT))}
    about_the_page = {name for name in tests if "page" in name or "rule_says" in name}
    assert tests - said - about_the_page == set()
