from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from hessbench import backends, suites
from hessbench.backends.contract.operators import OPERATORS, YARDSTICKS
from hessbench.harness.planning.grid import Cell, Selection, from_dict
from hessbench.harness.planning.plan import plan
from hessbench.harness.planning.request import QUICK_LOOK, Request
from hessbench.harness.usage import UsageError


def test_the_default_plan_has_the_usual_backends_and_operators():
    cells = plan(Selection())
    assert {cell.backend for cell in cells} >= {"numpy", "jax", "torch", "tensorflow"}
    assert not {cell.backend for cell in cells} & set(backends.ON_REQUEST)
    assert {cell.operator for cell in cells} == {"objective", "gradient", "hessian", "hvp"}
    assert {cell.suite for cell in cells} == {"quick"}


def test_default_has_no_long_compiles_and_all_has_everything():
    default, everything = (
        plan(Selection()),
        plan(Selection(backends=("all",), methods=("all",), operators=("all",), sizes=(20,))),
    )
    assert set(default) < set(plan(Selection(methods=("all",))))
    assert not any(cell.method.endswith("-inductor") for cell in default)
    declared = {(name, m.name) for name in backends.BUILT_IN for m in backends.load(name).methods}
    assert {(cell.backend, cell.method) for cell in everything} >= declared


@pytest.mark.parametrize("name", backends.BUILT_IN)
def test_yardsticks_of_the_same_execution_come_along(name):
    for method in backends.load(name).methods:
        cells = plan(Selection(("quick/tanh_network",), (name,), (method.at_chunk("1").name,)))
        found = {cell.operator for cell in cells}
        assert found == {method.operator, *YARDSTICKS}


def test_globs_select_methods():
    cells = plan(Selection(("tutorial",), ("jax",), ("jacrev-*-jit",), ("hessian",)))
    assert {cell.method for cell in cells if cell.operator == "hessian"} == {
        "jacrev-jacrev-jit",
        "jacrev-grad-jit",
        "jacrev-jacfwd-jit",
    }


def test_sizes_of_ones_own_replace_the_problems():
    cells = plan(Selection(("quick/rosenbrock",), ("numpy",), sizes=(7, 9)))
    assert {cell.n for cell in cells} == {7, 9}


@settings(max_examples=20)
@given(st.permutations(["jax", "numpy", "torch"]), st.permutations([3, 5, 8]))
def test_the_order_of_names_does_not_matter(names, sizes):
    shuffled = plan(Selection(("quick/rosenbrock",), tuple(names), sizes=tuple(sizes)))
    assert shuffled == plan(Selection(("quick/rosenbrock",), ("jax", "numpy", "torch"), sizes=(3, 5, 8)))


def test_keys_are_unique_and_survive_json():
    cells = plan(Selection(methods=("all",), operators=("all",), batches=(4, 16)))
    assert len({cell.key for cell in cells}) == len(cells)
    assert all(from_dict(cell.as_dict()) == cell for cell in cells)


def test_a_key_never_changes():
    """Keys join records of different runs and versions, so this value is fixed for good."""
    cell = Cell("quick", "rosenbrock", 10, "hessian", "jax", "hessian-jit", "float64", "cpu")
    assert cell.key == "024502adb5219977"


def test_numpy_stays_on_the_cpu():
    cells = plan(Selection(("tutorial",), ("numpy", "jax"), devices=("cpu", "gpu")))
    assert {(cell.backend, cell.device) for cell in cells} == {("numpy", "cpu"), ("jax", "cpu"), ("jax", "gpu")}
    with pytest.raises(UsageError, match="nothing to run"):
        plan(Selection(("tutorial",), ("numpy",), devices=("gpu",)))


TUTORIAL = {"suites": ("tutorial",), "backends": ("jax", "torch")}


def test_tiers_compute_hessian_and_hvp_unless_told_otherwise():
    assert {c.operator for c in plan(Selection(methods=("all",)))} == {"objective", "gradient", "hessian", "hvp"}
    assert {c.operator for c in plan(Selection(operators=("laplacian",)))} == {"objective", "gradient", "laplacian"}
    assert {c.operator for c in plan(Selection(operators=("all",)))} == set(OPERATORS)


