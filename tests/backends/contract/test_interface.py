"""The registry and the words; above all, that reading them loads no framework."""

import subprocess
import sys

import pytest

from hessbench import backends
from hessbench.backends.contract.interface import Lazy
from hessbench.backends.contract.method import Method, declare

LOAD_EVERYTHING = """
import sys
from hessbench import backends
for name in backends.registry():
    backends.missing(name)
    [method.facts() for method in backends.load(name).methods]
import hessbench.backends.numeric.reference
ours = {".".join(module.split(".")[:2]) for module in sys.modules if module.startswith("hessbench.")}
print(*sorted({module.partition(".")[0] for module in sys.modules} | ours))
"""


def loaded(code):
    """The top-level modules that a fresh interpreter has after running the code."""
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_reading_every_declaration_loads_no_framework():
    modules = loaded(LOAD_EVERYTHING)
    assert {"hessbench.backends", "numpy"} <= modules
    assert not {"jax", "jaxlib", "torch", "tensorflow", "array_api_compat"} & modules
    assert not {"hessbench.suites", "hessbench.results", "hessbench.harness"} & modules


def test_unknown_backend_is_a_key_error():
    with pytest.raises(KeyError, match="theano"):
        backends.load("theano")


@pytest.mark.parametrize("name", backends.registry())
def test_class_bears_the_name_it_is_registered_under(name):
    assert backends.load(name).name == name


@pytest.mark.parametrize("name", backends.registry())
def test_environment_is_strings(name):
    for dtype in ("float64", "float32"):
        environment = backends.load(name).environment(dtype, "cpu")
        assert all(isinstance(text, str) for pair in environment.items() for text in pair)


def test_numpy_is_never_missing():
    assert backends.missing("numpy") is None


def test_absent_framework_is_missing_with_advice(monkeypatch):
    monkeypatch.setattr(backends.load("jax"), "requires", ("no_such_framework",))
    assert backends.missing("jax") == "not installed (no_such_framework): pip install 'hessbench[jax]'"


@pytest.mark.parametrize(
    ("mode", "sweeps"),
    [
        ("forward-over-reverse", ("forward", "reverse")),
        ("reverse", ("reverse", "")),
        ("", ("", "")),
    ],
)
def test_mode_is_its_sweeps(mode, sweeps):
    method = Method(name="m-eager", operator="hessian", execution="eager", summary="One.", build=print, mode=mode)
    assert (method.outer, method.inner) == sweeps


def test_declare_makes_one_method_per_execution():
    methods = declare("m", ("eager", "jit"), print, default=("jit",), operator="hessian", summary="One.")
    assert [(m.name, m.execution, m.default) for m in methods] == [("m-eager", "eager", False), ("m-jit", "jit", True)]


def test_lazy_module_is_imported_at_first_use():
    module = Lazy("colorsys")
    sys.modules.pop("colorsys", None)
    assert "colorsys" not in sys.modules
    assert module.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    assert "colorsys" in sys.modules
