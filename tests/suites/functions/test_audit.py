"""A few calls of the audit, as its worker judges them: what is sound, and faults that are known. The whole of it is a
command (`CONTRIBUTING.md`)."""

import os
import subprocess
import sys
import warnings

import pytest

from hessbench import backends, suites
from hessbench.harness.judging.references import References
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.plan import plan
from hessbench.harness.worker.case import Case
from hessbench.suites.definition.problem import BATCH, draw
from hessbench.suites.functions import HOMES

SOUND = {
    "autograd": (
        *(f"autograd.numpy.{name}:0" for name in ("arctan", "cumsum", "exp", "kron", "outer", "linalg.det")),
        *(f"autograd.numpy.{name}:0" for name in ("linalg.inv", "logaddexp", "log1p", "multiply", "sinh", "var")),
        "autograd.scipy.special.erf:0",
    ),
    "jax": ("jax.numpy.sin:0", "jax.lax.scatter_add:0"),
    "torch": ("torch.special.expit:0", "torch.cumsum:0", "torch.atan2:0+1", "torch.mul:0~integer"),
    "tensorflow": ("tensorflow.math.sin:0", "keras.layers.Dense:0.0", "keras.ops.logdet:0"),
}
WRONG = {
    "autograd": (
        "autograd.numpy.tanh:0",
        "autograd.numpy.linalg.norm:0c",
        "autograd.numpy.linalg.slogdet:0c",
        "autograd.numpy.prod:0",
    ),
    "jax": ("jax.lax.lgamma:0", "jax.lax.acosh:0c", "jax.scipy.special.beta:0+1"),
    "torch": ("torch.cholesky_solve:1c", "torch.pow:0+1", "torch.nn.functional.cross_entropy:weight~sample"),
    "tensorflow": ("tensorflow.math.xlogy:0", "tensorflow.linalg.det:0c", "keras.ops.logaddexp:0"),
}
WHOLE = "HESSBENCH_AUDIT"


def verdicts(framework, name, **mapped):
    """The status by each mode, gradient included."""
    asked = {"operators": ("hessian",), **mapped}
    selection = Selection(suites=(f"functions/{name}",), backends=(framework,), methods=("modes",), **asked)
    backend, references, earlier = backends.open(framework, "float64", "cpu"), References(), None
    found = {}
    with backend.scope(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in a worker; autograd divides by zero
        for cell in plan(selection):
            if cell.operator == "objective":
                continue
            instance = draw(suites.load(cell.suite)[cell.problem], cell.n, batch=cell.batch or BATCH)
            case = Case(backend, cell, instance, references, earlier=earlier)
            earlier, outcome = case, case.outcome(case.check)
            found[case.method.mode] = outcome.status
    return found


@pytest.mark.parametrize("framework", HOMES)
def test_nobody_sound_is_accused_and_known_faults_are_found(framework):
    if reason := backends.missing(framework):
        pytest.skip(reason)
    for name in SOUND[framework]:
        assert "wrong" not in verdicts(framework, name).values(), name
    for name in WRONG[framework]:
        assert "wrong" in verdicts(framework, name).values(), name


def test_what_is_wrong_only_where_it_is_mapped_over_points_is_found():
    if reason := backends.missing("torch"):
        pytest.skip(reason)
    mapped = {"operators": ("batched-hessian",), "batches": (2,)}
    assert verdicts("torch", "torch.linalg.tensorsolve:1c")["forward-over-reverse"] == "ok"
    assert verdicts("torch", "torch.linalg.tensorsolve:1c", **mapped)["forward-over-reverse"] == "wrong"
    assert "wrong" not in verdicts("torch", "torch.special.expit:0", **mapped).values()


@pytest.mark.slow
@pytest.mark.variant
def test_a_known_fault_of_a_layer_is_found():
    """Its four modes take TensorFlow a quarter of a minute."""
    if reason := backends.missing("tensorflow"):
        pytest.skip(reason)
    assert "wrong" in verdicts("tensorflow", "keras.layers.BatchNormalization:2~training").values()


@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.skipif(WHOLE not in os.environ, reason=f"{WHOLE}=1 runs the whole audit: up to an hour for a framework")
@pytest.mark.parametrize("framework", HOMES)
def test_the_whole_audit_is_as_expected(tmp_path, framework):
    if reason := backends.missing(framework):
        pytest.skip(reason)
    asked = ["verify", "functions", "--backend", framework, "--out", str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-m", "hessbench", *asked], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