def test_a_named_method_brings_its_operator():
    cells = plan(Selection(**TUTORIAL, methods=("diagonal-*",)))
    assert {cell.operator for cell in cells} == {"diagonal", *YARDSTICKS}


def test_facets_filter_and_yardsticks_stay():
    selection = Selection(**TUTORIAL, methods=("all",), modes=("forward-over-reverse",), executions=("jit",))
    methods = {m.name: m for m in backends.load("jax").methods}
    cells = plan(selection)
    assert {cell.backend for cell in cells} == {"jax"}
    assert {methods[c.method].mode for c in cells if c.operator not in YARDSTICKS} == {"forward-over-reverse"}
    assert {cell.operator for cell in cells} == {"hessian", "hvp", *YARDSTICKS}


def test_batches_are_an_axis_of_the_operators_that_take_several():
    cells = plan(Selection(**TUTORIAL, operators=("hessian", "laplacian", "multi-hvp"), batches=(4, 32)))
    found = {(cell.operator, cell.batch) for cell in cells}
    assert found >= {("hessian", 1), ("laplacian", 4), ("laplacian", 32), ("multi-hvp", 4), ("multi-hvp", 32)}
    assert ("hessian", 4) not in found


def test_chunks_are_an_axis_of_chunked_methods():
    cells = plan(Selection(("quick/rosenbrock",), ("jax",), ("map-chunk*-jit",), chunks=("1", "64", "all")))
    found = {(c.n, c.method) for c in cells if c.operator == "hessian"}
    every = {(n, f"map-chunk{chunk}-jit") for n in (10, 100) for chunk in ("1", "64", "all")}
    assert found == every - {(10, "map-chunk64-jit")}


def test_chunks_alone_mean_the_chunked_methods():
    cells = plan(Selection(("tutorial",), ("torch",), ("all",), chunks=("2",)))
    assert all("-chunk2-" in c.method for c in cells if c.operator not in YARDSTICKS)
    assert any("-chunk2-" in c.method for c in cells)


def test_a_chunked_method_is_found_under_any_chunk():
    cells = plan(Selection(("quick/rosenbrock",), methods=("jacrev-grad-chunk5-eager",)))
    assert {(c.backend, c.method) for c in cells if c.operator == "hessian"} == {("torch", "jacrev-grad-chunk5-eager")}


def test_a_declared_chunk_beyond_n_is_left_out():
    cells = plan(Selection(("quick/rosenbrock",), ("jax",), ("map-*-jit",)))
    assert {c.n for c in cells if c.method == "map-chunk16-jit"} == {100}


def test_a_method_of_a_newer_version_is_named(monkeypatch):
    monkeypatch.setattr(backends, "version", lambda name: "1.9.0")
    with pytest.raises(UsageError, match=r"needs torch 2\.0 or newer; 1\.9\.0 is installed"):
        plan(Selection(("tutorial",), ("torch",), ("func-hessian-eager",)))
    assert plan(Selection(("tutorial",), ("torch",)))  # of a tier, the cell says so


def test_modes_take_one_method_of_each_mode_in_the_backends_usual_execution():
    cells = plan(Selection(("quick",), ("torch",), ("modes",), ("hessian",)))
    methods = {m.name: m for m in backends.load("torch").methods}
    chosen = [methods[name] for name in {c.method for c in cells if c.operator == "hessian"}]
    assert {m.execution for m in chosen} == {"eager"}
    assert len(chosen) == len({m.mode for m in chosen}) == 4


def test_tags_select_problems():
    cells = plan(Selection(tags=("convex",)))
    convex = {p.name for p in suites.load("quick").values() if "convex" in p.tags}
    assert {c.problem for c in cells} == convex != set(suites.load("quick"))


def test_a_native_text_is_planned_only_where_a_backend_has_it(monkeypatch):
    torch = backends.load("torch")
    monkeypatch.setattr(torch, "natives", {"quick/rosenbrock": sum})
    cells = plan(Selection(("quick",), ("torch", "jax"), ("default",), ("hessian",)))
    assert {(c.backend, c.problem) for c in cells if c.text == "native"} == {("torch", "rosenbrock")}
    assert len({c.key for c in cells}) == len(cells)


