"""TF32: planned where it means something, switched on in every framework, judged by what ten bits allow."""

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.contract.interface import HIGHEST, PRECISIONS, TF32
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.accuracy import USUAL
from hessbench.harness.planning.grid import Cell, Group, Selection, from_dict
from hessbench.harness.planning.plan import plan

BOTH = {"precisions": PRECISIONS, "methods": ("default",)}
FRAMEWORKS = ("jax", "torch", "tensorflow")


def precisions(**wanted):
    cells = plan(Selection(("tutorial",), ("jax", "numpy"), **(BOTH | wanted)))
    return {(cell.backend, cell.dtype, cell.device, cell.precision) for cell in cells}


def test_a_precision_is_planned_where_it_makes_a_difference_and_once_elsewhere():
    found = precisions(dtypes=("float64", "float32"), devices=("cpu", "gpu"))
    assert found == {
        ("numpy", "float64", "cpu", HIGHEST),
        ("numpy", "float32", "cpu", HIGHEST),
        ("jax", "float64", "cpu", HIGHEST),
        ("jax", "float32", "cpu", HIGHEST),
        ("jax", "float64", "gpu", HIGHEST),
        ("jax", "float32", "gpu", HIGHEST),
        ("jax", "float32", "gpu", TF32),
    }


def test_tf32_alone_leaves_the_other_cells_planned():
    found = precisions(dtypes=("float64", "float32"), devices=("gpu",), precisions=(TF32,))
    assert found == {("jax", "float64", "gpu", HIGHEST), ("jax", "float32", "gpu", TF32)}


def test_a_backend_that_offers_no_tf32_is_planned_without(monkeypatch):
    monkeypatch.setattr(backends.load("jax"), "precisions", (HIGHEST,))
    assert {p for *_, p in precisions(dtypes=("float32",), devices=("gpu",))} == {HIGHEST}


def test_precision_is_in_the_key_only_where_it_is_not_the_usual_one():
    cell = Cell("quick", "rosenbrock", 10, "hessian", "jax", "hessian-jit", "float64", "cpu", precision=HIGHEST)
    assert cell.key == "024502adb5219977"
    other = from_dict({**cell.as_dict(), "precision": TF32})
    assert other.key != cell.key
    assert str(other).endswith(" tf32")


def test_precisions_have_workers_of_their_own():
    group = Group("jax", "float32", "gpu", TF32)
    assert str(group) == "jax-float32-gpu-tf32"
    assert group.switches == ("float32", "gpu", TF32)
    assert Group("jax", "float32", "gpu").switches == ("float32", "gpu")


SAYS = {
    ("jax", HIGHEST): {"matmul_precision": "highest"},
    ("jax", TF32): {"matmul_precision": "tensorfloat32"},
    ("torch", HIGHEST): {"matmul_allow_tf32": "False", "cudnn_allow_tf32": "False"},
    ("torch", TF32): {"matmul_allow_tf32": "True", "cudnn_allow_tf32": "True", "override": ""},
    ("tensorflow", HIGHEST): {"tf32": "False"},
    ("tensorflow", TF32): {"tf32": "True"},
}


@pytest.mark.parametrize(("name", "precision"), SAYS)
def test_the_switches_are_thrown_and_reported(engine, name, precision, monkeypatch):
    engine(name)
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "0")  # what a user's shell may say
    backend = backends.load(name)("float32", "cpu", precision)
    try:
        with backend.scope():
            said = backend.switches()
    finally:
        backends.load(name)("float32", "cpu")  # TensorFlow's switch is thrown for good
    assert SAYS[name, precision].items() <= said.items()


@pytest.mark.parametrize("name", ["jax", "torch"])
def test_a_users_own_switches_are_as_before(engine, name):
    engine(name)
    backend = backends.load(name)("float32", "cpu", TF32)
    before = backend.switches()
    with backend.scope():
        assert backend.switches() != before
    assert backend.switches() == before


@pytest.mark.parametrize("name", FRAMEWORKS)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_environment_says_it_before_the_import(name, precision):
    environment = backends.load(name).environment("float32", "gpu", precision)
    jax = {HIGHEST: "highest", TF32: "tensorfloat32"}[precision]
    if name == "jax":
        assert environment["JAX_DEFAULT_MATMUL_PRECISION"] == jax
    if name == "torch":
        assert environment.get("NVIDIA_TF32_OVERRIDE") == ("0" if precision == HIGHEST else None)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_memory_is_not_taken_beforehand(name):
    environment = backends.load(name).environment("float32", "gpu")
    wanted = {"jax": ("XLA_PYTHON_CLIENT_PREALLOCATE", "false"), "tensorflow": ("TF_FORCE_GPU_ALLOW_GROWTH", "true")}
    assert name == "torch" or environment[wanted[name][0]] == wanted[name][1]
    assert environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


# --- Tolerances ------------------------------------------------------------------------------------------------------


def rounded(array, bits):
    """The array with so many bits of fraction."""
    mantissa, exponent = np.frexp(array)
    return np.ldexp(np.round(mantissa * 2.0 ** (bits + 1)) / 2.0 ** (bits + 1), exponent)


def verdict(result, truth, precision, dtype="float32", condition=1.0):
    reference = Reference(truth, np.zeros_like(truth), "closed_form")
    return accuracy.judge(result.astype(dtype), reference, dtype, 1, OPERATORS["hessian"], lambda: condition, precision)


@pytest.fixture
def product():
    """A Hessian A'A by exact products, and by products of factors with ten bits."""
    a = np.random.default_rng(0).standard_normal((64, 32))
    low = rounded(a, 10)
    return a.T @ a, low.T @ low


def test_tf32_is_right_where_it_was_asked_for_and_wrong_where_not(product):
    exact, low = product
    assert verdict(low, exact, TF32).status == "ok"
    assert verdict(low, exact, HIGHEST).status == "wrong"
    assert verdict(exact, exact, TF32).status == "ok"


FAULTS = {
    "a factor of two": lambda h: 2 * h,
    "a sign": lambda h: -h,
    "two percent": lambda h: 1.02 * h,
    "a dropped diagonal": lambda h: h - np.diag(np.diag(h)),
    "one entry": lambda h: h + 0.5 * np.max(h) * (np.arange(h.size) == 0).reshape(h.shape),
    "a NaN": lambda h: h + np.where(np.eye(len(h)), np.nan, 0),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_tf32_forgives_no_fault(product, fault):
    assert verdict(FAULTS[fault](product[1]), product[0], TF32).status == "wrong"


def test_what_is_off_in_an_ill_conditioned_problem_in_tf32_is_unverifiable(product):
    assert verdict(1.02 * product[1], product[0], TF32, condition=1e3).status == "unverifiable"
    assert verdict(product[1], product[0], TF32, condition=1e3).status == "ok", "right to rounding all the same"


def test_tolerances_follow_the_arithmetic(product):
    widths = [
        verdict(product[0], product[0], precision, dtype).tolerance
        for precision, dtype in ((HIGHEST, "float64"), (HIGHEST, "float32"), (TF32, "float32"))
    ]
    assert widths == sorted(widths)
    assert widths[1] == pytest.approx(USUAL * 2.0**-23, rel=1e-6)
    assert widths[2] == pytest.approx(16 * 2.0**-11, rel=1e-6)
