import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import backends
from backends.method import YARDSTICKS
from harness.cell import Cell, from_dict
from harness.plan import Selection, plan
from harness.usage import UsageError


def test_the_default_plan_has_every_built_in_backend_and_operator():
    cells = plan(Selection())
    assert {cell.backend for cell in cells} >= set(backends.BUILT_IN)
    assert {cell.operator for cell in cells} == {"objective", "gradient", "hessian", "hvp"}
    assert {cell.suite for cell in cells} == {"quick"}


def test_default_has_no_long_compiles_and_all_has_everything():
    default, everything = plan(Selection()), plan(Selection(methods=("all",)))
    assert set(default) < set(everything)
    assert not any(cell.method.endswith("-inductor") for cell in default)
    declared = {(name, m.name) for name in backends.BUILT_IN for m in backends.load(name).methods}
    assert {(cell.backend, cell.method) for cell in everything} >= declared


@pytest.mark.parametrize("name", backends.BUILT_IN)
def test_yardsticks_of_the_same_execution_come_along(name):
    for method in backends.load(name).methods:
        cells = plan(Selection(("tutorial",), (name,), (method.name,)))
        found = {cell.operator for cell in cells}
        assert found == {method.operator, *YARDSTICKS}


def test_globs_select_methods():
    cells = plan(Selection(("tutorial",), ("jax",), ("jacrev-*-jit",), ("hessian",)))
    assert {cell.method for cell in cells if cell.operator == "hessian"} == {
        "jacrev-jacrev-jit", "jacrev-grad-jit", "jacrev-jacfwd-jit"}  # fmt: skip


def test_sizes_of_ones_own_replace_the_problems():
    cells = plan(Selection(("quick/rosenbrock",), ("numpy",), sizes=(7, 9)))
    assert {cell.n for cell in cells} == {7, 9}


@settings(max_examples=20)
@given(st.permutations(["jax", "numpy", "torch"]), st.permutations([3, 5, 8]))
def test_the_order_of_names_does_not_matter(names, sizes):
    shuffled = plan(Selection(("quick/rosenbrock",), tuple(names), sizes=tuple(sizes)))
    assert shuffled == plan(Selection(("quick/rosenbrock",), ("jax", "numpy", "torch"), sizes=(3, 5, 8)))


def test_keys_are_unique_and_survive_json():
    cells = plan(Selection(methods=("all",)))
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