def test_a_gpu_gets_larger_sizes_too():
    cells = plan(Selection(("gpu/quadratic",), ("jax",), operators=("hessian",), devices=("cpu", "gpu")))
    sizes = {device: {cell.n for cell in cells if cell.device == device} for device in ("cpu", "gpu")}
    assert sizes["cpu"] < sizes["gpu"]
    assert max(sizes["gpu"]) == 4096


def test_sizes_that_are_asked_for_are_the_same_on_every_device():
    cells = plan(Selection(("gpu/quadratic",), ("jax",), sizes=(32,), devices=("cpu", "gpu")))
    assert {(cell.device, cell.n) for cell in cells} == {("cpu", 32), ("gpu", 32)}


def sizes(suite, *ranges, devices=("cpu",)):
    cells = plan(Selection(suites=(suite,), ranges=ranges, devices=devices, backends=("numpy", "torch")))
    found = {}
    for cell in cells:
        found.setdefault((cell.problem, cell.device), set()).add(cell.n)
    return found


@pytest.mark.parametrize("suite", ["physics", "ml", "classic"])
def test_a_quick_look_takes_the_small_sizes(suite):
    problems = suites.load(suite)
    quick, smallest = sizes(suite, "quick"), sizes(suite, "smallest")
    for (problem, device), all_ in sizes(suite).items():
        assert quick[problem, device] == set(sorted(all_)[:2])
        assert smallest[problem, device] == {problems[problem].sizes[0]}


def test_a_suite_of_curves_keeps_its_sizes_and_a_gpu_its_large_ones():
    assert sizes("scaling", "quick") == sizes("scaling")
    on_gpu = sizes("gpu", "quick", devices=("gpu",))
    for name, problem in suites.load("gpu").items():
        if (name, "gpu") in on_gpu:
            assert on_gpu[name, "gpu"] >= set(problem.gpu_sizes)


def test_tiers_and_ranges_add_up():
    both = sizes("sparse", "smallest", "1000..")
    own = {name: problem.sizes for name, problem in suites.load("sparse").items()}
    assert both == {(name, device): {n for n in own[name] if n == own[name][0] or n >= 1000} for name, device in both}


def test_only_a_quick_run_takes_fewer_sizes_and_only_unless_told():
    assert Request().selection.ranges == ()
    assert QUICK_LOOK.selection.ranges == ("quick",)
    assert QUICK_LOOK.changed(sizes=[1000]).selection.ranges == ()
    assert QUICK_LOOK.changed(sizes=["1.."]).selection.ranges == ("1..",)


def test_a_suite_says_what_is_computed_of_it():
    """Sparse Hessians as dense matrices are only computed where somebody asks for them."""
    usual = Selection(suites=("sparse/tridia", "quick/quadratic"), backends=("casadi",), ranges=("smallest",))
    found = {(cell.suite, cell.operator) for cell in plan(usual)}
    assert found >= {("sparse", "sparse-hessian"), ("sparse", "hvp"), ("quick", "hessian")}
    assert not found & {("sparse", "hessian"), ("quick", "sparse-hessian")}
    asked = Selection(suites=("sparse/tridia",), backends=("casadi",), ranges=("smallest",), operators=("hessian",))
    assert {cell.operator for cell in plan(asked)} == {"hessian", "objective", "gradient"}


def test_more_eigenvalues_than_variables_are_refused():
    asked = Selection(suites=("classic/rosenbrock",), backends=("numpy",), operators=("top-eigenvalues",), sizes=(10,))
    assert {cell.batch for cell in plan(asked) if cell.operator == "top-eigenvalues"} == {4}
    assert any(cell.batch == 10 for cell in plan(replace(asked, batches=(10, 11))))
    with pytest.raises(UsageError, match="asks for 11 eigenvalues, and the selected problems have n up to 10"):
        plan(replace(asked, batches=(11,)))
